"""What each step writes down, and in which order: the lines of the trace that the checks and people read.

A line is `TIME KIND EXECUTION FLOW/REVISION BEFORE AFTER DETAIL`; the table of `protocol.events` says what they mean.
"""

from __future__ import annotations

import pytest

from flowconc.scenario.flow import (
    Behavior,
    Concurrency,
    RetryBehavior,
    Sla,
    SlaBehavior,
    SlaKind,
    TaskKind,
)
from tests.flows import (
    act,
    after,
    arrive,
    call,
    edit,
    every_one,
    failing,
    flow,
    lines,
    pause,
    replace,
    retry,
    schedule,
    scope,
    sequence,
    task,
    trace_of_run,
    work,
    written,
)
from tests.simulation.firing import backfill

LIMITED = flow("f", limit=1)
SHORT = flow("f", work("w", "1s"), limit=1)
TWO = arrive("f", "0s 1s", names="a b")
ENGINE = "kestra-2.0.2"


def log(*parts, since: str = "0s", **keys) -> list[str]:
    return written(trace_of_run(*parts, **keys), since)


# --- through the gate and out again


def test_admission_queue_and_hand_over():
    assert log(LIMITED, TWO) == lines("""
        0 FLOW_SAVED - f/1 - 1 QUEUE
        0 CREATED a f/1 - CREATED api
        0 GATE a f/1 0 1 admit
        0 CLAIM a f/1 0 1 -
        0 STATE a f/1 CREATED RUNNING gate
        0 TASK_STARTED a f/1 1 0 w
        1 CREATED b f/1 - CREATED api
        1 GATE b f/1 1 1 queue
        1 STATE b f/1 CREATED QUEUED gate
        10 TASK_ENDED a f/1 - SUCCESS w
        10 STATE a f/1 RUNNING SUCCESS tasks
        10 RELEASE a f/1 1 0 -
        10 CLAIM b f/1 0 1 -
        10 STATE b f/1 QUEUED RUNNING pop
        10 TASK_STARTED b f/1 1 0 w
        20 TASK_ENDED b f/1 - SUCCESS w
        20 STATE b f/1 RUNNING SUCCESS tasks
        20 RELEASE b f/1 1 0 -
        20 RUN_ENDED - - - - drained
    """)


@pytest.mark.parametrize(
    ("semantics", "end"),
    [
        *((name, ["RELEASE", "CLAIM", "STATE"]) for name in (ENGINE, "kestra-1.2", "kestra-1.1.0")),
        ("kestra-0.24.0", ["RELEASE", "STATE"]),
        ("kestra-0.22.0", ["STATE"]),
    ],
)
def test_a_hand_over_in_the_engine_writes_what_its_version_counts(semantics, end):
    """0.24 does not count whom it pops; 0.22 counts executions, and claims nothing."""
    told = [line.split()[1:3] for line in log(LIMITED, TWO, since="10s", semantics=semantics)]

    assert told[:2] == [["TASK_ENDED", "a"], ["STATE", "a"]]
    assert [kind for kind, _ in told[2 : 2 + len(end)]] == end
    assert told[2 + len(end)] == ["TASK_STARTED", "b"]


@pytest.mark.parametrize(
    ("behavior", "answer", "state"), [("CANCEL", "cancel", "CANCELLED"), ("FAIL", "fail", "FAILED")]
)
def test_a_rejection(behavior, answer, state):
    told = log(flow("f", limit=1, behavior=behavior), TWO, since="1s")

    assert told[:4] == lines(f"""
        1 CREATED b f/1 - CREATED api
        1 GATE b f/1 1 1 {answer}
        1 STATE b f/1 CREATED {state} gate
        10 TASK_ENDED a f/1 - SUCCESS w
    """)


def test_a_rejection_with_after_execution_in_the_engine():
    after_all = flow("f", work("w", "3s"), limit=1, behavior="CANCEL", after_execution=(work("x", "2s"),))

    assert log(after_all, TWO, since="1s", semantics=ENGINE) == lines("""
        1 CREATED b f/1 - CREATED api
        1 GATE b f/1 1 1 cancel
        1 STATE b f/1 CREATED CANCELLED gate
        1 TASK_STARTED b f/1 1 0 w
        1 TASK_STARTED b f/1 1 0 x
        3 TASK_ENDED a f/1 - SUCCESS w
        3 STATE a f/1 RUNNING SUCCESS tasks
        3 TASK_STARTED a f/1 1 0 x
        3 TASK_ENDED b f/1 - SUCCESS x
        4 TASK_ENDED b f/1 - SUCCESS w
        5 TASK_ENDED a f/1 - SUCCESS x
        5 RELEASE a f/1 1 0 -
        5 RUN_ENDED - - - - drained
    """)


