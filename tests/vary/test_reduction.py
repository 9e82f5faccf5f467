"""A variation that fails is made smaller: arrivals first, and until no step makes it smaller still."""

from __future__ import annotations

from flowconc.vary.reduction import reduce, smallness
from flowconc.vary.variation import Arrival, Edit, Operation, Variation
from tests.vary.scenarios import S, varied, vary_of

VARY = vary_of(
    varied(
        arrivals={"count": "1..9"},
        kills="0..3",
        edits={"f": {"limit": "1..4"}},
        durations={"f": {"work": "1s..9s"}},
    )
)


def arrivals(*at_s: int) -> tuple[Arrival, ...]:
    return tuple(Arrival(at * S, 0, "f") for at in at_s)


LARGE = Variation(
    arrivals(0, 2, 4, 6),
    (Operation(3 * S, "kill", "f", 2), Operation(5 * S, "kill", "f", 4)),
    (Edit(7 * S, "f", 3, "QUEUE"),),
    lengths_us=(4 * S,),
)


def test_what_does_not_matter_is_left_out():
    assert reduce(VARY, LARGE, lambda each: True) == Variation(arrivals(0), lengths_us=(S,))


def test_what_matters_stays():
    found = reduce(VARY, LARGE, lambda each: len(each.arrivals) >= 2 and bool(each.edits))

    assert found == Variation(arrivals(0, 0), edits=(Edit(0, "f", 3, "QUEUE"),), lengths_us=(S,))


def test_times_come_as_early_as_they_may():
    found = reduce(VARY, LARGE, lambda each: any(kill.at_us >= 3 * S for kill in each.operations))

    assert [kill.at_us for kill in found.operations] == [3 * S]


def test_who_is_named_by_number_moves_up_with_the_arrivals():
    def kills_the_last(each: Variation) -> bool:
        return any(kill.number == len(each.arrivals) for kill in each.operations)

    assert reduce(VARY, LARGE, kills_the_last) == Variation(
        arrivals(0), (Operation(0, "kill", "f", 1),), lengths_us=(S,)
    )


def test_an_arrival_less_is_worth_longer_tasks():
    def work_us(each: Variation) -> int:
        return len(each.arrivals) * each.lengths_us[0]

    found = reduce(VARY, LARGE, lambda each: work_us(each) >= 16 * S)

    assert (len(found.arrivals), found.lengths_us) == (2, (8 * S,))


def test_the_least_that_is_asked_for_stays():
    least_two = vary_of(varied(arrivals={"count": "2..9"}, kills="1..3"))

    found = reduce(least_two, Variation(arrivals(1, 2, 3), LARGE.operations), lambda each: True)
    assert (len(found.arrivals), len(found.operations)) == (2, 1)


def test_fewer_arrivals_are_smaller_whatever_else_there_is():
    few = Variation(arrivals(9), LARGE.operations, LARGE.edits, lengths_us=(9 * S,))

    assert smallness(few) < smallness(Variation(arrivals(0, 0), lengths_us=(S,)))
