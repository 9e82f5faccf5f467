"""From the first task to the end: retries, pauses, subflows, errors, finally, afterExecution, timeouts."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from flowconc.protocol.events import Kind
from flowconc.protocol.progress import Run
from flowconc.protocol.rules import DOCUMENTED_RULES, RetryKill
from flowconc.protocol.states import State
from flowconc.protocol.steps import Message, Wake
from flowconc.scenario.flow import PauseEnd, RetryBehavior
from tests.flows import (
    act,
    arrive,
    call,
    choice,
    failing,
    flow,
    graph,
    life,
    lives,
    parallel,
    pause,
    retry,
    sequence,
    task_runs,
    times_of,
    told,
    trace_of_run,
    work,
)
from tests.protocol.by_hand import Hand

ONE = arrive("f", names="a")
NEW = RetryBehavior.CREATE_NEW_EXECUTION


def runs(*tasks, **keys):
    """Return the task starts of one execution of a flow."""
    return task_runs(trace_of_run(flow("f", *tasks, **keys), ONE), "a")


def states(*tasks, **keys):
    """Return the history of one execution of a flow."""
    return life("a", flow("f", *tasks, **keys), ONE)


# --- errors, finally, afterExecution


def test_errors_then_finally_then_after_execution_and_only_then_is_the_slot_free():
    trace = trace_of_run(
        flow(
            "f",
            failing("w", "1s"),
            work("never", "1s"),
            errors=(work("e", "1s"),),
            finally_=(work("z", "1s"),),
            after_execution=(work("x", "1s"),),
            limit=1,
        ),
        ONE,
    )

    assert task_runs(trace, "a") == "w:0 e:1 z:2 x:3"
    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 FAILED:3"
    assert times_of(trace, Kind.RELEASE) == [4]


def test_finally_runs_without_an_error_too():
    assert runs(work("w", "1s"), errors=(work("e"),), finally_=(work("z", "1s"),)) == "w:0 z:1"


def test_a_failing_finally_fails_the_execution():
    assert states(work("w", "1s"), finally_=(failing("z", "1s"),)) == "CREATED:0 RUNNING:0 FAILED:2"


def test_a_failing_after_execution_changes_no_state():
    assert states(work("w", "1s"), after_execution=(failing("x", "1s"),)) == "CREATED:0 RUNNING:0 SUCCESS:1"


def test_errors_of_a_group_run_before_those_of_the_flow():
    assert (
        runs(sequence("s", failing("w", "1s"), errors=(work("e", "1s"),)), errors=(work("E", "1s"),))
        == "w:0 e:1 E:2"
    )


def test_allowed_failures_end_in_a_warning_and_do_not_stop_the_sequence():
    assert runs(failing("w", "1s", allow_failure=True), work("x", "1s")) == "w:0 x:1"
    assert states(failing("w", "1s", allow_failure=True)) == "CREATED:0 RUNNING:0 WARNING:1"


def test_an_allowed_warning_ends_in_success():
    assert states(failing("w", "1s", allow_failure=True, allow_warning=True)) == (
        "CREATED:0 RUNNING:0 SUCCESS:1"
    )


# --- timeouts


def test_a_timeout_fails_the_task():
    assert states(work("w", "10s", timeout_us=4_000_000)) == "CREATED:0 RUNNING:0 FAILED:4"


def test_a_task_that_takes_exactly_its_timeout_succeeds():
    assert states(work("w", "4s", timeout_us=4_000_000)) == "CREATED:0 RUNNING:0 SUCCESS:4"


# --- task retry


def test_a_retry_keeps_the_slot_and_shows_retrying():
    trace = trace_of_run(
        flow("f", work("w", "1s", fails=[1], retry=retry("5s")), limit=1), arrive("f", "0s 0s", names="a b")
    )

    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 RETRYING:1 RUNNING:6 SUCCESS:7"
    assert lives(trace)["b"] == "CREATED:0 QUEUED:0 RUNNING:7 SUCCESS:8"


def test_max_attempts_counts_the_first_one():
    assert runs(failing("w", "1s", retry=retry("5s", max_attempts=3))) == "w:0 w:6 w:12"


def test_an_exponential_retry_waits_longer_each_time_up_to_its_bound():
    policy = retry("1s", factor=2.0, max_interval_us=4_000_000, max_attempts=5)

    assert runs(failing("w", retry=policy)) == "w:0 w:1 w:3 w:7 w:11"


def test_a_random_retry_waits_within_its_bounds():
    policy = retry("1s", random=True, max_interval_us=3_000_000, max_attempts=20)
    trace = trace_of_run(flow("f", failing("w", retry=policy)), ONE)

    starts = times_of(trace, Kind.TASK_STARTED)
    waits = [after - before for before, after in pairwise(starts)]
    assert len(waits) == 19
    assert 1 <= min(waits) < 1.5 < 2.5 < max(waits) <= 3


def test_max_duration_bounds_all_attempts_together():
    """From the first one's start: the next attempts would begin at 0, 5, 10 and 15 s; the last is too late."""
    assert runs(failing("w", "1s", retry=retry("4s", max_duration_us=12_000_000))) == "w:0 w:5 w:10"


