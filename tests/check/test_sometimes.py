"""What must be met sometimes: in one run of the batch at least."""

from __future__ import annotations

from flowconc.check.judge import judge
from flowconc.check.sometimes import Tally, judge_sometimes
from flowconc.check.verdict import Outcome
from flowconc.scenario.conditions import Sometimes
from tests.check.scenarios import expect, position, scenario
from tests.traces import trace_of

QUIET = trace_of("0s flow f limit=1", "0s admit a", "1s end a; release a", "9s over until")
BUSY = trace_of(
    "0s flow f limit=1", "0s admit a", "1s queue b", "2s end a; release a; pop b", "9s over until"
)

QUEUED = Sometimes("queue_not_empty", "queue_not_empty", position(3))
SKIPPED = Sometimes("fire_skipped", "fire_skipped", position(4))
ONE_WAITS = Sometimes(expect("flow", "f", queued="1"), "{flow: f, queued: 1}", position(5))


def test_once_is_enough():
    (finding,) = judge_sometimes(scenario(sometimes=(QUEUED,)), [QUIET, BUSY, QUIET])

    assert (finding.outcome, finding.position) == (Outcome.PASS, position(3))
    assert finding.sentence == "queue_not_empty (an execution waited in a queue): met in 1 of 3 runs"
    assert finding.check == "sometimes"


def test_where_nothing_else_was_looked_for_nothing_else_is_told():
    (weak,) = judge_sometimes(scenario(sometimes=(SKIPPED,)), [QUIET])

    assert (weak.check, weak.story) == ("sometimes", ())


def test_never_is_too_weak_and_says_how_often_the_others_were_met():
    findings = judge_sometimes(scenario(sometimes=(QUEUED, SKIPPED, ONE_WAITS)), [QUIET, BUSY])
    (weak,) = (each for each in findings if each.outcome is Outcome.WEAK)

    assert weak.sentence == (
        "fire_skipped (a fire met a locked trigger and was skipped): never met in 2 runs, must be met in one at least"
    )
    assert weak.story == ("how often the others were met: queue_not_empty in 1, {flow: f, queued: 1} in 1",)


def test_a_scenario_that_is_too_weak_does_not_pass():
    weak = judge(scenario(sometimes=(QUEUED,)), [QUIET])
    strong = judge(scenario(sometimes=(QUEUED,)), [BUSY])

    assert (weak.outcome, weak.passed) == (Outcome.WEAK, False)
    assert [each.check for each in weak.failures] == ["sometimes"]
    assert Outcome.WEAK not in {each.outcome for each in strong.findings}


def test_a_failure_is_worse_than_weakness():
    verdict = judge(scenario(sometimes=(QUEUED,), expectations=(expect("flow", "f", unended="7"),)), [QUIET])

    assert [each.outcome for each in verdict.failures] == [Outcome.FAIL, Outcome.WEAK]
    assert verdict.outcome is Outcome.FAIL


def test_an_example_of_several_runs_counts_once():
    tally = Tally([QUEUED])
    tally.add([BUSY, BUSY])
    tally.add([QUIET, QUIET])

    assert tally.findings("example")[0].sentence.endswith("met in 1 of 2 examples")
