"""A comparison as text: the verdicts, where the runs part, timelines side by side, and what else is different."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from flowconc.check.invariants import INVARIANTS
from flowconc.check.timeline import Line, side_by_side
from flowconc.check.verdict import Finding, Outcome
from flowconc.check.wording import counted, duration, listing
from flowconc.compare.comparison import Comparison, Pair, Side
from flowconc.compare.parting import Difference, What
from flowconc.compare.rules import Differing
from flowconc.trace.trace import Trace

WIDTH = 110
"""Columns that a timeline may take."""

EXECUTIONS_SHOWN = 6
"""Executions in a timeline, and histories written out; the others are counted."""


@dataclass(frozen=True, slots=True)
class Group:
    """Semantics that part from the first in the same way."""

    pairs: tuple[Pair, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What they are called."""
        return tuple(pair.second.semantics for pair in self.pairs)


def groups(comparison: Comparison) -> tuple[Group, ...]:
    """Return the semantics that part, those together that do in the same way."""
    found: list[list[Pair]] = []
    for pair in comparison.pairs:
        if pair.agrees or pair.second.refused is not None:
            continue
        alike = next((each for each in found if _alike(each[0], pair)), None)
        if alike is None:
            found.append([pair])
        else:
            alike.append(pair)
    return tuple(Group(tuple(each)) for each in found)


def text(comparison: Comparison) -> str:
    """Return the whole comparison for a terminal."""
    blocks = ["\n".join([comparison.id, "", *_verdicts(comparison)])]
    first = comparison.first.semantics
    if comparison.agrees:
        blocks.append("all agree")
    else:
        agreeing = [pair.second.semantics for pair in comparison.pairs if pair.agrees]
        if agreeing:
            blocks.append(f"as {first}: {', '.join(agreeing)}")
    blocks += ["\n".join(_parting(comparison.first, group)) for group in groups(comparison)]
    return "\n\n".join(blocks)


# --- the verdicts


def broken(side: Side) -> tuple[str, ...]:
    """Return the invariants that break under a semantics, in the order of the library, excepted ones left out."""
    failed = {finding.check for finding in _failed(side)}
    return tuple(name for name in INVARIANTS if name in failed)


def unmet(side: Side) -> tuple[Finding, ...]:
    """Return the failed checks of a side that are no invariants: expectations, thresholds, refusals."""
    return tuple(finding for finding in _failed(side) if finding.check not in INVARIANTS)


def _failed(side: Side) -> tuple[Finding, ...]:
    if side.result is None:
        return ()
    verdict = side.result.verdict
    return verdict.of(Outcome.FAIL) + verdict.of(Outcome.INCONCLUSIVE)


def _verdicts(comparison: Comparison) -> Iterator[str]:
    width = max(len(side.semantics) for side in comparison.sides)
    for side in comparison.sides:
        head = f"{side.semantics:{width}}  "
        if side.refused is not None:
            yield f"{head}NOT READ  {side.refused.problems[0]}"
            continue
        assert side.result is not None
        parts = []
        if broken(side):
            parts.append(f"breaks {', '.join(broken(side))}")
        if unmet(side):
            parts.append(f"{counted(len(unmet(side)), 'expectation')} not met")
        yield f"{head}{side.result.verdict.outcome.name}  {'; '.join(parts)}".rstrip()


# --- where they part


def _alike(one: Pair, other: Pair) -> bool:
    rules = [
        each.explanation and {rule.rule.name for rule in each.explanation.rules} for each in (one, other)
    ]
    return one.parting == other.parting and rules[0] == rules[1]


