"""Where versions part: for each rule the smallest run that shows it, and what every version makes of it.

What was recorded of the real engine is held in tests/conformance; here is one law at a time. Times are seconds.
"""

from __future__ import annotations

import pytest

from flowconc.protocol.events import Kind
from flowconc.protocol.versions import VERSIONS
from flowconc.scenario.flow import RetryBehavior, Sla, SlaBehavior, SlaKind
from flowconc.scenario.model import Latency, Platform
from tests.flows import (
    act,
    after,
    arrive,
    call,
    choice,
    edit,
    every_one,
    failing,
    flow,
    key_of,
    lives,
    pause,
    replace,
    retry,
    scope,
    sequence,
    task_runs,
    told,
    trace_of_run,
    work,
)

NEWEST = "kestra-2.0.2"
ENGINES = tuple(name for name in VERSIONS if name != "documented")


def versions(first: str, last: str) -> tuple[str, ...]:
    """Return the versions from `first` back to `last`."""
    names = list(VERSIONS)
    return tuple(names[names.index(first) : names.index(last) + 1])


def fate(name: str, *parts, semantics: str, **keys) -> str:
    return lives(trace_of_run(*parts, semantics=semantics, **keys))[name]


LIMITED = flow("f", limit=1)


# --- every version


@pytest.mark.parametrize("semantics", VERSIONS)
def test_a_full_flow_queues_and_hands_on(semantics):
    trace = trace_of_run(LIMITED, arrive("f", "0s 1s 2s", names="a b c"), semantics=semantics)

    assert lives(trace) == {
        "a": "CREATED:0 RUNNING:0 SUCCESS:10",
        "b": "CREATED:1 QUEUED:1 RUNNING:10 SUCCESS:20",
        "c": "CREATED:2 QUEUED:2 RUNNING:20 SUCCESS:30",
    }


@pytest.mark.parametrize("semantics", VERSIONS)
def test_a_rejected_execution_ends_at_once(semantics):
    cancelling = flow("f", limit=1, behavior="CANCEL")
    assert fate("b", cancelling, arrive("f", "0s 1s", names="a b"), semantics=semantics) == (
        "CREATED:1 CANCELLED:1"
    )


@pytest.mark.parametrize("semantics", VERSIONS)
def test_a_killed_holder_hands_on(semantics):
    trace = trace_of_run(
        LIMITED, arrive("f", "0s 1s", names="a b"), act("3s", "kill", "a"), semantics=semantics
    )

    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 KILLING:3 KILLED:3"
    assert lives(trace)["b"].startswith("CREATED:1 QUEUED:1 RUNNING:3")


# --- who is counted


@pytest.mark.parametrize(
    ("semantics", "started"),
    [*((v, 10) for v in versions("documented", "kestra-1.1.0")), ("kestra-0.24.0", 5)],
)
def test_a_popped_execution_is_counted_but_in_0_24(semantics, started):
    """While b runs, which was popped, c finds the flow full; in 0.24 it finds nobody."""
    quick = flow("f", work("w", "5s"), limit=1)
    c = fate("c", quick, arrive("f", "0s 1s 5s", names="a b c"), semantics=semantics)

    assert f"RUNNING:{started}" in c


@pytest.mark.parametrize(("semantics", "waits"), [("kestra-0.24.0", True), ("kestra-0.22.0", False)])
def test_a_retrying_execution_is_not_counted_where_executions_are(semantics, waits):
    retrying = flow("f", failing("w", "1s", retry=retry("100s", max_attempts=2)), limit=1)
    b = fate("b", retrying, arrive("f", "0s 5s", names="a b"), semantics=semantics)

    assert ("QUEUED" in b) is waits


@pytest.mark.parametrize(("semantics", "started"), [("documented", 2), *((v, 10) for v in ENGINES)])
def test_a_raised_limit_starts_queued_executions_under_the_contract_only(semantics, started):
    b = fate(
        "b",
        LIMITED,
        arrive("f", "0s 1s", names="a b"),
        edit("2s", flow("f", limit=2)),
        semantics=semantics,
    )
    assert f"RUNNING:{started} " in b


@pytest.mark.parametrize("semantics", versions(NEWEST, "kestra-2.0.0"))
def test_an_end_pops_by_the_limit_of_its_own_revision(semantics):
    """Limit 1, raised to 3: the two of the new revision run beside a, whose end, by limit 1, pops nobody."""
    trace = trace_of_run(
        LIMITED,
        arrive("f", "0s 1s", names="a b"),
        edit("2s", flow("f", limit=3)),
        arrive("f", "3s 4s", names="c d"),
        semantics=semantics,
    )
    assert "RUNNING:3 " in lives(trace)["c"]
    assert "RUNNING:13 " in lives(trace)["b"]


