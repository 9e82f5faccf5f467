"""One step over a state: the tables that it sees, what it read of them, and what it wrote.

A step is a function of the rows that it reads. So what it did once, it does again in every state in which those rows
are the same: what was read and written is all there is to remember, and all there is to say about whether two steps
disturb each other.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any

from flowconc.explore.cells import EMPTY, Cells
from flowconc.protocol.plan import Plan
from flowconc.protocol.rules import Rules
from flowconc.protocol.tables import Change, QueueTable, Tables

WHOLE = frozenset({"names", "short_names", "plans", "listeners"})
"""Tables that are one row here: they are small, seldom change, and are read as a whole."""

NEVER_GONE_THROUGH = frozenset({"counters", "queued"})
"""Tables whose rows are only looked up, so that which rows there are is of no interest."""

_KEYS = "keys of "
"""With the name of a table: the cell that has its keys, in order."""


class Reading:
    """The cells of one state as a step finds and leaves them. `read` has the codes found, in order of first reading."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.open("")

    def open(self, state: str) -> None:
        """Turn to a state. Nothing of it is read yet."""
        self.read: dict[int, str] = {}
        self._state = state
        self._written: dict[int, Hashable] = {}

    def get(self, cell: int) -> Any:
        """Return what is in a cell."""
        written = self._written
        if cell in written:
            return written[cell]
        code = self.read.get(cell)
        if code is None:
            state = self._state
            code = self.read[cell] = state[cell] if cell < len(state) else EMPTY
        return self.cells.content(cell, code)

    def put(self, cell: int, content: Hashable) -> None:
        """Write into a cell; None empties it."""
        self._written[cell] = content

    def so_far(self) -> tuple[dict[int, str], dict[int, Hashable]]:
        """Return the codes read and the contents written so far."""
        return dict(self.read), dict(self._written)

    def take_over(self, read: dict[int, str], written: dict[int, Hashable]) -> None:
        """Take over what was read and written in another state that looks the same."""
        self.read = dict(read)
        self._written = dict(written)

    def written(self) -> dict[int, str]:
        """Return the codes written, where they differ from what was read."""
        code_of, read = self.cells.code, self.read
        codes = ((cell, code_of(cell, self._written[cell])) for cell in sorted(self._written))
        return {cell: code for cell, code in codes if read.get(cell) != code}

    def last(self, cell: int) -> Any:
        """Return what is in a cell; of a row that has been deleted in this step, what was in it."""
        content = self.get(cell)
        if content is None and cell in self.read:
            return self.cells.content(cell, self.read[cell])
        return content


class _Aside(Reading):
    """A reading beside another one: it reads what that one reads, and what is written stays here."""

    def __init__(self, reading: Reading) -> None:
        super().__init__(reading.cells)
        self._reading = reading

    def get(self, cell: int) -> Any:
        """Return what is in a cell."""
        return self._written[cell] if cell in self._written else self._reading.get(cell)


class TablesView(Tables):
    """The tables of a state: a step that reads them leaves its traces in `reading`.

    `across_flows` says that the queue keeps the order over all flows, too.
    """

    def __init__(self, reading: Reading, rules: Rules, *, across_flows: bool) -> None:
        self.rules = rules
        self._reading = reading
        self._across_flows = across_flows
        for name, table in vars(Tables(rules)).items():
            if isinstance(table, QueueTable):
                setattr(self, name, _QueueView(reading, name, across_flows=across_flows))
            elif isinstance(table, dict):
                setattr(self, name, (_WholeView if name in WHOLE else _RowsView)(reading, name))
            elif name != "rules":
                raise TypeError(f"the explorer cannot keep the table {name!r}: {type(table).__name__}")

    def apply(self, changes: Iterable[Change]) -> None:
        """Write the changes of a step, in order."""
        for table, key, row in changes:
            getattr(self, table).put(key, row)

    def copy(self) -> TablesView:
        """Return tables with the same rows, which change by themselves."""
        return TablesView(_Aside(self._reading), self.rules, across_flows=self._across_flows)


