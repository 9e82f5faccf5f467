"""Kill, delete, purge, force-run, pause, resume, restart: SEMANTICS A9 and A10, and what is ignored or refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowconc.protocol.events import Kind
from flowconc.protocol.progress import Run
from flowconc.protocol.rules import DOCUMENTED_RULES
from flowconc.protocol.states import State
from flowconc.protocol.steps import Message
from flowconc.scenario.flow import RetryBehavior
from flowconc.scenario.model import Latency, Platform
from tests.flows import (
    act,
    arrive,
    call,
    every_one,
    failing,
    flow,
    life,
    lives,
    pause,
    retry,
    schedule,
    sequence,
    task_runs,
    times_of,
    told,
    trace_of_run,
    work,
)
from tests.protocol.by_hand import Hand

TWO = arrive("f", "0s 0s", names="a b")


def answers(trace):
    """Return what became of the actions: (kind, detail)."""
    kinds = (Kind.ACTION_APPLIED, Kind.ACTION_IGNORED, Kind.ACTION_REFUSED)
    return [(kind, detail) for _, kind, _, detail in told(trace, *kinds)]


# --- kill


def test_a_kill_of_a_running_execution_frees_its_slot():
    trace = trace_of_run(flow("f", limit=1), TWO, act("3s", "kill", "a"))

    assert lives(trace) == {
        "a": "CREATED:0 RUNNING:0 KILLING:3 KILLED:3",
        "b": "CREATED:0 QUEUED:0 RUNNING:3 SUCCESS:13",
    }


def test_a_kill_stops_the_running_task():
    trace = trace_of_run(flow("f"), arrive("f", names="a"), act("3s", "kill", "a"))

    ends = [(e.t_us, e.after) for e in trace.events() if e.kind is Kind.TASK_ENDED]
    assert ends == [(3_000_000, "KILLED")]


def test_a_kill_of_a_queued_execution_starts_nobody():
    trace = trace_of_run(flow("f", limit=1), TWO, act("3s", "kill", "b"))

    assert lives(trace)["b"] == "CREATED:0 QUEUED:0 KILLING:3 KILLED:3"
    assert times_of(trace, Kind.CLAIM) == [0]
    assert times_of(trace, Kind.RELEASE) == [10]


def test_a_killed_queued_execution_runs_no_task_not_even_afterwards():
    trace = trace_of_run(flow("f", limit=1, after_execution=(work("x", "1s"),)), TWO, act("3s", "kill", "b"))

    assert task_runs(trace, "b") == ""


def test_a_killed_holder_keeps_its_slot_through_after_execution():
    trace = trace_of_run(flow("f", limit=1, after_execution=(work("x", "5s"),)), TWO, act("3s", "kill", "a"))

    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 KILLING:3 KILLED:3"
    assert lives(trace)["b"].startswith("CREATED:0 QUEUED:0 RUNNING:8")


def test_a_kill_of_a_paused_execution_frees_its_slot():
    trace = trace_of_run(flow("f", pause("p"), limit=1), TWO, act("3s", "kill", "a"), act("4s", "kill", "b"))

    assert lives(trace) == {
        "a": "CREATED:0 RUNNING:0 PAUSED:0 KILLING:3 KILLED:3",
        "b": "CREATED:0 QUEUED:0 RUNNING:3 PAUSED:3 KILLING:4 KILLED:4",
    }


def test_a_kill_during_the_wait_of_a_retry_is_final():
    trace = trace_of_run(
        flow("f", failing("w", retry=retry("10s")), limit=1), arrive("f", names="a"), act("3s", "kill", "a")
    )

    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 RETRYING:0 KILLING:3 KILLED:3"
    assert times_of(trace, Kind.RELEASE) == [3]


def test_a_kill_before_the_gate_leaves_nothing_to_admit():
    slow = Platform(latency=Latency(arrival_us=5_000_000))
    trace = trace_of_run(flow("f", limit=1), arrive("f", names="a"), act("3s", "kill", "a"), platform=slow)

    assert lives(trace)["a"] == "CREATED:0 KILLING:3 KILLED:3"
    assert told(trace, Kind.GATE, Kind.CLAIM, Kind.RELEASE) == []


def test_a_kill_takes_the_subflows_along():
    """The child that waits in its own flow's queue leaves it."""
    trace = trace_of_run(
        flow("p", call("s", "c")),
        flow("c", limit=1),
        arrive("c", "0s", names="first"),
        arrive("p", "1s", names="a"),
        act("3s", "kill", "a"),
    )

    assert lives(trace)["a"] == "CREATED:1 RUNNING:1 KILLING:3 KILLED:3"
    assert lives(trace)["c#1"] == "CREATED:1 QUEUED:1 KILLING:3 KILLED:3"


