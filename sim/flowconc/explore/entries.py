"""Entries of the checks' books in a state: read when a field is first asked for, and packed into plain values.

Of a mapping to executions the names are kept, and of other entries their names; so that an entry is read only if
somebody looks into it, and a step depends only on what it has looked at.
"""

from __future__ import annotations

from dataclasses import fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from flowconc.check.entries import REGISTERS, ExecutionEntry, FlowEntry, ScopeEntry
from flowconc.protocol.states import State

if TYPE_CHECKING:
    from collections.abc import Hashable

    from flowconc.explore.books import Books

Entry = FlowEntry | ExecutionEntry

_KNOWN = frozenset({"key", "by_claims", "name", "flow"})
"""Fields that are known without reading."""

PLAIN: dict[type[Entry], tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind) if field.name not in {*REGISTERS, *_KNOWN})
    for kind in (FlowEntry, ExecutionEntry)
}
"""The fields that hold plain values."""

_IN_ORDER = frozenset({"queue"})
"""Registers of which the order matters."""

_IN_ANY_ORDER = frozenset({"runs", "closing_runs", "failed_runs", "scopes", "locks"})
"""Plain fields of which only what is in them matters, not in which order."""

_AT_THE_GATE = frozenset({State.CREATED, State.RESTARTED})


class LazyFlow(FlowEntry):
    """A flow's entry of a state, which is read when a field of it is first asked for, or set."""

    __slots__ = ("_books", "_found")
    _books: Books
    _found: tuple[tuple[Hashable, ...], tuple[tuple[str, ...], ...]] | None
    is_read: ClassVar[bool] = True

    @classmethod
    def of(cls, books: Books, key: str) -> LazyFlow:
        """Return the entry of the flow with this key, not yet read."""
        entry = cls.__new__(cls)
        entry._books, entry.key, entry.by_claims = books, key, books.documented
        entry.__class__ = _UnreadFlow
        return entry

    def _read(self) -> None:
        books, key = self._books, self.key
        self._found = found = books.content_of_flow(key)
        if found is None:
            FlowEntry.__init__(self, key, self.by_claims)
            return
        plain, registers = found
        entry = books.entry
        members = [{name: entry(name, key) for name in names} for names in registers]
        FlowEntry.__init__(self, key, self.by_claims, *plain, *members)

    def has_changed(self) -> bool:
        """Say whether it is not as it was read. Registers without an order are read in order of their names."""
        if self._found is None:
            return True
        plain, registers = self._found
        return _plain_of_flow(self) != plain or tuple(map(tuple, _registers_of_flow(self))) != registers

    def content(self) -> Hashable:
        """Return what a state keeps of it: of the queue the order, of the other registers who is in them."""
        registers = tuple(
            tuple(members) if name in _IN_ORDER else tuple(sorted(members))
            for name, members in zip(REGISTERS, _registers_of_flow(self), strict=True)
        )
        return tuple(_without_time(_plain_of_flow(self), FlowEntry)), registers


class LazyExecution(ExecutionEntry):
    """An execution's entry of a state, which is read when a field of it is first asked for, or set."""

    __slots__ = ("_books", "_found")
    _books: Books
    _found: tuple[str, tuple[Hashable, ...]] | None
    is_read: ClassVar[bool] = True

    @classmethod
    def of(cls, books: Books, name: str, flow: FlowEntry) -> LazyExecution:
        """Return the entry of the execution with this name, not yet read."""
        entry = cls.__new__(cls)
        entry._books, entry.name, entry.flow = books, name, flow
        entry.__class__ = _UnreadExecution
        return entry

    def _read(self) -> None:
        self._found = found = self._books.content_of_execution(self.name)
        plain = () if found is None else found[1]
        ExecutionEntry.__init__(self, self.name, self.flow, *plain)

    def has_changed(self) -> bool:
        """Say whether it is not as it was read."""
        return self._found is None or _plain_of_execution(self) != self._found[1]

    def content(self) -> Hashable:
        """Return what a state keeps of it, with the key of its flow.

        How often a slot was claimed and given back is left out: what is asked is whether there was a claim, and how
        many are open. So is what the gate said, once it has been acted on: what is asked is whether it said anything.
        """
        kept = _without_time(_plain_of_execution(self), ExecutionEntry)
        for place in _BAGS:
            kept[place] = tuple(sorted(kept[place]))
        open_claims = self.claims - self.releases
        claims = max(int(self.claims > 0), open_claims)
        kept[_CLAIMS], kept[_RELEASES] = claims, claims - open_claims
        if self.gate is not None and self.state not in _AT_THE_GATE:
            kept[_GATE] = "admit"
        return self.flow.key, tuple(kept)