def test_before_1_1_10_an_end_pops_without_looking():
    b = fate(
        "b",
        LIMITED,
        arrive("f", "0s 1s", names="a b"),
        edit("2s", flow("f", limit=3)),
        arrive("f", "3s 4s", names="c d"),
        semantics="kestra-1.1.0",
    )
    assert "RUNNING:10 " in b


@pytest.mark.parametrize(("semantics", "waits"), [("kestra-2.0.0", False), ("kestra-1.3.31", True)])
def test_in_2_0_the_counter_goes_with_the_limit(semantics, waits):
    """Removed and added again while a runs: the new counter starts at 0."""
    b = fate(
        "b",
        LIMITED,
        arrive("f", "0s 4s", names="a b"),
        edit("1s", flow("f")),
        edit("2s", LIMITED),
        semantics=semantics,
    )
    assert ("QUEUED" in b) is waits


@pytest.mark.parametrize("semantics", ENGINES)
def test_ends_of_the_old_revision_go_on_popping_when_the_limit_is_removed(semantics):
    trace = trace_of_run(
        LIMITED, arrive("f", "0s 1s 2s", names="a b c"), edit("3s", flow("f")), semantics=semantics
    )
    assert "RUNNING:20 " in lives(trace)["c"]


@pytest.mark.parametrize(
    ("semantics", "refused"),
    [
        *((v, False) for v in versions("documented", "kestra-1.1.0")),
        *((v, True) for v in versions("kestra-0.24.0", "kestra-0.21.0")),
    ],
)
def test_a_counter_can_be_set_where_there_is_one(semantics, refused):
    trace = trace_of_run(
        LIMITED,
        arrive("f", "0s 5s", names="a b"),
        act("1s", "set_counter", key_of("f"), running=0),
        semantics=semantics,
    )
    assert bool(told(trace, Kind.ACTION_REFUSED)) is refused
    assert ("QUEUED" in lives(trace)["b"]) is refused


@pytest.mark.parametrize(
    ("semantics", "refused"), [("documented", True), ("kestra-2.0.2", False), ("kestra-1.1.0", False)]
)
def test_a_negative_counter_lets_everybody_in(semantics, refused):
    trace = trace_of_run(
        LIMITED,
        arrive("f", "0s 5s 6s", names="a b c"),
        act("1s", "set_counter", key_of("f"), running=-1),
        semantics=semantics,
    )
    assert bool(told(trace, Kind.ACTION_REFUSED)) is refused
    assert ("QUEUED" in lives(trace)["c"]) is refused


# --- admission


GATED, PAST = "RESTARTED:3 QUEUED:3", "RESTARTED:3 RUNNING:3"


@pytest.mark.parametrize(
    ("semantics", "path"),
    [
        *((v, GATED) for v in versions("documented", "kestra-1.1.0")),
        *((v, PAST) for v in versions("kestra-0.24.0", "kestra-0.21.0")),
    ],
)
def test_a_restart_of_a_failed_execution_passes_the_gate_since_1_1(semantics, path):
    a = fate(
        "a",
        flow("f", work("boom", "1s", fails=[1]), work("w"), limit=1),
        arrive("f", "0s 2s", names="a b"),
        act("3s", "restart", "a"),
        semantics=semantics,
    )
    assert path in a


@pytest.mark.parametrize(
    ("semantics", "path"),
    [("documented", "RESTARTED:3 FAILED:3"), *((v, PAST) for v in ENGINES)],
)
def test_the_engine_does_not_stop_a_restart_with_fail(semantics, path):
    a = fate(
        "a",
        flow("f", work("boom", "1s", fails=[1]), work("w"), limit=1, behavior="FAIL"),
        arrive("f", "0s 2s", names="a b"),
        act("3s", "restart", "a"),
        semantics=semantics,
    )
    assert path in a


@pytest.mark.parametrize(("semantics", "admitted"), [("kestra-2.0.0", True), ("kestra-1.3.31", False)])
def test_in_2_0_a_restart_turned_away_releases_with_its_old_claim(semantics, admitted):
    trace = trace_of_run(
        flow("f", work("boom", "1s", fails=[1]), work("w"), limit=1, behavior="CANCEL"),
        arrive("f", "0s 2s 4s", names="a b c"),
        act("3s", "restart", "a"),
        semantics=semantics,
    )
    assert lives(trace)["a"].endswith("RESTARTED:3 CANCELLED:3")
    assert ("RUNNING:4" in lives(trace)["c"]) is admitted


@pytest.mark.parametrize(
    ("semantics", "path"),
    [
        *((v, "CREATED:1 QUEUED:3 RUNNING:10") for v in ("documented", *versions(NEWEST, "kestra-1.3.31"))),
        *((v, "CREATED:1 RUNNING:3") for v in versions("kestra-1.2", "kestra-0.21.0")),
    ],
)
def test_a_scheduled_execution_passes_the_gate_since_1_3(semantics, path):
    s = fate(
        "s",
        LIMITED,
        arrive("f", names="a"),
        arrive("f", "1s", names="s", schedule_in_us=2_000_000),
        semantics=semantics,
    )
    assert s.startswith(path)


