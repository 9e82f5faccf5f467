"""Executors that go down, transactions that fail, messages that go astray (SEMANTICS 4.1)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowconc.protocol.events import Kind
from flowconc.scenario.flow import TaskKind
from flowconc.scenario.model import Database, Platform
from flowconc.simulation.simulate import simulate
from tests.flows import act, after, arrive, call, choice, edit, flow, last, lives, pause, schedule, task, work
from tests.simulation.faulty import (
    crash,
    delay,
    duplicate,
    error,
    lose,
    mishaps,
    trace_of,
    without_mishaps,
    wrong,
)
from tests.traces import us

TWO = flow("f", limit=1), arrive("f", "0s 1s", names="a b")
SLOW = Platform(executors=2, database=Database(statement_us=10_000))
ONE_SLOW = replace(SLOW, executors=1)


# --- executors that go down


def test_messages_wait_for_an_executor_that_is_down():
    trace = trace_of(*TWO, crash("executor", at="5s", for_="10s"))

    assert mishaps(trace) == ["5 COMPONENT_DOWN executor 0", "15 COMPONENT_UP executor 0"]
    assert lives(trace) == {
        "a": "CREATED:0 RUNNING:0 SUCCESS:15",
        "b": "CREATED:1 QUEUED:1 RUNNING:15 SUCCESS:25",
    }


def test_requests_are_taken_while_all_executors_are_down():
    trace = trace_of(flow("f"), arrive("f", "5s", names="a"), crash("executor", at="1s", for_="10s"))

    assert lives(trace)["a"] == "CREATED:5 RUNNING:11 SUCCESS:21"


def test_another_executor_takes_over():
    trace = trace_of(*TWO, crash("executor", at="5s", for_="10s"), platform=Platform(executors=2))

    assert lives(trace)["b"] == "CREATED:1 QUEUED:1 RUNNING:10 SUCCESS:20"


def test_each_crash_takes_down_one_executor_until_none_is_left():
    crashes = (crash("executor", at=at, for_="10s") for at in ("5s", "5s", "5s"))

    assert mishaps(trace_of(*TWO, *crashes, platform=Platform(executors=2))) == [
        "5 COMPONENT_DOWN executor 0",
        "5 COMPONENT_DOWN executor 1",
        "15 COMPONENT_UP executor 0",
        "15 COMPONENT_UP executor 1",
    ]


def test_a_crash_before_a_commit_rolls_back_and_the_message_comes_again():
    trace = trace_of(*TWO, crash("executor", before="task_ended", for_="5s"))

    assert mishaps(trace) == [
        "10 COMPONENT_DOWN executor 0",
        "15 COMPONENT_UP executor 0",
        "15 MESSAGE_REPEATED task_ended of a",
    ]
    assert lives(trace)["b"] == "CREATED:1 QUEUED:1 RUNNING:15 SUCCESS:25"


def test_a_crash_behind_the_last_step_of_a_pass_loses_nothing():
    trace = trace_of(*TWO, crash("executor", after="task_ended", for_="5s"))

    assert mishaps(trace) == ["10 COMPONENT_DOWN executor 0", "15 COMPONENT_UP executor 0"]
    assert lives(trace)["b"] == "CREATED:1 QUEUED:1 RUNNING:10 SUCCESS:20"


def test_where_messages_do_not_come_again_a_crash_loses_the_one_in_hand():
    trace = trace_of(*TWO, crash("executor", before="task_ended", for_="5s"), semantics="kestra-1.3.31")

    assert mishaps(trace)[1] == "10 MESSAGE_LOST task_ended of a"
    assert lives(trace) == {"a": "CREATED:0 RUNNING:0", "b": "CREATED:1 QUEUED:1"}


def test_a_crash_between_the_steps_of_a_pass_loses_those_still_to_come():
    """Version 2.0: the end is committed, the release is not, and the end that comes again ends nothing (4.1)."""
    trace = trace_of(*TWO, crash("executor", after="task_ended", for_="5s"), semantics="kestra-2.0.0")

    assert mishaps(trace) == [
        "10 COMPONENT_DOWN executor 0",
        "10 MESSAGE_LOST release of a",
        "15 COMPONENT_UP executor 0",
        "15 MESSAGE_REPEATED task_ended of a",
    ]
    assert lives(trace) == {"a": "CREATED:0 RUNNING:0 SUCCESS:10", "b": "CREATED:1 QUEUED:1"}


def test_a_crash_between_a_pop_and_its_message_strands_the_popped_one():
    """Version 2.0: b has the slot and is in no queue (BUGS, probe 4)."""
    trace = trace_of(*TWO, crash("executor", after="release", for_="5s"), semantics="kestra-2.0.0")

    assert "10 MESSAGE_LOST emit of a" in mishaps(trace)
    assert lives(trace)["b"] == "CREATED:1 QUEUED:1"
    claims = [(e.execution, e.after) for e in trace.events() if e.kind is Kind.CLAIM]
    assert claims == [("a", 1), ("b", 1)]


def test_a_crash_in_a_pop_of_two_steps_lets_go_of_the_row_it_had_locked():
    """Version 1.1.10: the pop of a is lost; that of c, which came in meanwhile, finds the row of b free."""
    trace = trace_of(
        flow("f", limit=1),
        arrive("f", "0s 1s 20s", names="a b c"),
        crash("executor", after="select", for_="5s"),
        semantics="kestra-1.1.10",
    )

    assert "10 MESSAGE_LOST take of a" in mishaps(trace)
    assert lives(trace)["b"] == "CREATED:1 QUEUED:1 RUNNING:30 SUCCESS:40"


def test_the_transactions_of_an_executor_that_goes_down_are_rolled_back_with_their_locks():
    """The gate of a is 20 ms under way; the other executor begins anew, and holds the counter until 60 ms."""
    trace = trace_of(flow("f", limit=1), arrive("f", names="a"), crash("executor", at="20ms"), platform=SLOW)

    assert mishaps(trace) == ["0.02 COMPONENT_DOWN executor 0", "0.02 MESSAGE_REPEATED gate of a"]
    assert lives(trace)["a"] == "CREATED:0 RUNNING:0.06 SUCCESS:10.1"


def test_who_waits_for_a_lock_of_an_executor_that_goes_down_gets_it():
    trace = trace_of(
        flow("f", limit=2), arrive("f", "0s 10ms", names="a b"), crash("executor", at="20ms"), platform=SLOW
    )

    waits = [(e.execution, e.t_us, e.before) for e in trace.events() if e.kind is Kind.LOCK_WAIT]
    assert waits[0] == ("b", 20_000, 10_000)
    assert lives(trace)["b"].startswith("CREATED:0.01 RUNNING:0.06")


def test_of_the_executors_it_is_the_one_at_work_that_goes_down():
    """The gates of a and b are under way on executors 0 and 1; b needs no lock of a's."""
    trace = trace_of(
        flow("f"),
        arrive("f", "0s 10ms", names="a b"),
        crash("executor", before="gate", nth=2),
        platform=SLOW,
    )

    assert mishaps(trace)[0] == "0.05 COMPONENT_DOWN executor 1"
    assert lives(trace)["a"].startswith("CREATED:0 RUNNING:0.04")