def test_after_execution_keeps_the_slot():
    after_all = flow("f", work("w", "1s"), limit=1, after_execution=(work("x", "2s"),))

    assert log(after_all, TWO, since="1s")[:9] == lines("""
        1 TASK_ENDED a f/1 - SUCCESS w
        1 STATE a f/1 RUNNING SUCCESS tasks
        1 TASK_STARTED a f/1 1 0 x
        1 CREATED b f/1 - CREATED api
        1 GATE b f/1 1 1 queue
        1 STATE b f/1 CREATED QUEUED gate
        3 TASK_ENDED a f/1 - SUCCESS x
        3 RELEASE a f/1 1 0 -
        3 CLAIM b f/1 0 1 -
    """)


def test_a_scheduled_execution_comes_to_the_gate_at_its_date():
    late = arrive("f", names="a", schedule_in_us=2_000_000)

    assert log(SHORT, late)[1:5] == lines("""
        0 CREATED a f/1 - CREATED api
        2 GATE a f/1 0 1 admit
        2 CLAIM a f/1 0 1 -
        2 STATE a f/1 CREATED RUNNING gate
    """)


def test_before_1_3_a_scheduled_execution_runs_past_the_gate():
    late = arrive("f", names="a", schedule_in_us=2_000_000)

    assert log(SHORT, late, semantics="kestra-1.2")[1:4] == lines("""
        0 CREATED a f/1 - CREATED api
        2 STATE a f/1 CREATED RUNNING schedule
        2 TASK_STARTED a f/1 1 0 w
    """)


# --- operators


def test_kills():
    told = log(
        LIMITED,
        TWO,
        act("3s", "kill", "b"),
        act("4s", "kill", "a"),
        act("5s", "kill", "a"),
        act("6s", "kill", "x"),
        since="3s",
    )
    assert told == lines("""
        3 ACTION_APPLIED b f/1 - - kill
        3 STATE b f/1 QUEUED KILLING kill
        3 STATE b f/1 KILLING KILLED kill
        4 ACTION_APPLIED a f/1 - - kill
        4 STATE a f/1 RUNNING KILLING kill
        4 TASK_ENDED a f/1 - KILLED w
        4 STATE a f/1 KILLING KILLED kill
        4 RELEASE a f/1 1 0 -
        5 ACTION_IGNORED a f/1 - - kill a: it is KILLED already
        6 ACTION_REFUSED - - - - kill x: not created yet
        6 RUN_ENDED - - - - drained
    """)


def test_a_kill_in_bulk():
    told = log(
        LIMITED,
        TWO,
        act("2s", "kill", every_one("f", "PAUSED")),
        act("3s", "kill", every_one("f", "QUEUED")),
        since="2s",
    )
    assert told[:4] == lines("""
        2 ACTION_IGNORED - f - - kill 0 of n.f
        3 ACTION_APPLIED - f - - kill 1 of n.f
        3 STATE b f/1 QUEUED KILLING kill
        3 STATE b f/1 KILLING KILLED kill
    """)


@pytest.mark.parametrize(
    ("semantics", "path"),
    [
        ("documented", ["PAUSED KILLING kill", "KILLING KILLED kill"]),
        (ENGINE, ["PAUSED RESTARTED kill", "RESTARTED KILLING kill", "KILLING KILLED kill"]),
        (
            "kestra-0.22.0",
            [
                "PAUSED RESTARTED kill",
                "RESTARTED RUNNING kill",
                "RUNNING KILLED tasks",
            ],
        ),
    ],
)
def test_a_kill_of_a_paused_execution(semantics, path):
    told = log(
        flow("f", pause("p"), limit=1),
        arrive("f", names="a"),
        act("3s", "kill", "a"),
        since="3s",
        semantics=semantics,
    )
    states = [line for line in told if " STATE " in line]
    assert states == [f"3 STATE a f/1 {step}" for step in path]


def test_before_1_1_an_execution_killed_in_the_queue_is_popped_and_killed_again():
    told = log(LIMITED, TWO, act("3s", "kill", "b"), since="3s", semantics="kestra-0.24.0")

    assert told[:5] == lines("""
        3 ACTION_APPLIED b f/1 - - kill
        3 STATE b f/1 QUEUED KILLING kill
        3 STATE b f/1 KILLING KILLED kill
        3 STATE b f/1 QUEUED RUNNING pop
        3 STATE b f/1 RUNNING KILLED tasks
    """)


def test_deletes():
    told = log(
        LIMITED,
        TWO,
        act("3s", "delete", "b"),
        act("4s", "delete", "a"),
        act("5s", "delete", "a"),
        since="3s",
    )
    assert told == lines("""
        3 ACTION_APPLIED b f/1 - - delete
        3 DELETED b f/1 QUEUED - -
        4 ACTION_APPLIED a f/1 - - delete
        4 DELETED a f/1 RUNNING - -
        5 ACTION_REFUSED a - - - delete a: deleted
        5 RUN_ENDED - - - - drained
    """)