@pytest.mark.parametrize(
    ("semantics", "runs"),
    [("documented", ""), *((v, "w:1 x:1") for v in versions(NEWEST, "kestra-0.22.0"))],
)
def test_the_engine_runs_the_first_task_of_a_rejected_execution_that_has_after_execution(semantics, runs):
    trace = trace_of_run(
        flow("f", work("w", "1s"), work("v"), limit=1, behavior="CANCEL", after_execution=(work("x", "2s"),)),
        arrive("f", "0s 1s", names="a b"),
        semantics=semantics,
    )
    assert lives(trace)["b"] == "CREATED:1 CANCELLED:1"
    assert task_runs(trace, "b") == runs


# --- release and pop


@pytest.mark.parametrize(
    ("semantics", "admitted"),
    [
        *((v, False) for v in versions("documented", "kestra-1.1.10")),
        ("kestra-1.1.0", True),
        *((v, False) for v in versions("kestra-0.24.0", "kestra-0.21.0")),
    ],
)
def test_in_1_1_0_a_rejection_frees_a_slot(semantics, admitted):
    c = fate(
        "c",
        flow("f", limit=1, behavior="CANCEL"),
        arrive("f", "0s 1s 2s", names="a b c"),
        semantics=semantics,
    )
    assert ("RUNNING:2" in c) is admitted


@pytest.mark.parametrize(
    ("semantics", "started"),
    [
        *((v, 10) for v in versions("documented", "kestra-1.1.10")),
        *((v, 3) for v in versions("kestra-1.1.0", "kestra-0.24.0")),
    ],
)
def test_before_1_1_10_a_kill_in_the_queue_starts_another(semantics, started):
    trace = trace_of_run(
        LIMITED, arrive("f", "0s 1s 2s", names="a b c"), act("3s", "kill", "b"), semantics=semantics
    )
    assert f"RUNNING:{started} " in lives(trace)["c"]


@pytest.mark.parametrize(
    ("semantics", "comes_back"),
    [
        *((v, False) for v in versions("documented", "kestra-1.1.0")),
        *((v, True) for v in versions("kestra-0.24.0", "kestra-0.21.0")),
    ],
)
def test_before_1_1_a_kill_leaves_the_execution_in_the_queue(semantics, comes_back):
    """It is popped, and its tasks are stopped before they begin, because workers remember the kill."""
    trace = trace_of_run(
        LIMITED, arrive("f", "0s 1s", names="a b"), act("3s", "kill", "b"), semantics=semantics
    )
    assert ("RUNNING" in lives(trace)["b"]) is comes_back
    assert lives(trace)["b"].endswith("KILLED:3")
    assert task_runs(trace, "b") == ""


@pytest.mark.parametrize(
    ("semantics", "second"), [("documented", 10), *((v, 3) for v in versions(NEWEST, "kestra-0.24.0"))]
)
def test_a_forced_run_of_the_engine_frees_a_slot_at_its_end(semantics, second):
    """While a runs 10 s, b is forced at 2 s and ends at 3 s: c must wait for a."""
    both = flow("f", sequence("s", work("w", "1s")), limit=1)
    trace = trace_of_run(
        flow("f", work("w", "10s"), limit=1),
        arrive("f", names="a"),
        edit("1s", both),
        arrive("f", "1s 1s", names="b c"),
        act("2s", "force_run", "b"),
        semantics=semantics,
    )
    assert f"RUNNING:{second} " in lives(trace)["c"]


@pytest.mark.parametrize(
    ("semantics", "path"),
    [
        ("kestra-0.24.0", "RUNNING:1 SUCCESS:3"),
        ("kestra-0.22.0", "RUNNING:1 SUCCESS:3 RUNNING:3"),
        ("kestra-0.21.0", "RUNNING:1 SUCCESS:3 RUNNING:3 SUCCESS:5"),
    ],
)
def test_one_that_was_forced_and_pops_itself_runs_again_or_for_ever_before_0_24(semantics, path):
    b = fate(
        "b",
        flow("f", choice("if", (0.5, (work("w", "10s"),)), (0.5, (work("v", "2s"),))), limit=1),
        arrive("f", names="a", takes=(("if", "b0"),)),
        arrive("f", names="b", takes=(("if", "b1"),)),
        act("1s", "force_run", "b"),
        until="20s",
        drain=False,
        semantics=semantics,
    )
    assert b == f"CREATED:0 QUEUED:0 {path}"


