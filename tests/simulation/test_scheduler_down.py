"""A scheduler that goes down, and what it makes up for when it is back (SEMANTICS 5.3)."""

from __future__ import annotations

import pytest

from flowconc.protocol.events import Kind
from flowconc.scenario.flow import RecoverMissed
from flowconc.simulation.simulate import simulate
from tests.flows import act, edit, flow, polling, schedule, times_of, work
from tests.simulation.faulty import crash, trace_of, wrong
from tests.traces import us

SHORT = work("w", "100ms")
DOWN = crash("scheduler", at="2500ms", for_="3s")


def fires(trace):
    """Return the fires: `2` when in time, `3@5.5` when planned for 3 s and made at 5.5 s."""
    return " ".join(
        f"{event.before / 1e6:g}" + ("" if event.before == event.t_us else f"@{event.t_us / 1e6:g}")
        for event in trace.events()
        if event.kind is Kind.FIRE
    )


@pytest.mark.parametrize(
    ("recovery", "made"),
    [
        ("ALL", "1 2 3@5.5 4@5.5 5@5.5 6 7"),
        ("LAST", "1 2 5@5.5 6 7"),
        ("NONE", "1 2 6 7"),
    ],
)
def test_missed_fires_come_late_as_the_trigger_has_it(recovery, made):
    every_second = schedule(allow_concurrent=True, recover_missed=RecoverMissed(recovery))

    assert fires(trace_of(flow("f", SHORT, triggers=(every_second,)), DOWN, until="7s")) == made


def test_late_fires_of_a_trigger_that_locks_come_one_after_the_other():
    trace = trace_of(flow("f", SHORT, triggers=(schedule(),)), DOWN, until="7s")

    assert fires(trace) == "1 2 3@5.5 4@5.6 5@5.7 6 7"


def test_fires_that_are_not_made_up_for_are_skipped():
    last_one = schedule(recover_missed=RecoverMissed.LAST)
    trace = trace_of(flow("f", SHORT, triggers=(last_one,)), DOWN, until="7s")

    assert times_of(trace, Kind.FIRE_SKIPPED) == [5.5, 5.5]


def test_fires_that_would_be_too_late_are_left_out():
    soon = schedule(allow_concurrent=True, late_maximum_us=us("1s"))

    assert fires(trace_of(flow("f", SHORT, triggers=(soon,)), DOWN, until="6s")) == "1 2 5@5.5 6"


def test_a_missed_poll_is_not_made_up_for():
    trace = trace_of(flow("f", SHORT, triggers=(polling("p", "1s"),)), DOWN, until="7s")

    assert fires(trace) == "1 2 6 7"


def test_a_trigger_that_is_gone_or_disabled_meanwhile_makes_up_for_nothing():
    every_second = schedule(allow_concurrent=True)
    gone = trace_of(
        flow("f", SHORT, triggers=(every_second,)), edit("3500ms", flow("f", SHORT)), DOWN, until="7s"
    )
    disabled = trace_of(
        flow("f", SHORT, triggers=(every_second,)),
        act("3500ms", "disable_trigger", "n.f.s"),
        DOWN,
        until="7s",
    )

    assert fires(gone) == fires(disabled) == "1 2"


def test_several_triggers_catch_up_in_the_order_in_which_they_fell_due():
    triggers = (
        schedule("a", "*/2 * * * * *", allow_concurrent=True),
        schedule("b", allow_concurrent=True),
    )
    trace = trace_of(flow("f", SHORT, triggers=triggers), DOWN, until="6s")

    late = [e.detail for e in trace.events() if e.kind is Kind.FIRE and e.t_us == us("5500ms")]
    assert late == ["b", "a", "b", "b"]  # planned for 3, 4, 4 and 5 s


def test_a_fire_that_is_under_way_when_the_scheduler_goes_down_is_one_of_the_missed():
    before = crash("scheduler", before="fire", nth=2, for_="500ms")
    after = crash("scheduler", after="fire", nth=2, for_="500ms")
    every_second = flow("f", SHORT, triggers=(schedule(allow_concurrent=True),))

    assert fires(trace_of(every_second, before, until="3s")) == "1 2@2.5 3"
    assert fires(trace_of(every_second, after, until="3s")) == "1 2 3"


def test_without_a_way_back_nothing_fires_any_more():
    scenario = wrong(
        flow("f", SHORT, triggers=(schedule(allow_concurrent=True),)),
        crash("scheduler", at="2500ms"),
        until="9s",
    )

    assert fires(simulate(scenario)) == "1 2"
