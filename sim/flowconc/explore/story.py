"""A schedule as a story: numbered steps, each with what it did and how the rows stand after it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flowconc.explore.cells import Cells
from flowconc.explore.flight import Job, Pass, Sent, Stop
from flowconc.explore.machine import Machine
from flowconc.explore.moves import Move, MoveKind
from flowconc.explore.schedule import Played, Step
from flowconc.explore.script import Cue
from flowconc.protocol.creation import Request
from flowconc.protocol.events import Kind, ReportFields
from flowconc.protocol.steps import Message
from flowconc.protocol.tables import Execution, FlowRow

_INDENT = " " * 6
_MARK = "   >> "


def story(machine: Machine, played: Played, broken: str, sentence: str) -> tuple[str, ...]:
    """Return the lines of a story: the rows at first, then step by step; unchanged rows are not repeated.

    `sentence` is put in where the invariant `broken` first does not hold.
    """
    return tuple(_Teller(machine, played).lines(broken, sentence))


class _Teller:
    def __init__(self, machine: Machine, played: Played) -> None:
        self._cells: Cells = machine.cells
        self._played = played
        last = played.steps[-1].state if played.steps else played.start
        self._names = machine.stepping.names(last)
        cell = machine.cells.at("short_names", None)
        names: Any = machine.cells.content(cell, played.start[cell])
        self._short_names: dict[str, str] = dict(names)

    def lines(self, broken: str, sentence: str) -> Iterator[str]:
        """Yield the lines of the story."""
        played, told = self._played, False
        before = self._rows(played.start)
        yield from (f"{_INDENT}{row}" for row in before)
        for number, step in enumerate(played.steps, 1):
            yield f"{number:>4}. {': '.join(filter(None, (self._what(step), self._happened(step))))}"
            rows = self._rows(step.state)
            yield from (f"{_INDENT}{row}" for row in rows if row not in before)
            before = rows
            if broken in step.did.broken and not told:
                yield f"{_MARK}{broken}: {sentence}"
                told = True
        if played.drained:
            yield f"{_INDENT}Nothing can happen any more."
        if not told:
            yield f"{_MARK}{broken}: {sentence}"

    # --- what is done

    def _what(self, step: Step) -> str:
        """Say who does what."""
        move = step.move
        match move.kind:
            case MoveKind.CUE:
                return self._cue(step)
            case MoveKind.LATER:
                return self._later(move)
            case MoveKind.TAKE:
                return f"executor {step.executor} takes {self._taken(move)}"
            case MoveKind.GO_ON:
                return f"executor {step.executor} goes on with {self._message(move.work.message)}"
            case _:
                return self._death(step)

    def _cue(self, step: Step) -> str:
        cue = step.move.about
        assert isinstance(cue, Cue)
        if cue.kind == "action":
            return "the operator acts"
        if cue.kind == "fire":
            flow, trigger, *_ = cue.message.argument
            if step.move.work.message is None:
                return f"a poll of trigger {trigger} of {self._flow(flow)} finds nothing"
            return f"trigger {trigger} of {self._flow(flow)} fires"
        request: Request = cue.message.argument
        made = [number for kind, number, *_ in _reports(step) if kind is Kind.CREATED]
        who = self._name(made[0]) if made else "an execution"
        return f"{who} arrives at {self._flow(request.flow)} ({request.source})"

    def _later(self, move: Move) -> str:
        item = move.about
        assert isinstance(item, Sent)
        if item.timing:
            flow, trigger, *_ = item.message.argument
            return f"trigger {trigger} of {self._flow(flow)} makes a fire that had to wait"
        return f"an execution arrives once more ({item.actor.removeprefix('source:')})"

    def _taken(self, move: Move) -> str:
        """Say what an executor takes from the queue, and what is known by then."""
        item, message = move.about, move.work.message
        assert message is not None
        match item:
            case Job():
                return f"the result of a task of {self._name(message.execution)}"
            case Stop():
                return f"the workers' answer to the kill of {self._name(message.execution)}"
            case _:
                return self._message(message)

    def _death(self, step: Step) -> str:
        move = step.move
        lost = move.work.lost or ()
        first = move.about.first.message if isinstance(move.about, Pass) else lost[0]
        again = "delivered again" if move.come and move.kind is MoveKind.CRASH else "lost"
        if move.kind is MoveKind.LOSE:
            return f"executor {step.executor} dies with {self._message(first)}, which is lost"
        return (
            f"executor {step.executor} dies before {self._message(lost[0])}; "
            f"its message, {self._message(first)}, is {again}"
        )

    def _message(self, message: Message | None) -> str:
        if message is None:
            return "nothing"
        whose = "" if message.execution is None else f" of {self._name(message.execution)}"
        return f"{message.step}{whose}"

    def _name(self, number: int | None) -> str:
        return "nobody" if number is None else self._names[number]

    def _flow(self, key: str | None) -> str:
        """Return what people call a flow."""
        return self._short_names.get(key or "", key or "")

    # --- what came of it

    def _happened(self, step: Step) -> str:
        arrives = isinstance(step.move.about, Cue) and step.move.about.kind == "arrival"
        return "; ".join(
            said
            for report in _reports(step)
            if (said := self._said(report)) and not (arrives and report[0] is Kind.CREATED)
        )

    def _said(self, report: ReportFields) -> str | None:
        kind, number, flow, revision, before, after, detail = report
        name = self._name(number)
        match kind:
            case Kind.CREATED:
                return f"{name} is CREATED"
            case Kind.STATE:
                return f"{name} {before} to {after}"
            case Kind.GATE:
                limit = "no limit" if after is None else f"limit {after}"
                return f"the gate counts {before}, {limit}: {detail}"
            case Kind.CLAIM | Kind.RELEASE:
                scope = "" if detail is None else f" of {detail}"
                return f"counter{scope} {before} to {after} for {name}"
            case Kind.TASK_STARTED:
                return f"task {detail} of {name} starts"
            case Kind.TASK_ENDED:
                return f"task {detail} of {name} ends {after}"
            case Kind.FLOW_SAVED:
                limit = "no limit" if after is None else f"limit {after} {detail}"
                return f"revision {revision} of {self._flow(flow)} is saved with {limit}"
            case Kind.MESSAGE_LOST:
                return None  # is told already
            case _:
                words = kind.name.replace("_", " ").lower()
                of = "" if number is None else f" {name}"
                return f"{words}{of}{'' if detail is None else f' ({detail})'}"

    # --- how the rows stand

    def _rows(self, state: str) -> list[str]:
        """Return a line for each flow: its counter, its executions, those that hold a slot with a star, and its queue."""
        flows = self._table(state, "flows")
        counters, queued = self._table(state, "counters"), self._table(state, "queued")
        executions: dict[Any, Execution] = self._table(state, "executions")
        return [
            self._row(
                flow,
                row,
                counters.get(flow),
                [
                    executions[number]
                    for number in sorted(executions)
                    if executions[number].birth.flow == flow
                ],
                [number for number, _ in queued.get(flow, ())],
            )
            for flow, row in flows.items()
        ]

    def _row(
        self, flow: str, row: FlowRow, counter: int | None, executions: list[Execution], queue: list[int]
    ) -> str:
        limit = "" if row.concurrency is None else f" of {row.concurrency.limit}"
        counted = "no counter" if counter is None else f"counter {counter}{limit}"
        states = ", ".join(
            f"{each.birth.name} {each.state}{'*' if each.holds_slot else ''}" for each in executions
        )
        waiting = ", ".join(self._names[number] for number in queue)
        return f"{self._flow(flow)}: {counted} | {states or 'no execution'} | queue: {waiting or 'empty'}"

    def _table(self, state: str, table: str) -> dict[Any, Any]:
        """Return the rows of a table in a state."""
        cells = self._cells
        found = {}
        for key in cells.keys(table):
            cell = cells.at(table, key)
            row = cells.content(cell, state[cell]) if cell < len(state) else None
            if row is not None:
                found[key] = row
        return found


def _reports(step: Step) -> list[ReportFields]:
    return [report for _, reports in step.did.reports for report in reports]
