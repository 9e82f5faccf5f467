"""Memory by what was read."""

from __future__ import annotations

import pytest

from flowconc.explore.tree import Tree


def test_what_it_did_is_found_where_the_same_is_read():
    tree = Tree()
    tree.add([(1, "a"), (2, "b")], "done")

    assert tree.find("-ab") == "done"
    assert tree.find("xab") == "done"  # nobody asked for cell 0
    assert tree.find("-ac") is None
    assert tree.find("-bb") is None


def test_what_is_read_next_depends_on_what_was_read():
    tree = Tree()
    tree.add([(0, "a"), (1, "x")], "first")
    tree.add([(0, "b"), (2, "y")], "second")

    assert tree.find("ax-") == "first"
    assert tree.find("b-y") == "second"


def test_work_that_reads_nothing_does_the_same_everywhere():
    tree = Tree()
    tree.add([], "done")

    assert tree.find("anything") == "done"


def test_having_read_the_same_it_reads_the_same_next():
    tree = Tree()
    tree.add([(0, "a"), (1, "x")], "first")

    with pytest.raises(AssertionError, match="reads other cells"):
        tree.add([(0, "a"), (2, "x")], "second")
