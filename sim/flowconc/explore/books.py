"""The checks' books as part of a state, so that every step is judged by the invariants themselves as it is taken.

A schedule's trace could be judged when it has ended, but schedules that meet in the same state are followed only once
from there. So what the invariants know of the past is in the state too: two schedules meet only where the books agree.
What no invariant asks for is left out: when something happened before this step, and how often a slot was claimed and
given back.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from flowconc.check.entries import ExecutionEntry, FlowEntry
from flowconc.check.invariants import INVARIANTS
from flowconc.check.ledger import Ledger
from flowconc.explore.entries import LazyExecution, LazyFlow, packed, unpacked
from flowconc.explore.reading import Reading
from flowconc.protocol.events import Kind
from flowconc.scenario.model import Scenario
from flowconc.trace.trace import Event, Header

FLOW, EXECUTION = "books: flow", "books: execution"
"""Tables of entries."""

_OTHERS = "books: "
"""With the name of one of the ledger's own mappings: the cell that holds it."""

_OF_AN_INSTANT = ("touched", "touched_locks", "set_by_hand")
"""What the ledger keeps only until all that happens at an instant has happened."""


class Judge:
    """The invariants that a scenario wants judged, applied step by step."""

    def __init__(self, wanted: Iterable[str], header: Header, scenario: Scenario | None = None) -> None:
        self._books = Books(header, scenario)
        self._invariants = [INVARIANTS[name]() for name in wanted]
        self._before = [[each for each in self._invariants if kind in each.before_kinds] for kind in Kind]
        self._after = [[each for each in self._invariants if kind in each.after_kinds] for kind in Kind]
        self._at_rest = [each for each in self._invariants if each.looks_at_rest]

    def step(self, reading: Reading, events: Iterable[Event], *, opens: bool, rests: bool) -> tuple[str, ...]:
        """Enter the events of a step into the books; return the ids of the invariants that it breaks.

        The step goes on with an instant unless it `opens` one, which goes on behind it unless it `rests`.
        """
        if not self._invariants:
            return ()
        books = self._books
        books.open(reading, opens=opens)
        for event in events:
            for invariant in self._before[event.kind]:
                invariant.before(event, books)
            books.post(event)
            for invariant in self._after[event.kind]:
                invariant.after(event, books)
        if rests:
            for invariant in self._at_rest:
                invariant.at_rest(books)
            books.rest()
        broken = self._broken()
        books.close()
        return broken

    def end(self, reading: Reading) -> tuple[str, ...]:
        """Return the ids of the invariants that do not hold when nothing can happen any more."""
        books = self._books
        books.open(reading, opens=True)
        books.open_all()
        books.ending = "drained"
        for invariant in self._invariants:
            invariant.at_end(books)
        return self._broken()

    def _broken(self) -> tuple[str, ...]:
        broken = [each for each in self._invariants if each.first is not None]
        for each in broken:
            each.first, each.breaks = None, 0
        return tuple(each.id for each in broken)


class Books(Ledger):
    """A ledger over the cells of a state. What it holds is read when it is looked at, and written back by `close`."""

    def __init__(self, header: Header, scenario: Scenario | None = None) -> None:
        blank = Ledger.of(header, scenario)
        super().__init__(documented=blank.documented, database_takes_time=blank.database_takes_time)
        values = {name: value for name, value in vars(blank).items() if not name.startswith("_")}
        self._kept = {name: type(value) for name, value in values.items() if isinstance(value, dict | set)}
        del self._kept["flows"], self._kept["executions"]
        for name in self._kept:
            del self.__dict__[name]  # it is read from the state
        self._found: dict[str, Hashable] = {}
        """What the state keeps of those of the ledger's own mappings that have been looked at."""
        self._of_a_step = {name: value for name, value in values.items() if not isinstance(value, dict | set)}

    def open(self, reading: Reading, *, opens: bool) -> None:
        """Turn to a state, of which nothing is read yet. What belongs to an instant is empty when one `opens`."""
        self._reading = reading
        for entry in self.executions.values():
            del entry.flow  # it has them in its registers: no circle is left to the garbage collector
        self.flows.clear()
        self.executions.clear()
        for name in self._found:
            del self.__dict__[name]
        self.__dict__.update(self._of_a_step)
        self._found = dict.fromkeys(_OF_AN_INSTANT) if opens else {}
        for name in self._found:
            self.__dict__[name] = {}

    def __getattr__(self, name: str) -> Any:
        """Read one of the ledger's own mappings: Python asks here only for what is not set."""
        kind = self.__dict__.get("_kept", {}).get(name)
        if kind is None:
            raise AttributeError(name)
        content = self._read(f"{_OTHERS}{name}", None)
        value = self.__dict__[name] = kind() if content is None else unpacked(content, self)
        self._found[name] = content
        return value

    # --- entries

    def flow(self, key: str) -> FlowEntry:
        """Return the flow's entry, not yet read."""
        entry = self.flows.get(key)
        if entry is None:
            entry = self.flows[key] = LazyFlow.of(self, key)
        return entry

    def entry(self, name: str, flow: str) -> ExecutionEntry:
        """Return the entry of the execution of this name and flow, not yet read."""
        entry = self.executions.get(name)
        if entry is None:
            entry = self.executions[name] = LazyExecution.of(self, name, self.flow(flow))
        return entry

    def look_up(self, name: str) -> ExecutionEntry | None:
        """Return the entry of the execution of this name, None when the state has none."""
        if name not in self.executions and (content := self.content_of_execution(name)) is not None:
            return self.entry(name, content[0])
        return self.executions.get(name)

    def content_of_flow(self, key: str) -> Any:
        """Return what the state keeps of a flow's entry; None when it has not come up yet."""
        return self._read(FLOW, key)

    def content_of_execution(self, name: str) -> Any:
        """Return what the state keeps of an execution's entry; None when it has not come up yet."""
        return self._read(EXECUTION, name)

    def open_all(self) -> None:
        """Bring every entry to hand that there is, for those who go through all of them."""
        for key in self._reading.cells.keys(FLOW):
            if self._read(FLOW, key) is not None:
                self.flow(str(key))
        for name in self._reading.cells.keys(EXECUTION):
            content = self._read(EXECUTION, name)
            if content is not None:
                self.entry(str(name), content[0])

    # --- cells

    def close(self) -> None:
        """Write back what has changed, of what has been looked at."""
        for name, found in self._found.items():
            value = self.__dict__[name]
            content = packed(value) if value else None
            if content != found:
                self._write(f"{_OTHERS}{name}", None, content)
        for flow in self.flows.values():
            assert isinstance(flow, LazyFlow)
            if flow.is_read and flow.has_changed():
                self._write(FLOW, flow.key, flow.content())
        for execution in self.executions.values():
            assert isinstance(execution, LazyExecution)
            if execution.is_read and execution.has_changed():
                self._write(EXECUTION, execution.name, execution.content())

    def _read(self, table: str, key: object) -> Any:
        return self._reading.get(self._reading.cells.at(table, key))

    def _write(self, table: str, key: object, content: Hashable) -> None:
        self._reading.put(self._reading.cells.at(table, key), content)
