"""Where two stories part.

Two runs agree by meaning, not by bytes: the same executions went through the same states in the same order, at times
no further apart than `within_us`, ran the same tasks, and the same operations were refused. The engine looks at
schedules, delays and SLAs once a second, so a little is allowed where only one of two semantics does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import zip_longest

from flowconc.check.wording import duration
from flowconc.compare.story import Life, Moment, Story
from flowconc.protocol.rules import Counting, Rules

NOTHING = "nothing"


class What(Enum):
    """What two runs have differently."""

    EXISTENCE = "existence"
    STATES = "states"
    TIMES = "times"
    TASKS = "tasks run"
    DELETION = "deletion"
    COUNTER = "counter"
    REFUSALS = "refused actions"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two runs have differently.

    `t_us` is when they part in it. `first` and `second` say what each does then; `first_path` and `second_path` are
    the whole histories, where it is about an execution.
    """

    what: What
    subject: str
    t_us: int
    first: str
    second: str
    flow: str
    key: str | None = None
    first_path: str = ""
    second_path: str = ""


@dataclass(frozen=True, slots=True)
class Parting:
    """All that two runs have differently, in order of time, and the order of starts where that is not the same."""

    differences: tuple[Difference, ...]
    first_starts: tuple[str, ...] = ()
    second_starts: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Say whether nothing is different."""
        return not self.differences

    @property
    def first(self) -> Difference | None:
        """Return the first difference; None when there is none."""
        return self.differences[0] if self.differences else None


def slack_us(one: Rules, other: Rules) -> int:
    """Return how far apart the same moments of two semantics may be, in microseconds: what their clocks differ by."""
    ticks_us = abs((one.tick_us or 0) - (other.tick_us or 0))
    return ticks_us + abs(one.date_passed_us - other.date_passed_us)


def counts_alike(one: Rules, other: Rules) -> bool:
    """Say whether the counters of two semantics can be compared: both must have one."""
    return one.counting is Counting.COUNTER and other.counting is Counting.COUNTER


def part(first: Story, second: Story, *, within_us: int = 0, counters: bool = True) -> Parting:
    """Say where two stories part."""
    found = [*_executions(first, second, within_us), *_refusals(first, second)]
    if counters:
        found += _counters(first, second, within_us)
    found.sort(key=lambda difference: difference.t_us)
    if not found:
        return Parting(())
    return Parting(tuple(found), *_starts(first, second))


# --- executions


def _executions(first: Story, second: Story, within_us: int) -> Iterator[Difference]:
    for key in dict.fromkeys((*first.lives, *second.lives)):
        one, other = first.lives.get(key), second.lives.get(key)
        if one is None or other is None:
            yield _only_one(one, other)
            continue
        difference = _states(one, other, within_us)
        if difference is not None:
            yield difference
            continue
        yield from _rest(one, other)


def _only_one(one: Life | None, other: Life | None) -> Difference:
    life = one or other
    assert life is not None
    created_us = life.states[0][1]
    made = f"is made at {duration(created_us)}"
    return Difference(
        What.EXISTENCE,
        life.name if life.key == life.name else life.key,
        created_us,
        made if one else "is not made",
        made if other else "is not made",
        life.flow,
        life.key,
        told(one),
        told(other),
    )


def _states(one: Life, other: Life, within_us: int) -> Difference | None:
    """Return where two lives first go different ways, or the same way at different times."""
    last: Moment | None = None
    for mine, theirs in zip_longest(one.states, other.states):
        same = mine is not None and theirs is not None and mine[0] is theirs[0]
        if same and abs(mine[1] - theirs[1]) <= within_us:
            last = mine
            continue
        t_us = min(moment[1] for moment in (mine, theirs) if moment is not None)
        return Difference(
            What.TIMES if one.path == other.path else What.STATES,
            label(one, other),
            t_us,
            _next(last, mine, t_us),
            _next(last, theirs, t_us),
            one.flow,
            one.key,
            told(one),
            told(other),
        )
    return None


def _next(last: Moment | None, moment: Moment | None, t_us: int) -> str:
    """Say what comes next in a life: at once, later, or never."""
    before = "" if last is None else f"{last[0]}"
    if moment is None:
        return f"stays {before}"
    if moment[1] == t_us:
        return f"{before} -> {moment[0]}" if before else f"is {moment[0]}"
    return f"stays {before}, {moment[0]} at {duration(moment[1])}" if before else f"{moment[0]} later"


def _rest(one: Life, other: Life) -> Iterator[Difference]:
    """Yield what lives of the same states have differently."""
    created_us = one.states[0][1]
    if one.tasks != other.tasks:
        yield Difference(
            What.TASKS,
            label(one, other),
            created_us,
            f"runs {_tasks(one.tasks)}",
            f"runs {_tasks(other.tasks)}",
            one.flow,
            one.key,
            told(one),
            told(other),
        )
    if (one.deleted_us is None) != (other.deleted_us is None):
        words = ["is there at the end" if each.deleted_us is None else "is deleted" for each in (one, other)]
        deleted_us = one.deleted_us if other.deleted_us is None else other.deleted_us
        assert deleted_us is not None
        yield Difference(
            What.DELETION,
            label(one, other),
            deleted_us,
            words[0],
            words[1],
            one.flow,
            one.key,
            told(one),
            told(other),
        )


def label(one: Life, other: Life) -> str:
    """Return what an execution is called: its name, if both runs call it so."""
    return one.name if one.name == other.name else one.key


def told(life: Life | None) -> str:
    """Tell a whole life: `CREATED 0s, QUEUED 0s, RUNNING 10s, SUCCESS 20s`."""
    if life is None:
        return NOTHING
    story = ", ".join(f"{state} {duration(t_us)}" for state, t_us in life.states)
    return story if life.deleted_us is None else f"{story}, deleted {duration(life.deleted_us)}"


def _tasks(tasks: Mapping[str, int]) -> str:
    if not tasks:
        return "no task"
    return ", ".join(name if count == 1 else f"{name} {count} times" for name, count in sorted(tasks.items()))


# --- what else there is


def _refusals(first: Story, second: Story) -> Iterator[Difference]:
    mine, theirs = (dict.fromkeys(each.refused) for each in (first, second))
    for t_us, what in dict.fromkeys((*first.refused, *second.refused)):
        if ((t_us, what) in mine) != ((t_us, what) in theirs):
            words = ["is refused" if (t_us, what) in each else "is not refused" for each in (mine, theirs)]
            yield Difference(What.REFUSALS, what, t_us, words[0], words[1], "")


def _counters(first: Story, second: Story, within_us: int) -> Iterator[Difference]:
    end_us = max(first.end_us, second.end_us)
    for flow in dict.fromkeys((*first.counters, *second.counters)):
        steps = [dict(each.counters.get(flow, ())) for each in (first, second)]
        levels = [0, 0]
        times = sorted(steps[0].keys() | steps[1].keys())
        for t_us, next_us in zip_longest(times, times[1:], fillvalue=end_us + within_us + 1):
            levels = [each.get(t_us, level) for each, level in zip(steps, levels, strict=True)]
            if levels[0] != levels[1] and next_us - t_us > within_us:
                words = [f"is {level}" for level in levels]
                yield Difference(What.COUNTER, f"the counter of {flow}", t_us, words[0], words[1], flow)
                break


def _starts(first: Story, second: Story) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return who started in which order, by name, where the two orders differ."""
    mine, theirs = first.starts(), second.starts()
    if mine == theirs:
        return (), ()
    return (
        tuple(first.lives[key].name for key in mine),
        tuple(second.lives[key].name for key in theirs),
    )