def test_a_subflow_is_not_tried_again_once_its_parent_is_killed():
    """The child is RETRIED at 0 s and would be created anew at 10 s."""
    new = retry("10s", behavior=RetryBehavior.CREATE_NEW_EXECUTION)
    trace = trace_of_run(
        flow("p", call("s", "c")),
        flow("c", failing("w"), retry=new),
        arrive("p", names="a"),
        act("3s", "kill", "a"),
    )

    assert lives(trace) == {
        "a": "CREATED:0 RUNNING:0 KILLING:3 KILLED:3",
        "c#1": "CREATED:0 RUNNING:0 RETRIED:0",
    }
    assert told(trace, Kind.ARRIVAL_REFUSED) == [(10, "ARRIVAL_REFUSED", "a", "parent killed")]


def test_a_kill_at_the_instant_of_the_end_comes_too_late():
    trace = trace_of_run(flow("f"), arrive("f", names="a"), act("10s", "kill", "a"))

    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 SUCCESS:10"
    assert answers(trace) == [("ACTION_IGNORED", "kill a: it is SUCCESS already")]


def test_a_second_kill_is_ignored_and_releases_nothing():
    slow = Platform(latency=Latency(dispatch_us=1_000_000))
    trace = trace_of_run(
        flow("f", limit=1),
        arrive("f", names="a"),
        act("3s", "kill", "a"),
        act("3s", "kill", "a"),
        platform=slow,
    )

    assert answers(trace)[1] == ("ACTION_IGNORED", "kill a: it is being killed already")
    assert times_of(trace, Kind.RELEASE) == [4]


def test_a_bulk_kill_empties_the_queue_without_starting_any_of_it():
    trace = trace_of_run(
        flow("f", limit=1), arrive("f", "0s 0s 0s", names="a b c"), act("3s", "kill", every_one("f"))
    )

    assert [state.rpartition(" ")[2] for state in lives(trace).values()] == ["KILLED:3"] * 3
    assert times_of(trace, Kind.CLAIM) == [0]


def test_a_bulk_action_that_finds_nobody_is_ignored():
    trace = trace_of_run(flow("f"), act("3s", "kill", every_one("f", "QUEUED")))

    assert answers(trace) == [("ACTION_IGNORED", "kill 0 of n.f")]


def test_a_bulk_resume_ends_the_pause_that_each_waits_in():
    paused = flow("f", pause("p"), work("w", "2s"))
    trace = trace_of_run(paused, TWO, act("3s", "resume", every_one("f", "PAUSED")))

    assert answers(trace) == [("ACTION_APPLIED", "resume 2 of n.f")]
    assert [state.rpartition(" ")[2] for state in lives(trace).values()] == ["SUCCESS:5"] * 2


# --- delete, purge


def test_a_deletion_leaks_the_slot_for_ever():
    trace = trace_of_run(flow("f", limit=1), TWO, act("3s", "delete", "a"))

    assert lives(trace)["b"] == "CREATED:0 QUEUED:0"
    assert told(trace, Kind.RELEASE) == []


