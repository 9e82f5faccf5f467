"""Memory of what work did, by what it read: a tree that asks for one cell after the other.

Work reads cells in an order that depends only on what it has read before. So each node of the tree asks for the
cell that is read next, and has a branch for each code found there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Generic, TypeVar

Leaf = TypeVar("Leaf")


class Tree(Generic[Leaf]):
    """What one piece of work did, in every state in which it has been done."""

    __slots__ = ("_root",)

    def __init__(self) -> None:
        self._root: Any = None
        """A leaf, or a cell with the branches by what is found in it."""

    def find(self, state: str) -> Leaf | None:
        """Return what it did in a state that looked the same to it; None when there was none."""
        node = self._root
        while node.__class__ is tuple:
            cell, branches = node
            node = branches.get(state[cell])
        found: Leaf | None = node
        return found

    def add(self, read: Iterable[tuple[int, str]], leaf: Leaf) -> None:
        """Remember what it did after reading these cells, in order, with what was found in them."""
        path = list(read)
        if not path:
            self._root = leaf
            return
        if self._root is None:
            self._root = (path[0][0], {})
        node = self._root
        for depth, (cell, code) in enumerate(path, 1):
            asked, branches = node
            assert asked == cell, "work reads other cells than before, having read the same"
            if depth == len(path):
                branches[code] = leaf
            else:
                node = branches.setdefault(code, (path[depth][0], {}))