def test_a_purge_takes_what_has_ended():
    told = log(
        SHORT,
        arrive("f", "0s 2s", names="a b"),
        act("2.5s", "purge", "b"),
        act("2.5s", "purge", "a"),
        since="2.5s",
    )
    assert told[:3] == lines("""
        2.5 ACTION_IGNORED b f/1 - - purge b: it is RUNNING, and purge takes only ended executions
        2.5 ACTION_APPLIED a f/1 - - purge
        2.5 DELETED a f/1 SUCCESS - -
    """)


def test_force_run_pause_and_resume():
    told = log(
        LIMITED,
        TWO,
        act("3s", "force_run", "b"),
        act("4s", "pause", "b"),
        act("4s", "pause", "b"),
        act("5s", "resume", "b"),
        act("6s", "resume", "b"),
        act("20s", "force_run", "b"),
        since="3s",
    )
    assert told == lines("""
        3 ACTION_APPLIED b f/1 - - force_run
        3 FORCED b f/1 - - -
        3 STATE b f/1 QUEUED RUNNING force_run
        3 TASK_STARTED b f/1 1 0 w
        4 ACTION_APPLIED b f/1 - - pause
        4 STATE b f/1 RUNNING PAUSED pause
        4 ACTION_REFUSED b f/1 - - pause b: it is PAUSED; only RUNNING executions can be paused
        5 ACTION_APPLIED b f/1 - - resume
        5 STATE b f/1 PAUSED RUNNING resume
        6 ACTION_REFUSED b f/1 - - resume b: it is RUNNING; only PAUSED executions can be resumed
        10 TASK_ENDED a f/1 - SUCCESS w
        10 STATE a f/1 RUNNING SUCCESS tasks
        10 RELEASE a f/1 1 0 -
        13 TASK_ENDED b f/1 - SUCCESS w
        13 STATE b f/1 RUNNING SUCCESS tasks
        20 ACTION_REFUSED b f/1 - - force_run b: it is SUCCESS; only executions that have not ended can be forced
        20 RUN_ENDED - - - - drained
    """)


def test_a_pause_that_runs_out_resumes():
    told = log(flow("f", pause("p", "2s"), limit=1), arrive("f", names="a"))

    assert told[4:] == lines("""
        0 STATE a f/1 CREATED RUNNING gate
        0 STATE a f/1 RUNNING PAUSED pause
        2 STATE a f/1 PAUSED RESTARTED resume
        2 STATE a f/1 RESTARTED RUNNING resume
        2 STATE a f/1 RUNNING SUCCESS tasks
        2 RELEASE a f/1 1 0 -
        2 RUN_ENDED - - - - drained
    """)


def test_a_restart_passes_the_gate_and_starts_the_next_attempt():
    told = log(
        flow("f", work("w", "1s", fails=[1]), limit=1),
        arrive("f", names="a"),
        act("3s", "restart", "a"),
        act("3s", "restart", "a"),
        since="1s",
    )
    assert told == lines("""
        1 TASK_ENDED a f/1 - FAILED w
        1 STATE a f/1 RUNNING FAILED tasks
        1 RELEASE a f/1 1 0 -
        3 ACTION_APPLIED a f/1 - - restart
        3 STATE a f/1 FAILED RESTARTED restart
        3 GATE a f/1 0 1 admit
        3 CLAIM a f/1 0 1 -
        3 STATE a f/1 RESTARTED RUNNING gate
        3 TASK_STARTED a f/1 2 0 w
        3 ACTION_REFUSED a f/1 - - restart a: it is RUNNING; only FAILED executions can be restarted
        4 TASK_ENDED a f/1 - SUCCESS w
        4 STATE a f/1 RUNNING SUCCESS tasks
        4 RELEASE a f/1 1 0 -
        4 RUN_ENDED - - - - drained
    """)


def test_a_restart_that_fail_turns_away_runs_uncounted_in_the_engine():
    told = log(
        flow("f", work("boom", "1s", fails=[1]), work("w"), limit=1, behavior="FAIL"),
        arrive("f", "0s 2s", names="a b"),
        act("3s", "restart", "a"),
        since="3s",
        semantics=ENGINE,
    )
    assert told[2:7] == lines("""
        3 ACTION_APPLIED a f/1 - - restart
        3 STATE a f/1 FAILED RESTARTED restart
        3 GATE a f/1 1 1 fail
        3 STATE a f/1 RESTARTED RUNNING restart
        3 TASK_STARTED a f/1 2 0 boom
    """)


