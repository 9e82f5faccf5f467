"""Where a simulated outcome and a recorded one part.

Compared are states, and times only coarsely: the history of every execution, the order in which executions started, which
executions triggers made and for which dates, the last value of counters and queues, refused operations, tasks run.
The engine takes milliseconds for what takes none here, and its loops up to a second. So a start may be
LATE_US earlier or later, starts that the recording has within TIE_US of each other
may come in either order, and what happens within MARGIN_US of the end of the recording may be there or not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, TypeVar

from flowconc.kestra.outcome import Outcome, Run
from flowconc.kestra.recording import Moment

TIE_US: Final = 50_000
"""Starts this close together in a recording have no order that means anything."""

LATE_US: Final = 2_000_000
"""A start that differs by more is another one: a slot was free that was not, or the other way round."""

MARGIN_US: Final = 1_500_000
"""What happens this close to the end of a recording may have come before it or after."""

DATE_WITHIN_US: Final = 2_000
"""Planned dates are the same when they differ by no more: the start of a recording is known to the millisecond."""

NOTHING: Final = "-"

_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the two outcomes have differently, in words. `t_us` is when they part, in microseconds."""

    what: str
    subject: str
    recorded: str
    simulated: str
    t_us: int

    def __str__(self) -> str:
        return f"{self.what} of {self.subject}\n  recorded:  {self.recorded}\n  simulated: {self.simulated}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of comparing. `executions` and `starts` say how many were compared; `latest_us` by how much starts differ at most."""

    differences: tuple[Difference, ...]
    executions: int
    starts: int
    latest_us: int

    @property
    def parts_us(self) -> int | None:
        """When the outcomes first part, in microseconds; None when they never do."""
        return min((difference.t_us for difference in self.differences), default=None)

    @property
    def agrees(self) -> bool:
        """Say whether nothing is different."""
        return not self.differences


def compare(recorded: Outcome, simulated: Outcome) -> Comparison:
    """Say where a simulated outcome parts from a recorded one."""
    comparing = _Comparing(recorded, simulated)
    differences = tuple(comparing.differences())
    return Comparison(
        differences,
        executions=len(recorded.runs),
        starts=len(recorded.starts()),
        latest_us=comparing.latest_us(),
    )