class _UnreadFlow(LazyFlow):
    """One that is not read yet: it turns into one that is before it does anything."""

    __slots__ = ()
    is_read = False

    def __getattr__(self, name: str) -> Any:
        """Read the entry: Python asks here only for a field that is not set."""
        _set(self, "__class__", LazyFlow)
        self._read()
        return getattr(self, name)

    def __setattr__(self, name: str, value: object) -> None:
        """Read the entry before a field of it is written."""
        _set(self, "__class__", LazyFlow)
        self._read()
        setattr(self, name, value)


class _UnreadExecution(LazyExecution):
    """One that is not read yet: it turns into one that is before it does anything."""

    __slots__ = ()
    is_read = False

    def __getattr__(self, name: str) -> Any:
        """Read the entry: Python asks here only for a field that is not set."""
        _set(self, "__class__", LazyExecution)
        self._read()
        return getattr(self, name)

    def __setattr__(self, name: str, value: object) -> None:
        """Read the entry before a field of it is written."""
        _set(self, "__class__", LazyExecution)
        self._read()
        setattr(self, name, value)


_set = object.__setattr__

_plain_of_flow = attrgetter(*PLAIN[FlowEntry])
_plain_of_execution = attrgetter(*PLAIN[ExecutionEntry])
_registers_of_flow = attrgetter(*REGISTERS)

_TIMES = {
    kind: [place for place, name in enumerate(names) if name.endswith(("_us", "_seq"))]
    for kind, names in PLAIN.items()
}
"""Where times stand among the plain values."""

_BAGS = [place for place, name in enumerate(PLAIN[ExecutionEntry]) if name in _IN_ANY_ORDER]
_CLAIMS, _RELEASES, _GATE = map(PLAIN[ExecutionEntry].index, ("claims", "releases", "gate"))


def _without_time(plain: tuple[Any, ...], kind: type[Entry]) -> list[Any]:
    """Return the plain values of an entry without the times: what is asked is whether there is one."""
    kept = list(plain)
    for place in _TIMES[kind]:
        if kept[place] is not None:
            kept[place] = 0
    return kept


# --- packing --------------------------------------------------------------------------------------------------


class _Flow(NamedTuple):
    key: str


class _Execution(NamedTuple):
    name: str
    flow: str


class _Scope(NamedTuple):
    fields: tuple[Hashable, ...]


class _Mapping(NamedTuple):
    items: tuple[tuple[Hashable, Hashable], ...]


class _List(NamedTuple):
    items: tuple[Hashable, ...]


class _Set(NamedTuple):
    items: tuple[Hashable, ...]


def packed(value: Any) -> Hashable:
    """Return a plain, hashable value that stands for one of the ledger's."""
    match value:
        case FlowEntry():
            return _Flow(value.key)
        case ExecutionEntry():
            return _Execution(value.name, value.flow.key)
        case ScopeEntry():
            return _Scope(tuple(packed(getattr(value, field.name)) for field in fields(value)))
        case dict():
            return _Mapping(tuple((key, packed(each)) for key, each in value.items()))
        case list():
            return _List(tuple(map(packed, value)))
        case set():
            return _Set(tuple(sorted(value)))
        case _:
            return value  # type: ignore[no-any-return]


def unpacked(value: Any, books: Books) -> Any:
    """Return what a packed value stands for, with entries of `books` that are not yet read."""
    match value:
        case _Flow(key):
            return books.flow(key)
        case _Execution(name, flow):
            return books.entry(name, flow)
        case _Scope(kept):
            return ScopeEntry(*(unpacked(each, books) for each in kept))
        case _Mapping(items):
            return {key: unpacked(each, books) for key, each in items}
        case _List(items):
            return [unpacked(each, books) for each in items]
        case _Set(items):
            return set(items)
        case _:
            return value
