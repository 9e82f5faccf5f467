"""Where two outcomes part: what must be the same, and what may differ by the engine's milliseconds."""

from __future__ import annotations

from dataclasses import replace

from flowconc.kestra.comparison import LATE_US, MARGIN_US, TIE_US, compare
from flowconc.kestra.outcome import Outcome, Run

END_US = 10_000_000


def run(name, *moments, **more):
    history = tuple(moments)
    return Run(name=name, flow="t.f", **{"history": history, "seen": history, **more})


def outcome(*runs, **more):
    defaults = {"counters": {}, "queues": {}, "refused": (), "end_us": END_US}
    return Outcome(runs={each.name: each for each in runs}, **{**defaults, **more})


def what(recorded, simulated):
    return [f"{each.what} of {each.subject}" for each in compare(recorded, simulated).differences]


E1 = run("e1", ("CREATED", 0), ("RUNNING", 10_000), ("SUCCESS", 1_000_000))
E2 = run("e2", ("CREATED", 0), ("QUEUED", 20_000), ("RUNNING", 1_100_000), ("SUCCESS", 2_000_000))


def test_an_outcome_agrees_with_itself():
    comparison = compare(outcome(E1, E2), outcome(E1, E2))

    assert comparison.agrees
    assert comparison.parts_us is None
    assert (comparison.executions, comparison.starts, comparison.latest_us) == (2, 2, 0)


def test_a_start_may_come_later_but_not_much_later():
    hardly = run("e1", ("CREATED", 0), ("RUNNING", 10_000 + LATE_US), ("SUCCESS", 5_000_000))
    much = run("e1", ("CREATED", 0), ("RUNNING", 10_001 + LATE_US), ("SUCCESS", 5_000_000))

    assert what(outcome(E1), outcome(hardly)) == []
    assert what(outcome(E1), outcome(much)) == ["the time of a start of e1"]


def test_times_may_differ_and_by_how_much_is_told():
    later = run("e1", ("CREATED", 0), ("RUNNING", 300_000), ("SUCCESS", 5_000_000))

    comparison = compare(outcome(E1), outcome(later))

    assert comparison.agrees
    assert comparison.latest_us == 290_000


def test_states_may_not_and_the_moment_where_they_part_is_told():
    queued = run("e1", ("CREATED", 0), ("QUEUED", 8_000), ("RUNNING", 10_000), ("SUCCESS", 1_000_000))

    (difference,) = compare(outcome(E1), outcome(queued)).differences

    assert str(difference).splitlines() == [
        "the states of e1",
        "  recorded:  CREATED@0.000 RUNNING@0.010 SUCCESS@1.000",
        "  simulated: CREATED@0.000 QUEUED@0.008 RUNNING@0.010 SUCCESS@1.000",
    ]
    assert difference.t_us == 8_000


def test_a_missing_state_is_a_difference():
    hanging = run("e1", *E1.history[:-1])

    assert what(outcome(E1), outcome(hanging)) == ["the states of e1"]
    assert what(outcome(hanging), outcome(E1)) == ["the states of e1"]


def test_what_comes_at_the_very_end_may_be_missing_on_either_side():
    last_us = END_US - MARGIN_US + 1
    ended = run("e1", *E1.history[:-1], ("SUCCESS", last_us))
    hanging = run("e1", *E1.history[:-1])

    assert what(outcome(ended), outcome(hanging)) == []
    assert what(outcome(hanging), outcome(ended)) == []


def test_an_execution_that_only_one_side_has_is_a_difference():
    assert what(outcome(E1, E2), outcome(E1)) == ["the existence of e2"]
    assert what(outcome(E1), outcome(E1, E2)) == ["the existence of e2"]


def test_unless_it_came_at_the_very_end():
    late = run("late", ("CREATED", END_US - MARGIN_US + 1))

    assert what(outcome(E1), outcome(E1, late)) == []


def test_overwritten_states_count_too():
    """What is stored at the end is the same; but one of the two was killed before an older copy came back."""
    revived = run("e2", *E2.history, seen=(*E2.history[:2], ("KILLED", 500_000), *E2.history[2:]))

    assert what(outcome(revived), outcome(E2)) == ["the states of e2"]


def test_a_poll_may_miss_what_was_overwritten():
    revived = run("e2", *E2.history, seen=(*E2.history[:2], ("KILLED", 500_000), *E2.history[2:]))

    assert what(outcome(E2), outcome(revived)) == []


def test_starts_come_in_the_recorded_order():
    one = run("one", ("CREATED", 0), ("RUNNING", 100_000))
    other = run("other", ("CREATED", 0), ("RUNNING", 100_000 + TIE_US + 1))
    swapped = [run("one", ("CREATED", 0), ("RUNNING", 200_000)), other]

    assert what(outcome(one, other), outcome(*swapped)) == ["the order of starts of one and other"]


