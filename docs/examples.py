"""The examples of the documentation, as programs: found in the pages, run, compared with what the page says.

A page is Markdown. Its fenced blocks, in order, play in one directory of the page's own, in which `scenarios/` is
the shipped library:

    yaml file=NAME     written to NAME; a scenario file is also run, and must pass (with `fails`: must not pass)
    toml file=NAME     written to NAME
    yaml part          keys of a scenario; loaded as part of one, not run
    python             run; with test functions in it: run by pytest, and must pass. `file=NAME` keeps it as NAME
    console            `$ command` and what it prints; a line `...` stands for any number of lines
    sh                 set-up commands (make, pip, git): shown, not run
    text, mermaid      not a program

Any other block is an error of the page: an example that nobody runs is an example that is wrong some day.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import yaml

from flowconc.cli import main
from flowconc.compiled import prepare

ROOT = Path(__file__).resolve().parent.parent
"""The project's directory."""

NOT_RUN = frozenset({"sh", "text", "mermaid"})
COMMANDS = frozenset({"flowconc", "pytest"})
ANY_LINES = "..."
TIMEOUT_S = 120

_FENCE = re.compile(r"^```(?P<info>[^`\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_ELAPSED = re.compile(r"\bin \d+\.\d\ds\b")

PART_OF = """\
scenario: a part
flows:
  - {id: inline, namespace: company.team, concurrency: {limit: 1},
     tasks: [{id: work, type: io.kestra.plugin.core.flow.Sleep, duration: PT10S}]}
"""
"""What a `yaml part` is completed with, where it lacks these keys."""


class WrongExample(Exception):  # noqa: N818 - it says what it is
    """An example does not do what its page says."""


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block. `start` and `end` delimit its body in the page's text; `line` counts from 1."""

    page: Path
    line: int
    start: int
    end: int
    language: str
    attributes: tuple[str, ...]
    body: str

    @property
    def file(self) -> str | None:
        """The name that the block is to be written to."""
        return next((word[5:] for word in self.attributes if word.startswith("file=")), None)

    def wrong(self, what: str) -> WrongExample:
        """Return the error that says where and what."""
        return WrongExample(f"{self.page}:{self.line}: {what}")


def pages() -> tuple[Path, ...]:
    """Return every page of the documentation, in a fixed order."""
    listed = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "scenarios" / "README.md"]
    written = sorted((ROOT / "docs").rglob("*.md"))
    return (*listed, *(page for page in written if "decisions" not in page.parts))