def test_nothing_is_heard_of_a_deleted_execution():
    trace = trace_of_run(flow("f"), arrive("f", names="a"), act("3s", "delete", "a"))

    assert [e.kind for e in trace.events() if e.t_us >= 3_000_000 and e.execution == "a"] == [
        Kind.ACTION_APPLIED,
        Kind.DELETED,
    ]


def test_a_deleted_queued_execution_is_gone_from_the_queue():
    trace = trace_of_run(flow("f", limit=1), arrive("f", "0s 0s 0s", names="a b c"), act("3s", "delete", "b"))

    assert lives(trace)["c"] == "CREATED:0 QUEUED:0 RUNNING:10 SUCCESS:20"
    assert lives(trace)["b"] == "CREATED:0 QUEUED:0"


def test_a_deleted_execution_keeps_its_trigger_locked():
    trace = trace_of_run(
        flow("f", work("w", "2s"), triggers=(schedule(),)), act("1500ms", "delete", "f#1"), until="6s"
    )

    assert times_of(trace, Kind.FIRE) == [1]


def test_actions_on_a_deleted_or_future_execution_are_refused():
    trace = trace_of_run(
        flow("f"),
        arrive("f", "0s 5s", names="a b"),
        act("1s", "delete", "a"),
        act("2s", "kill", "a"),
        act("2s", "kill", "b"),
    )

    assert answers(trace)[1:] == [
        ("ACTION_REFUSED", "kill a: deleted"),
        ("ACTION_REFUSED", "kill b: not created yet"),
    ]


def test_purge_takes_ended_executions_only():
    trace = trace_of_run(
        flow("f", limit=1),
        TWO,
        act("12s", "purge", "a"),
        act("12s", "purge", "b"),
    )

    assert [(at, name) for at, _, name, _ in told(trace, Kind.DELETED)] == [(12, "a")]
    assert lives(trace)["b"] == "CREATED:0 QUEUED:0 RUNNING:10 SUCCESS:20"


# --- force-run


def test_a_forced_execution_runs_beside_the_limit_and_frees_no_slot():
    trace = trace_of_run(
        flow("f", limit=1), arrive("f", "0s 0s 0s", names="a b c"), act("2s", "force_run", "b")
    )

    assert lives(trace)["b"] == "CREATED:0 QUEUED:0 RUNNING:2 SUCCESS:12"
    assert lives(trace)["c"] == "CREATED:0 QUEUED:0 RUNNING:10 SUCCESS:20"
    assert [name for _, _, name, _ in told(trace, Kind.CLAIM, Kind.RELEASE)] == ["a", "a", "c", "c"]


def test_a_forced_execution_is_killed_without_a_release():
    trace = trace_of_run(flow("f", limit=1), TWO, act("2s", "force_run", "b"), act("3s", "kill", "b"))

    assert lives(trace)["b"] == "CREATED:0 QUEUED:0 RUNNING:2 KILLING:3 KILLED:3"
    assert times_of(trace, Kind.RELEASE) == [10]


def test_a_forced_execution_runs_its_after_execution_tasks():
    trace = trace_of_run(
        flow("f", limit=1, after_execution=(work("x", "1s"),)), TWO, act("2s", "force_run", "b")
    )

    assert task_runs(trace, "b") == "w:2 x:12"


def test_forcing_a_paused_execution_resumes_it():
    trace = trace_of_run(flow("f", pause("p"), limit=1), arrive("f", names="a"), act("2s", "force_run", "a"))

    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 PAUSED:0 RESTARTED:2 RUNNING:2 SUCCESS:2"
    assert times_of(trace, Kind.RELEASE) == [2]


def test_forcing_a_running_execution_is_ignored_and_an_ended_one_refused():
    trace = trace_of_run(
        flow("f"), arrive("f", names="a"), act("2s", "force_run", "a"), act("12s", "force_run", "a")
    )

    assert [kind for kind, _ in answers(trace)] == ["ACTION_IGNORED", "ACTION_REFUSED"]