def test_starts_close_together_have_no_order():
    one = run("one", ("CREATED", 0), ("RUNNING", 100_000))
    other = run("other", ("CREATED", 0), ("RUNNING", 100_000 + TIE_US))
    swapped = [run("one", ("CREATED", 0), ("RUNNING", 200_000)), other]

    assert what(outcome(one, other), outcome(*swapped)) == []


def test_a_wrong_order_parts_where_it_was_decided():
    """Both are started from the queue seconds later, but the order is that in which they were queued."""
    one = run("one", ("CREATED", 0), ("QUEUED", 40_000), ("RUNNING", 5_000_000))
    other = run("other", ("CREATED", 0), ("QUEUED", 50_000), ("RUNNING", 6_000_000))
    swapped = [replace(one, seen=(*one.seen[:2], ("RUNNING", 6_500_000))), other]

    assert compare(outcome(one, other), outcome(*swapped)).parts_us == 50_000


def test_the_last_counter_is_compared():
    assert what(
        outcome(counters={"t.f": ((END_US, 1),)}), outcome(counters={"t.f": ((0, 0), (5, 1), (9, 0))})
    ) == ["the counter of t.f"]


def test_a_version_without_counters_has_none_to_compare():
    assert what(outcome(), outcome(counters={"t.f": ((0, 3),)})) == []


def test_a_counter_around_the_end_is_any_that_was_there():
    simulated = {"t.f": ((0, 2), (END_US - 1, 1), (END_US + 1, 0))}

    for counter, differences in ((2, 0), (1, 0), (0, 0), (3, 1)):
        assert differences == len(
            what(outcome(counters={"t.f": ((END_US, counter),)}), outcome(counters=simulated))
        )


def test_once_nothing_is_left_to_happen_only_the_last_counter_counts():
    recorded = outcome(E1, counters={"t.f": ((END_US, 1),)}, quiet=True)
    simulated = outcome(E1, counters={"t.f": ((0, 1), (END_US - 1, 0))})

    assert what(recorded, simulated) == ["the counter of t.f"]


def test_who_waits_is_compared_in_order():
    waiting = [run(name, ("CREATED", 0), ("QUEUED", 1)) for name in ("a", "b")]
    recorded = outcome(*waiting, queues={"t.f": ((END_US, ("a", "b")),)})

    assert what(recorded, outcome(*waiting, queues={"t.f": ((0, ("a", "b")),)})) == []
    assert what(recorded, outcome(*waiting, queues={"t.f": ((0, ("b", "a")),)})) == ["the queue of t.f"]


def test_a_row_of_one_that_does_not_wait_is_not_compared():
    killed = run("a", ("CREATED", 0), ("QUEUED", 1), ("KILLED", 2))

    assert what(outcome(killed, queues={"t.f": ((END_US, ("a",)),)}), outcome(killed)) == []


def test_tasks_that_ran_are_compared():
    ran = replace(E1, tasks=(("nap", 20_000),))

    assert what(outcome(E1), outcome(ran)) == ["the tasks run of e1"]
    assert what(outcome(ran), outcome(E1)) == ["the tasks run of e1"]


def test_a_task_stopped_on_its_way_may_have_run():
    stopped = replace(E1, undone={"nap": 1})

    assert what(outcome(stopped), outcome(E1)) == []
    assert what(outcome(stopped), outcome(replace(E1, tasks=(("nap", 20_000),)))) == []
    assert what(outcome(stopped), outcome(replace(E1, tasks=(("nap", 20_000),) * 2))) == [
        "the tasks run of e1"
    ]


def test_planned_dates_are_compared_to_the_millisecond():
    fired = replace(E1, planned_us=4_000_000)

    assert what(outcome(fired), outcome(replace(E1, planned_us=4_001_000))) == []
    assert what(outcome(fired), outcome(replace(E1, planned_us=6_000_000))) == ["the planned date of e1"]


def test_a_deletion_is_compared():
    assert what(outcome(replace(E1, deleted=True)), outcome(E1)) == ["the fate of e1"]


def test_refusals_are_compared():
    refused = (("kill", "e1"),)

    assert what(outcome(refused=refused), outcome()) == ["the refusals of the engine"]
    assert what(outcome(), outcome(refused=refused)) == ["the refusals of the engine"]


def test_refusals_that_nobody_hears_of_are_not():
    assert what(outcome(unheard=frozenset({"pause"})), outcome(refused=(("pause", "e1"),))) == []
