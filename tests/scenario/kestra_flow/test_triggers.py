"""Triggers: what evaluates them, when, and what they wait for."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from flowconc.scenario.flow import RecoverMissed, Trigger, TriggerKind, Upstream
from flowconc.scenario.kestra_flow.dialect import DOCUMENTED, Dialect
from flowconc.scenario.kestra_flow.flow_file import parse_flow
from flowconc.scenario.problems import BadInput, Position
from flowconc.scenario.semantics import Version
from flowconc.scenario.vocabulary import FINAL_STATES

CORE = "io.kestra.plugin.core"
SECOND_US = 1_000_000


def locate(loc: tuple[str | int, ...], *, key: bool = False) -> Position:
    return Position("f.yaml")


def read(*triggers: str, dialect: Dialect = DOCUMENTED) -> tuple[tuple[Trigger, ...], list[str]]:
    """Read the triggers of a flow, and say what was remarked."""
    data: dict[str, Any] = {
        "id": "f",
        "namespace": "a.b",
        "tasks": [{"id": "a", "type": f"{CORE}.log.Log", "message": "x"}],
        "triggers": [yaml.safe_load(f"{{id: t{number}, {text}}}") for number, text in enumerate(triggers)],
    }
    source = parse_flow(data, locate, dialect=dialect)
    return source.triggers, [notice.what for notice in source.notices]


def only(trigger: str) -> Trigger:
    [found] = read(trigger)[0]
    return found


def refusal(trigger: str) -> str:
    with pytest.raises(BadInput) as refused:
        read(trigger)
    return "\n".join(problem.what for problem in refused.value.problems)


SCHEDULE = f"type: {CORE}.trigger.Schedule, cron: '*/5 * * * *'"


def test_a_schedule() -> None:
    trigger = only(
        f"{SCHEDULE}, timezone: Europe/Paris, allowConcurrent: true, disabled: true, stopAfter: [FAILED]"
    )

    assert (TriggerKind.SCHEDULE, "*/5 * * * *", ZoneInfo("Europe/Paris")) == (
        trigger.kind,
        trigger.cron,
        trigger.zone,
    )
    assert (True, True, frozenset({"FAILED"})) == (
        trigger.allow_concurrent,
        trigger.disabled,
        trigger.stop_after,
    )


def test_zones_of_java() -> None:
    assert timezone(timedelta(hours=2), "UTC+2") == only(f"{SCHEDULE}, timezone: UTC+2").zone


def test_a_schedule_with_seconds() -> None:
    assert only(f"type: {CORE}.trigger.Schedule, cron: '*/10 * * * * *', withSeconds: true").with_seconds


@pytest.mark.parametrize(
    ("trigger", "said"),
    [
        (f"type: {CORE}.trigger.Schedule", "the Schedule trigger 't0' has no `cron`"),
        (f"{SCHEDULE}, interval: PT1M", "a Schedule has no interval"),
        (f"{SCHEDULE}, lateMaximumDelay: PT0S", "`lateMaximumDelay` is not positive"),
        (f"{SCHEDULE}, timezone: Mars/Base", "'Mars/Base' is not a time zone"),
        (f"{SCHEDULE}, conditions: []", "the type Schedule has no property 'conditions'"),
        (f"type: {CORE}.trigger.Webhook, key: ' '", "the key is empty or too long"),
        (f"type: {CORE}.trigger.Sched, cron: x", f"there is no trigger type '{CORE}.trigger.Sched'"),
        ("type: io.kestra.plugin.aws.s3.Trigger, interval: 5m", "`interval` is the text '5m'"),
    ],
)
def test_what_the_engine_refuses(trigger: str, said: str) -> None:
    assert said == refusal(trigger)


@pytest.mark.parametrize(
    ("trigger", "kind", "interval_us"),
    [
        ("type: io.kestra.plugin.aws.s3.Trigger", TriggerKind.POLLING, 60_000_000),
        ("type: io.kestra.plugin.aws.s3.Trigger, interval: PT5M", TriggerKind.POLLING, 300_000_000),
        (f"type: {CORE}.http.Trigger, uri: x", TriggerKind.POLLING, 60_000_000),
        ("type: io.kestra.plugin.kafka.RealtimeTrigger", TriggerKind.REALTIME, None),
        (f"type: {CORE}.trigger.Webhook, key: k", TriggerKind.WEBHOOK, None),
    ],
)
def test_who_evaluates_a_trigger(trigger: str, kind: TriggerKind, interval_us: int | None) -> None:
    found = only(trigger)

    assert (kind, interval_us) == (found.kind, found.interval_us)


FLOW = f"type: {CORE}.trigger.Flow"
CONDITION = f"{CORE}.condition"
HEARD = FINAL_STATES | {"PAUSED"}
"""What a Flow trigger hears of that names no states."""


@pytest.mark.parametrize(
    ("trigger", "upstream"),
    [
        (f"{FLOW}, dependsOn: [{{namespace: n, flowId: i, states: [FAILED]}}]", [("n", "i", {"FAILED"})]),
        (f"{FLOW}, states: [WARNING], dependsOn: [{{flowId: i}}]", [(None, "i", {"WARNING"})]),
        (f"{FLOW}", [(None, None, HEARD)]),
        (
            f"{FLOW}, preconditions: {{id: p, flows: [{{namespace: n, flowId: i}}, {{flowId: j}}]}}",
            [("n", "i", HEARD), (None, "j", HEARD)],
        ),
        (
            (
                f"{FLOW}, conditions: [{{type: {CONDITION}.ExecutionFlow, namespace: n, flowId: i}},"
                f" {{type: {CONDITION}.ExecutionStatus, in: [SUCCESS, WARNING], notIn: [WARNING]}}]"
            ),
            [("n", "i", {"SUCCESS"})],
        ),
        (
            (
                f"{FLOW}, conditions: [{{type: io.kestra.core.models.conditions.types.ExecutionNamespaceCondition,"
                " namespace: n}]"
            ),
            [("n", None, HEARD)],
        ),
        (
            (
                f"{FLOW}, conditions: [{{type: {CONDITION}.MultipleCondition, conditions: {{"
                f"p: {{type: {CONDITION}.ExecutionFlow, flowId: i}}, q: {{type: {CONDITION}.ExecutionFlow, flowId: j}}}}}}]"
            ),
            [(None, "i", HEARD), (None, "j", HEARD)],
        ),
    ],
)
def test_what_a_flow_trigger_waits_for(trigger: str, upstream: list[tuple[Any, Any, Any]]) -> None:
    expected = tuple(
        Upstream(namespace, flow_id, frozenset(states)) for namespace, flow_id, states in upstream
    )

    assert expected == only(trigger).upstream


@pytest.mark.parametrize(
    ("version", "heard"), [((0, 21, 0), FINAL_STATES), ((0, 24, 0), HEARD), ((2, 0, 0), HEARD)]
)
def test_a_flow_trigger_without_states_hears_of_pauses_since_0_24(
    version: Version, heard: frozenset[str]
) -> None:
    [trigger] = read(FLOW, dialect=Dialect(version))[0]

    assert trigger.upstream == (Upstream(None, None, heard),)


def test_a_flow_that_triggers_itself_is_refused() -> None:
    assert (
        refusal(f"{FLOW}, dependsOn: [{{namespace: a.b, flowId: f}}]") == "the flow a.b.f would start itself"
    )


@pytest.mark.parametrize("recovery", RecoverMissed)
def test_a_schedule_makes_up_for_what_it_missed_as_it_says(recovery: RecoverMissed) -> None:
    trigger = only(f"{SCHEDULE}, recoverMissedSchedules: {recovery.value}, lateMaximumDelay: PT5M")

    assert (trigger.recover_missed, trigger.late_maximum_us) == (recovery, 300 * SECOND_US)


def test_a_schedule_makes_up_for_everything_unless_said_otherwise() -> None:
    assert (only(SCHEDULE).recover_missed, only(SCHEDULE).late_maximum_us) == (RecoverMissed.ALL, None)


TWO = "[{flowId: a}, {flowId: b}]"
PRECONDITIONS = f"{FLOW}, preconditions: {{id: p, flows: {TWO}%s}}"
DAY_US = 86_400 * SECOND_US


@pytest.mark.parametrize(
    ("trigger", "windows"),
    [
        (f"{FLOW}, dependsOn: {TWO}", (None, 0)),
        (f"{FLOW}, dependsOn: {TWO}, window: {{every: PT1H}}", (3_600 * SECOND_US, 0)),
        (f"{FLOW}, dependsOn: [{{flowId: a}}], window: {{every: PT1H}}", (None, 0)),  # nothing to wait for
        (PRECONDITIONS % "", (DAY_US, 0)),
        (
            PRECONDITIONS % ", timeWindow: {window: PT6H, windowAdvance: PT1H}",
            (DAY_US // 4, 3_600 * SECOND_US),
        ),
        (PRECONDITIONS % ", timeWindow: {type: SLIDING_WINDOW, window: PT6H}", (None, 0)),
    ],
)
def test_conditions_must_be_met_in_one_window(trigger: str, windows: tuple[int | None, int]) -> None:
    found = only(trigger)

    assert windows == (found.window_us, found.window_start_us)


@pytest.mark.parametrize(
    ("least", "expected"), [("", None), (", minSatisfied: 1", 1), (", minSatisfied: 9", 2)]
)
def test_some_of_the_conditions_may_be_enough(least: str, expected: int | None) -> None:
    assert expected == only(f"{FLOW}, dependsOn: {TWO}{least}").min_satisfied


@pytest.mark.parametrize(
    ("trigger", "said"),
    [
        (
            f"{FLOW}, dependsOn: {TWO}, window: {{deadline: '09:00'}}",
            (
                "`deadline` is not simulated: "
                "the conditions may be met at any time since the trigger last fired"
            ),
        ),
        (
            "type: io.kestra.plugin.kafka.RealtimeTrigger",
            "the events of a realtime trigger are not known: write them as `arrivals` with `trigger`",
        ),
        (f"{SCHEDULE}, when: '{{{{ x }}}}'", "`when` is not evaluated: the trigger always fires"),
        (
            f"type: {CORE}.trigger.ScheduleOnDates, dates: ['2026-01-01T00:00:00Z']",
            "the dates of a ScheduleOnDates are not simulated: write them as arrivals",
        ),
        (f"{FLOW}, dependsOn: [{{flowId: i, labels: {{a: b}}}}]", "`labels` is not evaluated: it holds"),
    ],
)
def test_what_is_not_evaluated_is_said(trigger: str, said: str) -> None:
    assert [said] == read(trigger)[1]


def test_ids_are_unique() -> None:
    data = {
        "id": "f",
        "namespace": "a.b",
        "tasks": [{"id": "a", "type": f"{CORE}.log.Log", "message": "x"}],
        "triggers": [{"id": "t", "type": f"{CORE}.trigger.Webhook", "key": "k"}] * 2,
    }
    with pytest.raises(BadInput) as refused:
        parse_flow(data, lambda loc, *, key=False: Position("f.yaml", int(loc[1]) + 5 if len(loc) > 1 else 1))

    assert [p.what for p in refused.value.problems] == ["the trigger id 't' is there twice, first in line 5"]