def test_unqueue_and_change_status():
    told = log(
        LIMITED,
        arrive("f", "0s 0s 0s", names="a b c"),
        act("3s", "unqueue", "b", to="CANCELLED"),
        act("3s", "unqueue", "c", to="RUNNING"),
        act("3s", "unqueue", "c", to="RUNNING"),
        act("4s", "change_status", "b", to="SUCCESS"),
        since="3s",
    )
    assert told[:9] == lines("""
        3 ACTION_APPLIED b f/1 - - unqueue
        3 STATE b f/1 QUEUED CANCELLED unqueue
        3 ACTION_APPLIED c f/1 - - unqueue
        3 FORCED c f/1 - - -
        3 STATE c f/1 QUEUED RUNNING force_run
        3 TASK_STARTED c f/1 1 0 w
        3 ACTION_REFUSED c f/1 - - unqueue c: it is RUNNING; only QUEUED executions can be taken out of the queue
        4 ACTION_APPLIED b f/1 - - change_status
        4 STATE b f/1 CANCELLED SUCCESS change_status
    """)


def test_in_2_0_unqueue_to_an_end_frees_a_slot_that_was_never_claimed():
    told = log(
        LIMITED,
        arrive("f", "0s 0s 0s", names="a b c"),
        act("2s", "unqueue", "b", to="CANCELLED"),
        since="2s",
        semantics=ENGINE,
    )
    assert told[:6] == lines("""
        2 ACTION_APPLIED b f/1 - - unqueue
        2 STATE b f/1 QUEUED CANCELLED unqueue
        2 RELEASE b f/1 1 0 -
        2 CLAIM c f/1 0 1 -
        2 STATE c f/1 QUEUED RUNNING pop
        2 TASK_STARTED c f/1 1 0 w
    """)


def test_replays():
    told = log(
        flow("f", work("v", "1s"), work("w", "1s"), limit=1),
        arrive("f", names="a"),
        act("3s", "replay", "a", from_task="w", as_name="r"),
        act("8s", "replay", "a", as_name="s"),
        act("12s", "replay", "a", from_task="z"),
        since="3s",
    )
    assert told == lines("""
        3 ACTION_APPLIED a f/1 - - replay
        3 CREATED r f/1 - CREATED replay:a
        3 STATE r f/1 SUCCESS RESTARTED replay
        3 GATE r f/1 0 1 admit
        3 CLAIM r f/1 0 1 -
        3 STATE r f/1 RESTARTED RUNNING gate
        3 TASK_STARTED r f/1 1 0 w
        4 TASK_ENDED r f/1 - SUCCESS w
        4 STATE r f/1 RUNNING SUCCESS tasks
        4 RELEASE r f/1 1 0 -
        8 ACTION_APPLIED a f/1 - - replay
        8 CREATED s f/1 - CREATED replay:a
        8 GATE s f/1 0 1 admit
        8 CLAIM s f/1 0 1 -
        8 STATE s f/1 CREATED RUNNING gate
        8 TASK_STARTED s f/1 1 0 v
        9 TASK_ENDED s f/1 - SUCCESS v
        9 TASK_STARTED s f/1 1 0 w
        10 TASK_ENDED s f/1 - SUCCESS w
        10 STATE s f/1 RUNNING SUCCESS tasks
        10 RELEASE s f/1 1 0 -
        12 ACTION_REFUSED a f/1 - - replay a: it has no task z
        12 RUN_ENDED - - - - drained
    """)


# --- flows and their counters


def test_saving_and_deleting_flows():
    told = log(
        LIMITED,
        arrive("f", names="a"),
        edit("1s", flow("f", limit=2, behavior="FAIL")),
        act("2s", "create_flow", "n.f", flow("f")),
        act("3s", "delete_flow", "n.f"),
        act("4s", "delete_flow", "n.f"),
        edit("5s", flow("f")),
        act("6s", "create_flow", "n.f", flow("f")),
        act("7s", "set_counter", "n.f", running=3),
        since="1s",
    )
    assert told == lines("""
        1 ACTION_APPLIED - f - - edit
        1 FLOW_SAVED - f/2 1 2 FAIL
        2 ACTION_REFUSED - f - - create_flow n.f: the flow exists
        3 ACTION_APPLIED - f/2 - - delete_flow
        3 FLOW_DELETED - f/2 - - -
        4 ACTION_REFUSED - f - - delete_flow n.f: the flow does not exist
        5 ACTION_REFUSED - f - - edit n.f: the flow does not exist
        6 ACTION_APPLIED - f - - create_flow
        6 FLOW_SAVED - f/3 2 - -
        7 ACTION_APPLIED - f - - set_counter
        7 COUNTER_SET - f 1 3 set_counter
        10 TASK_ENDED a f/1 - SUCCESS w
        10 STATE a f/1 RUNNING SUCCESS tasks
        10 RELEASE a f/1 3 2 -
        10 RUN_ENDED - - - - drained
    """)