class _Comparing:
    """Both outcomes, and the end of what must be the same in both."""

    def __init__(self, recorded: Outcome, simulated: Outcome) -> None:
        self._recorded = recorded
        self._simulated = simulated
        self._sure_us = recorded.end_us - MARGIN_US
        self._is_over = recorded.quiet and all(
            run.history[-1][1] <= self._sure_us for run in recorded.runs.values() if run.history
        )
        self._both = [name for name in recorded.runs if name in simulated.runs]

    def differences(self) -> Iterator[Difference]:
        yield from self._presence()
        same = []
        for name in self._both:
            found = list(self._of_execution(self._recorded.runs[name], self._simulated.runs[name]))
            yield from found
            if not found:
                same.append(name)
        yield from self._order(same)
        yield from self._times(same)
        yield from self._counters()
        yield from self._queues()
        yield from self._refusals()

    def latest_us(self) -> int:
        """Return the largest difference between the times of one start, in microseconds."""
        pairs = self._starts(self._both)
        return max((abs(ours_us - theirs_us) for theirs_us, ours_us, _ in pairs), default=0)

    def _presence(self) -> Iterator[Difference]:
        """Say which executions only one side has, unless they came at the very end."""
        for name, run in self._recorded.runs.items():
            if name not in self._simulated.runs and run.created_us <= self._sure_us:
                yield Difference("the existence", name, _story(run.history), NOTHING, run.created_us)
        for name, run in self._simulated.runs.items():
            if name not in self._recorded.runs and run.created_us <= self._sure_us:
                yield Difference("the existence", name, NOTHING, _story(run.history), run.created_us)

    def _of_execution(self, recorded: Run, simulated: Run) -> Iterator[Difference]:
        seen = [moment for moment in recorded.seen if moment[1] <= self._sure_us]
        if not self._is_same_history(recorded.history, simulated.history) or not _within(
            seen, simulated.seen
        ):
            yield Difference(
                "the states",
                recorded.name,
                _told(recorded),
                _told(simulated),
                _parting_us(recorded, simulated),
            )
            return
        if recorded.deleted != simulated.deleted:
            words = {True: "deleted", False: "still there"}
            yield Difference(
                "the fate",
                recorded.name,
                words[recorded.deleted],
                words[simulated.deleted],
                recorded.created_us,
            )
        if self._has_settled(recorded) and not self._ran_same_tasks(recorded, simulated):
            yield Difference(
                "the tasks run",
                recorded.name,
                _counts(recorded.tasks),
                _counts(simulated.tasks),
                _started_us(recorded),
            )
        if not _is_same_date(recorded.planned_us, simulated.planned_us):
            yield Difference(
                "the planned date",
                recorded.name,
                _seconds(recorded.planned_us),
                _seconds(simulated.planned_us),
                recorded.created_us,
            )

    def _has_settled(self, recorded: Run) -> bool:
        """Say whether a recording knows which tasks an execution ran: not when it was deleted, or changed at the very end."""
        return not recorded.deleted and (not recorded.history or recorded.history[-1][1] <= self._sure_us)

    def _ran_same_tasks(self, recorded: Run, simulated: Run) -> bool:
        """Say whether as many runs of each task began.

        Those stopped on their way to a worker may have begun or not, and those at the very end, too.
        """
        both = (recorded, simulated)
        sure = [Counter(task for task, t_us in run.tasks if t_us <= self._sure_us) for run in both]
        most = [Counter(task for task, _ in run.tasks) + Counter(run.undone) for run in both]
        return all(
            max(count[task] for count in sure) <= min(count[task] for count in most)
            for task in set().union(*most)
        )

    def _is_same_history(self, recorded: Sequence[Moment], simulated: Sequence[Moment]) -> bool:
        """Say whether one history is the other's beginning, and what it lacks came at the very end."""
        theirs, ours = [state for state, _ in recorded], [state for state, _ in simulated]
        common = min(len(theirs), len(ours))
        if theirs[:common] != ours[:common]:
            return False
        rest = (*recorded[common:], *simulated[common:])
        return all(t_us > self._sure_us for _, t_us in rest)

    # --- starts ---------------------------------------------------------------------------------------------

    def _starts(self, names: Sequence[str]) -> list[tuple[int, int, str]]:
        """Return the starts of some executions that both have: when recorded, when simulated, whose."""
        pairs = []
        for name in names:
            theirs = [t_us for state, t_us in self._recorded.runs[name].seen if state == "RUNNING"]
            ours = [t_us for state, t_us in self._simulated.runs[name].seen if state == "RUNNING"]
            pairs += [(a, b, name) for a, b in zip(theirs, ours, strict=False)]
        return sorted(pairs)

    def _order(self, names: Sequence[str]) -> Iterator[Difference]:
        """Say which two starts first come in another order, when the recording has them clearly apart.

        Looked at are executions of which nothing else is different.
        """
        pairs = self._starts(names)
        settled, latest = 0, None
        for theirs_us, ours_us, name in pairs:
            while pairs[settled][0] < theirs_us - TIE_US:
                if latest is None or pairs[settled][1] > latest[1]:
                    latest = pairs[settled]
                settled += 1
            if latest is not None and ours_us < latest[1]:
                yield Difference(
                    "the order of starts",
                    f"{latest[2]} and {name}",
                    f"{latest[2]} at {_seconds(latest[0])}, {name} at {_seconds(theirs_us)}",
                    f"{name} at {_seconds(ours_us)}, {latest[2]} at {_seconds(latest[1])}",
                    max(self._decided_us(latest), self._decided_us((theirs_us, ours_us, name))),
                )
                return

    def _times(self, names: Sequence[str]) -> Iterator[Difference]:
        """Say which start is the first that comes much earlier or later, of executions of which nothing else is different."""
        for theirs_us, ours_us, name in self._starts(names):
            if abs(theirs_us - ours_us) > LATE_US:
                t_us = min(theirs_us, ours_us)
                yield Difference("the time of a start", name, _seconds(theirs_us), _seconds(ours_us), t_us)
                return

    def _decided_us(self, start: tuple[int, int, str]) -> int:
        """Return since when, by the recording, the execution of a start had waited for it."""
        before = [t_us for _, t_us in self._recorded.runs[start[2]].seen if t_us < start[0]]
        return before[-1] if before else start[0]

    # --- what is left at the end ----------------------------------------------------------------------------

    def _counters(self) -> Iterator[Difference]:
        for flow, found in self._recorded.counters.items():
            theirs = found[-1][1]
            ours = self._at_end(self._simulated.counters.get(flow, ((0, 0),)))
            if theirs not in ours:
                yield Difference("the counter", flow, str(theirs), str(ours[-1]), self._recorded.end_us)

    def _queues(self) -> Iterator[Difference]:
        """Say where others wait, or in another order. What else has a row in the queue is seen on neither side."""
        theirs_by_flow, ours_by_flow = self._recorded.queues, self._simulated.queues
        for flow in theirs_by_flow.keys() | ours_by_flow.keys():
            theirs = _waiting(theirs_by_flow.get(flow, ((0, ()),))[-1][1], self._recorded)
            ours = [
                [name for name in queue if not self._simulated.runs[name].deleted]
                for queue in self._at_end(ours_by_flow.get(flow, ((0, ()),)))
            ]
            if theirs not in ours:
                yield Difference("the queue", flow, _listed(theirs), _listed(ours[-1]), self._recorded.end_us)

    def _at_end(self, found: Sequence[tuple[int, _Found]]) -> list[_Found]:
        """Return what was found at some time around the end of the recording; when that was quiet, at the very end."""
        if self._is_over:
            return [value for _, value in found[-1:]]
        until_us = self._recorded.end_us + MARGIN_US
        before = [value for t_us, value in found if t_us <= self._sure_us]
        around = [value for t_us, value in found if self._sure_us < t_us <= until_us]
        return [*before[-1:], *around] or [value for _, value in found[:1]]

    def _refusals(self) -> Iterator[Difference]:
        unheard = self._recorded.unheard
        theirs = [f"{verb} {subject}" for verb, subject in self._recorded.refused if verb not in unheard]
        ours = [f"{verb} {subject}" for verb, subject in self._simulated.refused if verb not in unheard]
        if theirs != ours:
            yield Difference(
                "the refusals", "the engine", _listed(theirs), _listed(ours), self._recorded.end_us
            )


