"""A folder of recordings, verified one by one: `python -m flowconc.kestra.conformance VERSION [NAME...]`.

The folder has `VERSION/NAME.jsonl`, and `scripts/NAME.yaml` in it or beside it. One line is printed for each recording: `agrees`, `race`
(an outcome that the search found), `explained` or `differs`. Where names are given, every difference is printed too.
"""

from __future__ import annotations

import argparse
import re
import sys
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flowconc.check.wording import counted
from flowconc.kestra.account import outcome_word
from flowconc.kestra.verification import DEFAULT_SEEDS, Verification, verify
from flowconc.scenario.problems import BadInput, Position, Problem
from flowconc.scenario.resolve.flow_files import shown_path

SCRIPTS: Final = "scripts"
RECORDING_SUFFIX: Final = ".jsonl"
SCRIPT_SUFFIX: Final = ".yaml"

_PART: Final = re.compile(r"_(?:before|after)$")
"""How the two recordings of a crash are told apart: both are of one script."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One recording and its script. `name` has the folder too when the recording is in one: `crash/21_crash`."""

    version: str
    name: str
    script: Path
    recording: Path


def pairs(folder: Path, versions: Sequence[str] = (), names: Sequence[str] = ()) -> list[Pair]:
    """Return the recordings of a folder, by version and name; of those versions and names only, where some are given.

    Raises BadInput when the folder has none, or a recording has no script.
    """
    found = [
        pair
        for version in sorted(path for path in folder.iterdir() if path.is_dir() and path.name != SCRIPTS)
        if not versions or version.name in versions
        for pair in _of_version(folder, version)
        if not names or pair.name in names
    ]
    if not found:
        raise BadInput(
            [Problem(Position(shown_path(folder)), "there is no such recording here", "VERSION/NAME.jsonl")]
        )
    return found


def _of_version(folder: Path, version: Path) -> Iterator[Pair]:
    for recording in sorted(version.rglob(f"*{RECORDING_SUFFIX}")):
        name = str(recording.relative_to(version)).removesuffix(RECORDING_SUFFIX)
        scripts = [
            beside / SCRIPTS / f"{each}{SCRIPT_SUFFIX}"
            for beside in (folder, folder.parent)
            for each in (name, _PART.sub("", name))
        ]
        script = next((each for each in scripts if each.is_file()), None)
        if script is None:
            what = f"there is no script {shown_path(scripts[0])}"
            raise BadInput([Problem(Position(shown_path(recording)), what)])
        yield Pair(version.name, name, script, recording)


def line_of(pair: Pair, verification: Verification) -> str:
    """Say in one line what came of a recording."""
    word = outcome_word(verification)
    head = f"{pair.version:8} {pair.name:34} {word:9}"
    found = verification.found
    if word == "agrees":
        return head.rstrip()
    if word == "race" and found is not None:
        how = "in kind" if found.seed is None else f"seed {found.seed}"
        return f"{head} {how}, {counted(found.distinct, 'outcome')}"
    differences = verification.plain.differences
    return f"{head} {len(differences)}: {differences[0].what} of {differences[0].subject}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify recordings; 0 when all agree."""
    parser = argparse.ArgumentParser(prog="python -m flowconc.kestra.conformance", description=__doc__)
    parser.add_argument(
        "version", nargs="?", help="the version of Kestra, as its folder is called; all without one"
    )
    parser.add_argument("names", nargs="*", help="recordings, by name; all without one")
    parser.add_argument("--recordings", type=Path, default=Path("../shared/recordings"), help="the folder")
    parser.add_argument(
        "--seeds", type=int, default=DEFAULT_SEEDS, help="outcomes to look at; 0 does not search"
    )
    parser.add_argument("--semantics", help="instead of that of the recorded version")
    given = parser.parse_args(arguments)
    bad = 0
    try:
        chosen = pairs(given.recordings, [given.version] if given.version else (), given.names)
    except BadInput as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for pair in chosen:
        try:
            verification = verify(pair.script, pair.recording, semantics=given.semantics, seeds=given.seeds)
        except BadInput as error:
            bad += 1
            sys.stdout.write(f"{pair.version:8} {pair.name:34} unusable {error.problems[0]}\n")
            continue
        except Exception as error:  # a bug of ours must not hide what comes of the other recordings
            bad += 1
            sys.stdout.write(f"{pair.version:8} {pair.name:34} crashes  {type(error).__name__}: {error}\n")
            if given.names:
                traceback.print_exc()
            continue
        bad += outcome_word(verification) == "differs"
        sys.stdout.write(f"{line_of(pair, verification)}\n")
        if given.names:
            for difference in verification.plain.differences:
                sys.stdout.write(f"{difference}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{len(chosen)} recordings, {bad} differ\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
