"""What a run came to: the predicates, and expectations at some moment."""

from __future__ import annotations

import pytest

from flowconc.check.coverage import PREDICATES, all_met, met
from flowconc.check.verdict import Moment
from flowconc.scenario import vocabulary
from tests.check.scenarios import expect
from tests.traces import trace_of, us

FULL = ("0s flow f limit=1", "0s admit a", "1s queue b")
LATE = "9s over until"


def moment_of(condition, *lines: str) -> int | None:
    """Return the time at which the run first met the condition, in microseconds."""
    found = met(trace_of(*lines, LATE), condition)
    return None if found is None else found.t_us


def test_the_names_are_those_of_the_format_in_its_order():
    assert tuple(PREDICATES) == vocabulary.SOMETIMES


MET = [
    ("queue_not_empty", "1s", FULL),
    ("queue_of_several", "2s", (*FULL, "2s queue c")),
    ("limit_reached", "0s", FULL),
    ("limit_reached", "2s", ("0s flow f limit=2", "0s admit a", "2s flow f limit=1")),
    ("started_from_queue", "2s", (*FULL, "2s end a; release a; pop b")),
    ("rejected", "1s", ("0s flow f limit=1 CANCEL", "0s admit a", "1s reject b CANCELLED")),
    ("overtaking", "3s", (*FULL, "2s end a; release a", "3s admit c")),
    ("kill_while_queued", "2s", (*FULL, "2s kill b")),
    ("kill_while_running", "2s", (*FULL, "2s kill a")),
    ("kill_while_paused", "3s", (*FULL, "2s state a PAUSED pause", "3s state a KILLING kill")),
    ("kill_while_retrying", "3s", (*FULL, "2s state a RETRYING retry", "3s state a KILLING kill")),
    ("delete_while_running", "2s", (*FULL, "2s deleted a")),
    ("delete_while_queued", "2s", (*FULL, "2s deleted b")),
    ("forced_beside_holder", "2s", (*FULL, "2s forced b; state b RUNNING force_run")),
    (
        "restart_while_full",
        "3s",
        ("0s flow f limit=1", "0s admit a", "1s end a FAILED; release a", "2s admit b", "3s state a RESTARTED"),
    ),
    ("limit_lowered_below_holders", "2s", ("0s flow f limit=2", "0s admit a; admit b", "2s flow f limit=1")),
    ("limit_raised_with_backlog", "2s", (*FULL, "2s flow f limit=2")),
    ("limit_raised_with_backlog", "2s", (*FULL, "2s flow f")),
    ("after_execution_on_slot", "2s", (*FULL, "1s end a", "2s start a log")),
    ("fire_skipped", "2s", ("0s flow f limit=1", "1s fire tick a; admit a; lock tick a", "2s skip tick a")),
    ("fire_late", "2s", ("0s flow f limit=1", "2s fire tick a planned=1s; admit a")),
    ("crash_while_holding", "2s", (*FULL, "2s down worker")),
    ("crash_while_queued", "2s", (*FULL, "2s down executor")),
    ("fault_with_work_in_hand", "3s", (*FULL, "2s down executor", "3s end a; down executor")),
    ("sla_broken_while_queued", "2s", (*FULL, "2s sla b most")),
    ("step_failed", "2s", (*FULL, "2s step_failed a release")),
    ("message_lost", "2s", (*FULL, "2s lost a release")),
    ("message_repeated", "2s", (*FULL, "2s repeated a release")),
    ("message_delayed", "2s", (*FULL, "2s delayed a release by=1s")),
    ("lock_contended", "2s", (*FULL, "2s lock_wait a 1ms counter")),
]  # fmt: skip
"""Each predicate, when it is met, and by what."""


@pytest.mark.parametrize(("name", "at", "lines"), MET)
def test_each_predicate_is_met_when_it_happens(name, at, lines):
    assert moment_of(name, *lines) == us(at)


def test_none_is_left_out():
    assert {name for name, *_ in MET} == set(vocabulary.SOMETIMES)


@pytest.mark.parametrize("name", vocabulary.SOMETIMES)
def test_a_quiet_run_meets_nothing(name):
    assert moment_of(name, "0s flow f limit=2", "0s admit a", "1s end a; release a") is None


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (
            "crash_while_holding",
            ("0s flow f limit=2", "0s admit a", "1s end a; release a", "2s down executor"),
        ),
        ("crash_while_queued", ("0s flow f limit=2", "0s admit a", "1s down executor")),
        ("kill_while_queued", (*FULL, "2s kill a")),
        ("overtaking", (*FULL, "2s end a; release a; pop b")),
        ("forced_beside_holder", ("0s flow f limit=1", "0s create a; forced a; state a RUNNING")),
        ("limit_raised_with_backlog", ("0s flow f limit=1", "0s admit a", "1s flow f limit=2")),
        ("limit_raised_with_backlog", (*FULL, "2s flow f limit=1")),
        ("fire_late", ("0s flow f limit=1", "1s fire tick a; admit a")),
        ("after_execution_on_slot", (*FULL, "2s end a; release a", "3s start a log")),
    ],
)
def test_what_is_only_like_it_does_not_count(name, lines):
    assert moment_of(name, *lines) is None


