"""What holds for every command: help, exit status, and a sentence instead of a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import flowconc as library
from tests.cli.conftest import Flowconc

ROOT = str(Path(library.__path__[0]).parent)


def program(*arguments: str, directory: Path, **options: object) -> subprocess.Popen[str]:
    """Start `flowconc ARGUMENTS` as its own process."""
    path = os.pathsep.join([ROOT, *map(os.path.abspath, os.environ.get("PYTHONPATH", "").split(os.pathsep))])
    return subprocess.Popen(
        [sys.executable, "-m", "flowconc", *arguments],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": path},
        text=True,
        **options,  # type: ignore[call-overload]
    )


def test_help_names_every_command(flowconc: Flowconc) -> None:
    answer = flowconc("--help")

    assert answer.status == 0
    for verb in ("run", "check", "init", "fires", "schema", "report"):
        assert f"\n  {verb} " in answer.out


@pytest.mark.parametrize("verb", ["run", "check", "init", "fires", "schema", "report"])
def test_every_command_has_help(flowconc: Flowconc, verb: str) -> None:
    answer = flowconc(verb, "--help")

    assert answer.status == 0
    assert f"Usage: flowconc {verb}" in answer.out


def test_version(flowconc: Flowconc) -> None:
    assert f"flowconc {library.__version__}\n" == flowconc("--version").out


def test_an_unknown_command_gets_a_suggestion(flowconc: Flowconc) -> None:
    answer = flowconc("rum")

    assert answer.status == 2
    assert "did you mean 'run'?" in answer.err


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("run",),
        ("run", "nowhere.flowconc.yaml"),
        ("run", "good.flowconc.yaml", "--seed", "-1"),
        ("run", "good.flowconc.yaml", "--replications", "0"),
        ("run", "good.flowconc.yaml", "--json", "no/such/x.json"),
        ("run", "good.flowconc.yaml", "--trace", "."),
        ("run", "good.flowconc.yaml", "--report", "two.yaml"),
        ("run", "good.flowconc.yaml", "--json", "-", "--trace", "-"),
        ("check", "nowhere.yaml"),
        ("init", "nowhere.yaml"),
        ("init", "two.yaml", "-o", "no/such/x.yaml"),
        ("report", "nowhere.jsonl"),
        ("report", "two.yaml"),
        ("report", "."),
        ("fires", "x"),
    ],
)
def test_what_cannot_be_used_is_a_sentence_and_exit_status_2(
    flowconc: Flowconc, arguments: tuple[str, ...]
) -> None:
    answer = flowconc(*arguments)

    assert answer.status == 2
    assert answer.err.strip()


def test_a_closed_pipe_is_no_traceback(directory: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    process = program("schema", directory=directory, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    _, err = process.communicate()

    assert process.returncode == 2
    assert err == "flowconc: standard output was closed before everything was written\n"


def test_an_interruption_is_quiet(directory: Path) -> None:
    """Ctrl-C while ten years of fires a second are printed."""
    process = program(
        "fires",
        "* * * * * *",
        "--with-seconds",
        "-n",
        "300000000",
        directory=directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()

    assert (process.returncode, err) == (130, "")