def test_a_forced_execution_that_is_restarted_passes_the_gate_like_any_other():
    trace = trace_of_run(
        flow("f", work("w", "10s", fails=[2]), limit=1),
        TWO,
        act("1s", "force_run", "b"),
        act("12s", "restart", "b"),
    )

    assert lives(trace)["b"] == ("CREATED:0 QUEUED:0 RUNNING:1 FAILED:11 RESTARTED:12 RUNNING:12 SUCCESS:22")
    assert [at for at, _, name, _ in told(trace, Kind.RELEASE) if name == "b"] == [22]


# --- pause, resume


def test_a_pause_by_hand_keeps_the_slot_and_lets_the_running_task_end():
    trace = trace_of_run(
        flow("f", work("w"), work("x", "1s"), limit=1),
        TWO,
        act("3s", "pause", "a"),
        act("20s", "resume", "a"),
    )

    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 PAUSED:3 RUNNING:20 SUCCESS:21"
    assert task_runs(trace, "a") == "w:0 x:20"
    assert lives(trace)["b"].startswith("CREATED:0 QUEUED:0 RUNNING:21")


def test_an_execution_whose_last_task_ended_while_paused_ends_with_the_resume():
    assert life(
        "a", flow("f"), arrive("f", names="a"), act("3s", "pause", "a"), act("20s", "resume", "a")
    ) == ("CREATED:0 RUNNING:0 PAUSED:3 RUNNING:20 SUCCESS:20")


def test_a_resume_before_the_task_has_ended_changes_nothing_of_it():
    assert life(
        "a", flow("f"), arrive("f", names="a"), act("3s", "pause", "a"), act("5s", "resume", "a")
    ) == ("CREATED:0 RUNNING:0 PAUSED:3 RUNNING:5 SUCCESS:10")


@pytest.mark.parametrize(("verb", "state"), [("pause", "QUEUED"), ("resume", "QUEUED")])
def test_only_running_executions_pause_and_only_paused_ones_resume(verb, state):
    trace = trace_of_run(flow("f", limit=1), TWO, act("3s", verb, "b"))

    assert answers(trace)[0][0] == "ACTION_REFUSED"
    assert f"it is {state}" in answers(trace)[0][1]


# --- restart


def test_a_restart_runs_the_failed_task_again_and_what_comes_after_it():
    trace = trace_of_run(
        flow("f", work("v", "1s"), work("w", "2s", fails=[1]), work("x", "3s"), limit=1),
        arrive("f", names="a"),
        act("5s", "restart", "a"),
    )

    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 FAILED:3 RESTARTED:5 RUNNING:5 SUCCESS:10"
    assert task_runs(trace, "a") == "v:0 w:1 w:5 x:7"


def test_a_restart_takes_a_slot_and_gives_it_back():
    trace = trace_of_run(
        flow("f", work("w", "2s", fails=[1]), limit=1), arrive("f", names="a"), act("5s", "restart", "a")
    )

    assert [(at, kind) for at, kind, *_ in told(trace, Kind.CLAIM, Kind.RELEASE)] == [
        (0, "CLAIM"),
        (2, "RELEASE"),
        (5, "CLAIM"),
        (7, "RELEASE"),
    ]


@pytest.mark.parametrize(("behavior", "end"), [("CANCEL", "CANCELLED"), ("FAIL", "FAILED")])
def test_a_restart_meets_the_gate(behavior, end):
    trace = trace_of_run(
        flow("f", work("w", "10s", fails=[1]), limit=1, behavior=behavior),
        arrive("f", "0s 11s", names="a b"),
        act("12s", "restart", "a"),
    )

    assert lives(trace)["a"] == f"CREATED:0 RUNNING:0 FAILED:10 RESTARTED:12 {end}:12"
    assert task_runs(trace, "a") == "w:0"