class TestExpectations:
    LINES = (
        *FULL,
        "2s queue c",
        "3s end a; release a; pop b",
        "4s state b PAUSED pause",
        "5s kill c",
        "6s deleted b",
    )

    @pytest.mark.parametrize(
        ("at", "claims"),
        [
            ("0s", {"running": 1}),
            ("2s", {"queued": ">= 2"}),
            ("1s", {"running": 1, "queued": 1}),
            ("4s", {"paused": 1}),
            ("4s", {"running": 0, "holding": 1}),
            ("3s", {"ended": {"SUCCESS": 1}}),
            ("5s", {"ended": {"SUCCESS": 1, "KILLED": 1}}),
            ("6s", {"unended": 0, "counter": 1}),
        ],
    )
    def test_a_flow_at_some_moment(self, at, claims):
        """All claims at one instant, and when that is over."""
        assert moment_of(expect("flow", "f", **claims), *self.LINES) == us(at)

    @pytest.mark.parametrize("claims", [{"queued": 3}, {"paused": 1, "queued": 2}, {"ended": {"FAILED": 1}}])
    def test_a_flow_that_never_stood_so(self, claims):
        assert moment_of(expect("flow", "f", **claims), *self.LINES) is None

    def test_at_a_time_it_holds_then_or_not_at_all(self):
        assert moment_of(expect("flow", "f", at=2, queued=2), *self.LINES) == us("2s")
        assert moment_of(expect("flow", "f", at=1, queued=2), *self.LINES) is None

    def test_between_two_events_of_an_instant_nothing_is_looked_at(self):
        """A hand-over leaves nobody RUNNING for no time at all."""
        assert moment_of(expect("flow", "f", running=0, queued=2), *self.LINES) is None

    def test_an_execution(self):
        assert moment_of(expect("execution", "b", state="PAUSED"), *self.LINES) == us("4s")
        assert moment_of(expect("execution", "b", state="FAILED"), *self.LINES) is None

    def test_a_trigger(self):
        fires = (
            "0s flow f limit=1",
            "1s fire tick a; admit a; lock tick a",
            "2s skip tick a",
            "3s skip tick a",
        )

        assert moment_of(expect("trigger", "f.tick", fired=1, skipped=">= 2"), *fires) == us("3s")
        assert moment_of(expect("trigger", "f.tick", fired=0), *fires) == 0

    def test_a_trigger_of_a_flow_in_a_namespace(self):
        fires = ("0s flow team.f limit=1", "1s fire tick a; admit a")

        assert moment_of(expect("trigger", "team.f.tick", fired=1), *fires) == us("1s")

    @pytest.mark.parametrize(
        "condition",
        [
            expect("flow", "g", running=0),
            expect("execution", "z", state="RUNNING"),
            expect("trigger", "g.t", fired=1),
        ],
    )
    def test_what_is_not_there(self, condition):
        assert moment_of(condition, *FULL) is None


def test_several_conditions_are_looked_for_in_one_pass():
    trace = trace_of(*FULL, "2s kill b", LATE)

    found = all_met(
        trace, ("kill_while_queued", "rejected", expect("flow", "f", queued=1), "queue_not_empty")
    )

    assert [None if moment is None else moment.t_us for moment in found] == [
        2_000_000,
        None,
        1_000_000,
        1_000_000,
    ]


def test_the_moment_names_the_event_and_the_run():
    trace = trace_of(*FULL, LATE, replication=3)

    found = met(trace, "queue_not_empty")

    assert isinstance(found, Moment)
    assert found.replication == 3
    assert trace.event(found.seq).execution == "b"


def test_the_moment_of_an_expectation_is_when_its_instant_is_over():
    trace = trace_of(*FULL, "1s queue c", LATE, replication=3)

    assert met(trace, expect("flow", "f", queued=2)) == Moment(3, us("1s"), 11)


def test_an_engine_is_looked_at_by_states():
    lines = (
        "0s flow f limit=1",
        "0s create a; gate a admit before=0; state a RUNNING",
        "1s down worker",
        LATE,
    )

    assert met(trace_of(*lines, semantics="kestra-0.21.0"), "crash_while_holding") is not None


def test_in_an_engine_an_arrival_overtakes_by_running():
    lines = (*FULL, "2s end a; release a", "3s create c; gate c admit before=0; state c RUNNING gate", LATE)

    found = met(trace_of(*lines, semantics="kestra-0.21.0"), "overtaking")

    assert found is not None
    assert found.t_us == us("3s")


def test_an_unknown_name_is_an_error():
    with pytest.raises(KeyError):
        met(trace_of(*FULL), "nonsense")