def test_in_2_0_a_counter_is_lost_with_the_limit_or_with_the_flow():
    told = log(
        LIMITED,
        arrive("f", "0s 3s", names="a b"),
        edit("1s", flow("f")),
        edit("2s", LIMITED),
        act("4s", "delete_flow", "n.f"),
        since="1s",
        semantics=ENGINE,
    )
    assert told[:12] == lines("""
        1 ACTION_APPLIED - f - - edit
        1 FLOW_SAVED - f/2 1 - -
        1 COUNTER_SET - f 1 0 save_flow
        2 ACTION_APPLIED - f - - edit
        2 FLOW_SAVED - f/3 - 1 QUEUE
        3 CREATED b f/3 - CREATED api
        3 GATE b f/3 0 1 admit
        3 CLAIM b f/3 0 1 -
        3 STATE b f/3 CREATED RUNNING gate
        3 TASK_STARTED b f/3 1 0 w
        4 ACTION_APPLIED - f/3 - - delete_flow
        4 FLOW_DELETED - f/3 - - -
    """)
    assert told[12] == "4 COUNTER_SET - f 1 0 delete_flow"


@pytest.mark.parametrize(
    ("semantics", "key", "running", "why"),
    [
        ("kestra-0.22.0", "n.f", 0, "set_counter n.f to 0: this version has no counter to set"),
        ("documented", "n.g", 0, "set_counter n.g to 0: the flow has no counter"),
        ("documented", "n.f", -1, "set_counter n.f to -1: a counter is 0 or more"),
    ],
)
def test_counters_that_cannot_be_set(semantics, key, running, why):
    told = log(LIMITED, act("1s", "set_counter", key, running=running), since="1s", semantics=semantics)
    assert told == [f"1 ACTION_REFUSED - {key.removeprefix('n.')} - - {why}", "1 RUN_ENDED - - - - drained"]


def edit_limit(at: str, name: str, limit: int | None = None, behavior: str = "QUEUE"):
    concurrency = None if limit is None else Concurrency(limit, Behavior(behavior))
    return act(at, "edit_limit", name, concurrency=concurrency)


def test_namespace_and_tenant_limits():
    told = log(
        flow("f", limit=5),
        TWO,
        edit_limit("2s", "namespace:n"),
        edit_limit("2s", "namespace:n"),
        edit_limit("3s", "tenant:main", 4, "CANCEL"),
        limits=(scope(1, namespace="n"),),
    )
    assert told[:-1] == lines("""
        0 FLOW_SAVED - f/1 - 5 QUEUE
        0 SCOPE_SAVED - - - 1 namespace:n QUEUE
        0 CREATED a f/1 - CREATED api
        0 GATE a f/1 0 5 admit
        0 CLAIM a f/1 0 1 -
        0 CLAIM a f/1 0 1 namespace:n
        0 STATE a f/1 CREATED RUNNING gate
        0 TASK_STARTED a f/1 1 0 w
        1 CREATED b f/1 - CREATED api
        1 GATE b f/1 1 1 queue
        1 STATE b f/1 CREATED QUEUED gate
        2 ACTION_APPLIED - - - - edit_limit namespace:n
        2 SCOPE_SAVED - - 1 - namespace:n
        2 CLAIM b f/1 1 2 -
        2 STATE b f/1 QUEUED RUNNING pop
        2 TASK_STARTED b f/1 1 0 w
        2 ACTION_APPLIED - - - - edit_limit namespace:n
        2 SCOPE_SAVED - - - - namespace:n
        3 ACTION_APPLIED - - - - edit_limit tenant:main
        3 SCOPE_SAVED - - - 4 tenant:main CANCEL
        10 TASK_ENDED a f/1 - SUCCESS w
        10 STATE a f/1 RUNNING SUCCESS tasks
        10 RELEASE a f/1 1 0 namespace:n
        10 RELEASE a f/1 2 1 -
        12 TASK_ENDED b f/1 - SUCCESS w
        12 STATE b f/1 RUNNING SUCCESS tasks
        12 RELEASE b f/1 1 0 -
    """)


# --- triggers


def test_a_schedule_fires_locks_skips_and_unlocks():
    told = log(flow("f", work("w", "1.5s"), triggers=(schedule(),)), until="2s")

    assert told == lines("""
        0 FLOW_SAVED - f/1 - - -
        1 FIRE f#1 f/1 1000000 - s
        1 CREATED f#1 f/1 - CREATED trigger:s
        1 TRIGGER_LOCKED f#1 f/1 - - s
        1 GATE f#1 f/1 0 - admit
        1 CLAIM f#1 f/1 0 1 -
        1 STATE f#1 f/1 CREATED RUNNING gate
        1 TASK_STARTED f#1 f/1 1 0 w
        2 FIRE_SKIPPED f#1 f/1 2000000 - s
        2.5 TASK_ENDED f#1 f/1 - SUCCESS w
        2.5 STATE f#1 f/1 RUNNING SUCCESS tasks
        2.5 RELEASE f#1 f/1 1 0 -
        2.5 TRIGGER_UNLOCKED f#1 f/1 - - s
        2.5 RUN_ENDED - - - - drained
    """)