@pytest.mark.parametrize(
    ("semantics", "started"),
    [
        ("documented", 10),
        *((v, 2) for v in versions(NEWEST, "kestra-2.0.0")),
        *((v, 10) for v in versions("kestra-1.3.31", "kestra-0.22.0")),
    ],
)
@pytest.mark.parametrize("state", ["CANCELLED", "FAILED"])
def test_in_2_0_unqueue_to_a_final_state_frees_a_slot(semantics, started, state):
    trace = trace_of_run(
        LIMITED,
        arrive("f", "0s 0s 0s", names="a b c"),
        act("2s", "unqueue", "b", to=state),
        semantics=semantics,
    )
    assert lives(trace)["b"] == f"CREATED:0 QUEUED:0 {state}:2"
    assert f"RUNNING:{started} " in lives(trace)["c"]


@pytest.mark.parametrize("to", ["SUCCESS", "PAUSED"])
@pytest.mark.parametrize("semantics", VERSIONS)
def test_unqueue_to_another_state_is_refused_and_touches_nothing(semantics, to):
    trace = trace_of_run(
        LIMITED, arrive("f", "0s 0s", names="a b"), act("2s", "unqueue", "b", to=to), semantics=semantics
    )
    assert told(trace, Kind.ACTION_REFUSED)
    assert "RUNNING:10 " in lives(trace)["b"]


@pytest.mark.parametrize(
    ("semantics", "started"),
    [
        *((v, 13) for v in versions("documented", "kestra-1.1.0")),
        *((v, None) for v in versions("kestra-0.24.0", "kestra-0.22.0")),
    ],
)
def test_the_end_of_after_execution_frees_the_slot_since_1_1(semantics, started):
    b = fate(
        "b",
        flow("f", limit=1, after_execution=(work("x", "3s"),)),
        arrive("f", "0s 0s", names="a b"),
        semantics=semantics,
    )
    assert b.startswith("CREATED:0 QUEUED:0" if started is None else f"CREATED:0 QUEUED:0 RUNNING:{started} ")
    assert ("RUNNING" in b) is (started is not None)


@pytest.mark.parametrize(
    ("semantics", "leaks"),
    [
        *((v, False) for v in versions("documented", "kestra-2.0.0")),
        *((v, True) for v in versions("kestra-1.3.31", "kestra-1.1.10")),
        ("kestra-1.1.0", False),
        ("kestra-0.24.0", True),
    ],
)
def test_a_kill_with_after_execution_loses_the_slot_from_1_1_10_to_1_3(semantics, leaks):
    b = fate(
        "b",
        flow("f", limit=1, after_execution=(work("x", "3s"),)),
        arrive("f", "0s 0s", names="a b"),
        act("2s", "kill", "a"),
        semantics=semantics,
    )
    assert ("RUNNING:5 " in b) is not leaks


@pytest.mark.parametrize(("semantics", "comes_back"), [("documented", False), *((v, True) for v in ENGINES)])
def test_in_the_engine_a_deleted_queued_execution_comes_back(semantics, comes_back):
    b = fate("b", LIMITED, arrive("f", "0s 0s", names="a b"), act("2s", "delete", "b"), semantics=semantics)
    assert b.endswith("RUNNING:10 SUCCESS:20" if comes_back else "QUEUED:0")


@pytest.mark.parametrize(
    ("semantics", "admitted"),
    [
        *((v, False) for v in versions("documented", "kestra-0.24.0")),
        *((v, True) for v in versions("kestra-0.22.0", "kestra-0.21.0")),
    ],
)
def test_the_slot_of_a_deleted_holder_is_lost_unless_executions_are_counted(semantics, admitted):
    b = fate("b", LIMITED, arrive("f", "0s 3s", names="a b"), act("2s", "delete", "a"), semantics=semantics)
    assert ("RUNNING:3 " in b) is admitted


# --- kill and retry


@pytest.mark.parametrize(
    ("semantics", "path"),
    [
        *((v, "KILLING:3 KILLED:3") for v in ("documented", "kestra-2.0.2")),
        ("kestra-2.0.0", "KILLING:3"),
        *((v, "KILLING:3 KILLED:3 RUNNING:6 KILLED:6") for v in versions("kestra-1.3.31", "kestra-0.21.0")),
    ],
)
def test_a_kill_during_a_retrys_wait_ends_hangs_or_is_undone(semantics, path):
    a = fate(
        "a",
        flow("f", failing("w", "1s", retry=retry("5s", max_attempts=3)), limit=1),
        arrive("f", names="a"),
        act("3s", "kill", "a"),
        semantics=semantics,
    )
    assert a.endswith(f"RETRYING:1 {path}")


@pytest.mark.parametrize(
    ("semantics", "path"), [("documented", "RETRYING:1"), *((v, "FAILED:1 RETRYING:1") for v in ENGINES)]
)
def test_the_engine_shows_the_failure_before_a_retry(semantics, path):
    a = fate(
        "a",
        flow("f", failing("w", "1s", retry=retry("5s", max_attempts=2))),
        arrive("f", names="a"),
        semantics=semantics,
    )
    assert f"RUNNING:0 {path} RUNNING:6" in a


