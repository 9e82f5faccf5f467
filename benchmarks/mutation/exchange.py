"""Put a mutant in force in this process: every function that it changes gets the mutant's code.

The tests' process has imported everything once; a fork of it takes the mutant's code and runs the tests that reach
it. So a mutant costs as much as its tests do, and no import.
"""

from __future__ import annotations

import ast
import gc
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType

from benchmarks.mutation.mutant import Mutant, undecorated

Key = tuple[str, int]
"""A piece of code by its qualified name, and its place among those that share the name."""


class NotExchangeable(Exception):  # noqa: N818 - it says what it is
    """This mutant can only be put in force by an import."""


def codes_of(text: str, path: Path) -> dict[Key, CodeType]:
    """Return every piece of code of a module's text."""
    seen: Counter[str] = Counter()
    codes = {}
    for code in _nested(compile(text, str(path), "exec", dont_inherit=True)):
        codes[code.co_qualname, seen[code.co_qualname]] = code
        seen[code.co_qualname] += 1
    return codes


def _nested(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _nested(constant)


def innermost_changes(mutant: Mutant, text: str) -> set[str]:
    """Return the qualified names of the functions that the mutant changes itself: not of what they are nested in.

    A default is no part of a function's code; a mutant of one changes the function that it is in.
    """
    bare = undecorated(text)  # for the first line of a piece of code is that of its decorator
    was, becomes = codes_of(bare, mutant.path), codes_of(mutant.applied(bare), mutant.path)
    changed = (name for (name, place), code in was.items() if becomes.get((name, place)) != code)
    names = {name for name in changed if _is_in(name, mutant)}
    innermost = {name for name in names if not any(other.startswith(f"{name}.<locals>.") for other in names)}
    return innermost or {mutant.function or ""}


def _is_in(name: str, mutant: Mutant) -> bool:
    return name == mutant.function or name.startswith(f"{mutant.function}.<locals>.")


class Live:
    """The functions of some files that exist in this process, by file and key."""

    def __init__(self, paths: set[Path]) -> None:
        self.functions: dict[Path, list[FunctionType]] = defaultdict(list)
        for each in gc.get_objects():
            if isinstance(each, FunctionType) and Path(each.__code__.co_filename) in paths:
                self.functions[Path(each.__code__.co_filename)].append(each)

    def names_by_id(self) -> dict[int, tuple[Path, str]]:
        """Return where each piece of live code is from, by its identity."""
        names = {}
        for path, functions in self.functions.items():
            for function in functions:
                for code in (function.__code__, *_nested(function.__code__)):
                    names[id(code)] = (path, code.co_qualname)
        return names

    def exchange(self, mutant: Mutant, text: str) -> None:
        """Put a mutant in force. Raises NotExchangeable when no live function changes."""
        keys = {code: key for key, code in codes_of(text, mutant.path).items()}
        becomes = codes_of(mutant.applied(undecorated(text)), mutant.path)
        exchanged = False
        for function in self.functions[mutant.path]:
            name = function.__code__.co_qualname
            if not _is_in(name, mutant):
                continue
            key = keys[function.__code__]
            if key not in becomes:
                continue
            try:
                function.__code__ = becomes[key]
            except ValueError as error:  # it needs other variables of the function around it
                raise NotExchangeable from error
            if name == mutant.function:
                _exchange_defaults(function, mutant, text)
            exchanged = True
        if not exchanged:
            raise NotExchangeable


def _exchange_defaults(function: FunctionType, mutant: Mutant, text: str) -> None:
    """Give a function the mutant's defaults, which are no part of its code. Only literals are ever changed."""
    assert mutant.function is not None
    was, becomes = (_arguments(each, mutant.function) for each in (text, mutant.applied(text)))
    function.__defaults__ = tuple(
        value if ast.dump(old) == ast.dump(new) else ast.literal_eval(new)
        for value, old, new in zip(function.__defaults__ or (), was.defaults, becomes.defaults, strict=True)
    )
    named = function.__kwdefaults__ or {}
    for argument, old, new in zip(becomes.kwonlyargs, was.kw_defaults, becomes.kw_defaults, strict=True):
        if old is not None and new is not None and ast.dump(old) != ast.dump(new):
            named[argument.arg] = ast.literal_eval(new)


def _arguments(text: str, function: str) -> ast.arguments:
    body: list[ast.stmt] = ast.parse(text).body
    *classes, name = function.split(".")
    for each in classes:
        body = next(node for node in body if isinstance(node, ast.ClassDef) and node.name == each).body
    return next(node for node in body if isinstance(node, ast.FunctionDef) and node.name == name).args
