"""The entry `plan:` of a scenario: flow by name, conditions by metric, factors with their defaults."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from flowconc.scenario.conditions import Threshold
from flowconc.scenario.document.planning import PlanDocument, split_condition
from flowconc.scenario.document.scenario import ScenarioDocument
from flowconc.scenario.document.validation import Loc
from flowconc.scenario.flow import Behavior, Flow
from flowconc.scenario.literals.comparisons import ComparisonError, parse_metric, parse_threshold
from flowconc.scenario.model import Action, Verb
from flowconc.scenario.names import FlowNames, UnknownName, listed
from flowconc.scenario.plan import Disturbance, Plan
from flowconc.scenario.resolve.expectations import selected
from flowconc.scenario.resolve.findings import Findings
from flowconc.scenario.resolve.flows import Flows

MAX_OPTIONS: Final = 10_000

_PLAN: Final[Loc] = ("plan",)
_REPLACING: Final = frozenset({Verb.EDIT, Verb.CREATE_FLOW, Verb.DELETE_FLOW})
_ELSEWHERE: Final = {"vary": "a scenario that varies", "explore": "a scenario that is explored"}


def resolve_plan(
    document: ScenarioDocument, flows: Flows, actions: Iterable[Action], findings: Findings
) -> Plan | None:
    """Return how the limit of a flow is planned, still without variants; errors go to `findings`."""
    given = document.plan
    if given is None:
        return None
    for key, what in _ELSEWHERE.items():
        if getattr(document, key) is not None:
            findings.error(_PLAN, f"{what} cannot be planned, too", f"`plan` or `{key}`", key=True)
    flow = _flow(given, flows, findings)
    if flow is None:
        return None
    _check_edits(flow, actions, findings)
    limits = _limits(given, flow)
    behaviors = tuple(Behavior(name) for name in dict.fromkeys(given.vary.behavior))
    loads, durations = (tuple(dict.fromkeys(each)) for each in (given.vary.load, given.vary.duration))
    options = len(limits) * max(len(behaviors), 1) * len(loads) * len(durations)
    if options > MAX_OPTIONS:
        findings.error(("plan", "vary"), f"there are {options:,} options", f"at most {MAX_OPTIONS:,}")
    _check_times(given, document, findings)
    return Plan(
        position=findings.locate(_PLAN, key=True),
        flow=flow.key,
        goals=tuple(_conditions(given.goals, "goals", flows.names, findings)),
        limits=limits,
        behaviors=behaviors,
        loads=loads,
        durations=durations,
        protects=tuple(_conditions(given.protect, "protect", flows.names, findings)),
        confidence=given.confidence or document.run.confidence,
        replications=given.replications,
        max_replications=max(given.replications, given.max_replications),
        sensitivity=given.sensitivity,
        recovery=tuple(Disturbance(each.outage, each.burst, each.at) for each in given.recovery),
        finds_warmup="warmup" not in document.run.model_fields_set,
    )


def _flow(given: PlanDocument, flows: Flows, findings: Findings) -> Flow | None:
    """Return the flow whose limit is planned: the one named, or the only one that has a limit, or the only one."""
    initial: Mapping[str, Flow] = {flow.key: flow for flow in flows.initial}
    if given.flow is not None:
        loc = (*_PLAN, "flow")
        try:
            key = flows.names.flow(given.flow)
        except UnknownName as error:
            findings.unknown(loc, error)
            return None
        if key is not None and key not in initial and flows.names.complete:
            findings.error(loc, f"the flow {key} is not there from the start")
        return None if key is None else initial.get(key)
    limited = [flow for flow in flows.initial if flow.concurrency is not None] or list(flows.initial)
    if len(limited) == 1:
        return limited[0]
    if flows.names.complete and limited:
        names = listed(flows.names.short[flow.key] for flow in limited)
        findings.error(_PLAN, "nothing says which flow's limit is planned", f"`flow`: {names}", key=True)
    return None


def _limits(given: PlanDocument, flow: Flow) -> tuple[int, ...]:
    """Return the limits that are tried: those written, and the one that the flow has now."""
    now = () if flow.concurrency is None else (flow.concurrency.limit,)
    return tuple(sorted({*given.vary.limit, *now}))


def _check_edits(flow: Flow, actions: Iterable[Action], findings: Findings) -> None:
    """Refuse actions that would replace the limit that the plan tries."""
    for action in actions:
        if action.verb in _REPLACING and (action.target == flow.key or action.flow is not None):
            if action.flow is not None and action.flow.key != flow.key:
                continue
            findings.error(
                _PLAN,
                f"an action ({action.position}) replaces the flow whose limit is planned",
                "none that does",
                key=True,
            )


def _check_times(given: PlanDocument, document: ScenarioDocument, findings: Findings) -> None:
    until_us = document.run.until
    for index, entry in enumerate(given.recovery):
        loc: Loc = ("plan", "recovery", index)
        if until_us is None:
            findings.error(loc, "nothing says how long the run is", "`run: {until: ...}`")
        elif entry.outage is not None and document.heal_at is not None:
            findings.error(loc, "nothing goes wrong from `heal_at` on", "a plan without `heal_at`")
        elif (entry.at or 0) + (entry.outage or 0) >= until_us:
            findings.error(loc, "the run ends before this is over", "a longer `run.until`")


def _conditions(
    written: Iterable[str], key: str, flows: FlowNames, findings: Findings
) -> Iterator[Threshold]:
    for index, text in enumerate(written):
        loc: Loc = ("plan", key, index)
        if findings.locate(loc) == findings.locate(loc[:-1]):
            loc = loc[:-1]  # a condition that stands alone
        subject, condition = split_condition(text)
        try:
            metric, selectors = parse_metric(subject)
            statistic, must_be = parse_threshold(condition, metric=metric)
            full = tuple((name, selected(name, value, flows)) for name, value in selectors)
        except ComparisonError as error:
            findings.error(loc, str(error))
        except UnknownName as error:
            findings.unknown(loc, error)
        else:
            yield Threshold(metric, statistic, must_be, text.strip(), findings.locate(loc), full)
