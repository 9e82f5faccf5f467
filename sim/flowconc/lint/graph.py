"""Directed graphs of names: cycles and ways. Nothing here recurses: a chain may be as long as a repository."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping

Graph = Mapping[str, Iterable[str]]
"""The successors of each name; a name that is no key has none."""


def components(graph: Graph) -> list[tuple[str, ...]]:
    """Return the strongly connected components, that is: names that lead to each other; successors come first."""
    return list(_Tarjan(graph).components())


class _Tarjan:
    """Tarjan's algorithm, with a stack of its own in place of recursion."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._number: dict[str, int] = {}  # in the order of discovery
        self._lowest: dict[str, int] = {}  # the earliest open name that this one leads back to
        self._open: dict[str, None] = {}  # discovered, in no component yet
        self._todo: list[tuple[str, Iterator[str]]] = []

    def components(self) -> Iterator[tuple[str, ...]]:
        for root in self._graph:
            if root in self._number:
                continue
            self._discover(root)
            while self._todo:
                name, successors = self._todo[-1]
                unknown = self._first_unknown(name, successors)
                if unknown is not None:
                    self._discover(unknown)
                else:
                    yield from self._close(name)

    def _discover(self, name: str) -> None:
        self._number[name] = self._lowest[name] = len(self._number)
        self._open[name] = None
        self._todo.append((name, iter(self._graph.get(name, ()))))

    def _first_unknown(self, name: str, successors: Iterator[str]) -> str | None:
        for successor in successors:
            if successor not in self._number:
                return successor
            if successor in self._open:
                self._lowest[name] = min(self._lowest[name], self._number[successor])
        return None

    def _close(self, name: str) -> Iterator[tuple[str, ...]]:
        self._todo.pop()
        if self._todo:
            parent = self._todo[-1][0]
            self._lowest[parent] = min(self._lowest[parent], self._lowest[name])
        if self._lowest[name] == self._number[name]:
            members = [name]
            while (member := self._open.popitem()[0]) != name:
                members.append(member)
            yield tuple(members)


def shortest_way(start: str, goals: Collection[str], graph: Graph) -> tuple[str, ...] | None:
    """Return the shortest way from `start` to one of `goals`, both included; None when there is none.

    A way has at least one step: from a goal, it leads on to the next, or around to itself.
    """
    before: dict[str, str] = {}
    todo = deque([start])
    while todo:
        name = todo.popleft()
        for successor in graph.get(name, ()):
            if successor in goals:
                way = [successor, name]
                while way[-1] != start:
                    way.append(before[way[-1]])
                return tuple(reversed(way))
            if successor not in before and successor != start:
                before[successor] = name
                todo.append(successor)
    return None


def leading_to(goals: Iterable[str], graph: Graph) -> frozenset[str]:
    """Return the names from which one of `goals` can be reached, the goals themselves included."""
    before: dict[str, list[str]] = {}
    for name, successors in graph.items():
        for successor in successors:
            before.setdefault(successor, []).append(name)
    found = set(goals)
    todo = list(found)
    while todo:
        new = [name for name in before.get(todo.pop(), ()) if name not in found]
        found.update(new)
        todo += new
    return frozenset(found)
