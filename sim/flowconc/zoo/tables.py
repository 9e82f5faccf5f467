"""The zoo's two tables as rows of words: bugs against invariants, and bugs against versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flowconc.check.invariants import INVARIANTS
from flowconc.check.wording import counted
from flowconc.zoo.matrix import Examined, Shows
from flowconc.zoo.registry import Bug

SHORT = {
    "limit_never_exceeded": "limit",
    "counter_matches_holders": "counter",
    "one_release_per_claim": "once",
    "no_release_without_claim": "unclaimed",
    "every_claim_released": "released",
    "work_conserving": "idle",
    "no_stranded_execution": "stranded",
    "kill_is_final": "kill",
    "fifo": "fifo",
    "gate_covers_every_source": "gate",
    "exact_at_the_boundary": "boundary",
    "no_self_deadlock": "deadlock",
    "rejected_runs_no_task": "rejected",
    "trigger_lock_has_live_holder": "lock",
    "one_execution_per_fire": "fire",
    "one_counter_per_flow": "row",
    "crash_loses_nothing": "crash",
    "no_lock_cycle": "cycle",
    "scopes_all_or_none": "scopes",
    "display_matches_engine": "display",
    "external_work_within_limit": "outside",
    "nothing_unasked": "unasked",
}
"""What an invariant is called at the head of a column."""

BROKEN, NOT_CAUGHT, CLEAN, NOT_CLEAN = "x", "NOT CAUGHT", "", "NOT CLEAN"
MARKS = {Shows.YES: "x", Shows.OTHERWISE: "o", Shows.NO: "", Shows.ABSENT: "-"}
VERSIONS_LEGEND = (
    "x: the version shows the bug, an invariant breaks that the bug breaks. "
    "o: none of those breaks, but the outcome is another one than is right. "
    "-: the version has not what the scenario uses. Blank: it does not show it."
)


@dataclass(frozen=True, slots=True)
class Row:
    """One faulty semantics of a bug: which invariants broke, in the order of the columns."""

    bug: Bug
    semantics: str
    broken: tuple[bool, ...]
    verdict: str

    @property
    def fault(self) -> str:
        """The fault model in the semantics; the whole name where there is none, since then the contract has the bug."""
        return self.semantics.partition("+")[2] or self.semantics


def matrix_rows(examined: Sequence[Examined]) -> list[Row]:
    """Return the rows of bugs against invariants: one for each faulty semantics of each bug."""
    return [
        Row(
            each.bug,
            trial.semantics,
            tuple(name in trial.broken for name in INVARIANTS),
            (CLEAN if each.clean else NOT_CLEAN) if trial.broken else NOT_CAUGHT,
        )
        for each in examined
        for trial in each.faulty
    ]


def catches(rows: Sequence[Row]) -> tuple[int, ...]:
    """Return how many rows each invariant breaks in."""
    return tuple(sum(row.broken[column] for row in rows) for column in range(len(INVARIANTS)))


def version_rows(examined: Sequence[Examined]) -> list[tuple[Bug, tuple[Shows, ...]]]:
    """Return the rows of bugs against versions."""
    return [(each.bug, tuple(map(each.shows, each.versions))) for each in examined]


def shown(rows: Sequence[tuple[Bug, tuple[Shows, ...]]]) -> tuple[int, ...]:
    """Return how many bugs each version shows."""
    return tuple(column.count(Shows.YES) for column in zip(*(marks for _, marks in rows), strict=True))


def totals(examined: Sequence[Examined]) -> str:
    """Say in one line how the bugs came off."""
    faulty = [trial for each in examined for trial in each.faulty]
    fixed = [trial for each in examined for trial in each.fixed]
    caught = sum(bool(trial.broken) for trial in faulty)
    clean = sum(trial.passed for trial in fixed)
    return (
        f"{counted(len(examined), 'bug')}: {caught} of {len(faulty)} faulty semantics caught, "
        f"{clean} of {len(fixed)} fixed ones clean"
    )
