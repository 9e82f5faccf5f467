"""A variation that fails, made smaller: fewer arrivals before all else.

Hypothesis shrinks what was drawn as a whole, by the length of all that was drawn. What comes out is small, but a kill
less may have cost an arrival more. So it is gone over once more, in an order that a reader would choose: arrivals are
left out, then everything else that was added, then what is left comes earlier and takes less time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from flowconc.scenario.variation import Vary
from flowconc.vary.variation import Arrival, Crash, Edit, Operation, Variation


def reduce(vary: Vary, variation: Variation, fails: Callable[[Variation], bool]) -> Variation:
    """Return a variation that fails too, and of which no single step makes one that is smaller and fails."""
    while (smaller := next(filter(fails, _smaller(vary, variation)), None)) is not None:
        variation = smaller
    return variation


def smallness(variation: Variation) -> tuple[int, int, int]:
    """Return by what variations that fail are compared: arrivals, then all else that is added, then times in all."""
    added: tuple[Arrival | Operation | Edit | Crash, ...] = (
        *variation.arrivals,
        *variation.operations,
        *variation.edits,
        *variation.crashes,
    )
    times_us = sum(variation.lengths_us) + sum(each.at_us for each in added)
    return len(variation.arrivals), len(added), times_us


def _smaller(vary: Vary, variation: Variation) -> Iterator[Variation]:
    """Yield variations that are a little smaller, those that count most first."""
    yield from _without_arrival(vary, variation)
    yield from _without_operation(vary, variation)
    yield from _without_edit(vary, variation)
    yield from _without_crash(vary, variation)
    yield from _shorter(vary, variation)
    yield from _earlier(vary, variation)


def _without(entries: tuple[Any, ...], place: int) -> tuple[Any, ...]:
    return (*entries[:place], *entries[place + 1 :])


def _without_arrival(vary: Vary, variation: Variation) -> Iterator[Variation]:
    """Yield it with an arrival less: as it is, or with those moved up who are acted on by number, or with longer tasks."""
    longest_us = tuple(varied.length_us.high for varied in vary.durations)
    for place in reversed(range(len(variation.arrivals))):
        arrival = variation.arrivals[place]
        if _count(variation.arrivals, arrival.entry) <= vary.arrivals[arrival.entry].count.low:
            continue
        rest = replace(variation, arrivals=_without(variation.arrivals, place))
        yield rest
        moved = tuple(sorted(_moved_up(each, arrival) for each in variation.operations))
        if moved != variation.operations:
            yield replace(rest, operations=moved)
        if variation.lengths_us != longest_us:
            yield replace(rest, lengths_us=longest_us)


def _count(arrivals: tuple[Arrival, ...], entry: int) -> int:
    return sum(arrival.entry == entry for arrival in arrivals)


def _moved_up(operation: Operation, gone: Arrival) -> Operation:
    if operation.flow == gone.flow and operation.number > 1:
        return replace(operation, number=operation.number - 1)
    return operation


def _without_operation(vary: Vary, variation: Variation) -> Iterator[Variation]:
    least = {varied.verb: varied.count.low for varied in vary.operations}
    for place, operation in enumerate(variation.operations):
        if sum(each.verb == operation.verb for each in variation.operations) > least[operation.verb]:
            yield replace(variation, operations=_without(variation.operations, place))


def _without_edit(vary: Vary, variation: Variation) -> Iterator[Variation]:
    least = {varied.flow: varied.count.low for varied in vary.edits}
    for place, edit in enumerate(variation.edits):
        if sum(each.flow == edit.flow for each in variation.edits) > least[edit.flow]:
            yield replace(variation, edits=_without(variation.edits, place))


def _without_crash(vary: Vary, variation: Variation) -> Iterator[Variation]:
    least = {varied.component: varied.count.low for varied in vary.crashes}
    for place, crash in enumerate(variation.crashes):
        if sum(each.component == crash.component for each in variation.crashes) > least[crash.component]:
            yield replace(variation, crashes=_without(variation.crashes, place))


def _shorter(vary: Vary, variation: Variation) -> Iterator[Variation]:
    for place, (varied, length_us) in enumerate(zip(vary.durations, variation.lengths_us, strict=True)):
        lengths_us = variation.lengths_us
        for less_us in _less(length_us, varied.length_us.low, vary.step_us):
            yield replace(variation, lengths_us=(*lengths_us[:place], less_us, *lengths_us[place + 1 :]))


def _earlier(vary: Vary, variation: Variation) -> Iterator[Variation]:
    for name in ("arrivals", "operations", "edits", "crashes"):
        entries: tuple[Any, ...] = getattr(variation, name)
        for place, entry in enumerate(entries):
            for at_us in _less(entry.at_us, 0, vary.step_us):
                moved = sorted((*_without(entries, place), replace(entry, at_us=at_us)))
                yield replace(variation, **{name: tuple(moved)})


def _less(time_us: int, least_us: int, step_us: int) -> Iterator[int]:
    """Yield smaller times, the smallest first: the least one, the middle, one step less."""
    steps = (time_us - least_us) // step_us
    yield from dict.fromkeys(
        least_us + some * step_us for some in (0, steps // 2, steps - 1) if 0 <= some < steps
    )
