"""What goes wrong, when and where."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowconc.scenario.model import Component, FaultKind
from flowconc.scenario.vocabulary import STEPS

SECOND_US = 1_000_000


@pytest.fixture
def fault(one):
    """Load the only fault of a scenario, written under `faults`."""

    def fault(text):
        (fault,) = one(f"faults: [{{{text}}}]\n").faults
        return fault

    return fault


def test_a_crash_falls_at_a_time(fault):
    crash = fault("crash: executor, at: 9s, for: 30s")

    assert (crash.kind, crash.component, crash.step) == (FaultKind.CRASH, Component.EXECUTOR, None)
    assert (crash.at_us, crash.for_us, crash.nth) == (9 * SECOND_US, 30 * SECOND_US, None)


def test_a_crash_falls_before_or_after_a_step(fault):
    after = fault("crash: executor, after: release, nth: 2, for: 1s")
    before = fault("crash: worker, before: gate, at: 5s")

    assert (after.step, after.before, after.nth, after.at_us) == ("release", False, 2, 0)
    assert (before.step, before.before, before.nth, before.at_us) == ("gate", True, 1, 5 * SECOND_US)


def test_what_is_down_stays_down_unless_said_otherwise(fault):
    assert fault("crash: scheduler, at: 1s").for_us is None


@pytest.mark.parametrize("kind", ["error", "duplicate", "lose"])
def test_a_fault_at_a_step_is_the_first_one_the_nth_one_or_a_share(fault, kind):
    first, third, share = (
        fault(f"{kind}: gate"),
        fault(f"{kind}: gate, nth: 3"),
        fault(f"{kind}: gate, rate: 5%"),
    )

    assert first.kind is FaultKind(kind)
    assert [(each.nth, each.rate) for each in (first, third, share)] == [(1, None), (3, None), (None, 0.05)]


def test_a_delay_lasts(fault):
    delay = fault("delay: task_ended, rate: 10%, for: 100ms")

    assert (delay.kind, delay.step, delay.rate, delay.for_us) == (FaultKind.DELAY, "task_ended", 0.1, 100_000)


def test_any_step_may_be_meant(fault):
    assert fault("error: any, rate: 1%").step is None


@pytest.mark.parametrize("step", STEPS)
def test_every_step_can_be_named(fault, step):
    assert fault(f"error: {step}").step == step


@pytest.mark.parametrize(("written", "step"), [("commit pop", "pop"), ("task ended", "task_ended")])
def test_a_step_may_be_written_in_words(fault, written, step):
    assert fault(f"crash: executor, after: {written}").step == step


def test_a_crash_among_the_actions_is_the_same_fault(one, fault):
    text = "crash: executor, at: 2s, after: release, rate: 5%, for: 1s"
    (among_actions,) = one(f"actions: [{{{text}}}]\n").faults

    assert among_actions == replace(fault(text), position=among_actions.position)


def test_crashes_among_the_actions_come_first(one):
    scenario = one("faults: [{lose: gate}]\nactions: [{at: 1s, crash: worker}]\n")

    assert [each.kind for each in scenario.faults] == [FaultKind.CRASH, FaultKind.LOSE]


def test_all_is_well_from_a_time_on(one):
    assert one("heal_at: 5m\n").heal_at_us == 300 * SECOND_US
    assert one("").heal_at_us is None
