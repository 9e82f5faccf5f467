"""Actions: refused ones fail the scenario unless it says so."""

from __future__ import annotations

import pytest

from flowconc.check.actions import judge_actions, refusals
from flowconc.check.verdict import Finding, Moment, Outcome
from flowconc.protocol.events import Kind
from flowconc.runner import run_scenario
from flowconc.scenario import builder
from tests.flows import act
from tests.traces import trace_of, us


def findings_of(**action: object) -> list[Finding]:
    """Run one execution of ten seconds, act on it, and return what is said of the action."""
    flow = builder.flow("f", limit=1, duration="10s")
    scenario = builder.scenario("act").flow(flow).arrive("f", at="0s", names=["a"]).act(**action).build()
    return [finding for finding in run_scenario(scenario).verdict.findings if finding.check == "action"]


def test_an_action_that_is_carried_out_needs_no_word() -> None:
    """Only what is, or should be, refused is reported."""
    assert findings_of(at="3s", kill="a") == []


def test_an_action_that_is_ignored_is_no_error() -> None:
    """A kill of an execution that has ended changes nothing."""
    assert findings_of(at="30s", kill="a") == []


def test_an_action_that_is_refused_fails_the_scenario() -> None:
    """The message says why the engine refused it."""
    (finding,) = findings_of(at="30s", restart="a")

    assert finding.outcome is Outcome.FAIL
    assert finding.sentence == (
        "restart a at 30s was refused (it is SUCCESS; only FAILED executions can be restarted), "
        "must be carried out, or say `refused: true`"
    )


def test_a_refusal_that_is_expected_passes() -> None:
    """With `refused: true` the refusal is what must happen."""
    (finding,) = findings_of(at="30s", restart="a", refused=True)

    assert finding.outcome is Outcome.PASS


@pytest.mark.parametrize(("at", "done"), [("3s", "was carried out"), ("30s", "was ignored")])
def test_a_refusal_that_does_not_come_fails_the_scenario(at: str, done: str) -> None:
    """Carried out or ignored: neither is a refusal."""
    (finding,) = findings_of(at=at, kill="a", refused=True)

    assert finding.outcome is Outcome.FAIL
    assert done in finding.sentence


QUIET = ("0s flow f limit=1", "0s admit a")


def test_what_went_wrong_is_shown_where_it_did() -> None:
    """In the first run in which it did, at the answer to the action."""
    good = trace_of(*QUIET, "2s applied kill a")
    bad = trace_of(*QUIET, "2s action_refused kill a", replication=1)

    (finding,) = judge_actions([act("2s", "kill", "a")], [good, bad, bad])

    seq = int((bad.records["kind"] == Kind.ACTION_REFUSED).argmax())
    assert finding.moment == Moment(1, us("2s"), seq)


def test_answers_are_told_apart_by_the_times_of_their_actions() -> None:
    """Whatever order the scenario names them in; one that no run came to was not refused."""
    actions = [act("5s", "kill", "a"), act("2s", "kill", "a"), act("9s", "kill", "a")]
    one = trace_of(*QUIET, "2s action_refused kill a", "5s applied kill a")
    both = trace_of(*QUIET, "2s action_refused kill a", "5s action_refused kill a")

    assert refusals(actions, [both]) == {0, 1}
    assert refusals(actions, [one, both]) == {1}


def test_executions_that_are_refused_are_warned_of() -> None:
    """They are in no count and no invariant, so nothing else would tell."""
    flow = builder.flow("f", limit=1, duration="10s", disabled=True)
    scenario = builder.scenario("refused").flow(flow).arrive("f", burst=3, at="0s").build()

    (finding,) = run_scenario(scenario).verdict.of(Outcome.WARN)

    assert finding.sentence == "3 executions of company.team.f never came into being: flow disabled"
    assert finding.position == scenario.arrivals[0].position


def test_a_refusal_that_does_not_come_is_told_without_a_reason() -> None:
    (finding,) = findings_of(at="3s", kill="a", refused=True)

    assert finding.sentence == "kill at 3s was carried out, must be refused"
