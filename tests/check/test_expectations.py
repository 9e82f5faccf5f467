"""What `expect:` can claim, and how a claim that fails is told."""

from __future__ import annotations

import pytest

from flowconc.check.expectations import EXECUTION_CLAIMS, FLOW_CLAIMS, TRIGGER_CLAIMS, judge_expectations
from flowconc.check.verdict import Moment, Outcome
from flowconc.scenario.document.expect import CLAIMS
from tests.check.scenarios import expect, position
from tests.traces import trace_of

RUN = trace_of(
    "0s flow team.f limit=2",
    "0s admit a ui",
    "0s admit b ui",
    "1s queue c subflow:a",
    "10s end a; release a; pop c",
    "15s state b PAUSED pause",
    "20s end c FAILED; release c",
)

TRIGGERED = trace_of(
    "0s flow team.f limit=1",
    "1s fire tick a; admit a trigger:tick; lock tick a",
    "2s skip tick a",
    "3s end a; release a; unlock tick a",
    "5s fire tick b planned=4s; admit b trigger:tick",
    "6s end b; release b",
)


def judged(expectation, *traces):
    return judge_expectations([expectation], traces or [RUN])


def outcomes(expectation, *traces):
    return [finding.outcome.value for finding in judged(expectation, *traces)]


def sentence(expectation, *traces):
    (finding,) = judged(expectation, *traces)
    return finding.sentence


class TestFlows:
    @pytest.mark.parametrize(
        ("at", "levels"),
        [
            (0, {"running": 2, "queued": 0, "holding": 2, "counter": 2}),
            (1, {"running": 2, "queued": 1, "holding": 2, "unended": 3}),
            (9.999, {"running": 2, "queued": 1}),
            (10, {"running": 2, "queued": 0, "holding": 2}),
            (17, {"running": 1, "paused": 1, "holding": 2, "counter": 2}),
            (99, {"running": 0, "paused": 1, "holding": 1, "counter": 1}),
        ],
    )
    def test_levels_are_read_when_the_instant_is_over(self, at, levels):
        assert set(outcomes(expect("flow", "team.f", at=at, **levels))) == {"pass"}

    def test_without_a_time_it_is_the_end(self):
        assert outcomes(expect("flow", "team.f", paused=1, running=0, unended=1)) == ["pass"] * 3

    def test_comparisons(self):
        assert outcomes(expect("flow", "team.f", at=1, queued=">= 1", running="< 2")) == ["pass", "fail"]

    def test_observed_and_must_be(self):
        (finding,) = judged(expect("flow", "team.f", at=1, queued="== 2", line=9))

        assert finding.sentence == "flow team.f at 1s: queued 1, must be == 2"
        assert finding.position == position(9)
        assert finding.story == (
            "at 1s, team.f: counter 2",
            "holding a slot: a, b",
            "waiting: c",
        )
        assert finding.moment == Moment(0, 1_000_000, 13)
        assert finding.flow == "team.f"

    def test_ended_is_exact(self):
        """Final states that are not named must not occur."""
        assert outcomes(expect("flow", "team.f", ended={"SUCCESS": 1, "FAILED": 1})) == ["pass"]
        assert sentence(expect("flow", "team.f", ended={"SUCCESS": 1})) == (
            "flow team.f: ended {SUCCESS: 1, FAILED: 1}, must be {SUCCESS: 1}"
        )
        assert outcomes(expect("flow", "team.f", ended={"SUCCESS": 1, "FAILED": 1, "KILLED": 1})) == ["fail"]

    def test_deleted_executions_are_in_no_bin(self):
        run = trace_of("0s flow f limit=1", "0s admit a", "0s queue b", "1s deleted a", "2s deleted b")

        assert (
            outcomes(expect("flow", "f", ended={}, unended=0, running=0, queued=0, holding=0, counter=1), run)
            == ["pass"] * 6
        )

    def test_an_unknown_flow(self):
        assert sentence(expect("flow", "team.g", running=0)) == (
            "flow team.g: no such flow came into being, running must be 0, did you mean 'team.f'?"
        )


