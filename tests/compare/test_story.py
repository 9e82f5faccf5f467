"""What is read off a trace, and how executions of two runs are matched."""

from __future__ import annotations

from flowconc.compare.story import story_of
from flowconc.protocol.states import State
from tests.flows import act, arrive, call, flow, key_of, schedule, trace_of_run, work
from tests.traces import trace_of

SECOND_US = 1_000_000


def keys(*parts, **options) -> list[str]:
    return list(story_of(trace_of_run(*parts, **options)).lives)


def test_a_life_has_all_its_states():
    life = story_of(trace_of("0s flow f limit=1", "0s admit a", "10s end a; release a")).lives["a"]

    assert life.states == (
        (State.CREATED, 0),
        (State.RUNNING, 0),
        (State.SUCCESS, 10 * SECOND_US),
    )
    assert sum(life.tasks.values()) == 1


def test_an_execution_without_a_name_is_matched_by_source_and_place():
    found = keys(flow("f"), arrive("f", "0s 1s", source="ui"), arrive("f", "0s", source="api"))

    assert found == ["n.f (ui) 1", "n.f (api) 1", "n.f (ui) 2"]


def test_a_scheduled_one_is_matched_by_the_date_it_was_due():
    found = keys(flow("f", work("w", "1s"), triggers=(schedule("s", "*/10 * * * * *"),)), until="25s")

    assert found == ["n.f.s of 10s", "n.f.s of 20s"]


def test_a_child_is_matched_by_its_parent():
    found = keys(flow("p", call("c", "f")), flow("f"), arrive("p", names="a"))

    assert found == ["a", "n.f (subflow of a) 1"]


def test_a_further_attempt_is_no_further_run():
    trace = trace_of("0s flow f", "0s create a; state a RUNNING; start a w; start a w before=2", "1s end a")

    assert story_of(trace).lives["a"].tasks == {"w": 1}


def test_a_counter_is_what_the_end_of_each_instant_leaves():
    """At 10s a's slot goes to b: the counter that falls and rises within the instant stays as it was."""
    trace = trace_of(
        "0s flow f limit=1",
        "0s admit a",
        "0s queue b",
        "10s end a; release a; pop b",
        "20s end b; release b",
    )
    assert story_of(trace).counters == {"f": ((0, 1), (10 * SECOND_US, 1), (20 * SECOND_US, 0))}


def test_the_counter_of_a_flow_without_limit_means_nothing():
    assert story_of(trace_of("0s flow f", "0s admit a")).counters == {}


def test_starts_are_in_order_of_time():
    trace = trace_of("0s flow f limit=1", "0s queue b", "0s admit a", "1s pop b")

    assert story_of(trace).starts() == ("a", "b")


def test_a_deleted_one_that_comes_back_is_no_longer_deleted():
    parts = (flow("f", limit=1), arrive("f", "0s 1s", names="a b"), act("2s", "delete", "b"))

    assert story_of(trace_of_run(*parts)).lives["b"].deleted_us == 2 * SECOND_US
    assert story_of(trace_of_run(*parts, semantics="kestra-2.0.0")).lives["b"].deleted_us is None


def test_refused_actions_are_kept():
    trace = trace_of_run(
        flow("f", limit=1), arrive("f", names="a"), act("1s", "set_counter", key_of("f"), running=-1)
    )
    ((t_us, what),) = story_of(trace).refused

    assert t_us == SECOND_US
    assert what.startswith("set_counter")