def test_a_task_may_retry_by_a_new_execution_and_the_attempts_are_counted_over_them():
    trace = trace_of_run(
        flow("f", failing("w", "1s", retry=retry("5s", max_attempts=3, behavior=NEW)), limit=1), ONE
    )

    assert lives(trace) == {
        "a": "CREATED:0 RUNNING:0 RETRIED:1",
        "f#1": "CREATED:6 RUNNING:6 RETRIED:7",
        "f#2": "CREATED:12 RUNNING:12 FAILED:13",
    }
    assert times_of(trace, Kind.RELEASE) == [1, 7, 13]


def test_tasks_beside_a_retrying_one_go_on():
    trace = trace_of_run(
        flow("f", parallel("p", failing("w", retry=retry("5s", max_attempts=2)), work("x", "3s"))), ONE
    )

    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 RETRYING:0 RUNNING:5 FAILED:5"
    assert [(e.t_us, e.detail) for e in trace.events() if e.kind is Kind.TASK_ENDED] == [
        (0, "w"),
        (3_000_000, "x"),
        (5_000_000, "w"),
    ]


# --- flow retry


def test_a_flow_retry_repeats_the_failed_task_in_its_slot():
    trace = trace_of_run(
        flow("f", work("v", "1s"), work("w", "1s", fails=[1]), retry=retry("5s"), limit=1), ONE
    )

    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 RETRYING:2 RUNNING:7 SUCCESS:8"
    assert task_runs(trace, "a") == "v:0 w:1 w:7"
    assert times_of(trace, Kind.RELEASE) == [8]


def test_a_flow_retry_ends_after_its_attempts():
    assert states(failing("w", "1s"), retry=retry("5s", max_attempts=2)) == (
        "CREATED:0 RUNNING:0 RETRYING:1 RUNNING:6 FAILED:7"
    )


def test_a_flow_retry_ends_after_its_duration():
    assert states(failing("w", "1s"), retry=retry("4s", max_duration_us=9_000_000)) == (
        "CREATED:0 RUNNING:0 RETRYING:1 RUNNING:5 FAILED:6"
    )


def test_a_flow_retry_with_new_executions_frees_the_slot_and_passes_the_gate_again():
    trace = trace_of_run(
        flow("f", work("w", "2s", fails=[1]), retry=retry("1s", behavior=NEW), limit=1),
        arrive("f", "0s 0s", names="a b"),
    )

    assert lives(trace) == {
        "a": "CREATED:0 RUNNING:0 RETRIED:2",
        "b": "CREATED:0 QUEUED:0 RUNNING:2 SUCCESS:4",
        "f#1": "CREATED:3 QUEUED:3 RUNNING:4 SUCCESS:6",
    }


def test_a_retrying_flow_runs_after_execution_in_the_slot_of_each_execution():
    trace = trace_of_run(
        flow(
            "f",
            work("w", "1s", fails=[1]),
            after_execution=(work("x", "1s"),),
            retry=retry("5s", behavior=NEW),
            limit=1,
        ),
        ONE,
    )

    assert task_runs(trace, "a") == "w:0 x:1"
    assert task_runs(trace, "f#1") == "w:6 x:7"


# --- pauses


def test_a_pause_with_a_duration_resumes_by_itself_through_restarted():
    assert states(pause("p", "5s"), work("w", "1s")) == (
        "CREATED:0 RUNNING:0 PAUSED:0 RESTARTED:5 RUNNING:5 SUCCESS:6"
    )


def test_a_resume_ends_a_pause_before_its_time_and_its_timer_does_nothing():
    assert life("a", flow("f", pause("p", "5s"), work("w", "9s")), ONE, act("2s", "resume", "a")) == (
        "CREATED:0 RUNNING:0 PAUSED:0 RESTARTED:2 RUNNING:2 SUCCESS:11"
    )