def test_who_waits_for_a_connection_gives_up_its_place():
    one_connection = Platform(executors=2, database=Database(connections=1, statement_us=10_000))
    trace = trace_of(
        flow("f"),
        arrive("f", "0s 10ms", names="a b"),
        crash("executor", at="20ms"),
        crash("executor", at="20ms", for_="1s"),
        platform=one_connection,
    )

    assert lives(trace)["a"].startswith("CREATED:0 RUNNING:1.06")
    assert lives(trace)["b"].startswith("CREATED:0.01 RUNNING:1.1")


def test_messages_in_the_line_for_an_executor_outlive_it():
    trace = trace_of(
        flow("f"),
        arrive("f", "0s 0s", names="a b"),
        crash("executor", at="10ms", for_="1s"),
        platform=ONE_SLOW,
    )

    assert lives(trace)["b"].startswith("CREATED:0 RUNNING:1.05")
    assert mishaps(trace)[-1] == "1.05 MESSAGE_REPEATED gate of a"


# --- transactions that fail


def test_a_failed_transaction_is_tried_again_after_a_moment():
    trace = trace_of(*TWO, error("gate", nth=2))

    assert mishaps(trace) == ["1 STEP_FAILED gate of b"]
    (queued,) = [e.t_us for e in trace.events() if e.kind is Kind.GATE and e.execution == "b"]
    assert 1_050_000 <= queued <= 2_000_000


