"""Chaos, then healing: who has not come to an end in time is stuck."""

from __future__ import annotations

import pytest

from flowconc.check.healing import judge_healing
from flowconc.check.judge import judge
from flowconc.check.verdict import Moment, Outcome
from flowconc.scenario.model import RunSettings
from tests.check.scenarios import scenario
from tests.traces import trace_of, us

SOUND = "0s flow f limit=1", "0s admit a", "1s queue b", "10s end a; release a; pop b", "20s end b; release b"
LEAKED = "0s flow f limit=1", "0s admit a", "1s queue b", "10s end a; release a; claim b"


def healing(*lines, at="5s", within="1m", **options):
    """Judge a run that is healed at `at`."""
    wanted = scenario(heal_at_us=us(at), run=RunSettings(heal_within_us=us(within)))
    (finding,) = judge_healing(wanted, [trace_of(*lines, **options)])
    return finding


def test_a_scenario_without_healing_is_not_judged():
    assert judge_healing(scenario(), [trace_of(*LEAKED)]) == []


def test_everything_must_come_to_its_end():
    finding = healing(*SOUND)

    assert (finding.check, finding.outcome) == ("stuck", Outcome.PASS)
    assert finding.sentence == "everything came to its end within 60s of the healing at 5s"


def test_who_never_ends_is_stuck():
    finding = healing(*LEAKED)

    assert finding.outcome is Outcome.FAIL
    assert (
        finding.sentence
        == "at 10s 1 execution had not ended, must all have ended within 60s of the healing at 5s"
    )
    assert finding.story == ("b (QUEUED since 1s): it has its slot of f, and nothing tells it to run",)
    assert finding.flow == "f"


def test_who_ends_too_late_is_stuck_at_the_end_of_the_bound():
    finding = healing(*SOUND, within="8s")

    assert finding.sentence.startswith("at 13s 1 execution had not ended")
    assert finding.story == ("b (RUNNING since 10s): its task work goes on",)
    assert finding.moment is not None
    assert (finding.moment.replication, finding.moment.t_us) == (0, us("13s"))


@pytest.mark.parametrize("within", ["15s", "16s"])
def test_the_bound_itself_is_in_time(within):
    assert healing(*SOUND, within=within).outcome is Outcome.PASS


def test_the_bound_counts_from_the_last_thing_that_came_from_outside():
    """An arrival an hour after the healing has its own time."""
    late = "0s admit x api of=f; end x; release x", "1h admit a api of=f", "3610s end a; release a"

    assert healing("0s flow f limit=1", *late).outcome is Outcome.PASS
    assert healing("0s flow f limit=1", *late, within="9s").outcome is Outcome.FAIL


def test_a_run_into_which_nothing_came_is_healed():
    assert healing("0s over drained").outcome is Outcome.PASS


def test_each_says_whom_it_waits_for():
    finding = healing(
        "0s flow g limit=1",
        "0s flow f limit=1",
        "0s admit a; finish a",
        "0s admit x subflow:a of=g",
        "0s queue y subflow:a of=g",
    )

    assert finding.story == (
        "a (RUNNING since 0s): it waits for its subflow x (RUNNING since 0s), y (QUEUED since 0s)",
        "x (RUNNING since 0s): its task work goes on",
        "y (QUEUED since 0s): it waits for a slot of g, held by x",
    )


def test_who_waits_for_a_person_is_not_stuck():
    assert (
        healing("0s flow f limit=1", "0s admit a", "1s finish a; state a PAUSED pause").outcome
        is Outcome.PASS
    )


def test_a_run_that_breaks_off_is_judged_elsewhere():
    broken_off = trace_of("0s flow f limit=1", "0s admit a", "9s over max_events")
    verdict = judge(scenario(heal_at_us=us("5s")), [broken_off])

    assert "run" in {finding.check for finding in verdict.of(Outcome.FAIL)}
    assert "stuck" not in {finding.check for finding in verdict.of(Outcome.FAIL)}


def test_the_first_run_that_is_stuck_is_shown_and_the_others_are_counted():
    wanted = scenario(heal_at_us=us("5s"), run=RunSettings(heal_within_us=us("1m")))
    runs = [trace_of(*SOUND), trace_of(*LEAKED, replication=1), trace_of(*LEAKED, replication=2)]
    (finding,) = judge_healing(wanted, runs)

    assert finding.sentence.endswith("(in 2 of 3 runs)")
    assert finding.moment == Moment(1, us("10s"), len(runs[1]) - 1)


def test_of_many_the_first_are_named():
    waiting = (f"1s queue b{number}" for number in range(20))
    finding = healing("0s flow f limit=1", "0s admit a", *waiting)

    assert len(finding.story) == 9
    assert finding.story[-1] == "and 13 more"
    nine = healing("0s flow f limit=1", "0s admit a", *(f"1s queue b{number}" for number in range(8)))
    assert nine.story[-1] == "and 1 more"
