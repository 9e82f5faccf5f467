"""What a state is made of: cells, each with one row, written as one text.

A row of a table has a cell of its own, and each content that a cell ever has gets a number there, its code; 0 is no
row. A state is the text of its codes, one character a cell. Such texts are compared exactly and hashed once, take a
byte or two a cell, and a successor shares nothing with its predecessor that would have to be undone.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from flowconc.protocol.plan import Plan

Place = tuple[str, object]
"""Where a row stands: a table and a key."""

EMPTY = "\0"
"""The code of a cell without a row. Cells that are empty at the end of a state's text are left out."""

CONTROL = 0
"""The cell of what is under way, and of what is still to come from outside."""

_MOST_CODES = 0x110000


class Cells:
    """All cells that have come up, with all that was ever in them."""

    def __init__(self) -> None:
        self._cells: dict[Place, int] = {}
        self._places: list[Place] = []
        self._codes: list[dict[Hashable, str]] = []
        self._contents: list[list[Hashable]] = []
        self.at("control", None)
        self._plans: dict[tuple[object, ...], Plan] = {}

    @property
    def width(self) -> int:
        """How many cells there are."""
        return len(self._codes)

    def at(self, table: str, key: object) -> int:
        """Return the number of a cell, made when it is new."""
        place = (table, key)
        cell = self._cells.get(place)
        if cell is None:
            cell = self._cells[place] = len(self._codes)
            self._places.append(place)
            self._codes.append({None: EMPTY})
            self._contents.append([None])
        return cell

    def place(self, cell: int) -> Place:
        """Return what a cell holds: a table and a key."""
        return self._places[cell]

    def keys(self, table: str) -> list[object]:
        """Return the keys of a table for which there is a cell, with a row in it or not."""
        return [key for name, key in self._cells if name == table]

    def code(self, cell: int, content: Hashable) -> str:
        """Return the code of a content; None is no row."""
        codes = self._codes[cell]
        code = codes.get(content)
        if code is None:
            contents = self._contents[cell]
            if len(contents) == _MOST_CODES:
                raise OverflowError("a cell has more contents than there are codes")
            code = codes[content] = chr(len(contents))
            contents.append(content)
        return code

    def content(self, cell: int, code: str) -> Hashable:
        """Return what a code stands for."""
        return self._contents[cell][ord(code)]

    def changed(self, state: str, codes: Mapping[int, str]) -> str:
        """Return a state with other codes in some cells."""
        changed = list(state.ljust(self.width, EMPTY))
        for cell, code in codes.items():
            changed[cell] = code
        return "".join(changed).rstrip(EMPTY)

    def plan(self, plan: Plan) -> Plan:
        """Return the plan that stands for all equal ones: plans are compiled anew each time a flow is saved."""
        fields = tuple(getattr(plan, name) for name in Plan.__dataclass_fields__)
        return self._plans.setdefault(fields, plan)
