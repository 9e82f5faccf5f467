"""Crowds: many executions sent alike, compared in kind when no order comes to exactly what was recorded."""

from __future__ import annotations

from flowconc.kestra.comparison import compare
from flowconc.kestra.crowds import SMALLEST, Kinds, crowds_of
from flowconc.kestra.outcome import Outcome, Run
from flowconc.kestra.release import Release
from flowconc.kestra.script_reading import read_script
from tests.kestra.scripts import FLOW, write_script

NAMES = tuple(f"e{number}" for number in range(1, SMALLEST + 1))
CROWD = frozenset(NAMES)


def outcome(rejected, *, running_at_once=1, counter=0):
    """Return an outcome of the crowd in which the last ones are rejected, and the others run in groups."""
    runs = {}
    for place, name in enumerate(NAMES):
        begin_us = place // running_at_once * 1_000_000
        if place >= SMALLEST - rejected:
            history = (("CREATED", begin_us), ("CANCELLED", begin_us + 1))
        else:
            history = (("CREATED", begin_us), ("RUNNING", begin_us + 1), ("SUCCESS", begin_us + 900_000))
        runs[name] = Run(name, "t.f", history, history)
    return Outcome(runs, {"t.f": ((0, counter),)}, {}, (), 90_000_000)


def kinds_of(*outcomes):
    kinds = Kinds((CROWD,))
    for each in outcomes:
        kinds.add(each)
    return kinds


def crowds(folder, ops):
    script = read_script(write_script(folder, f"horizon: 9\nflows:\n{FLOW}ops:\n{ops}"), Release((2, 0, 0)))
    assert script is not None
    return crowds_of(script)


def test_what_one_operation_sends_is_a_crowd_when_it_is_many(tmp_path):
    many = f"  - {{at: 0, op: trigger, flow: t.f, as: e, count: {SMALLEST}}}\n"
    few = f"  - {{at: 9, op: trigger, flow: t.f, as: late, count: {SMALLEST - 1}}}\n"

    assert crowds(tmp_path, many + few) == (CROWD,)


def test_who_is_touched_is_not_of_the_crowd(tmp_path):
    many = f"  - {{at: 0, op: trigger, flow: t.f, as: e, count: {SMALLEST + 1}}}\n"

    (crowd,) = crowds(tmp_path, f"{many}  - {{at: 1, op: kill, exec: e7}}\n")

    assert "e7" not in crowd
    assert len(crowd) == SMALLEST


def test_each_number_must_lie_within_those_seen():
    kinds = kinds_of(outcome(rejected=3), outcome(rejected=6))

    ranges = {each.kind: each for each in kinds.ranges(outcome(rejected=4))}

    assert all(each.holds for each in ranges.values())
    rejected = ranges["CREATED CANCELLED"]
    assert (rejected.recorded, rejected.smallest, rejected.largest) == (4, 3, 6)


def test_beyond_them_it_does_not_hold():
    kinds = kinds_of(outcome(rejected=3), outcome(rejected=6))

    assert not all(each.holds for each in kinds.ranges(outcome(rejected=7)))


def test_more_at_once_than_ever_seen_does_not_hold():
    kinds = kinds_of(outcome(rejected=3))

    broken = [each.kind for each in kinds.ranges(outcome(rejected=3, running_at_once=2)) if not each.holds]

    assert broken == ["at once"]


def test_without_a_crowd_there_is_nothing_to_compare_in_kind():
    kinds = Kinds(())
    kinds.add(outcome(rejected=3))

    assert kinds.ranges(outcome(rejected=3)) == ()


def test_only_differences_of_the_crowd_are_excused():
    other = Run("late", "t.f", (("CREATED", 0),), (("CREATED", 0),))
    with_late = outcome(rejected=3)
    with_late = Outcome({**with_late.runs, "late": other}, with_late.counters, {}, (), with_late.end_us)
    kinds = kinds_of(outcome(rejected=3))

    assert kinds.covers(compare(outcome(rejected=3), outcome(rejected=4, counter=2)))
    assert not kinds.covers(compare(with_late, outcome(rejected=3)))
