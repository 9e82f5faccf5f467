"""The triggers of a flow file: what evaluates them, when they fire, what they wait for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from flowconc.scenario.flow import RecoverMissed, Trigger, TriggerKind, Upstream
from flowconc.scenario.kestra_flow.dialect import (
    ALLOW_CONCURRENT,
    OF_FLOW_TRIGGERS,
    OF_TRIGGERS,
    PAUSES_HEARD,
    Dialect,
    dotted,
)
from flowconc.scenario.kestra_flow.java_zone import ZoneError, parse_zone, regions
from flowconc.scenario.kestra_flow.kestra_types import (
    CORE_TRIGGER_TYPES,
    KestraType,
    condition_type,
    trigger_type,
)
from flowconc.scenario.kestra_flow.metadata import check_labels
from flowconc.scenario.kestra_flow.section import Section
from flowconc.scenario.kestra_flow.task_source import UNNAMED
from flowconc.scenario.kestra_flow.tasks import LOG_LEVELS, TASK_ID
from flowconc.scenario.literals import cron
from flowconc.scenario.problems import excerpt, nearest
from flowconc.scenario.vocabulary import FINAL_STATES
from flowconc.scenario.wording import describe

POLL_INTERVAL_US: Final = 60_000_000
"""How often a polling trigger looks unless its `interval` says otherwise."""
LONGEST_WEBHOOK_KEY: Final = 256
FLOW_TRIGGER: Final = "trigger.Flow"
_RECOVERIES: Final = ("LAST", "NONE", "ALL")  # in the engine's order
_STATES: Final = (  # in the engine's order: a state can be written as its number
    "CREATED",
    "SUBMITTED",
    "RUNNING",
    "PAUSED",
    "RESTARTED",
    "KILLING",
    "SUCCESS",
    "WARNING",
    "FAILED",
    "KILLED",
    "CANCELLED",
    "QUEUED",
    "RETRYING",
    "RETRIED",
    "SKIPPED",
    "BREAKPOINT",
    "RESUBMITTED",
)
_DROPPED: Final = {
    "conditions": "`when`, since 2.0",
    "scheduleConditions": "`when`, since 2.0",
    "minLogLevel": "`logLevel`, since 0.20",
    "workerGroup": "`workerSelector`, since 2.0",
    "backfill": "a backfill through the API",
}
_FLOW_TRIGGER_OF_1_X: Final = frozenset({"conditions", "preconditions"})
_OF_1_X: Final = frozenset({"conditions", "scheduleConditions", "minLogLevel", "workerGroup"})


def read_triggers(section: Section) -> tuple[Trigger, ...]:
    """Read the `triggers` of a flow. Those that only a notice speaks of are left out."""
    triggers: list[Trigger] = []
    lines: dict[str, int] = {}
    for item in section.sections("triggers", "trigger"):
        trigger = _read_trigger(item)
        trigger_id = item.data.get("id")
        if (
            isinstance(trigger_id, str)
            and lines.setdefault(trigger_id, item.position.line) != item.position.line
        ):
            item.error(
                "id",
                f"the trigger id {excerpt(trigger_id)} is there twice, first in line {lines[trigger_id]}",
                "each id once",
            )
        if trigger is not None:
            triggers.append(trigger)
    return tuple(triggers)


def _read_trigger(section: Section) -> Trigger | None:
    trigger_id = section.text("id")
    if trigger_id is None:
        if not section.has("id"):
            section.missing("id", "this trigger")
    elif not TASK_ID.fullmatch(trigger_id):
        section.error(
            "id",
            f"{excerpt(trigger_id)} is no id of a trigger",
            "letters, digits, - and _, a letter or digit first",
        )
    kind = _read_type(section)
    if kind is None:
        return None
    _check_keys(section, kind, trigger_id or UNNAMED)
    trigger = _read_options(section, trigger_id or UNNAMED, kind)
    return _READERS.get(kind.core or "", _read_polling)(section, trigger)


def _read_type(section: Section) -> KestraType | None:
    name = section.data.get("type")
    if name is None:
        section.missing("type", "this trigger")
        return None
    kind = trigger_type(name) if isinstance(name, str) else None
    if kind is None:
        shown = excerpt(name) if isinstance(name, str) else describe(name)
        suggestion = nearest(name, CORE_TRIGGER_TYPES) if isinstance(name, str) else None
        section.error("type", f"there is no trigger type {shown}", "the name of a plugin's class", suggestion)
    elif kind.outdated and section.dialect.is_2:
        section.error("type", f"{section.dialect} has this type no more", "its name in io.kestra.plugin.core")
    elif kind.outdated and not section.dialect.is_older:
        section.warn("type", "Kestra 2.0 has this type no more; it is read as 1.x has it")
    return kind


def _check_keys(section: Section, kind: KestraType, trigger_id: str) -> None:
    section.check_ages(OF_TRIGGERS if kind.core != FLOW_TRIGGER else OF_TRIGGERS | OF_FLOW_TRIGGERS)
    if kind.properties is None:
        return
    owner, dialect = kind.name.rpartition(".")[2], section.dialect
    once = _FLOW_TRIGGER_OF_1_X if kind.core == FLOW_TRIGGER and not dialect.is_2 else frozenset()
    known = kind.properties | once | (_OF_1_X if dialect.is_older else frozenset())
    section.check_keys(known, f"the type {owner}", _DROPPED)
    section.require(kind.required, f"the {owner} trigger {excerpt(trigger_id)}")
    for key in sorted(once & section.data.keys()) if not dialect.is_older else ():
        section.warn(key, f"Kestra 2.0 has no `{key}` here any more; it is read as 1.x has it")


def _read_options(section: Section, trigger_id: str, kind: KestraType) -> Trigger:
    """Read what every trigger can have."""
    section.text("description")
    section.choice("logLevel", LOG_LEVELS)
    section.boolean("logToFile")
    section.boolean("failOnTriggerError")
    when = section.text("when")
    if when is not None:
        section.notice("when", "`when` is not evaluated: the trigger always fires")
    if kind.core != FLOW_TRIGGER and section.data.get("conditions"):
        section.notice("conditions", "the conditions are not evaluated: they hold")
    if kind.core is not None:
        section.section("inputs")
        section.items("policyRefs")
        check_labels(section)
    return Trigger(
        id=trigger_id,
        type=kind.name,
        kind=TriggerKind.POLLING,
        position=section.position,
        allow_concurrent=_may_be_concurrent(section),
        disabled=section.boolean("disabled"),
        stop_after=section.choices("stopAfter", _STATES),
    )


def _may_be_concurrent(section: Section) -> bool:
    allowed = section.boolean("allowConcurrent")
    if section.has("allowConcurrent") and section.dialect.lacks(ALLOW_CONCURRENT):
        section.notice(
            "allowConcurrent",
            f"{section.dialect} has no `allowConcurrent`, which came with {dotted(ALLOW_CONCURRENT)}: "
            "it is ignored, and the trigger locks",
        )
        return False
    return allowed


# --- by the clock -------------------------------------------------------------------------------------------


def _read_schedule(section: Section, trigger: Trigger) -> Trigger:
    with_seconds = section.boolean("withSeconds")
    expression = section.text("cron")
    if expression is not None:
        try:
            for warning in cron.parse(expression, with_seconds=with_seconds).warnings:
                section.warn("cron", warning)
        except cron.CronError as error:
            section.error("cron", str(error))
    late_maximum_us = section.duration_us("lateMaximumDelay", positive=True)
    recovery = section.choice("recoverMissedSchedules", _RECOVERIES) or RecoverMissed.ALL.value
    if section.has("interval"):
        section.error("interval", "a Schedule has no interval", "`cron` alone")
    trigger = _with_zone(section, trigger)
    return replace(
        trigger,
        kind=TriggerKind.SCHEDULE,
        cron=expression,
        with_seconds=with_seconds,
        recover_missed=RecoverMissed(recovery),
        late_maximum_us=late_maximum_us,
    )


def _with_zone(section: Section, trigger: Trigger) -> Trigger:
    name = section.text("timezone")
    if name is None:
        return trigger
    try:
        return replace(trigger, zone=parse_zone(name))
    except ZoneError as error:
        section.error(
            "timezone",
            str(error),
            "a region such as Europe/Paris, or an offset such as UTC+2",
            nearest(name, regions()),
        )
        return trigger


def _read_dates(section: Section, trigger: Trigger) -> None:
    _with_zone(section, trigger)
    section.choice("recoverMissedSchedules", _RECOVERIES)
    section.notice("type", "the dates of a ScheduleOnDates are not simulated: write them as arrivals")


# --- by looking, or being told ------------------------------------------------------------------------------


def _read_polling(section: Section, trigger: Trigger) -> Trigger:
    if "Realtime" in trigger.type.rpartition(".")[2]:
        section.notice(
            "type", "the events of a realtime trigger are not known: write them as `arrivals` with `trigger`"
        )
        return replace(trigger, kind=TriggerKind.REALTIME)
    interval_us = section.duration_us("interval")
    return replace(trigger, interval_us=POLL_INTERVAL_US if interval_us is None else interval_us)


def _read_webhook(section: Section, trigger: Trigger) -> Trigger:
    key = section.text("key")
    if key is not None and not 0 < len(key.strip()) <= len(key) <= LONGEST_WEBHOOK_KEY:
        section.error("key", "the key is empty or too long", f"1 to {LONGEST_WEBHOOK_KEY} characters")
    return replace(trigger, kind=TriggerKind.WEBHOOK)


def _read_tool(_section: Section, trigger: Trigger) -> Trigger:
    return replace(trigger, kind=TriggerKind.WEBHOOK)  # its calls are written as arrivals, too


# --- by other flows -----------------------------------------------------------------------------------------

_DEPENDENCY: Final = frozenset({"flowId", "namespace", "states", "labels", "when"})
_NARROWING: Final = ("labels", "when")


def _read_flow_trigger(section: Section, trigger: Trigger) -> Trigger:
    states = section.choices("states", _STATES) or _states_heard(section.dialect)
    upstream = (
        *_dependencies(section, "dependsOn", states),
        *_preconditions(section, states),
        *_conditions(section, states),
    )
    if section.has("mode"):
        section.notice(
            "mode", "`mode` is not evaluated: all the flows must have ended, or `minSatisfied` of them"
        )
    least = section.integer("minSatisfied", minimum=1)
    window_us, start_us = _window(section, upstream)
    if not upstream:
        section.warn(
            "id", "this trigger fires after every execution of every flow; `dependsOn` would narrow it"
        )
        upstream = (Upstream(None, None, states),)
    return replace(
        trigger,
        kind=TriggerKind.FLOW,
        upstream=upstream,
        min_satisfied=None if least is None else min(least, len(upstream)),
        window_us=window_us,
        window_start_us=start_us,
    )


def _states_heard(dialect: Dialect) -> frozenset[str]:
    """Return the states that a Flow trigger hears of which names none: all ends, and PAUSED."""
    return FINAL_STATES if dialect.lacks(PAUSES_HEARD) else FINAL_STATES | {"PAUSED"}


_DURATION_WINDOW: Final = "DURATION_WINDOW"
_DEFAULT_WINDOW_US: Final = 86_400_000_000
"""How long the windows of `preconditions` are unless `timeWindow` says otherwise."""
_ANY_TIME: Final = "the conditions may be met at any time since the trigger last fired"


def _window(section: Section, upstream: tuple[Upstream, ...]) -> tuple[int | None, int]:
    """Return the length of the windows in which the conditions must be met, and when after midnight one begins.

    Where there is only one condition, none waits for another, and a window changes nothing.
    """
    window = section.section("window")
    preconditions = section.section("preconditions")
    if len(upstream) == 1:
        return None, 0
    if window is not None:
        return _windows(window, "every", frozenset({"every"}))
    if preconditions is None:
        return None, 0
    window = preconditions.section("timeWindow")
    if window is None:
        return _DEFAULT_WINDOW_US, 0
    kind = window.data.get("type", _DURATION_WINDOW)
    if kind != _DURATION_WINDOW:
        window.notice("type", f"a window of type {excerpt(str(kind))} is not simulated: {_ANY_TIME}")
        return None, 0
    return _windows(window, "window", frozenset({"type", "window", "windowAdvance"}))


def _windows(window: Section, key: str, known: frozenset[str]) -> tuple[int | None, int]:
    """Read windows of one length, one behind the other from midnight on."""
    others = sorted(window.data.keys() - known)
    if others:
        window.notice(others[0], f"`{others[0]}` is not simulated: {_ANY_TIME}")
        return None, 0
    return window.duration_us(key, positive=True), window.duration_us("windowAdvance") or 0


def _dependencies(section: Section, key: str, states: frozenset[str]) -> Iterator[Upstream]:
    for item in section.sections(key, "flow to wait for"):
        item.check_keys(_DEPENDENCY, "a flow to wait for")
        for narrowing in _NARROWING:
            if item.has(narrowing):
                item.notice(narrowing, f"`{narrowing}` is not evaluated: it holds")
        yield Upstream(item.text("namespace"), item.text("flowId"), item.choices("states", _STATES) or states)


def _preconditions(section: Section, states: frozenset[str]) -> Iterator[Upstream]:
    preconditions = section.section("preconditions")
    if preconditions is None:
        return
    if preconditions.has("where"):
        preconditions.notice("where", "`where` is not evaluated: it holds")
    yield from _dependencies(preconditions, "flows", states)


def _conditions(section: Section, states: frozenset[str]) -> Iterator[Upstream]:
    """Read the conditions of 1.x: together they describe one flow; a MultipleCondition describes several."""
    one = Upstream(None, None, states)
    for item in section.sections("conditions", "condition"):
        if _condition_name(item) == "MultipleCondition":
            inner = item.section("conditions")
            for key in inner.data if inner is not None else ():
                if inner is not None and (condition := inner.section(key)) is not None:
                    yield _narrowed(Upstream(None, None, states), condition)
        else:
            one = _narrowed(one, item)
    if one != Upstream(None, None, states):
        yield one


def _condition_name(section: Section) -> str:
    return condition_type(str(section.data.get("type")))


def _narrowed(upstream: Upstream, condition: Section) -> Upstream:
    match _condition_name(condition):
        case "ExecutionFlow":
            return replace(upstream, namespace=condition.text("namespace"), flow_id=condition.text("flowId"))
        case "ExecutionNamespace":
            if condition.boolean("prefix") or condition.text("comparison") not in {None, "EQUALS"}:
                condition.notice(
                    "namespace", "only the namespace itself is matched here, none below or like it"
                )
            return replace(upstream, namespace=condition.text("namespace"))
        case "ExecutionStatus":
            wanted = condition.choices("in", _STATES) or upstream.states
            return replace(upstream, states=wanted - condition.choices("notIn", _STATES))
        case name:
            condition.notice("type", f"the condition {excerpt(name)} is not evaluated: it holds")
            return upstream


_Reader = Callable[[Section, Trigger], Trigger | None]
_READERS: Final[dict[str, _Reader]] = {
    "trigger.Schedule": _read_schedule,
    "trigger.ScheduleOnDates": _read_dates,
    "trigger.Webhook": _read_webhook,
    "trigger.McpToolTrigger": _read_tool,
    FLOW_TRIGGER: _read_flow_trigger,
}