@pytest.mark.parametrize(
    ("semantics", "rounds"), [("documented", 1), ("kestra-2.0.2", 2), ("kestra-1.3.31", 1)]
)
def test_in_2_0_a_flow_retry_goes_one_more_round(semantics, rounds):
    again = retry("5s", max_attempts=3, behavior=RetryBehavior.RETRY_FAILED_TASK)
    a = fate(
        "a",
        flow("f", work("w", "1s", fails=[1, 2]), retry=again),
        arrive("f", names="a"),
        semantics=semantics,
    )
    assert a.count("RETRYING") >= rounds


@pytest.mark.parametrize(
    ("semantics", "path"),
    [
        ("documented", "PAUSED:0 KILLING:3 KILLED:3"),
        *((v, "PAUSED:0 RESTARTED:3 KILLING:3 KILLED:3") for v in versions(NEWEST, "kestra-1.1.0")),
        *((v, "PAUSED:0 RESTARTED:3 RUNNING:3 KILLED:3") for v in versions("kestra-0.24.0", "kestra-0.21.0")),
    ],
)
def test_a_kill_of_a_paused_execution_passes_through_a_resume(semantics, path):
    a = fate(
        "a",
        flow("f", pause("p"), limit=1),
        arrive("f", names="a"),
        act("3s", "kill", "a"),
        semantics=semantics,
    )
    assert a.endswith(path)


@pytest.mark.parametrize(
    ("semantics", "tasks"),
    [("kestra-1.1.0", ""), *((v, "next:3") for v in versions("kestra-0.24.0", "kestra-0.21.0"))],
)
def test_before_1_1_what_follows_a_killed_pause_begins_and_is_stopped(semantics, tasks):
    trace = trace_of_run(
        flow("f", pause("p"), work("next"), limit=1),
        arrive("f", names="a"),
        act("3s", "kill", "a"),
        semantics=semantics,
    )
    assert lives(trace)["a"].endswith(" KILLED:3")
    assert task_runs(trace, "a") == tasks


@pytest.mark.parametrize(
    ("semantics", "started"),
    [
        *((v, 20) for v in versions("documented", "kestra-2.0.0")),
        *((v, 12) for v in versions("kestra-1.3.31", "kestra-1.1.0")),
        ("kestra-0.24.0", 20),
    ],
)
def test_a_kill_of_one_that_has_ended_frees_a_slot_in_1_x(semantics, started):
    """While b runs, a, which has ended, is killed: c starts beside b."""
    c = fate(
        "c",
        LIMITED,
        arrive("f", "0s 0s 0s", names="a b c"),
        act("12s", "kill", "a"),
        semantics=semantics,
    )
    assert f"RUNNING:{started} " in c


@pytest.mark.parametrize(
    ("semantics", "started"),
    [
        *((v, 13) for v in versions("documented", "kestra-1.1.10")),
        ("kestra-1.1.0", 5),
        ("kestra-0.24.0", 13),
    ],
)
def test_a_second_kill_frees_a_second_slot_in_1_1_0_only(semantics, started):
    """The kill of a at 3 s starts b; there is another one at 5 s."""
    c = fate(
        "c",
        LIMITED,
        arrive("f", "0s 0s 0s", names="a b c"),
        act("3s", "kill", "a"),
        act("5s", "kill", "a"),
        semantics=semantics,
    )
    assert f"RUNNING:{started} " in c


@pytest.mark.parametrize(
    ("semantics", "started"), [("kestra-1.1.10", 13), ("kestra-1.1.0", 3), ("kestra-0.24.0", 13)]
)
def test_a_workers_answer_that_comes_after_the_end_frees_a_second_slot_in_1_1_0(semantics, started):
    """One kill; a is KILLED at 3 s, and the worker's answer comes later (recording 16f_kill_stream)."""
    c = fate(
        "c",
        LIMITED,
        arrive("f", "0s 0s 0s", names="a b c"),
        act("3s", "kill", "a"),
        platform=Platform(latency=Latency(result_us=100_000)),
        semantics=semantics,
    )
    assert f"RUNNING:{started}" in c


def test_a_bulk_kill_leaves_those_alone_that_have_ended():
    c = fate(
        "c",
        LIMITED,
        arrive("f", "0s 0s 0s", names="a b c"),
        act("12s", "kill", every_one("f", "SUCCESS")),
        semantics="kestra-1.3.31",
    )
    assert "RUNNING:20 " in c