def test_stop_after_disables_the_trigger():
    once = schedule(stop_after=frozenset({"SUCCESS"}))
    told = log(flow("f", work("w", "1s"), triggers=(once,)), since="2s", until="9s")

    assert told == lines("""
        2 TASK_ENDED f#1 f/1 - SUCCESS w
        2 STATE f#1 f/1 RUNNING SUCCESS tasks
        2 RELEASE f#1 f/1 1 0 -
        2 TRIGGER_UNLOCKED f#1 f/1 - - s
        2 TRIGGER_DISABLED - f/1 - - s
        2 RUN_ENDED - - - - drained
    """)


def test_switching_triggers():
    told = log(
        flow("f", triggers=(schedule(cron="30 * * * * *"),)),
        act("1s", "disable_trigger", "n.f.s"),
        act("2s", "disable_trigger", "n.f.s"),
        act("3s", "enable_trigger", "n.f.s"),
        act("4s", "enable_trigger", "n.f.x"),
        until="10s",
        since="1s",
    )
    assert told[:-1] == lines("""
        1 ACTION_APPLIED - f/1 - - disable_trigger
        1 TRIGGER_DISABLED - f/1 - - s
        2 ACTION_IGNORED - f - - disable_trigger s: it is so already
        3 ACTION_APPLIED - f/1 - - enable_trigger
        3 TRIGGER_ENABLED - f/1 - - s
        4 ACTION_REFUSED - f - - enable_trigger x: the trigger does not exist
    """)


def test_a_backfill():
    told = log(
        flow("f", work("w", "1s"), triggers=(schedule(cron="*/10 * * * * *"),)),
        backfill("1s", "0s", "0s"),
        backfill("1s", "0s", "0s"),
        backfill("1s", "0s", "0s", "n.f.x"),
        until="5s",
        since="1s",
    )
    assert told[:7] == lines("""
        1 ACTION_APPLIED - f/1 - - backfill
        1 BACKFILL - f/1 0 0 s
        1 ACTION_REFUSED - f/1 - - backfill s: a backfill is under way
        1 ACTION_REFUSED - f/1 - - backfill x: the trigger does not exist
        1 FIRE f#1 f/1 0 1 s
        1 CREATED f#1 f/1 - CREATED trigger:s
        1 TRIGGER_LOCKED f#1 f/1 - - s
    """)


def test_a_flow_trigger_answers_an_end_and_locks_nothing():
    told = log(
        flow("f", work("w", "1s")),
        flow("g", work("w", "1s"), triggers=(after("f"),)),
        arrive("f", names="a"),
        since="1s",
    )
    assert told == lines("""
        1 TASK_ENDED a f/1 - SUCCESS w
        1 STATE a f/1 RUNNING SUCCESS tasks
        1 RELEASE a f/1 1 0 -
        1 FIRE g#1 g/1 - - after
        1 CREATED g#1 g/1 - CREATED trigger:after
        1 GATE g#1 g/1 0 - admit
        1 CLAIM g#1 g/1 0 1 -
        1 STATE g#1 g/1 CREATED RUNNING gate
        1 TASK_STARTED g#1 g/1 1 0 w
        2 TASK_ENDED g#1 g/1 - SUCCESS w
        2 STATE g#1 g/1 RUNNING SUCCESS tasks
        2 RELEASE g#1 g/1 1 0 -
        2 RUN_ENDED - - - - drained
    """)


# --- retries


def test_a_task_retry():
    told = log(
        flow("f", work("w", "1s", fails=[1], retry=retry("5s", max_attempts=2)), limit=1),
        arrive("f", names="a"),
        since="1s",
    )
    assert told == lines("""
        1 TASK_ENDED a f/1 - FAILED w
        1 STATE a f/1 RUNNING RETRYING retry
        6 STATE a f/1 RETRYING RUNNING retry
        6 TASK_STARTED a f/1 2 0 w
        7 TASK_ENDED a f/1 - SUCCESS w
        7 STATE a f/1 RUNNING SUCCESS tasks
        7 RELEASE a f/1 1 0 -
        7 RUN_ENDED - - - - drained
    """)


@pytest.mark.parametrize("of", ["task", "flow"])
def test_a_retry_as_a_new_execution_gives_the_slot_back_meanwhile(of):
    again = retry("5s", max_attempts=2, behavior=RetryBehavior.CREATE_NEW_EXECUTION)
    of_task, of_flow = (again, None) if of == "task" else (None, again)
    told = log(
        flow("f", work("w", "1s", fails=[1], retry=of_task), limit=1, retry=of_flow),
        arrive("f", names="a"),
        since="1s",
    )
    assert told == lines("""
        1 TASK_ENDED a f/1 - FAILED w
        1 STATE a f/1 RUNNING RETRIED retry
        1 RELEASE a f/1 1 0 -
        6 CREATED f#1 f/1 - CREATED retry:a
        6 GATE f#1 f/1 0 1 admit
        6 CLAIM f#1 f/1 0 1 -
        6 STATE f#1 f/1 CREATED RUNNING gate
        6 TASK_STARTED f#1 f/1 1 0 w
        7 TASK_ENDED f#1 f/1 - SUCCESS w
        7 STATE f#1 f/1 RUNNING SUCCESS tasks
        7 RELEASE f#1 f/1 1 0 -
        7 RUN_ENDED - - - - drained
    """)