class TestExecutions:
    def test_a_whole_life(self):
        life = expect(
            "execution",
            "c",
            states=["CREATED", "QUEUED", "RUNNING", "FAILED"],
            started_at=10,
            ended_at=20,
            waited=9,
            tasks_run=1,
            parent="a",
        )

        assert outcomes(life) == ["pass"] * 6

    @pytest.mark.parametrize(
        ("claims", "words"),
        [
            ({"waited": 10}, "waited 9s, must be 10s"),
            ({"started_at": 1}, "started_at 10s, must be 1s"),
            ({"ended_at": "< 20"}, "ended_at 20s, must be < 20s"),
            ({"tasks_run": 2}, "tasks_run 1, must be 2"),
            ({"parent": "b"}, "parent a, must be b"),
            ({"states": ["CREATED"]}, "states [CREATED, QUEUED, RUNNING, FAILED], must be [CREATED]"),
        ],
    )
    def test_observed_and_must_be(self, claims, words):
        assert sentence(expect("execution", "c", **claims)) == f"execution c: {words}"

    def test_what_has_not_happened_is_never(self):
        """Not even a comparison that any time satisfies holds."""
        run = trace_of("0s flow f limit=1", "0s admit a", "2s queue b", "5s over until")

        assert sentence(expect("execution", "b", started_at=">= 0"), run) == (
            "execution b: started_at never, must be >= 0s"
        )
        (never,) = judged(expect("execution", "b", ended_at=">= 0"), run)
        assert never.sentence == "execution b: ended_at never, must be >= 0s"
        assert never.moment == Moment(0, 2_000_000, 8)  # the last that was heard of it

    def test_a_wait_that_is_not_over_lasts_until_the_end(self):
        run = trace_of("0s flow f limit=1", "0s admit a", "2s queue b", "5s over until")

        assert outcomes(expect("execution", "b", waited=3, states=["CREATED", "QUEUED"]), run) == ["pass"] * 2

    def test_who_never_waited_is_shown_as_it_was_last(self):
        (finding,) = judged(expect("execution", "a", waited=1))

        assert finding.sentence == "execution a: waited 0s, must be 1s"
        assert finding.moment == Moment(0, 10_000_000, 16)

    def test_waits_add_up_over_restarts(self):
        run = trace_of(
            "0s flow f limit=1", "0s admit a", "0s queue b",
            "2s end a; release a; pop b", "3s end b FAILED; release b", "3s admit c",
            "4s state b RESTARTED restart; gate b queue; state b QUEUED gate", "9s end c; release c; pop b",
            "10s end b; release b",
        )  # fmt: skip

        assert outcomes(expect("execution", "b", waited=7, started_at=2, ended_at=10), run) == ["pass"] * 3

    def test_the_state_at_a_time(self):
        assert outcomes(expect("execution", "c", at=5, state="QUEUED")) == ["pass"]
        assert sentence(expect("execution", "c", at=5, state="RUNNING")) == (
            "execution c at 5s: state QUEUED, must be RUNNING"
        )

    def test_a_deleted_execution_has_no_state(self):
        run = trace_of("0s flow f limit=1", "0s admit a", "1s deleted a")

        (finding,) = judged(expect("execution", "a", at=2, state="RUNNING"), run)
        assert finding.sentence == "execution a at 2s: state deleted, must be RUNNING"
        assert finding.moment == Moment(0, 2_000_000, 7)

    def test_attempts_of_one_run_count_once(self):
        run = trace_of(
            "0s flow f", "0s admit a", "1s start a work before=2", "2s start a other", "3s end a; release a"
        )

        assert outcomes(expect("execution", "a", tasks_run=2), run) == ["pass"]

    @pytest.mark.parametrize("source", ["retry", "replay", "subflow", "loop"])
    def test_the_parent_of_one_that_another_made(self, source):
        run = trace_of(
            "0s flow f",
            "0s admit a",
            "1s end a FAILED; release a",
            f"2s admit b {source}:a",
            "3s end b; release b",
        )

        assert outcomes(expect("execution", "b", parent="a"), run) == ["pass"]
        assert sentence(expect("execution", "a", parent="b"), run) == "execution a: parent none, must be b"

    def test_one_that_never_came_into_being(self):
        """Every claim on it fails, and says so."""
        (first, second) = judged(expect("execution", "cc", waited="> 0", tasks_run=0))

        assert first.outcome is second.outcome is Outcome.FAIL
        assert first.sentence == (
            "execution cc: no such execution came into being, waited must be > 0s, did you mean 'c'?"
        )
        assert first.story == ()
        assert sentence(expect("execution", "nothing like it", tasks_run=0)) == (
            "execution nothing like it: no such execution came into being, tasks_run must be 0"
        )

    def test_the_moment_of_a_history_is_its_last_state(self):
        (finding,) = judged(expect("execution", "c", states=["CREATED"]))

        assert finding.moment is not None
        assert RUN.event(finding.moment.seq).after == "FAILED"

    def test_the_story_has_its_history(self):
        (finding,) = judged(expect("execution", "c", waited=10))

        assert finding.story == (
            "c: CREATED at 1s, QUEUED at 1s, RUNNING at 10s, FAILED at 20s",
            "at 1s, team.f: counter 2",
            "holding a slot: a, b",
            "waiting: c",
        )


