"""Plain data read from YAML, and where each part of it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Protocol

from flowconc.scenario.problems import Position, Problem

Loc = tuple[str | int, ...]
"""A way down into a document: mapping keys and list indexes, as pydantic writes it."""


class Mark(Protocol):
    """A place in the text, counted from 0."""

    line: int
    column: int


class Node:
    """Where a value stands, and where the values inside it stand."""

    __slots__ = ("children", "column", "keys", "line")
    children: dict[str | int, Node]
    keys: dict[str, tuple[int, int]]

    def __init__(self, mark: Mark, *, is_leaf: bool = True) -> None:
        self.line: int = mark.line + 1
        self.column: int = mark.column + 1
        self.children = _NO_CHILDREN if is_leaf else {}
        self.keys = _NO_KEYS if is_leaf else {}


_NO_CHILDREN: Final[dict[str | int, Node]] = {}  # shared by all scalars, which are most of a document
_NO_KEYS: Final[dict[str, tuple[int, int]]] = {}


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document: plain data (dict, list, str, int, float, bool, None), and where each part of it stands.

    Aliases share their data: it is not to be changed in place.
    """

    data: Any
    path: str
    warnings: tuple[Problem, ...]
    root: Node

    @property
    def position(self) -> Position:
        """Where the document's data begins."""
        return Position(self.path, self.root.line, self.root.column)

    def locate(self, loc: Loc, *, key: bool = False) -> Position:
        """Return the position of the value at `loc`, or of its key.

        Where `loc` leads nowhere, that of the innermost value on the way that is there: a missing key is
        reported at the mapping that lacks it.
        """
        node = self.root
        place = (node.line, node.column)
        for step in loc:
            child = node.children.get(step)
            if child is None:
                break
            place = (child.line, child.column)
            if key and isinstance(step, str):
                place = node.keys[step]
            node = child
        else:
            return Position(self.path, *place)
        return Position(self.path, node.line, node.column)