def test_an_executor_that_tries_again_has_the_message_in_hand():
    trace = trace_of(*TWO, error("gate"), crash("executor", at="40ms", for_="10s"))

    assert mishaps(trace)[-1] == "10.04 MESSAGE_REPEATED gate of a"
    assert lives(trace)["a"].startswith("CREATED:0 RUNNING:10.04")


def test_what_always_fails_ends_with_the_healing():
    trace = trace_of(*TWO, error("gate", rate=1.0), heal="20s")

    assert mishaps(trace).count("20 HEALED") == 1
    assert {last(trace).detail, *(e.after for e in trace.events() if e.kind is Kind.STATE)} > {
        "drained",
        "SUCCESS",
    }


def test_what_always_fails_without_healing_is_bounded():
    assert last(trace_of(*TWO, error("gate", rate=1.0), max_events=500)).detail == "max_events"


def test_where_messages_do_not_come_again_an_error_loses_the_message():
    trace = trace_of(*TWO, error("task_ended"), semantics="kestra-1.3.31")

    assert mishaps(trace) == ["10 STEP_FAILED task_ended of a", "10 MESSAGE_LOST task_ended of a"]


def test_an_error_in_a_release_may_be_swallowed_and_the_slot_with_it():
    """Version 2.0: the rest of the end goes on, the trigger is unlocked, and b waits for ever (#17759)."""
    trace = trace_of(
        flow("f", limit=1, triggers=(schedule(cron="0 * * * * *"),)),
        arrive("f", "61s", names="b"),
        error("release"),
        until="61s",
        semantics="kestra-2.0.0",
    )

    assert mishaps(trace) == ["70 STEP_FAILED release of f#1"]
    assert lives(trace)["b"] == "CREATED:61 QUEUED:61"
    assert any(e.kind is Kind.TRIGGER_UNLOCKED for e in trace.events())


# --- messages that go astray


def test_a_message_that_is_lost_is_lost():
    trace = trace_of(*TWO, lose("task_ended"))

    assert mishaps(trace) == ["10 MESSAGE_LOST task_ended of a"]
    assert lives(trace) == {"a": "CREATED:0 RUNNING:0", "b": "CREATED:1 QUEUED:1"}


def test_a_message_that_is_held_up_is_overtaken():
    trace = trace_of(flow("f", limit=1), arrive("f", "0s 1s", names="a b"), delay("gate", for_="2s"))

    assert mishaps(trace) == ["0 MESSAGE_DELAYED gate of a"]
    assert lives(trace)["b"].startswith("CREATED:1 RUNNING:1")
    assert lives(trace)["a"].startswith("CREATED:0 QUEUED:2")


def test_a_message_held_up_for_ever_comes_with_the_healing():
    trace = trace_of(*TWO, delay("gate"), heal="20s")

    assert lives(trace)["a"].startswith("CREATED:0 RUNNING:20")


def test_a_message_is_held_up_but_once():
    trace = trace_of(flow("f"), arrive("f", names="a"), delay(rate=1.0, for_="2s"))

    assert lives(trace)["a"] == "CREATED:0 RUNNING:2 SUCCESS:14"