def _started_us(run: Run) -> int:
    """Return when an execution last started to run; without that, when it was created."""
    return max((t_us for state, t_us in run.seen if state == "RUNNING"), default=run.created_us)


def _parting_us(recorded: Run, simulated: Run) -> int:
    """Return when the states of an execution first differ."""
    for (theirs, theirs_us), (ours, ours_us) in zip(recorded.seen, simulated.seen, strict=False):
        if theirs != ours:
            return min(theirs_us, ours_us)
    common = min(len(recorded.seen), len(simulated.seen))
    rest = [t_us for _, t_us in (*recorded.seen[common:], *simulated.seen[common:])]
    return min(rest, default=recorded.created_us)


def _waiting(queue: Sequence[str], outcome: Outcome) -> list[str]:
    """Return those in a queue that wait there: still there, and QUEUED."""
    runs = outcome.runs
    return [name for name in queue if name in runs and not runs[name].deleted and runs[name].waits]


def _within(fewer: Sequence[Moment], more: Sequence[Moment]) -> bool:
    """Say whether the states of one come in the other in the same order: a poll may miss some, but sees none that was not.

    A state that is set twice, by an older copy that goes the same way, counts once.
    """
    states = iter(state for state, _ in more)
    once = [state for state, _ in groupby(state for state, _ in fewer)]
    return all(any(state == each for each in states) for state in once)


def _is_same_date(one_us: int | None, other_us: int | None) -> bool:
    if one_us is None or other_us is None:
        return one_us is other_us
    return abs(one_us - other_us) <= DATE_WITHIN_US


def _told(run: Run) -> str:
    """Tell a run's states; when some were overwritten, also those."""
    story = _story(run.history)
    if [state for state, _ in run.seen] == [state for state, _ in run.history]:
        return story
    return f"{story} (all it was in: {_story(run.seen)})"


def _story(history: Sequence[Moment]) -> str:
    return " ".join(f"{state}@{t_us / 1e6:.3f}" for state, t_us in history) or NOTHING


def _counts(runs: Sequence[Moment]) -> str:
    counts = Counter(task for task, _ in runs)
    return (
        ", ".join(f"{task} {count} x" if count > 1 else task for task, count in sorted(counts.items()))
        or "none"
    )


def _seconds(t_us: int | None) -> str:
    return NOTHING if t_us is None else f"{t_us / 1e6:.3f}s"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