@pytest.mark.parametrize(
    ("end", "history"),
    [
        (PauseEnd.RESUME, "RESTARTED:5 RUNNING:5 SUCCESS:6"),
        (PauseEnd.WARN, "RESTARTED:5 RUNNING:5 WARNING:6"),
        (PauseEnd.FAIL, "RESTARTED:5 RUNNING:5 FAILED:5"),
        (PauseEnd.CANCEL, "CANCELLED:5"),
    ],
)
def test_a_pause_runs_out_as_its_behavior_says(end, history):
    assert states(pause("p", "5s", pause_end=end), work("w", "1s")) == (
        f"CREATED:0 RUNNING:0 PAUSED:0 {history}"
    )


def test_a_pause_without_a_duration_fails_at_its_timeout():
    assert states(pause("p", timeout_us=5_000_000), work("w", "1s")) == (
        "CREATED:0 RUNNING:0 PAUSED:0 RESTARTED:5 RUNNING:5 FAILED:5"
    )


@pytest.mark.parametrize("end", [PauseEnd.CANCEL, PauseEnd.FAIL, PauseEnd.WARN, PauseEnd.RESUME])
def test_every_end_of_a_pause_frees_the_slot_once(end):
    trace = trace_of_run(flow("f", pause("p", "5s", pause_end=end), limit=1), ONE)

    assert times_of(trace, Kind.RELEASE) == [5]


def test_a_task_beside_a_pause_goes_on_and_what_follows_it_waits():
    trace = trace_of_run(
        flow("f", parallel("g", pause("p", "5s"), sequence("s", work("w", "1s"), work("x", "1s")))), ONE
    )

    assert task_runs(trace, "a") == "w:0 x:5"


def test_parallel_pauses_hold_the_execution_until_the_last_has_ended():
    assert states(parallel("g", pause("p", "3s"), pause("q", "5s"))) == (
        "CREATED:0 RUNNING:0 PAUSED:0 RESTARTED:5 RUNNING:5 SUCCESS:5"
    )


def test_a_resume_ends_all_pauses():
    assert life("a", flow("f", parallel("g", pause("p"), pause("q"))), ONE, act("2s", "resume", "a")) == (
        "CREATED:0 RUNNING:0 PAUSED:0 RESTARTED:2 RUNNING:2 SUCCESS:2"
    )


def test_a_pause_that_begins_beside_a_retry_can_be_resumed():
    """The execution is RETRYING when the pause begins; it must not be stuck in a state that nothing resumes."""
    trace = trace_of_run(
        flow(
            "f",
            parallel(
                "g",
                work("w", "1s", fails=[1], retry=retry("5s")),
                sequence("s", work("v", "2s"), pause("p")),
            ),
        ),
        ONE,
        act("4s", "resume", "a"),
    )

    assert lives(trace)["a"] == ("CREATED:0 RUNNING:0 RETRYING:1 PAUSED:2 RESTARTED:4 RUNNING:4 SUCCESS:7")


# --- the tree


def test_parallel_runs_at_most_its_width():
    tasks = [work(f"t{n}", "2s") for n in range(3)]

    assert runs(parallel("p", *tasks, width=2)) == "t0:0 t1:0 t2:2"
    assert runs(parallel("p", *tasks)) == "t0:0 t1:0 t2:0"


def test_a_failure_in_parallel_lets_the_others_end_and_starts_nothing_new():
    tasks = (failing("w", "1s"), work("x", "3s"), work("never"))

    assert runs(parallel("p", *tasks, width=2)) == "w:0 x:0"
    assert states(parallel("p", *tasks, width=2)) == "CREATED:0 RUNNING:0 FAILED:3"


def test_a_graph_starts_each_task_when_those_it_needs_have_ended():
    tasks = (
        work("d", "1s", depends_on=("b", "c")),
        work("a", "1s"),
        work("b", "1s", depends_on=("a",)),
        work("c", "3s", depends_on=("a",)),
    )

    assert runs(graph("g", *tasks)) == "a:0 b:1 c:1 d:4"


def test_empty_groups_end_at_once():
    assert states(sequence("s"), parallel("p"), graph("g"), choice("c", (1.0, ()))) == (
        "CREATED:0 RUNNING:0 SUCCESS:0"
    )


def test_a_long_row_of_empty_groups_is_no_deep_recursion():
    assert states(*(sequence(f"s{n}") for n in range(1000))) == "CREATED:0 RUNNING:0 SUCCESS:0"


def test_passes_of_a_loop_have_one_id_and_durations_of_their_own():
    """A loop is unrolled: the same id occurs several times, one pass after the other."""
    assert runs(sequence("s", *(sequence("pass", work("w", "1s")) for _ in range(3)))) == "w:0 w:1 w:2"


