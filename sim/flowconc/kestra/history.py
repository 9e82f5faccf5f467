"""What a server has done with a flow, made arrivals that can be replayed, and told in a few lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flowconc.check.wording import counted, number
from flowconc.kestra.documents import csv_text
from flowconc.kestra.exported import EPOCH, Export, Exported
from flowconc.kestra.stays import Stay, Unknown, most_at_once, stays
from flowconc.scenario.document.values import MAX_COUNT
from flowconc.scenario.literals.durations import format_us
from flowconc.scenario.problems import excerpt, nearest
from flowconc.scenario.resolve.recordings import COLUMNS, MAX_SECONDS
from flowconc.scenario.wording import one_of

US_PER_S: Final = 1_000_000
_SHOWN_FLOWS: Final = 8


class NoHistory(ValueError):  # noqa: N818 - it says what it is
    """There is nothing that could be replayed."""


@dataclass(frozen=True, slots=True)
class History:
    """The arrivals at one flow from `start_us` on, microseconds since 1970, and what was left out of the export."""

    flow: str
    start_us: int
    stays: tuple[Stay, ...]
    left_out: tuple[tuple[int, str], ...]  # how many, and of what
    repeated: int
    missing: int  # executions that a search has found and no file holds


def history_of(
    export: Export, *, flow: str | None = None, start_us: int | None = None, without: Sequence[str] = ()
) -> History:
    """Return the history of a flow, which need not be named where the export has only one. Raises NoHistory.

    `flow` is its id, with its namespace where several have this id; `without` has labels of sources to leave out.
    """
    of_flow = _by_flow(export.executions.values())
    key = _chosen(of_flow, flow)
    found = stays(each for each in of_flow[key] if not each.is_pass)
    _check_labels(without, sorted({stay.source for stay in found}), key)
    begin_us = min((stay.at_us for stay in found), default=0) if start_us is None else start_us
    late = [stay for stay in found if stay.at_us >= begin_us]
    unwanted = Counter(stay.source for stay in late if stay.source in without)
    left_out = (
        (len(export.executions) - len(of_flow[key]), f"of {counted(len(of_flow) - 1, 'other flow')}"),
        (sum(each.is_pass for each in of_flow[key]), "that are passes of a Loop task"),
        (len(found) - len(late), "before the start"),
        *((count, f"from {source}") for source, count in sorted(unwanted.items())),
    )
    history = History(
        key,
        begin_us,
        tuple(stay for stay in late if stay.source not in without),
        tuple((count, what) for count, what in left_out if count),
        export.repeated,
        max(0, export.found - len(export.executions)),
    )
    _check(history)
    return history


def _by_flow(executions: Iterable[Exported]) -> dict[str, list[Exported]]:
    found: dict[str, list[Exported]] = {}
    for each in executions:
        found.setdefault(each.flow, []).append(each)
    return found


def _chosen(of_flow: dict[str, list[Exported]], wanted: str | None) -> str:
    if not of_flow:
        raise NoHistory("there are no executions in this export")
    listed = sorted(of_flow, key=lambda name: (-len(of_flow[name]), name))
    shown = ", ".join(f"{name} ({len(of_flow[name]):,})" for name in listed[:_SHOWN_FLOWS])
    more = f" and {len(listed) - _SHOWN_FLOWS} more" if len(listed) > _SHOWN_FLOWS else ""
    if wanted is None:
        if len(of_flow) > 1:
            raise NoHistory(
                f"the executions are of {len(of_flow)} flows, expected --flow and one of {shown}{more}"
            )
        return listed[0]
    named = [name for name in listed if wanted in (name, name.rpartition(".")[2])]
    if len(named) > 1:
        raise NoHistory(f"several flows are called {wanted}, expected one of {', '.join(sorted(named))}")
    if named:
        return named[0]
    close = nearest(wanted, [*listed, *(name.rpartition(".")[2] for name in listed)])
    hint = f"did you mean {close!r}?" if close else f"expected one of {shown}{more}"
    raise NoHistory(f"there are no executions of a flow {excerpt(wanted)}, {hint}")


def _check_labels(without: Sequence[str], sources: Sequence[str], flow: str) -> None:
    for label in without:
        if sources and label not in sources:
            close = nearest(label, sources)
            hint = f"did you mean {close!r}?" if close else f"expected {one_of(sources)}"
            raise NoHistory(f"no execution of {flow} has the source {excerpt(label)}, {hint}")


def _check(history: History) -> None:
    """Refuse what the reader of the file would refuse. Raises NoHistory."""
    found = history.stays
    if not found:
        raise NoHistory(f"no execution of {history.flow} is left: {_left_out(history)}")
    if len(found) > MAX_COUNT:
        raise NoHistory(f"there are {len(found):,} arrivals, expected at most {MAX_COUNT:,}")
    longest_us = max(found[-1].at_us - history.start_us, *(stay.held_us or 0 for stay in found))
    if longest_us > MAX_SECONDS * US_PER_S:
        raise NoHistory(
            f"the executions are {format_us(longest_us)} long or apart, expected at most ten years"
        )


def replay_csv(history: History) -> str:
    """Return the history as the file that `replay:` reads: when it arrived, how long it held a slot, from where."""
    return csv_text(
        COLUMNS,
        (
            (
                number((stay.at_us - history.start_us) / US_PER_S),
                "" if stay.held_us is None else number(stay.held_us / US_PER_S),
                stay.source,
            )
            for stay in history.stays
        ),
    )


def lines(history: History) -> Iterator[str]:
    """Tell what came of an import."""
    found = history.stays
    span_us = found[-1].at_us - history.start_us
    yield f"{counted(len(found), 'arrival')} at {history.flow} within {_roughly(span_us)}; t = 0 is {date_of(history.start_us)}"
    yield f"from {_told(Counter(stay.source for stay in found).items())}"
    unknown = Counter(stay.unknown for stay in found if stay.unknown is not None)
    if unknown:
        reasons = _told((reason.value, unknown[reason]) for reason in Unknown if unknown[reason])
        yield f"without a duration: {reasons}"
    waits_us = [stay.waited_us for stay in found if stay.waited_us is not None]
    if waits_us:
        yield (
            f"at most {most_at_once(found)} held a slot at once; "
            f"the longest wait from arrival to RUNNING was {_roughly(max(waits_us))}"
        )
    if history.left_out:
        yield f"left out: {_left_out(history)}"
    if history.repeated:
        yield f"exported more than once, and counted once: {history.repeated:,}"


def _left_out(history: History) -> str:
    return ", ".join(f"{count:,} {what}" for count, what in history.left_out)


def _told(counts: Iterable[tuple[str, int]]) -> str:
    ordered = sorted(counts, key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{count:,} {what}" for what, count in ordered)


def _roughly(us: int) -> str:
    """Say a time without the digits that nobody reads: milliseconds below a minute, seconds above."""
    unit_us = 1_000 if us < 60_000_000 else 1_000_000
    return format_us(round(us / unit_us) * unit_us)


def date_of(t_us: int) -> str:
    """Return microseconds since 1970 as a date, which `clock: {start: ...}` reads."""
    return (EPOCH + timedelta(microseconds=t_us)).isoformat().replace("+00:00", "Z")
