"""What came of a verification, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import PurePath
from typing import Any, Final

from flowconc.check.wording import counted, duration
from flowconc.kestra.comparison import Comparison, Difference
from flowconc.kestra.crowds import told
from flowconc.kestra.verification import Verification

SHOWN_AT_MOST: Final = 20
"""Differences written out; of more it is said how many there are."""


def outcome_word(verification: Verification) -> str:
    """Say what came of it in one word.

    `agrees`; `race` when one of the orders searched agrees; `explained` when none does and that is known; `differs`.
    """
    if verification.plain.agrees:
        return "agrees"
    if verification.agrees:
        return "race"
    return "differs" if verification.explained is None else "explained"


def lines(verification: Verification) -> Iterator[str]:
    """Tell what came of it."""
    recording = verification.recording
    yield (
        f"{outcome_word(verification)}: {recording.path}, Kestra {recording.release}"
        f" simulated by {verification.semantics}"
    )
    yield from (f"  {remark}" for remark in _remarks(verification))
    plain = verification.plain
    yield f"  {_compared(plain)}"
    found = verification.found
    if plain.agrees:
        return
    if found is not None and found.seed is not None:
        yield (
            f"  the plain simulation has {counted(len(plain.differences), 'difference')};"
            f" the order of seed {found.seed} has none"
        )
        yield f"  {counted(found.tried, 'order')} searched, {counted(found.distinct, 'different outcome')}"
        return
    if found is not None and found.agrees:
        yield (
            f"  {counted(found.tried, 'order')} searched, {counted(found.distinct, 'different outcome')}:"
            " none is exactly the recorded one, and it lies within them"
        )
        yield from (f"  {kind}: {numbers}" for kind, numbers in told(found.kinds).items())
        return
    if verification.explained is not None:
        yield f"  {verification.explained.reason}"
    yield from _told(plain.differences)
    if found is not None:
        yield (
            f"  {counted(found.tried, 'order')} searched, {counted(found.distinct, 'different outcome')},"
            f" none is the recorded one; the nearest has {counted(len(found.nearest.differences), 'difference')}"
        )


def _remarks(verification: Verification) -> Iterator[str]:
    """Say what makes the comparison doubtful: the recording of another script, keys that are not understood."""
    script, named = verification.script, PurePath(verification.recording.script)
    if named.stem != PurePath(script.position.path).stem:
        yield f"the recording says that it is one of {named.name}"
    yield from map(str, script.notices)


def data(verification: Verification) -> dict[str, Any]:
    """Return what came of it as plain data, for JSON. Times are in seconds."""
    recording, plain, found = verification.recording, verification.plain, verification.found
    search = None
    if found is not None:
        search = {
            "seed": found.seed,
            "tried": found.tried,
            "distinct": found.distinct,
            "differences_of_nearest": len(found.nearest.differences),
            "kinds": [
                {
                    "kind": each.kind,
                    "recorded": each.recorded,
                    "smallest": each.smallest,
                    "largest": each.largest,
                }
                for each in found.kinds
            ],
        }
    return {
        "outcome": outcome_word(verification),
        "script": verification.script.position.path,
        "recording": recording.path,
        "kestra": str(recording.release),
        "semantics": verification.semantics,
        "executions": plain.executions,
        "starts": plain.starts,
        "largest_delay_s": plain.latest_us / 1e6,
        "differences": [
            {
                "what": each.what,
                "subject": each.subject,
                "recorded": each.recorded,
                "simulated": each.simulated,
            }
            for each in plain.differences
        ],
        "search": search,
        "explained": None if verification.explained is None else verification.explained.reason,
    }


def _compared(comparison: Comparison) -> str:
    return (
        f"{counted(comparison.executions, 'execution')} and {counted(comparison.starts, 'start')} compared;"
        f" the times of a start differ by at most {duration(comparison.latest_us)}"
    )


def _told(differences: tuple[Difference, ...]) -> Iterator[str]:
    for difference in islice(differences, SHOWN_AT_MOST):
        for line in str(difference).splitlines():
            yield f"  {line}"
    if len(differences) > SHOWN_AT_MOST:
        yield f"  and {counted(len(differences) - SHOWN_AT_MOST, 'more difference')}"
