"""What people read of a plan: the recommendation first, its tables, what to look out for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowconc.plan.saying import recommendation, sentences, warmup, warnings
from flowconc.plan.settling import Origin, Warmup
from flowconc.plan.tables import aligned
from flowconc.plan.text import plan_text
from flowconc.scenario.distributions import Exponential
from flowconc.scenario.model import Burst, Database, Platform, PoissonProcess
from flowconc.scenario.plan import Disturbance
from tests.flows import arrive, flow, schedule
from tests.plan.evaluators import certain, counting, nothing, unseen, without_database
from tests.plan.plans import S, carried_out, condition, plan, scenario, with_variant


def first_of(made):
    return next(sentences(carried_out(made)))


def first(*goals, **keys):
    return first_of(scenario(plan(*goals, **keys)))


@pytest.mark.parametrize(
    ("sentence", "keys"),
    [
        ("95 % sure: limit 4 meets queue_wait p95 < 30s, 3 does not", {}),
        (
            "95 % sure: limit 4 meets queue_wait p95 < 30s, and is the smallest that was tried",
            {"limits": range(4, 9)},
        ),
        (
            "95 % sure: limit 4 meets queue_wait p95 < 30s, 3 does not; slots_in_use max <= 6 allows at most 6",
            {"protect": ["slots_in_use max <= 6"]},
        ),
        (
            (
                "95 % sure: limit 4 meets queue_wait p95 < 30s, 3 does not; slots_in_use max <= 9 allows all that were "
                "tried, up to 8"
            ),
            {"protect": ["slots_in_use max <= 9"]},
        ),
        (
            "95 % sure: no limit will do: queue_wait p95 < 30s needs at least 4, slots_in_use max <= 3 allows at most 3",
            {"protect": ["slots_in_use max <= 3"]},
        ),
        (
            "95 % sure: no limit will do: queue_wait p95 < 30s needs at least 4, slots_in_use max < 1 allows none",
            {"protect": ["slots_in_use max < 1"]},
        ),
        (
            "90 % sure: limit 4 meets queue_wait p95 < 30s, 3 does not",
            {"confidence": 0.9},
        ),
    ],
)
def test_the_recommendation_is_one_sentence(sentence, keys):
    assert first("queue_wait p95 < 30s", **keys) == sentence


def test_no_limit_is_said_with_what_the_largest_has():
    assert first("queue_wait p95 < 5s").startswith(
        "95 % sure: no limit from 1 to 8 meets queue_wait p95 < 5s; 8 has queue_wait p95 = 12"
    )


def test_what_could_not_be_decided_is_said():
    sentence = first("queue_wait p95 < 20.01s", max_replications=20)

    assert sentence == "95 % sure: limit 6 meets queue_wait p95 < 20.01s; 5 could not be decided in 20 runs"
    assert first("queue_wait p95 < 12.51s", max_replications=20).startswith(
        "not decided in 20 runs: whether limit 8"
    )


def test_without_data_there_is_no_answer_of_which_anybody_could_be_sure():
    result = carried_out(scenario(plan()), evaluate=nothing)

    assert recommendation(result, result.base) == (
        "no answer: not every run of limit 8 has a value of queue_wait p95: make the runs longer, or look at its selectors"
    )


def test_nor_where_what_is_protected_has_no_value():
    made = scenario(plan("queue_wait p95 < 30s", protect=["database_utilization mean < 50%"]))
    result = carried_out(made, evaluate=without_database)

    assert recommendation(result, result.base).startswith(
        "no answer: not every run of limit 8 has a value of database_utilization mean: "
    )


def test_a_name_with_an_operator_in_it_is_said_whole():
    goal = replace(condition("queue_wait p95 < 5s"), written="queue_wait{source=a<b} p95 < 5s")
    made = scenario(replace(plan(), goals=(goal,)))

    assert first_of(made).endswith("; 8 has queue_wait{source=a<b} p95 = 12.3s")


def test_how_it_is_now_names_the_behavior_where_only_others_are_tried():
    lines = list(sentences(carried_out(scenario(plan(behaviors=("CANCEL", "FAIL"))))))

    assert lines[-1].startswith("now: limit 2 with QUEUE does not meet queue_wait p95 < 30s")


def test_every_case_has_its_sentence_and_the_best_its_own():
    twice = (arrive("f", PoissonProcess(2.0)),)
    lines = list(sentences(carried_out(with_variant(scenario(plan("queue_wait p95 < 30s")), arrivals=twice))))

    assert lines == [
        "rate=1: 95 % sure: limit 4 meets queue_wait p95 < 30s, 3 does not",
        "rate=2: 95 % sure: limit 7 meets queue_wait p95 < 30s, 6 does not",
        lines[2],
        "best in queue_wait p95 (Kim and Nelson, within 1.5s): rate=1 at limit 4",
    ]
    assert lines[2].startswith("now: limit 2 does not meet queue_wait p95 < 30s: queue_wait p95 = ")


def test_where_nothing_is_left_to_chance_no_confidence_is_said():
    result = carried_out(scenario(plan("queue_wait p95 < 30s")), evaluate=certain)

    assert recommendation(result, result.base) == (
        "nothing is left to chance: limit 1 meets queue_wait p95 < 30s, and is the smallest that was tried"
    )


# --- the whole


def text(made):
    return list(plan_text(carried_out(made)))


def test_a_plan_in_full():
    made = scenario(
        plan("queue_wait p95 < 30s", limits=range(1, 5), sensitivity=True, recovery=(Disturbance(burst=10),)),
        duration=Exponential(2 * S),
    )
    lines = text(made)

    assert lines[0] == "95 % sure: limit 4 meets queue_wait p95 < 30s, 3 does not"
    assert lines[3] == "n.f: 10 runs of 1h of each limit, seed 1, warm-up 1m2s (MSER-5 at limit 3)"
    head = "limit queue_wait p95 theory from 4 queue_wait mean theory utilization mean theory goals runs"
    assert " ".join(lines[5].split()) == head
    assert lines[6].split()[4] == "+74.98s"
    assert lines[6].split()[:2] == ["1", "99.83s"]
    assert lines[6].endswith(
        "FAIL    10  cannot keep up: the queue grows by 1800/h (1800 to 1800), fluid limit 1800/h"
    )
    assert lines[7].startswith("*      2 ")
    assert lines[7].endswith("cannot keep up for ever: nothing is to spare")
    assert lines[9].startswith(">      4 ")
    assert (
        "theory: M/M/c with an offered load of 2 slots; Erlang C, Little, conservation, fluid limit" in lines
    )
    assert "limit 4, after a burst of 10: recovered after 75s (75 to 75), fluid limit 10s" in lines
    assert "limit 2, after a burst of 10: recovered after 150s (150 to 150), fluid limit infs" not in lines


def test_sensitivity_is_told_by_what_changes():
    lines = text(scenario(plan(sensitivity=True)))
    place = lines.index("limit 4 when things change:")

    assert [line.strip().split(" %")[0] for line in lines[place + 2 : place + 10]] == [
        "load -25",
        "load -10",
        "load +10",
        "load +25",
        "duration -25",
        "duration -10",
        "duration +10",
        "duration +25",
    ]


def test_what_must_be_spared_is_told_when_things_change_too():
    lines = text(scenario(plan(protect=["rejected rate < 1%"], sensitivity=True), duration="1s"))
    place = lines.index("limit 4 when things change:")

    assert lines[place + 1].split("  ")[-2:] == ["goals", "protect"]
    assert "rejected rate" in lines[place + 1]
    assert lines[place + 2].split()[-2:] == ["PASS", "PASS"]


def test_why_there_is_no_theory_is_said():
    made = scenario(plan())
    late = replace(
        made, arrivals=(replace(made.arrivals[0], pattern=replace(made.arrivals[0].pattern, start_us=1)),)
    )

    assert "no theory: the arrivals are not one Poisson process from start to end, nor one burst" in text(
        late
    )


def test_what_is_of_all_flows_is_told_from_what_is_of_the_planned_one():
    made = scenario(plan("queue_wait mean < 30s"), duration=Exponential(2 * S))
    several = replace(made, flows=(*made.flows, flow("g")))
    heads = [" ".join(text(each)[5].split()) for each in (made, several)]

    assert heads[0].startswith("limit queue_wait mean theory from 1 utilization mean theory")
    assert heads[1].startswith("limit queue_wait mean of all from 1 queue_wait mean theory utilization")


def test_one_run_is_counted_where_nothing_is_left_to_chance():
    lines = list(plan_text(carried_out(scenario(plan(limits=(3, 4)), duration="1s"), evaluate=certain)))

    assert lines[3].startswith("n.f: one run of 1h of each limit, since nothing is left to chance")
    assert [line.split()[-1] for line in lines[6:8]] == ["1", "1"]


def test_nothing_is_compared_where_nothing_is_recommended():
    lines = text(scenario(plan("queue_wait p95 < 5s", limits=(2, 3))))

    assert lines[0].startswith("95 % sure: no limit from 2 to 3 meets")
    assert lines[5].split("  ")[-5:] == [
        "queue_wait p95",
        "queue_wait mean",
        "utilization mean",
        "goals",
        "runs",
    ]


def test_columns_stand_under_each_other():
    assert list(aligned([["a", "bb", "c"], ["aaa", "b", ""]])) == ["  a  bb  c", "aaa   b"]


def test_what_it_costs_the_others_is_shown_where_the_platform_takes_time():
    slow = Platform(database=Database(statement_us=2_000))

    assert "lock_wait mean" in "\n".join(text(scenario(plan(), platform=slow)))
    assert "lock_wait mean" not in "\n".join(text(scenario(plan())))


def test_what_settles_at_once_says_so():
    lines = text(scenario(plan(limits=(8,))))

    assert "warm-up 1m2s (MSER-5 at limit 8)" in lines[3]
    assert warmup(replace(carried_out(scenario(plan())), warmup=Warmup(0, Origin.FOUND, 3))) == (
        "settled from the start (MSER-5 at limit 3)"
    )


# --- warnings


def warned(made, **keys):
    return list(warnings(carried_out(made, **keys)))


def test_a_limit_that_is_nearly_full_is_pointed_out():
    """Limit 2 has 100 % of its slots in use."""
    lines = warned(scenario(plan("queue_wait p95 < 60s", limits=(2, 3))))

    assert lines[0] == "limit 2 is near instability: 100% (100 to 100) of its slots are in use"


def test_a_backlog_that_is_worked_off_is_none():
    """Every slot is in use then, as it should be."""
    made = scenario(plan("queue_wait p95 < 60s", limits=(2, 3)))
    burst = replace(made, arrivals=(replace(made.arrivals[0], pattern=Burst(9)),))

    assert not any("near instability" in line for line in warned(burst))


def test_executions_that_end_by_themselves_are_not_near_instability():
    made = scenario(plan("queue_wait p95 < 60s", limits=(2, 3)))
    without_end = replace(made, run=replace(made.run, until_us=None))

    assert not any("near instability" in line for line in warned(without_end))


def test_a_flow_that_nobody_started_is_pointed_out():
    """Goals may be met all the same: by the executions of other flows."""
    (line,) = (line for line in warned(scenario(plan()), evaluate=nothing) if "no execution" in line)

    assert line == "no execution of n.f ended in any run: nothing is said of it, whatever the goals say"


def test_what_cancel_turns_away_is_told():
    (line, *_) = warned(scenario(plan(), behavior="CANCEL"))

    assert line == "limit 4 with CANCEL turns away 3% (3 to 3), 0 in a run"


def test_triggers_are_not_scaled_and_that_is_said():
    made = scenario(plan(sensitivity=True))
    timed = replace(made, flows=(flow("f", limit=2, triggers=(schedule(),)),))

    assert any("are not scaled with the load" in line for line in warned(timed))
    assert not any("are not scaled" in line for line in warned(made))


def test_theory_that_disagrees_is_pointed_out_where_it_applies():
    made = scenario(plan(limits=(4,)), duration=Exponential(2 * S))
    burst = replace(made, arrivals=(replace(made.arrivals[0], pattern=Burst(9)),))

    assert any(
        "by Little: the runs are too short to settle, or this is an error of ours" in line
        for line in warned(made, evaluate=unseen)
    )
    assert not any("error of ours" in line for line in warned(burst, evaluate=unseen))


def test_what_is_too_rare_to_be_seen_does_not_disagree():
    """Erlang C knows a wait of microseconds at limit 12, which no run has seen."""
    made = scenario(plan(limits=(12,)), duration=Exponential(2 * S))

    assert not any("queue_wait" in line for line in warned(made, evaluate=unseen))
    assert any("utilization mean" in line for line in warned(made, evaluate=unseen))


def test_runs_that_do_not_settle_are_pointed_out():
    assert any(
        "had not settled by their middle" in line for line in warned(scenario(plan()), evaluate=nothing)
    )


def test_who_is_left_out_at_the_end_is_pointed_out():
    assert any("still waited at the end" in line for line in warned(scenario(plan()), evaluate=counting))