LIVES = [
    (flow("f", limit=1), arrive("f", "0s 1s", names="a b"), act("3s", "kill", "a"), edit("4s", flow("f"))),
    (flow("f", work("w", fails=[1]), limit=1), arrive("f", "0s 1s", names="a b"), act("30s", "restart", "a")),
    (flow("g"), flow("f", call("c", "g"), call("d", "g", wait=False)), arrive("f", names="a")),
    (flow("f", choice("x", (0.5, (work("y"), work("z"))), (0.5, (work("z"),)))), arrive("f", "0s 1s 2s")),
    (flow("f", pause("p"), work("w")), arrive("f", names="a"), act("3s", "resume", "a")),
    (flow("f", pause("p"), pause("q"), work("w")), arrive("f", names="a"), act("3s", "resume", "a")),
    (flow("f"), flow("g", triggers=(after("f"),)), arrive("f", "0s 1s")),
    (
        flow("f", limit=1),
        arrive("f", "0s 0s", names="a b"),
        act("1s", "force_run", "b"),
        act("2s", "delete", "a"),
    ),
]


@pytest.mark.parametrize("parts", LIVES)
def test_duplicates_change_nothing(parts):
    """Whatever message comes twice, the second one finds that the first one has been there."""
    twice = trace_of(*parts, duplicate(rate=1.0))

    assert any("REPEATED" in line for line in mishaps(twice))
    assert without_mishaps(twice) == without_mishaps(trace_of(*parts))


def test_an_execution_that_has_not_given_its_slot_back_cannot_be_restarted():
    """It would claim a second one, and the release that is still to come would free only the first."""
    times_out = task("p", TaskKind.PAUSE, timeout_us=us("1s"))
    trace = trace_of(
        flow("f", times_out, limit=2),
        arrive("f", names="a"),
        delay("release", for_="5s"),
        act("3s", "restart", "a"),
        act("8s", "restart", "a"),
    )

    answers = [e.detail for e in trace.events() if e.kind in (Kind.ACTION_REFUSED, Kind.ACTION_APPLIED)]
    assert answers == ["restart a: it has not given its slot back yet", "restart"]


# --- the end of all faults


def test_at_the_healing_everything_comes_back():
    trace = trace_of(
        *TWO,
        crash("executor", at="5s"),
        crash("scheduler", at="5s"),
        crash("worker", at="5s"),
        heal="20s",
    )

    assert mishaps(trace)[3:] == [
        "20 HEALED",
        "20 COMPONENT_UP executor 0",
        "20 COMPONENT_UP scheduler 0",
        "20 COMPONENT_UP worker 0",
        "350 MESSAGE_REPEATED run_task of a",
    ]


def test_from_the_healing_on_nothing_goes_down():
    trace = trace_of(*TWO, crash("executor", at="20s"), crash("executor", before="task_ended"), heal="10s")

    assert mishaps(trace) == ["10 HEALED"]


# --- the same run


@pytest.mark.parametrize("semantics", ["documented", "kestra-2.0.0", "kestra-1.1.10", "kestra-0.21.0"])
def test_as_long_as_nothing_goes_wrong_it_is_the_run_of_an_installation_that_cannot_fail(semantics):
    parts = (
        flow("g"),
        flow("f", call("c", "g"), work("w", fails=[2]), limit=1, triggers=(schedule(cron="*/7 * * * * *"),)),
        arrive("f", "0s 0s 1s 5s"),
        act("6s", "kill", "f#2"),
    )
    keys = {"until": "30s", "platform": replace(SLOW, executors=None), "semantics": semantics}
    fails_not = crash("executor", before="gate", nth=10**6)

    assert (
        simulate(wrong(*parts, fails_not, **keys)).records.tobytes()
        == simulate(wrong(*parts, **keys)).records.tobytes()
    )


def test_the_same_seed_gives_the_same_faults():
    scenario = wrong(*TWO, error(rate=0.3), crash("executor", before="gate", rate=0.5, for_="1s"), heal="1h")

    assert simulate(scenario).sha256() == simulate(scenario).sha256()
    assert simulate(scenario).sha256() != simulate(scenario, seed=2).sha256()
