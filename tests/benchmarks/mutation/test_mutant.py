"""A change of a module's text."""

from __future__ import annotations

from pathlib import Path

from benchmarks.mutation.mutant import Mutant, undecorated

TEXT = """\
@dataclass(
    frozen=True,
)
class A:
    x: int

    @property
    def y(self):
        @inner
        def z(): ...
        return z
"""


def test_a_mutant_replaces_lines():
    mutant = Mutant(Path("m.py"), "f", 2, ("b", "c"), ("d",))

    assert mutant.applied("a\nb\nc\ne\n") == "a\nd\ne\n"


def test_a_mutant_may_take_lines_away():
    assert Mutant(Path("m.py"), "f", 1, ("a",), ()).applied("a\nb\n") == "b\n"


def test_without_decorators_every_line_stays_where_it_is():
    """Those of what is nested in a function are part of what it does, and stay."""
    bare = undecorated(TEXT).splitlines()

    assert [number for number, line in enumerate(TEXT.splitlines()) if bare[number] != line] == [0, 1, 2, 6]
    assert [bare[number] for number in (0, 1, 2, 6)] == [""] * 4
