"""Methods that are computed once, and forgotten with their instance."""

from __future__ import annotations

import gc
import weakref

from flowconc.check.keeping import kept


class Adder:
    def __init__(self, first):
        self.first = first
        self.asked = []

    @kept
    def plus(self, second, third=0):
        """Return the sum."""
        self.asked.append((second, third))
        return self.first + second + third


def test_the_same_question_is_computed_once():
    adder = Adder(1)

    assert [adder.plus(2), adder.plus(2), adder.plus(3), adder.plus(2, third=1)] == [3, 3, 4, 4]
    assert adder.asked == [(2, 0), (3, 0), (2, 1)]


def test_every_instance_has_its_own_answers():
    assert (Adder(1).plus(2), Adder(5).plus(2)) == (3, 7)


def test_a_method_that_replaces_another_has_its_own_answers():
    class Twice(Adder):
        @kept
        def plus(self, second, third=0):
            return 2 * super().plus(second, third)

    assert Twice(1).plus(2) == 6


def test_answers_go_with_their_instance():
    adder = Adder(1)
    adder.plus(2)
    seen = weakref.ref(adder)
    gc.disable()
    try:
        del adder

        assert seen() is None
    finally:
        gc.enable()


def test_it_is_the_method_that_it_was():
    assert (Adder.plus.__name__, Adder.plus.__doc__) == ("plus", "Return the sum.")
