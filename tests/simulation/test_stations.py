"""Places of work that can go down."""

from __future__ import annotations

import math

from flowconc.simulation.stations import Station, shares


class Somebody:
    def __init__(self, name):
        self.name, self.unit = name, None

    def seated(self, unit):
        self.unit = unit

    def __repr__(self):
        return f"{self.name}:{self.unit}"


def people(names):
    return [Somebody(name) for name in names]


def seat(station, *who):
    for each in who:
        station.take(each)


def test_the_least_busy_unit_takes_whoever_is_next():
    station, everybody = Station([2, 2]), people("abc")
    seat(station, *everybody)

    assert repr(everybody) == "[a:0, b:1, c:0]"


def test_who_finds_no_room_waits_for_it_in_line():
    station, (a, b, c) = Station([1]), people("abc")
    seat(station, a, b, c)

    station.release(a, 0)

    assert (b.unit, c.unit) == (0, None)


def test_who_leaves_the_line_is_passed_over():
    station, (a, b, c) = Station([1]), people("abc")
    seat(station, a, b, c)
    station.withdraw(b)

    station.release(a, 0)

    assert (b.unit, c.unit) == (None, 0)


def test_a_unit_that_goes_down_says_who_was_there():
    station, (a, b, c) = Station([2, 2]), people("abc")
    seat(station, a, b, c)

    assert station.down(0) == [a, c]
    assert (station.first_up, station.all_down()) == (1, [0])


def test_nobody_is_seated_at_a_unit_that_is_down():
    station, (a, b) = Station([1]), people("ab")
    station.down(0)
    seat(station, a, b)

    assert a.unit is None
    station.back(0)
    assert (a.unit, b.unit) == (0, None)


def test_who_joins_takes_no_room_and_falls_with_the_unit_all_the_same():
    station, (a, b) = Station([math.inf]), people("ab")
    station.joins(a, 0)
    seat(station, b)

    assert station.down(0) == [a, b]


def test_places_are_shared_as_evenly_as_can_be():
    assert shares(7, 3) == [3, 2, 2]
    assert shares(None, 2) == [math.inf, math.inf]