def _parting(first: Side, group: Group) -> Iterator[str]:
    pair = group.pairs[0]
    difference = pair.parting.first
    assert difference is not None
    names = (first.semantics, pair.second.semantics)
    yield f"{first.semantics} and {', '.join(group.names)} part at {duration(difference.t_us)}:"
    yield from _two(f"  {difference.subject}", names, (difference.first, difference.second))
    yield from _explained(pair, names)
    timeline = _timeline(first, pair)
    if timeline:
        yield ""
        yield from (f"  {line}" for line in timeline)
    yield ""
    yield from _different(pair, names)
    if pair.within_us:
        yield f"  (times up to {duration(pair.within_us)} apart are taken for the same)"


def _two(head: str, names: tuple[str, str], said: tuple[str, str]) -> Iterator[str]:
    """Yield what both sides say, under one another and further in than the head."""
    width = max(map(len, names))
    indent = len(head) - len(head.lstrip()) + 2
    yield head
    for name, words in zip(names, said, strict=True):
        yield f"{'':{indent}}{name:{width}}  {words}"


def _explained(pair: Pair, names: tuple[str, str]) -> Iterator[str]:
    if pair.explanation is None:
        return
    if not pair.explanation.rules:
        yield "  explained by: the steps that the fault model changes"
        return
    together = "" if len(pair.explanation.rules) == 1 else "s, together"
    yield f"  explained by the rule{together}:"
    for rule in pair.explanation.rules:
        yield from _two(f"    {_asked(rule)}", names, (rule.first, rule.second))


def _asked(rule: Differing) -> str:
    return f"{rule.rule.name}: {rule.rule.question} [{rule.rule.source}]"


def _timeline(first: Side, pair: Pair) -> list[str]:
    """Return the executions that differ, each under both semantics."""
    difference = pair.parting.first
    assert difference is not None
    keys = concerned(pair)[:EXECUTIONS_SHOWN]
    sides = (first, pair.second)
    names = [name for key in keys if (name := _name(key, sides)) is not None]
    width = max(map(len, names), default=0)
    lines = [
        Line(
            f"{'' if side is pair.second else name:{width}}  {side.semantics}",
            _trace(side),
            _name(key, [side]),
        )
        for key, name in zip(keys, names, strict=True)
        for side in sides
    ]
    return side_by_side(lines, t_us=difference.t_us, width=WIDTH)


def concerned(pair: Pair) -> list[str]:
    """Return the keys of the executions that two semantics have differently, in order of time, each once."""
    return list(dict.fromkeys(each.key for each in pair.parting.differences if each.key is not None))


def _name(key: str, sides: Sequence[Side]) -> str | None:
    """Return what an execution is called in the first of the runs that has it."""
    return next(
        (side.story.lives[key].name for side in sides if side.story and key in side.story.lives), None
    )


def _trace(side: Side) -> Trace:
    assert side.result is not None
    return side.result.trace


# --- what is different


def _different(pair: Pair, names: tuple[str, str]) -> Iterator[str]:
    """Yield all differences, by kind."""
    in_order = sorted(pair.parting.differences, key=lambda each: list(What).index(each.what))
    for what, found in groupby(in_order, key=lambda each: each.what):
        alike = list(found)
        yield f"  {what.value}: {counted(len(alike), 'difference')}"
        for difference in alike[:EXECUTIONS_SHOWN]:
            yield from _two(f"    {difference.subject}", names, _said(difference))
        if len(alike) > EXECUTIONS_SHOWN:
            yield f"    and {len(alike) - EXECUTIONS_SHOWN} more"
    if pair.parting.first_starts or pair.parting.second_starts:
        starts = (pair.parting.first_starts, pair.parting.second_starts)
        yield from _two(
            "  order of starts",
            names,
            (listing(starts[0], len(starts[0])), listing(starts[1], len(starts[1]))),
        )


def _said(difference: Difference) -> tuple[str, str]:
    if difference.what in (What.STATES, What.TIMES, What.EXISTENCE):
        return difference.first_path, difference.second_path
    if difference.what is What.COUNTER:
        since = f" from {duration(difference.t_us)}"
        return difference.first + since, difference.second + since
    return difference.first, difference.second
