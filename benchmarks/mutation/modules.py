"""All mutants of a module, as mutmut makes them, and a draw among them."""

from __future__ import annotations

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
        held = [(each, each.contained_by_top_level_function in self._names) for each in mutations]
        self.inside = [mutation for mutation, inside in held if inside]
        self.outside = [mutation for mutation, inside in held if not inside]

    def drawn(self, share: float, seed: int, *, inside: bool) -> list[Mutant]:
        """Draw each mutant with the same chance. A change of one module changes the draw in no other."""
        random = Random(f"{seed} {self.path.relative_to(ROOT)} {inside}")
        mutations = self.inside if inside else self.outside
        return [self._mutant(each) for each in mutations if random.random() < share]

    def _mutant(self, mutation: Mutation) -> Mutant:
        mutated = deep_replace(self._tree, mutation.original_node, mutation.mutated_node)
        assert isinstance(mutated, libcst.Module)
        function = self._names.get(mutation.contained_by_top_level_function)
        return Mutant(self.path, function, *_difference(self._tree.code, mutated.code))


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
