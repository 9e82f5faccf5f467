"""Mutants as they are made and drawn."""

from __future__ import annotations

import pytest

from benchmarks.mutation import modules
from benchmarks.mutation.modules import MutableModule

TEXT = '''\
"""A module."""

LIMIT = 3


def low(count: int) -> bool:
    """Say whether it is low."""
    return count < LIMIT


class A:
    """Something."""

    @property
    def high(self) -> bool:
        return not low(4)
'''


@pytest.fixture
def module(tmp_path, monkeypatch):
    monkeypatch.setattr(modules, "ROOT", tmp_path)
    path = tmp_path / "m.py"
    path.write_text(TEXT)
    return MutableModule(path)


def changes(mutants):
    return {(each.function, each.line, each.was, each.becomes) for each in mutants}


def test_what_is_decorated_is_changed_too(module):
    drawn = changes(module.drawn(1.0, 1, inside=True))

    assert ("low", 8, ("    return count < LIMIT",), ("    return count <= LIMIT",)) in drawn
    assert ("A.high", 16, ("        return not low(4)",), ("        return low(4)",)) in drawn
    assert all(function in ("low", "A.high") for function, *_ in drawn)


def test_so_is_what_is_in_no_function(module):
    assert (None, 3, ("LIMIT = 3",), ("LIMIT = 4",)) in changes(module.drawn(1.0, 1, inside=False))


def test_neither_types_nor_docstrings_are_changed(module):
    mutants = module.drawn(1.0, 1, inside=True) + module.drawn(1.0, 1, inside=False)

    assert not [each for each in mutants if '"""' in str(each.was) or "def" in str(each.was)]


def test_a_draw_depends_on_the_seed_alone(module):
    draws = [frozenset(changes(module.drawn(0.5, seed, inside=True))) for seed in range(9)]

    assert frozenset(changes(module.drawn(0.5, 0, inside=True))) == draws[0]
    assert len(set(draws)) > 1
