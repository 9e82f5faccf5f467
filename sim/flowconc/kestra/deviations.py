"""Recordings that the simulation does not come to, and why: what the engine did there is not a rule of its own.

The list is short, and a recording on it that agrees after all is an error of the list (tests/conformance).
docs/reference/verification.md shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from flowconc.kestra.release import Release, parse_release


@dataclass(frozen=True, slots=True)
class Deviation:
    """One script whose recordings of some versions are not reached."""

    script: str
    releases: tuple[Release, ...]
    reason: str


DEVIATIONS: tuple[Deviation, ...] = (
    Deviation(
        "06c_kill_all",
        (parse_release("1.3.31"), parse_release("1.1.0")),
        "A thread of the engine died: the poller of its kill queue (1.3.31) or of its execution queue (1.1.0) ended with"
        " an UnexpectedRollbackException, and nothing that came after was handled. It was seen with H2 only. When 1.3.31"
        " was recorded again it did not die, and the simulation comes to that.",
    ),
    Deviation(
        "16f_kill_stream",
        (parse_release("1.3.31"),),
        "The poller of the engine's kill queue ended at 7.3 s with an UnexpectedRollbackException, as in 06c_kill_all: no"
        " kill after that was handled, and one slot stayed taken. Recorded again it lived, and was reached in two of three"
        " cases; in the third an execution is killed before the engine had made its task.",
    ),
)
"""All of them."""


def deviation_of(script: str, release: Release) -> Deviation | None:
    """Return why a recording of a script is not reached, if that is known."""
    name = PurePath(script).stem
    return next((each for each in DEVIATIONS if each.script == name and release in each.releases), None)
