"""What a simulated trace came to, in the form of a recording."""

from __future__ import annotations

from flowconc.kestra.simulated import simulated_outcome
from tests.traces import trace_of


def states(run):
    return [state for state, _ in run.history]


def simulated(*lines, labels=("a", "b"), shift_us=0):
    return simulated_outcome(trace_of("0s flow t.f limit=1", *lines), labels, shift_us)


def test_a_trace_comes_to_the_same_form():
    outcome = simulated(
        "0s admit a", "1s queue b", "2s end a; release a", "2s pop b", "4s end b; release b", shift_us=500_000
    )

    assert states(outcome.runs["b"]) == ["CREATED", "QUEUED", "RUNNING", "SUCCESS"]
    assert outcome.starts() == ((-500_000, "a"), (1_500_000, "b"))
    assert outcome.counters["t.f"][-1] == (3_500_000, 0)
    assert outcome.queues["t.f"] == ((0, ()), (500_000, ("b",)), (1_500_000, ()))
    assert outcome.end_us == 3_500_000


def test_claims_of_other_scopes_are_not_the_flow_s():
    outcome = simulated("0s create a; claim a scope=namespace:t; claim a", "1s release a scope=namespace:t")

    assert outcome.counters["t.f"] == ((0, 0), (0, 1))


def test_automatic_executions_are_called_the_same_on_both_sides():
    outcome = simulated(
        "0s admit a",
        "1s admit f#1 trigger:tick",
        "2s admit f#2 subflow:f#1",
        "3s admit f#3 trigger:tick",
    )

    assert list(outcome.runs) == [
        "a",
        "t.f(trigger:tick)~1",
        "t.f(t.f(trigger:tick)~1)~1",
        "t.f(trigger:tick)~2",
    ]


def test_the_planned_date_of_a_fire_is_in_the_recording_s_time():
    outcome = simulated("3s fire tick f#1 planned=2s", "3s admit f#1 trigger:tick", shift_us=500_000)

    assert outcome.runs["t.f(trigger:tick)~1"].planned_us == 1_500_000


def test_an_older_copy_overwrites_what_came_after_it():
    outcome = simulated(
        "0s create a",
        "0s state a QUEUED gate",
        "1s state a KILLED kill",
        "2s state a RUNNING pop before=QUEUED",
    )

    assert states(outcome.runs["a"]) == ["CREATED", "QUEUED", "RUNNING"]
    assert [state for state, _ in outcome.runs["a"].seen] == ["CREATED", "QUEUED", "KILLED", "RUNNING"]


def test_and_the_tasks_that_ran_meanwhile():
    outcome = simulated(
        "0s create a",
        "0s state a QUEUED gate",
        "1s state a RUNNING force_run",
        "1s start a nap before=1",
        "2s state a RUNNING pop before=QUEUED",
        "2s start a nap before=1",
    )

    assert outcome.runs["a"].tasks == (("nap", 2_000_000),)


def test_attempts_of_a_task_are_one_run():
    outcome = simulated("0s admit a", "1s start a nap before=1", "2s start a nap before=2")

    assert [task for task, _ in outcome.runs["a"].tasks].count("nap") == 1


def test_a_task_killed_as_soon_as_it_began_may_not_have_begun():
    quick = simulated("0s create a; state a RUNNING gate; start a nap before=1", "10ms finish a KILLED nap")
    slow = simulated("0s create a; state a RUNNING gate; start a nap before=1", "1s finish a KILLED nap")

    assert (quick.runs["a"].tasks, quick.runs["a"].undone) == ((), {"nap": 1})
    assert (slow.runs["a"].tasks, slow.runs["a"].undone) == ((("nap", 0),), {})


def test_what_is_sent_again_after_a_worker_went_down_is_the_same_run():
    outcome = simulated(
        "0s create a; state a RUNNING gate; start a nap before=1",
        "1s down worker; finish a KILLED nap",
        "2s start a nap before=1",
    )

    assert outcome.runs["a"].tasks == (("nap", 0),)


def test_a_replay_from_a_task_begins_with_its_restart():
    outcome = simulated("5s create r replay:a; state r RESTARTED replay; state r RUNNING gate", labels=("r",))

    assert states(outcome.runs["r"]) == ["RESTARTED", "RUNNING"]


def test_a_deleted_one_is_gone_and_out_of_the_queue():
    outcome = simulated("0s admit a", "1s queue b", "2s deleted b")

    assert outcome.runs["b"].deleted
    assert outcome.queues["t.f"][-1] == (2_000_000, ())


def test_refusals_name_the_verb_and_whom():
    assert simulated("0s admit a", "1s action_refused kill a").refused == (("kill", "a"),)