def test_the_engine_shows_each_failure_before_a_retry():
    told = log(
        flow("f", failing("w", "1s", retry=retry("5s", max_attempts=2))),
        arrive("f", names="a"),
        since="1s",
        semantics=ENGINE,
    )
    assert told == lines("""
        1 TASK_ENDED a f/1 - FAILED w
        1 STATE a f/1 RUNNING FAILED tasks
        1 STATE a f/1 FAILED RETRYING retry
        6 STATE a f/1 RETRYING RUNNING retry
        6 TASK_STARTED a f/1 2 0 w
        7 TASK_ENDED a f/1 - FAILED w
        7 STATE a f/1 RUNNING FAILED tasks
        7 RUN_ENDED - - - - drained
    """)


def test_in_2_0_a_flow_retry_runs_the_failed_task_once_in_vain_and_goes_one_round_without():
    told = log(
        flow(
            "f",
            work("v", "0s"),
            failing("w", "1s"),
            retry=retry("5s", max_attempts=3, behavior=RetryBehavior.RETRY_FAILED_TASK),
        ),
        arrive("f", names="a"),
        since="1s",
        semantics=ENGINE,
    )
    assert told == lines("""
        1 TASK_ENDED a f/1 - FAILED w
        1 STATE a f/1 RUNNING FAILED tasks
        1 STATE a f/1 FAILED RETRYING retry
        1 TASK_STARTED a f/1 1 0 w
        2 TASK_ENDED a f/1 - FAILED w
        6 STATE a f/1 RETRYING RUNNING retry
        6 STATE a f/1 RUNNING FAILED tasks
        6 STATE a f/1 FAILED RETRYING retry
        7 STATE a f/1 RETRYING RUNNING retry
        7 TASK_STARTED a f/1 2 0 w
        8 TASK_ENDED a f/1 - FAILED w
        8 STATE a f/1 RUNNING FAILED tasks
        8 STATE a f/1 FAILED RETRYING retry
        13 STATE a f/1 RETRYING RUNNING retry
        13 TASK_STARTED a f/1 3 0 w
        14 TASK_ENDED a f/1 - FAILED w
        14 STATE a f/1 RUNNING FAILED tasks
        14 RUN_ENDED - - - - drained
    """)


# --- SLAs


LATE = Sla("late", SlaKind.MAX_DURATION, SlaBehavior.CANCEL, duration_us=3_000_000)
NEVER = Sla("never", SlaKind.EXECUTION_ASSERTION, SlaBehavior.CANCEL, holds=False)


def test_an_sla_that_runs_out_while_the_execution_runs():
    told = log(replace(LIMITED, sla=(LATE,)), TWO, since="3s")

    assert told == lines("""
        3 SLA_BROKEN a f/1 - - late
        3 TASK_ENDED a f/1 - KILLED w
        3 STATE a f/1 RUNNING CANCELLED sla
        3 RELEASE a f/1 1 0 -
        3 CLAIM b f/1 0 1 -
        3 STATE b f/1 QUEUED RUNNING pop
        3 TASK_STARTED b f/1 1 0 w
        4 SLA_BROKEN b f/1 - - late
        4 TASK_ENDED b f/1 - KILLED w
        4 STATE b f/1 RUNNING CANCELLED sla
        4 RELEASE b f/1 1 0 -
        4 RUN_ENDED - - - - drained
    """)


@pytest.mark.parametrize(
    ("semantics", "released"), [(ENGINE, ["3 RELEASE a f/1 1 0 -"]), ("kestra-0.22.0", [])]
)
def test_in_the_engine_an_sla_ends_the_execution_before_its_tasks(semantics, released):
    told = log(replace(LIMITED, sla=(LATE,)), arrive("f", names="a"), since="3s", semantics=semantics)
    assert told == [
        "3 SLA_BROKEN a f/1 - - late",
        "3 STATE a f/1 RUNNING CANCELLED sla",
        "3 TASK_ENDED a f/1 - KILLED w",
        *released,
        "3 RUN_ENDED - - - - drained",
    ]


def test_in_the_engine_an_sla_that_runs_out_in_the_queue_frees_the_holders_slot_and_pops_the_ended_one():
    told = log(
        LIMITED,
        arrive("f", names="a"),
        edit("1s", replace(LIMITED, sla=(LATE,))),
        arrive("f", "1s", names="b"),
        since="4s",
        semantics=ENGINE,
    )
    assert told[:9] == lines("""
        4 SLA_BROKEN b f/2 - - late
        4 STATE b f/2 QUEUED CANCELLED sla
        4 RELEASE b f/2 1 0 -
        4 CLAIM b f/2 0 1 -
        4 STATE b f/2 QUEUED RUNNING pop
        4 TASK_STARTED b f/2 1 0 w
        4 STATE b f/2 RUNNING CANCELLED sla
        4 TASK_ENDED b f/2 - KILLED w
        4 RELEASE b f/2 1 0 -
    """)


