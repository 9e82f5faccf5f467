"""Exploring scenarios: nothing is found under the contract, and each race where it was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowconc.explore.explore import explore
from flowconc.explore.stepping import NotExplorable
from flowconc.scenario.flow import RetryBehavior, Sla, SlaBehavior, SlaKind
from flowconc.scenario.model import Explore, Invariants, Strategy
from tests.explore.machines import burst, explored, judged
from tests.flows import (
    NOWHERE,
    act,
    after,
    arrive,
    call,
    edit,
    every_one,
    failing,
    flow,
    parallel,
    pause,
    retry,
    scene,
    schedule,
    work,
)

DELETED = "delete leaves its slot for ever: that is the contract (A9)"
UNDER_THE_CONTRACT = {
    "a burst": burst(3),
    "limit 2": burst(4, limit=2),
    "CANCEL": burst(3, behavior="CANCEL"),
    "FAIL": burst(3, behavior="FAIL"),
    "a kill": burst(3, act("1s", "kill", "a")),
    "kills in bulk": burst(4, act("1s", "kill", every_one("f", "RUNNING")), limit=2),
    "two kills": burst(2, act("1s", "kill", "a"), act("1s", "kill", "b")),
    "a forced run": burst(3, act("1s", "force_run", "b")),
    "a raised limit": burst(3, edit("1s", flow("f", limit=2))),
    "a limit that goes and comes": burst(3, edit("1s", flow("f")), edit("2s", flow("f", limit=1))),
    "another behavior": burst(3, edit("1s", flow("f", limit=1, behavior="CANCEL"))),
    "a restart": scene(
        flow("f", failing("w"), limit=1), arrive("f", "0s 0s", names="a b"), act("1s", "restart", "a")
    ),
    "a pause": scene(
        flow("f", pause("p"), limit=1),
        arrive("f", "0s 0s", names="a b"),
        act("1s", "resume", "a"),
        act("2s", "kill", "a"),
        act("3s", "resume", "b"),
    ),
    "a retry": scene(
        flow("f", failing("w", retry=retry("1s", max_attempts=2)), limit=1),
        arrive("f", "0s 0s", names="a b"),
        act("1s", "kill", "a"),
    ),
    "a retry as another execution": scene(
        flow(
            "f",
            failing("w"),
            limit=1,
            retry=retry("1s", max_attempts=2, behavior=RetryBehavior.CREATE_NEW_EXECUTION),
        ),
        arrive("f", "0s 0s", names="a b"),
    ),
    "tasks side by side": scene(
        flow("f", parallel("p", work("x"), work("y")), limit=1),
        arrive("f", "0s 0s", names="a b"),
        act("1s", "kill", "a"),
    ),
    "a subflow": scene(
        flow("g", call("c", "f"), limit=1),
        flow("f", limit=1),
        arrive("g", "0s 0s", names="a b"),
        act("1s", "kill", "a"),
    ),
    "a Flow trigger": scene(
        flow("f", limit=1), flow("g", limit=1, triggers=(after("f"),)), arrive("f", "0s 0s")
    ),
    "a schedule": scene(flow("f", limit=1, triggers=(schedule(),)), arrive("f"), until="2s"),
    "an SLA": scene(
        flow("f", limit=1, sla=(Sla("s", SlaKind.MAX_DURATION, SlaBehavior.FAIL, duration_us=1_000_000),)),
        arrive("f", "0s 0s"),
    ),
    "afterExecution": scene(
        flow("f", limit=1, after_execution=(work("x"),)),
        arrive("f", "0s 0s", names="a b"),
        act("1s", "kill", "a"),
    ),
    "two flows": scene(flow("f", limit=1), flow("g", limit=1), arrive("f", "0s 0s"), arrive("g", "0s 0s")),
}


@pytest.mark.parametrize("scenario", UNDER_THE_CONTRACT.values(), ids=UNDER_THE_CONTRACT)
def test_nothing_is_found_under_the_contract(scenario):
    exploration = explored(scenario, crashes=1)

    assert [(discovery.broken, discovery.story) for discovery in exploration.discoveries] == []
    assert exploration.complete
    assert exploration.passed


TWO = every_one("f", "RUNNING")
RACES = [
    # what happened, where, and what it breaks
    ("both count nobody", burst(3, semantics="kestra-0.22.0"), 0, "limit_never_exceeded"),
    ("rows are locked, if there are any", burst(3, semantics="kestra-0.24.0"), 0, "limit_never_exceeded"),
    ("an arrival takes a slot before the pop", burst(3, semantics="kestra-1.1.10"), 0, "fifo"),
    ("a crash between the decrement and the pop", burst(2, semantics="kestra-1.1.10"), 1, "no_stranded_execution"),
    ("two pops, and one finds the head locked", burst(4, act("1s", "kill", TWO), limit=2, semantics="kestra-1.1.0"), 0, "work_conserving"),
    ("a crash between the pop and its emission", burst(2, semantics="kestra-2.0.2"), 1, "crash_loses_nothing"),
    ("a crash before the release", burst(2, semantics="kestra-2.0.2"), 1, "every_claim_released"),
    ("a message that is lost", burst(1, semantics="kestra-1.3.31"), 1, "no_stranded_execution"),
    ("a kill while a slot is on its way", burst(2, act("1s", "kill", "b"), semantics="kestra-2.0.2"), 0, "gate_covers_every_source"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("scenario", "crashes", "broken"), [race[1:] for race in RACES], ids=[race[0] for race in RACES]
)
def test_races_that_there_were(scenario, crashes, broken):
    """Each is found, and replayed from its token."""
    exploration = explored(judged(scenario, broken), crashes=crashes)

    (discovery,) = exploration.discoveries
    assert discovery.broken == broken
    assert not exploration.passed
    again = explored(judged(scenario, broken), replay=str(discovery.token))
    assert [each.story for each in again.discoveries] == [discovery.story]


@pytest.mark.parametrize("fault", ["unlocked_admission", "release_in_two_transactions", "skip_locked_pop"])
def test_one_rule_changed_in_the_contract_is_enough(fault):
    """The same scenario, with the fault and without."""
    scenario = burst(4, act("1s", "kill", TWO), limit=2)

    assert explored(replace(scenario, semantics=f"documented+{fault}")).discoveries
    assert not explored(scenario).discoveries


class TestWhatIsCovered:
    def test_everything(self):
        exploration = explored(burst(2))

        assert exploration.complete
        assert (exploration.bound, exploration.schedules) == (None, None)
        assert exploration.states > 10

    def test_a_bound_is_said_and_does_not_pass(self):
        exploration = explored(burst(3), states=20)

        assert not exploration.complete
        assert exploration.bound == "there are more than 20 states (`states` bounds them)"
        assert not exploration.passed

    def test_it_stops_at_what_breaks_first(self):
        scenario = burst(3, semantics="kestra-0.22.0")

        assert not explored(scenario).complete
        assert explored(scenario, everything=True).complete

    def test_what_lies_deep_is_looked_for_with_schedules_that_are_drawn(self):
        scenario = judged(
            burst(4, act("1s", "kill", TWO), limit=2, semantics="kestra-1.1.0"), "work_conserving"
        )
        exploration = explored(scenario)

        assert (exploration.states, exploration.complete) == (None, False)
        assert exploration.schedules > 1
        assert [each.broken for each in exploration.discoveries] == ["work_conserving"]

    def test_the_first_executions_only(self):
        assert explored(burst(4), executions=2).states == explored(burst(2)).states

    @pytest.mark.parametrize("strategy", [Strategy.RANDOM, Strategy.PCT])
    def test_schedules_that_are_drawn_are_never_complete(self, strategy):
        exploration = explored(burst(3), strategy=strategy, schedules=20)

        assert (exploration.states, exploration.schedules) == (None, 20)
        assert not exploration.complete
        assert exploration.passed

    def test_a_schedule_that_was_cut_does_not_pass(self):
        exploration = explored(burst(3), strategy=Strategy.RANDOM, schedules=2, steps=4)

        assert exploration.bound == "2 schedules had more than 4 steps (`steps` bounds them)"
        assert not exploration.passed


class TestWhatMayBreak:
    SCENARIO = burst(1, act("1s", "delete", "a"))

    def explore(self, **wanted):
        scenario = replace(self.SCENARIO, invariants=Invariants(**wanted))
        return explore(scenario, Explore(NOWHERE))

    def test_excepted_ones_do_not_stop_it(self):
        broken = {each.broken for each in explored(self.SCENARIO, everything=True).discoveries}
        exploration = self.explore(excepted=frozenset(broken))

        assert exploration.complete
        assert exploration.passed

    def test_one_that_must_break_has_to(self):
        broken = frozenset(each.broken for each in explored(self.SCENARIO, everything=True).discoveries)

        assert self.explore(must_break=broken).passed
        assert not self.explore(must_break=broken | {"fifo"}).passed


def test_what_cannot_be_explored_is_said():
    scenario = scene(
        flow("f", limit=1, triggers=(schedule(),)),
        act("1s", "backfill", "n.f.s", window_us=(-3_000_000, -1_000_000)),
        until="1s",
    )

    with pytest.raises(NotExplorable, match="a backfill cannot be explored"):
        explored(scenario)