def test_a_restart_that_the_gate_failed_can_be_asked_for_again():
    trace = trace_of_run(
        flow("f", work("w", "10s", fails=[1]), limit=1, behavior="FAIL"),
        arrive("f", "0s 11s", names="a b"),
        act("12s", "restart", "a"),
        act("30s", "restart", "a"),
    )

    assert lives(trace)["a"].endswith("FAILED:12 RESTARTED:30 RUNNING:30 SUCCESS:40")
    assert [e.before for e in trace.events() if e.kind is Kind.TASK_STARTED and e.execution == "a"] == [1, 2]


def test_a_restart_goes_into_nested_groups():
    trace = trace_of_run(
        flow("f", sequence("s", work("v", "1s"), work("w", "1s", fails=[1]), work("x", "1s"))),
        arrive("f", names="a"),
        act("5s", "restart", "a"),
    )

    assert task_runs(trace, "a") == "v:0 w:1 w:5 x:6"


def test_after_execution_runs_again_after_a_restart():
    trace = trace_of_run(
        flow("f", work("w", "2s", fails=[1]), after_execution=(work("x", "1s"),)),
        arrive("f", names="a"),
        act("5s", "restart", "a"),
    )

    assert task_runs(trace, "a") == "w:0 x:2 w:5 x:7"


def test_errors_run_again_when_the_restart_fails_too():
    trace = trace_of_run(
        flow("f", failing("w", "1s"), errors=(work("e", "1s"),)),
        arrive("f", names="a"),
        act("5s", "restart", "a"),
    )

    assert task_runs(trace, "a") == "w:0 e:1 w:5 e:6"


@pytest.mark.parametrize(
    ("at", "why"),
    [("3s", "it is RUNNING"), ("12s", "it is SUCCESS")],
)
def test_only_failed_executions_restart(at, why):
    trace = trace_of_run(flow("f"), arrive("f", names="a"), act(at, "restart", "a"))

    assert answers(trace)[0][0] == "ACTION_REFUSED"
    assert why in answers(trace)[0][1]


def test_an_execution_that_failed_at_the_gate_passes_it_again_with_a_restart():
    failing_flow = flow("f", limit=1, behavior="FAIL")

    full = trace_of_run(failing_flow, TWO, act("5s", "restart", "b"))
    free = trace_of_run(failing_flow, TWO, act("20s", "restart", "b"))

    assert lives(full)["b"].endswith("FAILED:5")
    assert lives(free)["b"].endswith("RESTARTED:20 RUNNING:20 SUCCESS:30")
    assert task_runs(free, "b") == "w:20"


def test_no_restart_while_after_execution_runs():
    trace = trace_of_run(
        flow("f", failing("w", "1s"), after_execution=(work("x", "5s"),)),
        arrive("f", names="a"),
        act("3s", "restart", "a"),
    )

    assert answers(trace)[0][0] == "ACTION_REFUSED"


# --- what is said of an action that is not carried out


def answer(hand, verb, name, argument=None):
    """Return what is said of an action on an execution."""
    return hand.do("act_on_one", None, (verb, name, argument)).reports[0][-1]


def test_what_is_said_of_ended_executions():
    hand = Hand(flow("f"))
    hand.end_task(hand.create("f"))

    assert answer(hand, "change_status", "f#1", "RUNNING") == "change_status f#1: RUNNING is no final state"
    assert answer(hand, "change_status", "f#1", State.SUCCESS) == "change_status f#1: it is SUCCESS already"
    assert answer(hand, "replay", "f#1", ("nowhere", None)) == "replay f#1: it has no task nowhere"


def test_what_is_said_of_running_ones():
    hand = Hand(flow("f"))
    hand.create("f")

    assert answer(hand, "replay", "f#1", (None, None)) == (
        "replay f#1: it is RUNNING; only ended executions can be replayed"
    )