@pytest.mark.parametrize("behavior", [None, RetryBehavior.RETRY_FAILED_TASK])
@pytest.mark.parametrize(
    ("semantics", "started"),
    [*((v, 17) for v in versions("kestra-1.3.31", "kestra-1.1.10")), ("kestra-1.1.0", 6)],
)
def test_who_is_run_again_by_a_retry_and_killed_again_frees_a_second_slot_in_1_1_0(
    semantics, started, behavior
):
    """The kill in the wait for its retry starts b; the retry runs a again at 6 s, and its task is stopped at once."""
    again = retry("5s", max_attempts=3) if behavior is None else None
    c = fate(
        "c",
        flow(
            "f",
            work("w", "1s", fails=[1], retry=again),
            work("v", "13s"),
            limit=1,
            retry=None if behavior is None else retry("5s", max_attempts=3, behavior=behavior),
        ),
        arrive("f", "0s 0s 0s", names="a b c"),
        act("3s", "kill", "a"),
        semantics=semantics,
    )
    assert f"RUNNING:{started} " in c


@pytest.mark.parametrize(
    ("semantics", "path"),
    [
        *((v, "KILLING:3 KILLED:3") for v in ("documented", "kestra-2.0.2")),
        ("kestra-2.0.0", "KILLING:3"),
        *((v, "KILLING:3 KILLED:3 RUNNING:6 KILLED:6") for v in versions("kestra-1.3.31", "kestra-0.21.0")),
    ],
)
def test_a_kill_during_the_wait_for_a_flow_retry_does_what_it_does_for_a_tasks(semantics, path):
    again = retry("5s", max_attempts=3, behavior=RetryBehavior.RETRY_FAILED_TASK)
    a = fate(
        "a",
        flow("f", failing("w", "1s"), limit=1, retry=again),
        arrive("f", names="a"),
        act("3s", "kill", "a"),
        semantics=semantics,
    )
    assert a.endswith(f"RETRYING:1 {path}")


@pytest.mark.parametrize(("first", "runs"), [(True, "w:0"), (False, "v:0 w:0 w:1")])
def test_in_2_0_a_flow_retry_fails_once_more_when_a_task_has_ended_before_the_failed_one(first, runs):
    again = retry("5s", max_attempts=3, behavior=RetryBehavior.RETRY_FAILED_TASK)
    trace = trace_of_run(
        flow("f", *(() if first else (work("v", "0s"),)), failing("w", "1s"), retry=again),
        arrive("f", names="a"),
        until="3s",
        drain=False,
        semantics=NEWEST,
    )
    assert task_runs(trace, "a") == runs


@pytest.mark.parametrize("semantics", versions("kestra-0.24.0", "kestra-0.21.0"))
def test_before_1_1_what_no_worker_runs_goes_on_when_a_killed_execution_comes_back(semantics):
    """Killed in the queue, b pops itself. The worker would stop its task, but the If takes the other branch."""
    b = fate(
        "b",
        flow("f", choice("if", (0.5, (work("w"),)), (0.5, ())), limit=1),
        arrive("f", names="a", takes=(("if", "b0"),)),
        arrive("f", names="b", takes=(("if", "b1"),)),
        act("3s", "kill", "b"),
        semantics=semantics,
    )
    assert b.endswith("KILLED:3 RUNNING:3 SUCCESS:3")


@pytest.mark.parametrize(("semantics", "pops"), [("kestra-1.3.31", True), ("kestra-2.0.0", False)])
def test_a_kill_of_an_ended_child_in_a_cascade_frees_again_in_1_x(semantics, pops):
    """The parent goes on for 9 s after its child has ended, and is killed meanwhile."""
    child = flow("c", work("w", "1s"), limit=1)
    long = flow("c", work("w", "10s"), limit=1)
    trace = trace_of_run(
        flow("p", call("s", "c"), work("w")),
        child,
        arrive("p", names="p"),
        edit("2s", long),
        arrive("c", "2s 2s", names="b c"),
        act("4s", "kill", "p"),
        semantics=semantics,
    )
    assert ("RUNNING:4 " in lives(trace)["c"]) is pops


# --- SLAs


LATE = Sla("late", SlaKind.MAX_DURATION, SlaBehavior.CANCEL, duration_us=3_000_000)
NEVER = Sla("never", SlaKind.EXECUTION_ASSERTION, SlaBehavior.CANCEL, holds=False)


@pytest.mark.parametrize(
    ("semantics", "path"),
    [
        ("documented", "QUEUED:1 CANCELLED:4"),
        *((v, "QUEUED:1 CANCELLED:4 RUNNING:4 CANCELLED:4") for v in versions(NEWEST, "kestra-0.24.0")),
        *(
            (v, "QUEUED:1 CANCELLED:4 RUNNING:10 KILLED:10")
            for v in versions("kestra-0.22.0", "kestra-0.21.0")
        ),
    ],
)
def test_an_sla_that_ends_a_queued_execution(semantics, path):
    """The contract takes it out of the queue; the engine leaves it there, and pops it itself."""
    trace = trace_of_run(
        LIMITED,
        arrive("f", names="a"),
        edit("1s", replace(LIMITED, sla=(LATE,))),
        arrive("f", "1s", names="b"),
        semantics=semantics,
    )
    assert lives(trace)["b"].endswith(path)
    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 SUCCESS:10"