def test_a_choice_takes_its_branches_by_weight():
    branches = choice("c", (0.25, (work("rare", "0s"),)), (0.75, (work("often", "0s"),)))
    trace = trace_of_run(flow("f", branches), arrive("f", " ".join(["0s"] * 2000)))

    rare = sum(detail == "rare" for *_, detail in told(trace, Kind.TASK_STARTED))
    assert abs(rare / 2000 - 0.25) < 0.03


def test_a_choice_in_a_choice():
    inner = choice("i", (0.0, (work("no"),)), (1.0, (work("yes", "1s"),)))

    assert runs(choice("c", (1.0, (inner, work("then", "1s"))), (0.0, (work("no"),)))) == "yes:0 then:1"


# --- subflows


def test_a_parent_that_waits_ends_with_its_child_and_holds_its_slot_meanwhile():
    trace = trace_of_run(
        flow("f", call("s", "c"), work("w", "1s"), limit=1),
        flow("c", work("w", "5s")),
        arrive("f", "0s 0s", names="a b"),
    )

    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 SUCCESS:6"
    assert lives(trace)["b"].startswith("CREATED:0 QUEUED:0 RUNNING:6")


def test_a_parent_that_does_not_wait_goes_on_at_once():
    trace = trace_of_run(
        flow("f", call("s", "c", wait=False), work("w", "1s")), flow("c", work("w", "5s")), ONE
    )

    assert lives(trace) == {"a": "CREATED:0 RUNNING:0 SUCCESS:1", "c#1": "CREATED:0 RUNNING:0 SUCCESS:5"}


@pytest.mark.parametrize(("behavior", "end"), [("CANCEL", "SUCCESS"), ("FAIL", "FAILED")])
def test_a_child_that_its_gate_turns_away_ends_the_parents_task(behavior, end):
    """CANCELLED counts as a success, FAILED as a failure."""
    trace = trace_of_run(
        flow("f", call("s", "c")),
        flow("c", limit=1, behavior=behavior),
        arrive("c"),
        arrive("f", "1s", names="a"),
    )

    assert lives(trace)["a"] == f"CREATED:1 RUNNING:1 {end}:1"


@pytest.mark.parametrize("allowed", [{}, {"allow_failure": True, "allow_warning": True}])
def test_the_parent_of_a_killed_child_ends_killed_whatever_may_fail(allowed):
    parent = flow("f", replace(call("s", "c"), **allowed))
    trace = trace_of_run(parent, flow("c"), ONE, act("2s", "kill", "c#1"))

    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 KILLED:2"


def test_the_parent_of_a_killed_child_runs_its_next_task_and_finally_but_not_errors():
    """Recorded (13k_kill_child): only a failure ends the main tasks."""
    parent = flow(
        "f",
        call("s", "c"),
        work("next", "1s"),
        errors=(work("errors", "1s"),),
        finally_=(work("finally", "1s"),),
    )
    trace = trace_of_run(parent, flow("c"), ONE, act("2s", "kill", "c#1"))

    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 KILLED:4"
    assert task_runs(trace, "a") == "next:2 finally:3"


def test_a_failed_child_is_kept_to_itself_without_transmit_failed():
    trace = trace_of_run(flow("f", call("s", "c", transmit_failed=False)), flow("c", failing("w", "1s")), ONE)

    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 SUCCESS:1"


def test_a_child_that_ends_in_a_warning_warns_its_parent():
    trace = trace_of_run(flow("f", call("s", "c")), flow("c", failing("w", "1s", allow_failure=True)), ONE)

    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 WARNING:1"


def test_a_child_that_retries_by_a_new_execution_answers_when_that_one_has_ended():
    trace = trace_of_run(
        flow("f", call("s", "c")),
        flow("c", work("w", "1s", fails=[1]), retry=retry("5s", behavior=NEW)),
        ONE,
    )

    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 SUCCESS:7"


def test_a_call_of_a_flow_that_is_gone_fails():
    trace = trace_of_run(flow("f", call("s", "c")), flow("c"), act("0s", "delete_flow", "n.c"), ONE)

    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 FAILED:0"


def test_a_call_is_tried_again_with_a_new_child():
    trace = trace_of_run(
        flow("f", call("s", "c", retry=retry("5s"))), flow("c", work("w", "1s", fails=[1])), ONE
    )

    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 RETRYING:1 RUNNING:6 SUCCESS:7"
    assert lives(trace)["c#2"] == "CREATED:6 RUNNING:6 SUCCESS:7"


