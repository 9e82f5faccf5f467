"""A mutant is put in force in functions that exist already."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from benchmarks.mutation.exchange import Live, NotExchangeable, innermost_changes
from benchmarks.mutation.mutant import Mutant

TEXT = """\
from functools import lru_cache


def plain(x, y=1):
    return x + y


@lru_cache
def remembered(x):
    return x + 1


class A:
    @property
    def whole(self):
        return 3

    def named(self, *, by=2):
        return by


def made(n):
    def added(x):
        return x + n
    return added


kept = made(10)
"""


@pytest.fixture
def module(tmp_path) -> ModuleType:
    path = tmp_path / "subject.py"
    path.write_text(TEXT)
    spec = importlib.util.spec_from_file_location("subject", path)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def mutant(module: ModuleType, function: str, was: str, becomes: str) -> Mutant:
    line = next(n for n, each in enumerate(TEXT.splitlines(), 1) if each.strip() == was)
    indent = " " * (len(TEXT.splitlines()[line - 1]) - len(was))
    return Mutant(Path(str(module.__file__)), function, line, (indent + was,), (indent + becomes,))


def put_in_force(module: ModuleType, *change: str) -> None:
    changed = mutant(module, *change)
    Live({changed.path}).exchange(changed, TEXT)


def test_a_function(module):
    put_in_force(module, "plain", "return x + y", "return x - y")

    assert module.plain(3) == 2


def test_a_default_is_no_part_of_the_code(module):
    put_in_force(module, "plain", "def plain(x, y=1):", "def plain(x, y=2):")
    put_in_force(module, "A.named", "def named(self, *, by=2):", "def named(self, *, by=3):")

    assert (module.plain(3), module.A().named()) == (5, 3)


def test_what_is_within_a_decorator(module):
    put_in_force(module, "remembered", "return x + 1", "return x - 1")
    put_in_force(module, "A.whole", "return 3", "return 4")

    assert (module.remembered(3), module.A().whole) == (2, 4)


def test_a_function_that_another_one_made_before(module):
    put_in_force(module, "made", "return x + n", "return x - n")

    assert (module.kept(1), module.made(1)(1)) == (-9, 0)


def test_one_that_needs_other_variables_can_only_be_imported(module):
    with pytest.raises(NotExchangeable):
        put_in_force(module, "made", "return x + n", "return x + 1")


def test_the_innermost_change_is_what_tests_must_reach(module):
    """`made` itself runs at the import only."""
    inner = mutant(module, "made", "return x + n", "return x - n")
    outer = mutant(module, "made", "return added", "return None")

    assert innermost_changes(inner, TEXT) == {"made.<locals>.added"}
    assert innermost_changes(outer, TEXT) == {"made"}


def test_a_default_is_a_change_of_its_function(module):
    default = mutant(module, "A.named", "def named(self, *, by=2):", "def named(self, *, by=3):")

    assert innermost_changes(default, TEXT) == {"A.named"}