def blocks(page: Path) -> Iterator[Block]:
    """Yield the fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    for match in _FENCE.finditer(text):
        language, *attributes = match["info"].split() or [""]
        line = text.count("\n", 0, match.start()) + 1
        yield Block(
            page, line, match.start("body"), match.end("body"), language, tuple(attributes), match["body"]
        )


def _environment() -> dict[str, str]:
    """Return an environment in which output depends on nothing but the program."""
    kept = {
        name: os.environ[name] for name in ("HOME", "PATH", "SYSTEMROOT", "PYTHONPATH") if name in os.environ
    }
    return kept | {"COLUMNS": "100", "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1", "MPLBACKEND": "agg"}


@dataclass(slots=True)
class Stage:
    """The directory in which the examples of one page play, and the last command's exit status."""

    directory: Path
    exit_status: int = 0
    environment: dict[str, str] = field(default_factory=_environment)

    def __post_init__(self) -> None:
        library = self.directory / "scenarios"
        if not library.exists():
            library.symlink_to(ROOT / "scenarios", target_is_directory=True)

    def play(self, block: Block) -> str:
        """Run one block; return the body that it should have. Raises WrongExample where the example is broken."""
        match block.language, block.file:
            case (("yaml" | "toml"), str(name)):
                self._write(name, block)
            case "yaml", None if "part" in block.attributes:
                self._load_part(block)
            case "python", name:
                self._python(block, name)
            case "console", _:
                return self._console(block)
            case language, _ if language not in NOT_RUN:
                raise block.wrong(
                    f"nobody runs a block {language or 'without a language'}; see docs/examples.py"
                )
        return block.body

    def _write(self, name: str, block: Block) -> None:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.body, encoding="utf-8")
        try:
            tomllib.loads(block.body) if block.language == "toml" else yaml.safe_load(block.body)
        except (yaml.YAMLError, tomllib.TOMLDecodeError) as error:
            raise block.wrong(str(error)) from None
        if name.endswith(".flowconc.yaml"):
            printed = self.run(f"flowconc run {name}")
            if (self.exit_status == 0) == ("fails" in block.attributes):
                raise block.wrong(f"flowconc run exits with {self.exit_status}:\n{printed}")

    def _load_part(self, block: Block) -> None:
        given = set(re.findall(r"^(\w+):", block.body, re.MULTILINE))
        missing = "".join(
            chunk
            for chunk in re.split(r"^(?=\w)", PART_OF, flags=re.MULTILINE)
            if chunk.partition(":")[0] not in given
        )
        (self.directory / "part.flowconc.yaml").write_text(missing + block.body, encoding="utf-8")
        printed = self.run("flowconc check part.flowconc.yaml")
        if self.exit_status != 0:
            raise block.wrong(f"flowconc check exits with {self.exit_status}:\n{printed}")

    def _python(self, block: Block, name: str | None) -> None:
        path = self.directory / (name or "test_example.py")
        path.write_text(block.body, encoding="utf-8")
        runner = ["-m", "pytest", "-q"] if "def test_" in block.body else []
        printed = self._execute([sys.executable, *runner, path.name])
        if self.exit_status != 0:
            raise block.wrong(f"exits with {self.exit_status}:\n{printed}")

    def _console(self, block: Block) -> str:
        """Run the commands of a transcript; return the transcript as it should be."""
        played: list[str] = []
        for command, said in _commands(block):
            printed = self.run(command).splitlines()
            played += [f"$ {command}", *(said if agree(said, printed) else printed)]
        return "\n".join(played) + "\n"

    def run(self, command: str) -> str:
        """Run one command line of a transcript; return what it prints."""
        if command == "echo $?":
            return f"{self.exit_status}\n"
        program, *arguments = shlex.split(command)
        if program not in COMMANDS:
            raise WrongExample(f"transcripts run {', '.join(sorted(COMMANDS))}, not {program}")
        if program == "flowconc":
            return self._flowconc(arguments)
        return self._execute([str(Path(sys.executable).parent / program), *arguments])

    def _flowconc(self, arguments: list[str]) -> str:
        """Run flowconc in this process: a new one would spend its time on imports."""
        if arguments[:1] in (["plan"], ["run"]):
            prepare()  # the first of them that is compiled on a machine says so
        said = io.StringIO()
        with (
            contextlib.chdir(self.directory),
            mock.patch.dict(os.environ, self.environment, clear=True),
            contextlib.redirect_stdout(said),
            contextlib.redirect_stderr(said),
        ):
            self.exit_status = main(arguments)
        return _plain(said.getvalue())

    def _execute(self, arguments: list[str]) -> str:
        done = subprocess.run(  # noqa: S603 - the project's own programs, on the project's own pages
            arguments,
            cwd=self.directory,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=TIMEOUT_S,
            check=False,
        )
        self.exit_status = done.returncode
        return _plain(done.stdout)


def _plain(printed: str) -> str:
    """Return what was printed without trailing spaces, and with the same elapsed time always."""
    return "\n".join(line.rstrip() for line in _ELAPSED.sub("in 0.10s", printed).splitlines())


def _commands(block: Block) -> Iterator[tuple[str, list[str]]]:
    """Yield each command of a transcript with the lines that it is said to print."""
    command: str | None = None
    said: list[str] = []
    for line in block.body.splitlines():
        if line.startswith("$ "):
            if command is not None:
                yield command, said
            command, said = line[2:], []
        elif command is None:
            raise block.wrong("a transcript begins with `$ command`")
        else:
            said.append(line)
    if command is not None:
        yield command, said


def agree(said: list[str], printed: list[str]) -> bool:
    """Say whether what is printed is what is said, where a line `...` is any number of lines."""
    if ANY_LINES not in said:
        return said == printed
    cut = said.index(ANY_LINES)
    head, rest = said[:cut], said[cut + 1 :]
    if printed[:cut] != head:
        return False
    return any(agree(rest, printed[start:]) for start in range(cut, len(printed) + 1))