def test_a_fan_out_makes_one_child_a_batch_and_each_meets_the_gate():
    trace = trace_of_run(flow("f", call("s", "c", count=3)), flow("c", work("w", "1s"), limit=1), ONE)

    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 SUCCESS:3"
    assert times_of(trace, Kind.CLAIM) == [0, 0, 1, 2]


def test_a_flow_with_limit_1_that_calls_itself_and_waits_is_stuck():
    """The child waits for the slot that its parent holds until the child has ended."""
    trace = trace_of_run(flow("f", call("s", "f"), limit=1), ONE)

    assert lives(trace) == {"a": "CREATED:0 RUNNING:0", "f#1": "CREATED:0 QUEUED:0"}


# --- locks and messages


def test_a_result_locks_what_a_release_needs_only_when_it_ends_the_execution():
    hand = Hand(flow("f", work("v"), work("w"), limit=1))
    number = hand.create("f")

    own, counter = ("executions", number), ("counters", "n.f")
    assert hand.locks("task_ended", number, (1, Run.SUCCESS, 0)) == (own,)
    assert hand.locks("task_ended", number, (1, Run.FAILED, 0)) == (own, counter)
    hand.end_task(number)
    assert hand.locks("task_ended", number, (2, Run.SUCCESS, 0)) == (own, counter)
    assert hand.locks("task_ended", number, (1, Run.SUCCESS, 0)) == (own,)


def test_a_retry_by_a_new_execution_may_carry_the_claim_stamp_on():
    """SEMANTICS 3.11: where restarts keep it, so does the new execution; under the contract none does."""
    for keeps in (True, False):
        hand = Hand(
            flow("f", failing("w", retry=retry("1s", behavior=NEW)), limit=1),
            rules=replace(DOCUMENTED_RULES, restart_keeps_claim=keeps),
        )
        hand.end_task(hand.create("f"), outcome=Run.FAILED)

        (wake,) = (order for order in hand.orders if isinstance(order, Wake))
        assert (wake.message.step, wake.message.execution) == ("create", 0)
        assert wake.message.argument.stamped is keeps


def test_every_change_of_state_says_why():
    trace = trace_of_run(flow("f", pause("p", "5s", pause_end=PauseEnd.CANCEL)), ONE)

    assert [why for *_, why in told(trace, Kind.STATE)] == ["gate", "pause", "pause"]


def test_a_retry_that_outlives_a_kill_runs_the_killed_execution_again():
    """BUGS, #19679."""
    hand = Hand(
        flow("f", failing("w", retry=retry("1s"))),
        rules=replace(DOCUMENTED_RULES, kill_of_retrying=RetryKill.REVIVED),
    )
    number = hand.create("f")
    hand.end_task(number, outcome=Run.FAILED)
    hand.send("kill", number)
    assert hand.state(number) is State.KILLED

    (report,) = hand.do("retry_due", number, 1).reports[:1]

    assert (report[0], report[4], report[5], report[6]) == (Kind.STATE, State.KILLED, State.RUNNING, "retry")


def test_a_flow_retry_that_stutters_comes_once_more_at_once():
    """OBSERVED 8: without any task having run; a microsecond later."""
    hand = Hand(
        flow("f", failing("w"), retry=retry("1s")), rules=replace(DOCUMENTED_RULES, flow_retry_stutters=True)
    )
    number = hand.create("f")
    hand.end_task(number, outcome=Run.FAILED)

    orders = hand.do("flow_retry_due", number, True).orders

    assert orders == [Wake(1, 1, Message("flow_retry_due", number))]


@pytest.mark.parametrize("takes", [True, False])
def test_a_result_that_comes_while_the_kill_is_under_way(takes):
    """It counts where a version takes it, and else changes nothing."""
    hand = Hand(flow("f"), rules=replace(DOCUMENTED_RULES, killing_takes_results=takes))
    number = hand.create("f")
    hand.do("kill", number)

    assert bool(hand.do("task_ended", number, (1, Run.SUCCESS, 0)).changes) is takes


def test_a_failure_that_is_shown_before_a_retry_takes_no_slot():
    """A forced execution has none, and gets none on the way."""
    hand = Hand(
        flow("f", failing("w", retry=retry("1s")), limit=1),
        rules=replace(DOCUMENTED_RULES, retry_shows_failure=True),
    )
    hand.create("f")
    forced = hand.create("f")
    hand.send("force_run", forced)

    hand.end_task(forced, outcome=Run.FAILED)

    assert (hand.state(forced), hand.row(forced).holds_slot) == (State.RETRYING, False)