@pytest.mark.parametrize(
    ("semantics", "hands_on"),
    [
        *((v, True) for v in versions("documented", "kestra-0.24.0")),
        *((v, False) for v in versions("kestra-0.22.0", "kestra-0.21.0")),
    ],
)
def test_an_sla_that_ends_a_running_execution_hands_on_since_0_24(semantics, hands_on):
    trace = trace_of_run(
        replace(LIMITED, sla=(LATE,)),
        arrive("f", names="a"),
        arrive("f", "2s", names="b"),
        semantics=semantics,
    )
    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 CANCELLED:3"
    assert ("RUNNING:3 " in lives(trace)["b"]) is hands_on


@pytest.mark.parametrize(
    ("semantics", "child"),
    [(name, "CREATED:0 RUNNING:0 KILLING:5 KILLED:5") for name in versions("documented", "kestra-0.22.0")]
    + [("kestra-0.21.0", "CREATED:0 RUNNING:0 SUCCESS:10")],
)
def test_an_sla_that_ends_a_parent_kills_its_children_since_0_22(semantics, child):
    """Recorded (19g_sla_of_parent)."""
    sla = (Sla("soon", SlaKind.MAX_DURATION, SlaBehavior.FAIL, duration_us=5_000_000),)
    parent = flow("p", call("s", "c"), sla=sla)
    trace = trace_of_run(parent, flow("c"), arrive("p", names="a"), semantics=semantics)

    assert lives(trace)["c#1"] == child
    assert lives(trace)["a"].startswith("CREATED:0 RUNNING:0 FAILED:5")


@pytest.mark.parametrize(
    ("semantics", "first", "second"),
    [
        *((v, "CANCELLED:0", "CANCELLED:1") for v in versions("documented", "kestra-2.0.0")),
        *(
            (v, "CANCELLED:0", "QUEUED:1 CANCELLED:1 RUNNING:1 CANCELLED:1")
            for v in versions("kestra-1.3.31", "kestra-1.1.10")
        ),
        ("kestra-1.1.0", "CANCELLED:0", "CANCELLED:1"),
        ("kestra-0.24.0", "RUNNING:0 CANCELLED:0", "RUNNING:1 CANCELLED:1"),
        ("kestra-0.21.0", "CANCELLED:0", "CANCELLED:1"),
    ],
)
def test_an_assertion_that_fails_at_admission(semantics, first, second):
    """From 1.1.10 to 1.3 it loses the slot: the next one is queued, and frees the lost one with its own end."""
    trace = trace_of_run(
        replace(LIMITED, sla=(NEVER,)), arrive("f", "0s 1s", names="a b"), semantics=semantics
    )
    assert lives(trace) == {"a": f"CREATED:0 {first}", "b": f"CREATED:1 {second}"}


# --- children and triggers


@pytest.mark.parametrize(
    ("semantics", "ends"),
    [*((v, v != "kestra-0.24.0") for v in VERSIONS)],
)
def test_in_0_24_the_parent_of_a_rejected_child_waits_for_ever(semantics, ends):
    p = fate(
        "p",
        flow("p", call("s", "c")),
        flow("c", limit=1, behavior="CANCEL"),
        arrive("c", names="a"),
        arrive("p", "1s", names="p"),
        semantics=semantics,
    )
    assert p.endswith("SUCCESS:1") is ends


@pytest.mark.parametrize(
    ("semantics", "heard"),
    [
        *((v, 3) for v in versions("documented", "kestra-1.1.0")),
        ("kestra-0.24.0", 0),
        *((v, 2) for v in versions("kestra-0.22.0", "kestra-0.21.0")),
    ],
)
def test_which_changes_flow_triggers_hear_of(semantics, heard):
    """A runs; b is queued, and runs later."""
    trace = trace_of_run(
        flow("f", work("w", "1s"), limit=1),
        flow("g", work("w", "1s"), triggers=(after("f", states=("QUEUED", "RUNNING")),)),
        arrive("f", "0s 0s", names="a b"),
        semantics=semantics,
    )
    assert len(told(trace, Kind.FIRE)) == heard


# --- scopes


@pytest.mark.parametrize("semantics", ["documented", "kestra-2.0.2"])
def test_a_namespace_limit_counts_executions_of_all_its_flows(semantics):
    trace = trace_of_run(
        flow("f"),
        flow("g"),
        arrive("f", names="a"),
        arrive("g", "1s", names="b"),
        limits=(scope(1, namespace="n"),),
        semantics=semantics,
    )
    assert lives(trace)["b"] == "CREATED:1 QUEUED:1 RUNNING:10 SUCCESS:20"


