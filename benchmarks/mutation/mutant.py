"""A mutant: a module with one small change in it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The project's directory."""


@dataclass(frozen=True)
class Mutant:
    """One change of one module: from `line` on, counted from 1, the lines `was` become the lines `becomes`.

    `function` is the function or method that holds it; None for one outside of any.
    """

    path: Path
    function: str | None
    line: int
    was: tuple[str, ...]
    becomes: tuple[str, ...]

    def applied(self, text: str) -> str:
        """Return the module's text with the change in it."""
        lines = text.splitlines()
        lines[self.line - 1 : self.line - 1 + len(self.was)] = self.becomes
        return "\n".join((*lines, ""))


def undecorated(text: str) -> str:
    """Return a module's text without the decorators of its functions, classes and methods, line by line the same.

    mutmut leaves out whatever is decorated, because it could not put such a mutant in force. Here a mutant is put in
    force by exchanging the code of the function itself, within its decorator (`exchange`), so nothing is left out.
    """
    lines = text.splitlines(keepends=True)
    for node in _holders(ast.parse(text)):
        for decorator in node.decorator_list:
            for number in range(decorator.lineno - 1, decorator.end_lineno or decorator.lineno):
                lines[number] = "\n"
    return "".join(lines)


def _holders(tree: ast.Module) -> list[ast.FunctionDef | ast.ClassDef]:
    """Return the functions, classes and methods of a module, but not what is nested in functions."""
    holders: list[ast.FunctionDef | ast.ClassDef] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            holders.append(node)
        if isinstance(node, ast.ClassDef):
            holders += [each for each in node.body if isinstance(each, ast.FunctionDef)]
    return holders