class _RowsView(Mapping[Any, Any]):
    """A table with a cell for each row, and one for its keys: who goes through it depends on which rows there are."""

    def __init__(self, reading: Reading, name: str) -> None:
        self._reading = reading
        self._name = name

    def __getitem__(self, key: object) -> Any:
        row = self.get(key)
        if row is None:
            raise KeyError(key)
        return row

    def get(self, key: object, default: Any = None) -> Any:
        row = self._reading.get(self._reading.cells.at(self._name, key))
        return default if row is None else row

    def __contains__(self, key: object) -> bool:
        return self.get(key) is not None

    def __iter__(self) -> Iterator[Any]:
        return iter(self._reading.get(self._keys) or ())

    def __len__(self) -> int:
        return len(self._reading.get(self._keys) or ())

    def put(self, key: object, row: Hashable) -> None:
        before = self.get(key)
        if row is None and before is None:
            raise KeyError(key)
        if (row is None) is not (before is None) and self._name not in NEVER_GONE_THROUGH:
            keys = tuple(self)
            keys = tuple(each for each in keys if each != key) if row is None else (*keys, key)
            self._reading.put(self._keys, keys or None)
        self._reading.put(self._reading.cells.at(self._name, key), row)

    @property
    def _keys(self) -> int:
        assert self._name not in NEVER_GONE_THROUGH, f"the table {self._name} is gone through"
        return self._reading.cells.at(f"{_KEYS}{self._name}", None)


class _WholeView(Mapping[Any, Any]):
    """A table that is one cell."""

    def __init__(self, reading: Reading, name: str) -> None:
        self._reading = reading
        self._name = name

    def __getitem__(self, key: object) -> Any:
        return self._rows[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def put(self, key: object, row: Hashable) -> None:
        rows = self._rows
        if row is None:
            del rows[key]
        else:
            rows[key] = self._reading.cells.plan(row) if isinstance(row, Plan) else row
        self._reading.put(self._cell, tuple(rows.items()) or None)

    @property
    def _cell(self) -> int:
        return self._reading.cells.at(self._name, None)

    @property
    def _rows(self) -> dict[Any, Any]:
        return dict(self._reading.get(self._cell) or ())


class _QueueView(QueueTable):
    """The queue: a cell for each flow, with its waiting executions in order and their copies.

    The order over all flows is one more cell. Only where it is asked for is it kept: with limits of several flows. Its
    length matters to the load of the database only, which takes no time here.
    """

    def __init__(self, reading: Reading, name: str, *, across_flows: bool) -> None:
        self._reading = reading
        self._lines = _Lines(reading, name)
        self._of_flow = self._lines  # type: ignore[assignment]
        self._across = reading.cells.at(f"order of {name}", None) if across_flows else None

    def in_order(self) -> Iterator[tuple[str, int]]:
        """Yield the waiting executions of all flows, oldest first: (flow, number)."""
        assert self._across is not None, "the order over all flows is not kept"
        return iter(self._reading.get(self._across) or ())

    def put(self, key: tuple[str, int], row: Hashable) -> None:
        """Write a row; None takes it out. Raises KeyError when there is none to take out."""
        flow, number = key
        line = self._lines.get(flow, OrderedDict())
        if row is None:
            del line[number]
        else:
            line[number] = row
        self._lines.put(flow, tuple(line.items()) or None)
        if self._across is not None:
            rest = tuple(
                each for each in self._reading.get(self._across) or () if each != key or row is not None
            )
            self._reading.put(self._across, (rest if row is None or key in rest else (*rest, key)) or None)


class _Lines(_RowsView):
    """The queue's flows: each line read as the ordered mapping that `QueueTable` expects."""

    def get(self, key: object, default: Any = None) -> Any:
        line = super().get(key)
        return default if line is None else OrderedDict(line)
