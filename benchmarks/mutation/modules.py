"""All mutants of a module, as mutmut makes them, and a draw among them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from random import Random

import libcst
from mutmut.mutation.file_mutation import Mutation, create_mutations, deep_replace

from benchmarks.mutation.mutant import ROOT, Mutant, undecorated


class MutableModule:
    """A module and all its mutants: those within functions are `inside`, the others `outside`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._tree, mutations, *_ = create_mutations(str(path), undecorated(path.read_text(encoding="utf-8")))
        self._names = _names(self._tree)
        self._statements = [_Statement(self._tree, statement) for statement in self._tree.body]
        self._place = {
            node: place
            for place, statement in enumerate(self._tree.body)
            for node in _nodes(statement)  # of which one is changed
        }
        self.inside = [each for each in mutations if self._function(each) is not None]
        self.outside = [each for each in mutations if self._function(each) is None]

    def drawn(self, share: float, seed: int, *, inside: bool) -> list[Mutant]:
        """Draw each mutant with the same chance. A change of one module changes the draw in no other."""
        random = Random(f"{seed} {self.path.relative_to(ROOT)} {inside}")
        mutations = self.inside if inside else self.outside
        return [self._mutant(each) for each in mutations if random.random() < share]

    @property
    def functions(self) -> set[str | None]:
        """The functions that have mutants, by their qualified names; None for what is outside of any."""
        return {self._function(each) for each in (*self.inside, *self.outside)}

    def all_in(self, functions: Collection[str | None]) -> Iterator[Mutant]:
        """Return every mutant of some functions, in order; None stands for what is outside of any."""
        mutations = (*self.inside, *self.outside)
        return (self._mutant(each) for each in mutations if self._function(each) in functions)

    def _function(self, mutation: Mutation) -> str | None:
        return self._names.get(mutation.contained_by_top_level_function)

    def _mutant(self, mutation: Mutation) -> Mutant:
        place = self._place[mutation.original_node]
        statement = self._statements[place]
        mutated = deep_replace(statement.node, mutation.original_node, mutation.mutated_node)
        assert isinstance(mutated, libcst.CSTNode)
        line, was, becomes = _difference(statement.code, self._tree.code_for_node(mutated))
        line += len(self._tree.header) + sum(each.code.count("\n") for each in self._statements[:place])
        return Mutant(self.path, self._function(mutation), line, was, becomes)


class _Statement:
    """A statement of a module and its text."""

    def __init__(self, tree: libcst.Module, node: libcst.CSTNode) -> None:
        self.node = node
        self.code = tree.code_for_node(node)


class _Nodes(libcst.CSTVisitor):
    """Collects all nodes of what it visits."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[libcst.CSTNode] = []

    def on_visit(self, node: libcst.CSTNode) -> bool:
        self.found.append(node)
        return True


def _nodes(statement: libcst.CSTNode) -> list[libcst.CSTNode]:
    nodes = _Nodes()
    statement.visit(nodes)
    return nodes.found


def _names(tree: libcst.Module) -> dict[libcst.CSTNode | None, str]:
    """Return the qualified name of every function and method that mutants can be in."""
    names: dict[libcst.CSTNode | None, str] = {}
    for node in tree.body:
        if isinstance(node, libcst.FunctionDef):
            names[node] = node.name.value
        elif isinstance(node, libcst.ClassDef):
            methods = (each for each in node.body.body if isinstance(each, libcst.FunctionDef))
            names |= {method: f"{node.name.value}.{method.name.value}" for method in methods}
    return names


def _difference(was: str, becomes: str) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
    """Return from which line on two texts differ, counted from 1, and the lines of each up to where they agree."""
    before, after = was.splitlines(), becomes.splitlines()
    shorter = min(len(before), len(after))
    first = next((n for n in range(shorter) if before[n] != after[n]), shorter)
    alike = next((n for n in range(shorter - first) if before[-1 - n] != after[-1 - n]), shorter - first)
    return first + 1, tuple(before[first : len(before) - alike]), tuple(after[first : len(after) - alike])


def modules_of(package: str) -> list[MutableModule]:
    """Return the modules of a package of the simulation, in order of their names."""
    folder = ROOT / "sim" / "flowconc" / package
    return [MutableModule(path) for path in sorted(folder.rglob("*.py"))]