def test_an_assertion_that_does_not_hold_ends_the_execution_at_the_gate():
    told = log(replace(LIMITED, sla=(NEVER,)), arrive("f", names="a"))

    assert told[1:] == lines("""
        0 CREATED a f/1 - CREATED api
        0 GATE a f/1 0 1 admit
        0 CLAIM a f/1 0 1 -
        0 STATE a f/1 CREATED CANCELLED sla
        0 RELEASE a f/1 1 0 -
        0 RUN_ENDED - - - - drained
    """)


def test_in_0_24_an_assertion_is_looked_at_when_the_execution_runs():
    told = log(replace(LIMITED, sla=(NEVER,)), arrive("f", names="a"), semantics="kestra-0.24.0")

    assert told[3:] == lines("""
        0 CLAIM a f/1 0 1 -
        0 STATE a f/1 CREATED RUNNING gate
        0 STATE a f/1 RUNNING CANCELLED sla
        0 RELEASE a f/1 1 0 -
        0 RUN_ENDED - - - - drained
    """)


# --- children


def test_a_subflow_has_its_own_gate_and_its_parent_waits():
    told = log(flow("p", call("s", "f")), SHORT, arrive("p", names="a"))

    assert told[2:] == lines("""
        0 CREATED a p/1 - CREATED api
        0 GATE a p/1 0 - admit
        0 CLAIM a p/1 0 1 -
        0 STATE a p/1 CREATED RUNNING gate
        0 CREATED f#1 f/1 - CREATED subflow:a
        0 GATE f#1 f/1 0 1 admit
        0 CLAIM f#1 f/1 0 1 -
        0 STATE f#1 f/1 CREATED RUNNING gate
        0 TASK_STARTED f#1 f/1 1 0 w
        1 TASK_ENDED f#1 f/1 - SUCCESS w
        1 STATE f#1 f/1 RUNNING SUCCESS tasks
        1 RELEASE f#1 f/1 1 0 -
        1 STATE a p/1 RUNNING SUCCESS tasks
        1 RELEASE a p/1 1 0 -
        1 RUN_ENDED - - - - drained
    """)


def test_a_subflow_that_is_refused_fails_its_parent():
    told = log(flow("p", call("s", "f")), replace(SHORT, disabled=True), arrive("p", names="a"))

    assert told[6:] == lines("""
        0 ARRIVAL_REFUSED a f/1 - - flow disabled
        0 STATE a p/1 RUNNING FAILED tasks
        0 RELEASE a p/1 1 0 -
        0 RUN_ENDED - - - - drained
    """)


def looping(*passes, **keys):
    return flow("f", task("l", TaskKind.SEQUENCE, is_loop=True, children=passes), **keys)


def test_in_2_0_the_passes_of_a_loop_are_executions_and_only_the_first_is_counted():
    """Each frees a slot at its end all the same: the counter stands at 0 while the parent runs (OBSERVED 13)."""
    one, two = sequence("p", work("w", "1s")), sequence("p", work("w", "2s"))
    told = log(looping(one, two, limit=2), arrive("f", names="a"), semantics=ENGINE)

    assert told[5:] == lines("""
        0 CREATED f#1 f/1 - CREATED loop:a
        0 GATE f#1 f/1 1 2 admit
        0 CLAIM f#1 f/1 1 2 -
        0 STATE f#1 f/1 CREATED RUNNING gate
        0 TASK_STARTED f#1 f/1 1 0 w
        1 TASK_ENDED f#1 f/1 - SUCCESS w
        1 STATE f#1 f/1 RUNNING SUCCESS tasks
        1 RELEASE f#1 f/1 2 1 -
        1 CREATED f#2 f/1 - CREATED loop:a
        1 STATE f#2 f/1 CREATED RUNNING loop
        1 TASK_STARTED f#2 f/1 1 0 w
        3 TASK_ENDED f#2 f/1 - SUCCESS w
        3 STATE f#2 f/1 RUNNING SUCCESS tasks
        3 RELEASE f#2 f/1 1 0 -
        3 STATE a f/1 RUNNING SUCCESS tasks
        3 RELEASE a f/1 0 0 -
        3 RUN_ENDED - - - - drained
    """)


def test_a_first_pass_that_finds_no_slot_waits_for_its_own_parent():
    told = log(looping(sequence("p", work("w", "1s")), limit=1), arrive("f", names="a"), semantics=ENGINE)

    assert told[5:] == lines("""
        0 CREATED f#1 f/1 - CREATED loop:a
        0 GATE f#1 f/1 1 1 queue
        0 STATE f#1 f/1 CREATED QUEUED gate
        0 RUN_ENDED - - - - drained
    """)
