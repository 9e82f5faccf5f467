"""The whole verdict: which findings there are, in which order, and what decides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowconc import compiled
from flowconc.check.judge import judge
from flowconc.check.verdict import Moment, Outcome
from flowconc.scenario.model import Invariants
from flowconc.scenario.vocabulary import INVARIANTS
from flowconc.simulation.simulate import simulate
from tests.check.scenarios import expect, position, scenario, threshold
from tests.flows import arrive, flow, scene, work
from tests.traces import trace_of

SOUND = trace_of(
    "0s flow f limit=1", "0s admit a", "1s queue b", "10s end a; release a; pop b", "20s end b; release b"
)
LEAK = trace_of("0s flow f limit=1", "0s admit a", "1s queue b", "3s applied delete a; deleted a")
LEAK_BREAKS = {"counter_matches_holders", "every_claim_released", "work_conserving", "no_stranded_execution"}


def failed(verdict):
    return {finding.check for finding in verdict.of(Outcome.FAIL)}


def found(verdict, check):
    (finding,) = (finding for finding in verdict.findings if finding.check == check)
    return finding


class TestInvariants:
    def test_all_are_judged_and_each_has_its_finding(self):
        verdict = judge(scenario(), [SOUND])

        assert verdict.passed
        assert [finding.check for finding in verdict.findings] == sorted(INVARIANTS)
        assert found(verdict, "fifo").sentence.startswith("Queued executions start in the order")

    def test_a_leak_is_reported_by_what_it_breaks(self):
        assert failed(judge(scenario(), [LEAK])) == LEAK_BREAKS

    def test_the_finding_shows_the_moment(self):
        finding = found(judge(scenario(), [LEAK]), "work_conserving")

        assert finding.sentence == "b waits for a slot of f (limit 1 QUEUE) while 0 executions alive had one"
        assert finding.story == (
            "must hold: No instant ends with a free slot while an execution of the flow waits for one.",
            "at 3s, f: limit 1 QUEUE, counter 1",
            "holding a slot: nobody",
            "waiting: b (QUEUED since 1s)",
            "slots lost with: a (deleted at 3s)",
        )
        assert (finding.moment, finding.flow) == (Moment(0, 3_000_000, 10), "f")

    def test_excepted_ones_may_break(self):
        wanted = Invariants(excepted=frozenset(LEAK_BREAKS))

        verdict = judge(scenario(invariants=wanted), [LEAK])

        assert verdict.passed
        assert found(verdict, "work_conserving").sentence.startswith("broke, which is excepted: b waits")
        assert found(judge(scenario(invariants=wanted), [SOUND]), "work_conserving").sentence.startswith(
            "held, though excepted: No instant"
        )

    def test_must_break_must(self):
        wanted = Invariants(must_break=frozenset({"work_conserving"}))

        assert failed(judge(scenario(invariants=wanted), [LEAK])) == LEAK_BREAKS - {"work_conserving"}
        assert found(judge(scenario(invariants=wanted), [LEAK]), "work_conserving").sentence.startswith(
            "broke, as it must: b waits"
        )
        assert failed(judge(scenario(invariants=wanted), [SOUND])) == {"work_conserving"}
        assert found(judge(scenario(invariants=wanted), [SOUND, SOUND]), "work_conserving").sentence.endswith(
            "while an execution of the flow waits for one. (in 0 of 2 runs)"
        )
        assert found(judge(scenario(invariants=wanted), [SOUND]), "work_conserving").sentence == (
            "held, must break: No instant ends with a free slot while an execution of the flow waits for one."
        )

    def test_only_restricts(self):
        verdict = judge(scenario(invariants=Invariants(chosen=frozenset({"fifo"}))), [LEAK])

        assert [finding.check for finding in verdict.findings] == ["fifo"]

    def test_several_runs(self):
        """It must hold in each; the first that breaks it is shown."""
        leak = trace_of("0s flow f limit=1", "0s admit a", "3s deleted a", replication=1)

        finding = found(judge(scenario(), [SOUND, leak, SOUND]), "every_claim_released")

        assert finding.sentence == "a was deleted at 3s and never released its slot of f (in 1 of 3 runs)"
        assert finding.moment is not None
        assert finding.moment.replication == 1

    def test_further_breaks_are_counted(self):
        run = trace_of("0s flow f limit=1", "0s admit a", "1s admit b", "2s admit c", "3s over until")

        assert found(judge(scenario(), [run]), "limit_never_exceeded").sentence == (
            "b was admitted to f as holder 2, limit 1 QUEUE, and 1 more time"
        )

    def test_the_position_is_that_of_the_key(self):
        wanted = Invariants(chosen=frozenset({"fifo"}), position=position(30))

        assert judge(scenario(invariants=wanted), [SOUND]).findings[0].position == position(30)


class TestOrder:
    def test_failures_first_then_by_position(self):
        verdict = judge(
            scenario(
                expectations=(
                    expect("flow", "f", running=9, line=20),
                    expect("flow", "f", running=0, line=3),
                ),
                thresholds=(
                    threshold("queue_wait", "max", "< 1", line=12),
                    threshold("queue_depth", "max", "< 1", line=11, warn_only=True),
                    threshold("sojourn", "max", "< 1", line=10),
                ),
                invariants=Invariants(chosen=frozenset({"fifo"}), position=position(1)),
            ),
            [SOUND],
        )

        assert [(finding.outcome.value, finding.position.line) for finding in verdict.findings] == [
            ("fail", 10),
            ("fail", 12),
            ("fail", 20),
            ("warn", 11),
            ("pass", 1),
            ("pass", 3),
        ]
        assert verdict.outcome is Outcome.FAIL

    def test_doubt_is_no_failure(self):
        other = trace_of("0s flow f limit=1", "0s admit a", "20s end a; release a", replication=1)

        verdict = judge(
            scenario(
                thresholds=(threshold("sojourn", "min", "< 16"),),
                invariants=Invariants(chosen=frozenset({"fifo"})),
            ),
            [SOUND, other],
        )

        assert verdict.undecided
        assert not verdict.passed
        assert verdict.replications == 2


class TestRunsWithoutAnEnd:
    def test_a_bound_that_was_hit_fails(self):
        run = trace_of("0s flow f limit=1", "0s admit a", "5s over max_events")

        finding = found(judge(scenario(), [run]), "run")

        assert finding.outcome is Outcome.FAIL
        assert finding.sentence == (
            "the run was stopped at 5s after 6 events, must end by itself "
            "(`run.max_events` bounds it: is there a loop, or is the run that long?)"
        )
        assert finding.moment == Moment(0, 5_000_000, 6)

    def test_a_log_that_breaks_off_fails(self):
        run = trace_of("0s flow f limit=1", "0s admit a")
        run.records = run.records[:-1]

        assert found(judge(scenario(), [run]), "run").sentence == (
            "the run breaks off, must be seen to its end (no RUN_ENDED)"
        )

    def test_an_empty_log_fails(self):
        run = trace_of()
        run.records = run.records[:0]

        assert failed(judge(scenario(), [run])) == {"run"}
        assert found(judge(scenario(), [run]), "run").moment == Moment(0, run.end_us, 0)

    def test_no_trace_is_an_error(self):
        with pytest.raises(ValueError, match="no trace"):
            judge(scenario(), [])


def test_who_never_came_into_being_is_warned_of():
    """At the arrivals of its flow; or at the scenario, when something else asked for it."""
    run = trace_of("0s flow f", "1s refused f disabled", "1s refused f disabled", "2s refused g unknown")
    wanted = scenario(arrivals=(arrive("f"),), invariants=Invariants(chosen=frozenset({"fifo"})))
    wanted = replace(wanted, arrivals=(replace(wanted.arrivals[0], flow="f", position=position(7)),))

    warned = judge(wanted, [SOUND, run]).of(Outcome.WARN)

    assert [(each.check, each.sentence, each.position, each.flow) for each in warned] == [
        ("arrivals", "1 execution of g never came into being: unknown", wanted.position, "g"),
        ("arrivals", "2 executions of f never came into being: disabled", position(7), "f"),
    ]


def test_the_same_run_has_the_same_verdict():
    assert judge(scenario(), [LEAK]) == judge(scenario(), [LEAK])


def test_of_compiled_runs_thresholds_are_judged_and_nothing_else():
    """What is expected is judged on the only trace; the two other runs have none."""
    made = scene(flow("f", work("w", "5s"), limit=1), arrive("f", "0s"))
    made = replace(
        made,
        thresholds=(threshold("sojourn", "max", "< 6"),),
        expectations=(expect("flow", "n.f", at=1, running="2"),),
    )
    verdict = judge(made, [simulate(made)], [compiled.run(made, replication=number) for number in (1, 2)])

    assert verdict.replications == 3
    assert found(verdict, "sojourn").sentence == "sojourn max = 5s, must be < 6s (95 % CI 5s to 5s, 3 runs)"
    assert found(verdict, "expect").sentence == "flow n.f at 1s: running 1, must be 2"