class TestTriggers:
    def test_fires(self):
        assert (
            outcomes(expect("trigger", "team.f.tick", fired=2, skipped=1, late=1), TRIGGERED) == ["pass"] * 3
        )

    def test_observed_and_must_be(self):
        assert sentence(expect("trigger", "team.f.tick", fired=3), TRIGGERED) == (
            "trigger team.f.tick: fired 2, must be 3"
        )

    def test_the_story_is_that_of_its_flow(self):
        (finding,) = judged(expect("trigger", "team.f.tick", fired=3), TRIGGERED)

        assert finding.flow == "team.f"
        assert finding.story[0] == "at 5s, team.f: counter 1"

    def test_the_trigger_of_an_unknown_flow(self):
        assert sentence(expect("trigger", "team.g", fired=1), TRIGGERED) == (
            "trigger team.g: no such flow of the trigger came into being, fired must be 1, did you mean 'team.f'?"
        )

    def test_one_that_never_fired(self):
        assert outcomes(expect("trigger", "team.f.tock", fired=0, skipped=0), TRIGGERED) == ["pass"] * 2


class TestSeveralRuns:
    def test_it_must_hold_in_every_one(self):
        other = trace_of("0s flow team.f limit=2", "0s admit a", "1s end a; release a", replication=1)

        (finding,) = judged(expect("flow", "team.f", ended={"SUCCESS": 1, "FAILED": 1}), RUN, other, RUN)

        assert finding.outcome is Outcome.FAIL
        assert finding.sentence == (
            "flow team.f: ended {SUCCESS: 1}, must be {SUCCESS: 1, FAILED: 1} (in 1 of 3 runs)"
        )
        assert finding.moment is not None
        assert finding.moment.replication == 1

    def test_a_pass_says_how_many(self):
        assert sentence(expect("flow", "team.f", unended=1), RUN, RUN) == (
            "flow team.f: unended 1, must be 1 (in 2 runs)"
        )


def test_every_claim_of_the_format_is_judged():
    assert {subject: set(keys) for subject, keys in CLAIMS.items()} == {
        "flow": set(FLOW_CLAIMS),
        "execution": set(EXECUTION_CLAIMS),
        "trigger": set(TRIGGER_CLAIMS),
    }
