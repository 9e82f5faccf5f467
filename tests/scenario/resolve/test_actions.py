"""What actions are done to, and with what."""

from __future__ import annotations

import pytest

from flowconc.scenario.model import Selection, Verb
from flowconc.scenario.vocabulary import STATES

SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US
NAMED = "arrivals: [{flow: f, at: 0s, names: [a]}]\n"
SCHEDULED = (
    "[{id: f, namespace: n, tasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: hi}], "
    "triggers: [{id: tick, type: io.kestra.plugin.core.trigger.Schedule, cron: '0 * * * *'}]}]"
)


@pytest.fixture
def act(one):
    """Load the only action of a scenario in which an execution is called `a`."""

    def act(text, **keys):
        (action,) = one(f"{NAMED}actions: [{{at: 7s, {text}}}]\n", **keys).actions
        return action

    return act


def test_an_execution_leaves_the_queue_for_running_unless_said_otherwise(act):
    assert act("unqueue: a").to == "RUNNING"
    assert act("unqueue: a, to: CANCELLED").to == "CANCELLED"


@pytest.mark.parametrize("state", sorted(STATES))
@pytest.mark.parametrize("verb", ["unqueue", "change_status"])
def test_any_state_can_be_asked_for_since_the_engine_judges(act, verb, state):
    action = act(f"{verb}: a, to: {state}")

    assert (action.verb, action.target, action.to) == (Verb(verb), "a", state)


def test_a_replay_starts_anywhere_and_may_name_what_it_makes(act):
    whole, part = act("replay: a"), act("replay: a, from: t, as: r")

    assert (whole.from_task, whole.as_name) == (None, None)
    assert (part.from_task, part.as_name) == ("t", "r")


def test_the_name_of_a_replay_is_known_everywhere(one):
    scenario = one(
        NAMED + "actions: [{at: 1s, kill: r}, {at: 0s, replay: a, as: r}, {at: 2s, replay: r, as: r2}]\n"
        "expect: [{execution: r2, parent: r}]\n"
    )

    assert [action.target for action in scenario.actions] == ["r", "a", "r"]
    assert scenario.expectations[0].claims[0].must_be == "r"


def test_the_name_of_a_broken_replay_is_still_known(problems):
    lines = problems(NAMED + "actions: [{at: 5, replay: a, as: r}, {at: 1s, kill: r}]\n")

    assert len(lines) == 1


def test_a_replay_of_a_numbered_execution_starts_from_a_task_of_its_flow(act, problems):
    assert act("replay: 'f#1', from: t").from_task == "t"
    assert problems("actions: [{at: 1s, replay: f#1, as: r}, {at: 2s, replay: r, from: tt}]\n") == [
        "x.flowconc.yaml:3:67: the flow company.team.f has no task 'tt', expected t, did you mean 't'?"
    ]


@pytest.mark.parametrize("running", [0, -5, 2**31 - 1])
def test_a_counter_is_set_to_any_number(act, running):
    action = act(f"set_counter: f, running: {running}")

    assert (action.target, action.running) == ("company.team.f", running)


def test_the_window_of_a_backfill_is_counted_from_the_start_of_the_clock(one):
    scenario = one(
        "clock: {start: 2026-01-01T00:00:00Z}\nrun: {until: 1m}\n"
        "actions: [{at: 8s, backfill: f.tick, start: 2025-12-31T00:00:00Z, end: 2026-01-01T01:00:00+01:00}]\n",
        SCHEDULED,
    )

    assert scenario.actions[0].target == "n.f.tick"
    assert scenario.actions[0].window_us == (-DAY_US, 0)


@pytest.mark.parametrize(
    "verb",
    [
        "kill",
        "delete",
        "purge",
        "force_run",
        "pause",
        "resume",
        "restart",
        "unqueue",
        "change_status",
        "replay",
    ],
)
def test_every_verb_on_executions_takes_a_selection(act, verb):
    to = ", to: SUCCESS" if verb == "change_status" else ""

    assert act(f"{verb}: {{flow: f, state: FAILED}}{to}").target == Selection(
        "company.team.f", frozenset({"FAILED"})
    )


def test_a_purge_spares_what_has_not_ended_unless_said_otherwise(act):
    assert not act("purge: a").unended
    assert act("purge: a, unended: true").unended


def test_a_crash_is_no_action_of_the_engines_but_a_fault(one):
    scenario = one("actions: [{at: 9s, crash: executor, for: 30s}]\n")

    assert scenario.actions == ()
    assert [fault.at_us for fault in scenario.faults] == [9 * SECOND_US]