@pytest.mark.parametrize(
    ("ran", "rejected", "may"), [(False, True, True), (False, False, False), (True, True, False)]
)
def test_what_a_restart_starts_from(ran, rejected, may):
    """From its failed tasks; or from the beginning, if it was turned away and the version lets it."""
    hand = Hand(
        flow("f", work("w"), limit=1, behavior="FAIL"),
        rules=replace(DOCUMENTED_RULES, restarts_rejected=rejected),
    )
    first = hand.create("f")
    turned_away = hand.create("f")
    if ran:
        hand.end_task(first)
        hand.do("change_status", first, State.FAILED)

    said = answer(hand, "restart", "f#1" if ran else "f#2")
    assert hand.state(turned_away) is State.FAILED
    assert said == (
        "restart" if may else f"restart f#{1 if ran else 2}: it has no failed task to restart from"
    )


# --- what versions make of it


def test_only_a_refused_unqueue_may_take_the_row_along():
    """BUGS, probe 11: it does so before it looks at the target state. No other action does."""
    hand = Hand(flow("f", limit=1), rules=replace(DOCUMENTED_RULES, unqueue_checks_first=False))
    hand.create("f")
    waits = hand.create("f")

    hand.send("act_on_one", None, ("pause", "f#2", None))
    assert ("n.f", waits) in hand.tables.queued
    hand.send("act_on_one", None, ("unqueue", "f#2", State.PAUSED))
    assert ("n.f", waits) not in hand.tables.queued


def test_a_further_kill_frees_only_what_is_being_killed_or_was():
    """BUGS, #13211: its end is handled once more."""
    hand = Hand(flow("f", limit=1), rules=replace(DOCUMENTED_RULES, killed_again_frees=True))
    ended = hand.create("f")
    hand.end_task(ended)
    killed = hand.create("f")
    hand.send("kill", killed)

    assert hand.do("kill", ended).orders == []
    assert hand.do("kill", killed).orders == [Message("release", killed)]


def test_a_parent_hears_of_a_child_that_was_taken_out_of_the_queue():
    trace = trace_of_run(
        flow("p", call("s", "c")),
        flow("c", limit=1),
        arrive("c", "0s", names="first"),
        arrive("p", "1s", names="a"),
        act("3s", "unqueue", "c#1", to="CANCELLED"),
    )

    assert lives(trace)["a"] == "CREATED:1 RUNNING:1 SUCCESS:3"


def test_who_has_not_given_its_slot_back_cannot_be_restarted_yet():
    """Where the release is a step of its own, the end is seen before it."""
    hand = Hand(
        flow("f", failing("w"), limit=1), rules=replace(DOCUMENTED_RULES, ending=("release", "conclude"))
    )
    number = hand.create("f")
    hand.do("task_ended", number, (1, Run.FAILED, 0))

    assert answer(hand, "restart", "f#1") == "restart f#1: it has not given its slot back yet"


def test_a_kill_of_who_is_paused_by_hand_goes_straight_to_killing():
    """SEMANTICS 3.3: only a pause task is resumed on the way, and only of who is PAUSED."""
    rules = replace(DOCUMENTED_RULES, kill_of_paused=(State.RESTARTED, State.KILLING))

    def states(tasks, *steps):
        hand = Hand(flow("f", *tasks), rules=rules)
        number = hand.create("f")
        for step in steps:
            hand.do(step, number)
        return [report[5] for report in hand.do("kill", number).reports if report[0] is Kind.STATE]

    assert states((pause("p"),)) == ["RESTARTED", "KILLING"]
    assert states((work("w"),), "pause") == ["KILLING"]
    assert states((work("w"),)) == ["KILLING"]


def test_a_restart_tries_what_failed_once_more_but_not_what_is_ready_still():
    """After a restart that the gate turned away nothing has been tried."""
    hand = Hand(flow("f", failing("w"), limit=1, behavior="CANCEL"))
    number = hand.create("f")
    hand.end_task(number, outcome=Run.FAILED)
    holder = hand.create("f")
    hand.send("restart", number)
    assert hand.state(number) is State.CANCELLED
    hand.do("change_status", number, State.FAILED)
    hand.end_task(holder)

    hand.send("restart", number)

    assert [order.attempt for order in hand.started] == [2]
