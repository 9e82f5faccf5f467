"""Entries of the checks' books in a state: read when a field is first asked for, and packed into plain values.

Of a mapping to executions the names are kept, and of other entries their names; so that an entry is read only if
somebody looks into it, and a step depends only on what it has looked at.
"""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any, NamedTuple

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

_TIMES = frozenset(name for names in PLAIN.values() for name in names if name.endswith(("_us", "_seq")))

_IN_ORDER = frozenset({"queue"})
"""Registers of which the order matters."""

_IN_ANY_ORDER = frozenset({"runs", "closing_runs", "failed_runs", "scopes", "locks"})
"""Plain fields of which only what is in them matters, not in which order."""

_AT_THE_GATE = frozenset({State.CREATED, State.RESTARTED})


class LazyFlow(FlowEntry):
    """A flow's entry that is read from its state when a field of it is first asked for, or set."""

    __slots__ = ("_books", "is_read")
    _books: Books
    is_read: bool

    @classmethod
    def of(cls, books: Books, key: str) -> LazyFlow:
        """Return the entry of the flow with this key, not yet read."""
        entry = cls.__new__(cls)
        _set(entry, "_books", books)
        _set(entry, "is_read", False)
        _set(entry, "key", key)
        _set(entry, "by_claims", books.documented)
        return entry

    def __getattr__(self, name: str) -> Any:
        """Read the entry: Python asks here only for a field that is not set."""
        self._read()
        return getattr(self, name)

    def __setattr__(self, name: str, value: object) -> None:
        """Read the entry before a field of it is written."""
        if not self.is_read:
            self._read()
        _set(self, name, value)

    def _read(self) -> None:
        _set(self, "is_read", True)
        books, key = self._books, self.key
        content = books.content_of_flow(key)
        if content is None:
            _set_defaults(self, FlowEntry)
            return
        plain, registers = content
        for name, value in zip(PLAIN[FlowEntry], plain, strict=True):
            _set(self, name, value)
        entry = books.entry
        for name, members in zip(REGISTERS, registers, strict=True):
            _set(self, name, {member: entry(member, key) for member in members})

    def content(self) -> Hashable:
        """Return what a state keeps of it: of the queue the order, of the other registers who is in them."""
        registers = tuple(
            tuple(getattr(self, name)) if name in _IN_ORDER else tuple(sorted(getattr(self, name)))
            for name in REGISTERS
        )
        return tuple(_plain(name, getattr(self, name)) for name in PLAIN[FlowEntry]), registers


class LazyExecution(ExecutionEntry):
    """An execution's entry that is read from its state when a field of it is first asked for, or set."""

    __slots__ = ("_books", "is_read")
    _books: Books
    is_read: bool

    @classmethod
    def of(cls, books: Books, name: str, flow: FlowEntry) -> LazyExecution:
        """Return the entry of the execution with this name, not yet read."""
        entry = cls.__new__(cls)
        _set(entry, "_books", books)
        _set(entry, "is_read", False)
        _set(entry, "name", name)
        _set(entry, "flow", flow)
        return entry

    def __getattr__(self, name: str) -> Any:
        """Read the entry: Python asks here only for a field that is not set."""
        self._read()
        return getattr(self, name)

    def __setattr__(self, name: str, value: object) -> None:
        """Read the entry before a field of it is written."""
        if not self.is_read:
            self._read()
        _set(self, name, value)

    def _read(self) -> None:
        _set(self, "is_read", True)
        content = self._books.content_of_execution(self.name)
        if content is None:
            _set_defaults(self, ExecutionEntry)
            return
        for name, value in zip(PLAIN[ExecutionEntry], content[1], strict=True):
            _set(self, name, value)

    def content(self) -> Hashable:
        """Return what a state keeps of it, with the key of its flow.

        How often a slot was claimed and given back is left out: what is asked is whether there was a claim, and how
        many are open. So is what the gate said, once it has been acted on: what is asked is whether it said anything.
        """
        kept = {name: _plain(name, getattr(self, name)) for name in PLAIN[ExecutionEntry]}
        open_claims = self.claims - self.releases
        kept["claims"] = max(int(self.claims > 0), open_claims)
        kept["releases"] = kept["claims"] - open_claims
        if self.gate is not None and self.state not in _AT_THE_GATE:
            kept["gate"] = "admit"
        return self.flow.key, tuple(kept.values())


_set = object.__setattr__


def _plain(name: str, value: Any) -> Any:
    """Return a field's value: without the time, and without an order that does not matter."""
    if name in _TIMES:
        return None if value is None else 0
    return tuple(sorted(value)) if name in _IN_ANY_ORDER else value


def _set_defaults(entry: Entry, kind: type[Entry]) -> None:
    for field in fields(kind):
        if field.default_factory is not MISSING:
            _set(entry, field.name, field.default_factory())
        elif field.name not in _KNOWN:
            _set(entry, field.name, field.default)


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