@pytest.mark.parametrize("semantics", ["documented", "kestra-2.0.2"])
def test_the_first_limit_reached_decides_the_behavior(semantics):
    """Flow, namespace, tenant, in this order."""
    parts = (flow("f", limit=2), arrive("f", "0s 1s", names="a b"))
    namespace, tenant = scope(1, "CANCEL", namespace="n"), scope(1, "FAIL", tenant="main")

    assert fate("b", *parts, limits=(tenant, namespace), semantics=semantics) == "CREATED:1 CANCELLED:1"
    assert fate("b", *parts, limits=(tenant,), semantics=semantics) == "CREATED:1 FAILED:1"


@pytest.mark.parametrize("semantics", ["documented", "kestra-2.0.2"])
def test_an_admission_claims_all_scopes_and_a_rejection_none(semantics):
    trace = trace_of_run(
        flow("f", limit=5),
        arrive("f", "0s 1s", names="a b"),
        limits=(scope(1, namespace="n"), scope(9, tenant="main")),
        semantics=semantics,
    )
    claims = [(name, detail) for _, _, name, detail in told(trace, Kind.CLAIM)]
    releases = [(name, detail) for _, _, name, detail in told(trace, Kind.RELEASE)]

    of_one = [None, "namespace:n", "tenant:main"]
    assert sorted(claims, key=str) == sorted(((n, d) for n in "ab" for d in of_one), key=str)
    assert sorted(releases, key=str) == sorted(claims, key=str)


@pytest.mark.parametrize("semantics", ["documented", "kestra-2.0.2"])
def test_a_pop_passes_over_who_does_not_fit_all_its_scopes(semantics):
    """G is full by itself; f's slot in the namespace goes to the younger one of f."""
    trace = trace_of_run(
        flow("f"),
        flow("g", work("w", "60s"), limit=1),
        arrive("f", names="a"),
        arrive("g", names="b"),
        arrive("g", "1s", names="c"),
        arrive("f", "2s", names="d"),
        limits=(scope(2, namespace="n"),),
        semantics=semantics,
    )
    assert "RUNNING:10 " in lives(trace)["d"]
    assert "RUNNING:60 " in lives(trace)["c"]


# --- replays and statuses


@pytest.mark.parametrize("semantics", VERSIONS)
def test_a_whole_replay_is_a_new_execution_and_passes_the_gate(semantics):
    trace = trace_of_run(
        flow("f", work("w", "2s"), limit=1),
        arrive("f", "0s 3s", names="a b"),
        act("4s", "replay", "a", as_name="r"),
        semantics=semantics,
    )
    assert lives(trace)["r"] == "CREATED:4 QUEUED:4 RUNNING:5 SUCCESS:7"


@pytest.mark.parametrize(
    ("semantics", "path"),
    [("documented", "RESTARTED:4 QUEUED:4"), *((v, "RESTARTED:4 RUNNING:4") for v in ENGINES)],
)
def test_the_engine_lets_a_replay_of_a_success_from_a_task_past_the_gate(semantics, path):
    trace = trace_of_run(
        flow("f", work("v", "1s"), work("w", "1s"), limit=1),
        arrive("f", "0s 3s", names="a b"),
        act("4s", "replay", "a", from_task="w", as_name="r"),
        semantics=semantics,
    )
    assert path in lives(trace)["r"]
    assert task_runs(trace, "r").startswith("w:")


@pytest.mark.parametrize("semantics", VERSIONS)
def test_a_changed_status_moves_no_slot(semantics):
    trace = trace_of_run(
        flow("f", work("w", "2s"), limit=1),
        arrive("f", "0s 3s 3s", names="a b c"),
        act("4s", "change_status", "a", to="FAILED"),
        semantics=semantics,
    )
    assert lives(trace)["a"].endswith("SUCCESS:2 FAILED:4")
    assert "RUNNING:5 " in lives(trace)["c"]


@pytest.mark.parametrize("semantics", VERSIONS)
@pytest.mark.parametrize(("name", "to"), [("b", "SUCCESS"), ("a", "RUNNING")])
def test_only_ended_executions_change_their_status_and_only_to_another_end(semantics, name, to):
    trace = trace_of_run(
        flow("f", work("w", "2s")),
        arrive("f", "0s 3s", names="a b"),
        act("4s", "change_status", name, to=to),
        semantics=semantics,
    )
    assert told(trace, Kind.ACTION_REFUSED)


@pytest.mark.parametrize("semantics", VERSIONS)
def test_a_bulk_kill_of_the_queue_leaves_the_holder_alone(semantics):
    trace = trace_of_run(
        LIMITED,
        arrive("f", "0s 1s", names="a b"),
        act("3s", "kill", every_one("f", "QUEUED")),
        semantics=semantics,
    )
    assert lives(trace)["a"].endswith("SUCCESS:10")
    assert lives(trace)["b"].endswith("KILLED:3")
