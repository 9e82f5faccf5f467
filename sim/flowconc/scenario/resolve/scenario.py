"""One document's plain data -> frozen scenarios, one for each combination of its parameters.

The data may come from a YAML file (`load`) or from Python (`builder`): `locate` says where each part stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from flowconc.scenario.document.parameters import (
    Combination,
    Filling,
    Parameters,
    combinations,
    read_parameters,
    read_planned,
    without_parameters,
)
from flowconc.scenario.document.platform import PlatformDocument, RunDocument
from flowconc.scenario.document.readable import read_readable
from flowconc.scenario.document.scenario import ScenarioDocument
from flowconc.scenario.document.validation import Loc, Locate
from flowconc.scenario.flow import SELF_FIRING
from flowconc.scenario.model import (
    Action,
    Backend,
    Database,
    Latency,
    Platform,
    RunSettings,
    Scenario,
    Verb,
    WorkerRestart,
)
from flowconc.scenario.names import ExecutionNames
from flowconc.scenario.plan import Variant
from flowconc.scenario.problems import BadInput, Problem, Severity
from flowconc.scenario.resolve.actions import resolve_actions
from flowconc.scenario.resolve.arrivals import check_names, given_names, resolve_arrivals
from flowconc.scenario.resolve.expectations import (
    resolve_expectations,
    resolve_invariants,
    resolve_thresholds,
)
from flowconc.scenario.resolve.exploration import resolve_explore
from flowconc.scenario.resolve.faults import resolve_faults
from flowconc.scenario.resolve.findings import Findings
from flowconc.scenario.resolve.flow_files import FlowFiles
from flowconc.scenario.resolve.flows import Flows, resolve_flows
from flowconc.scenario.resolve.limits import resolve_limits
from flowconc.scenario.resolve.planning import resolve_plan
from flowconc.scenario.resolve.recordings import read_durations
from flowconc.scenario.resolve.variation import (
    locate_varied,
    resolve_sometimes,
    resolve_vary,
    with_shortest,
)
from flowconc.scenario.wording import describe

MOST_FAILING_COMBINATIONS: Final = 20
"""Combinations of parameters with errors after which the others are not tried."""


def resolve(
    data: object, locate: Locate, files: FlowFiles, *, is_plain: Callable[[Loc], bool]
) -> tuple[Scenario, ...]:
    """Return the scenarios that a document describes.

    `is_plain` says whether the text at a place is written without quotes. Raises BadInput with every problem,
    those of the flow files included.
    """
    findings = Findings(locate)
    if not isinstance(data, dict):
        findings.error((), f"the document is {describe(data)}", "a mapping with `scenario`, `flows`, ...")
        raise BadInput(findings.problems)
    parameters = read_parameters(data, findings)
    planned = read_planned(data, parameters, findings)
    if findings.problems:
        raise BadInput(findings.problems)
    filling = Filling(parameters, is_plain, planned)
    rest = without_parameters(data)
    scenarios: list[Scenario] = []
    problems: dict[Problem, None] = {}
    failing = 0
    for combination in combinations(parameters):
        try:
            scenarios.append(_with_variants(rest, locate, files, filling, combination, planned))
        except BadInput as error:
            problems |= dict.fromkeys(error.problems)
            failing += 1
            if failing == MOST_FAILING_COMBINATIONS:
                break
    if problems:
        raise BadInput(problems)
    return tuple(replace(each, notices=(*filling.unused(locate), *each.notices)) for each in scenarios)


def _with_variants(
    data: Mapping[str, Any],
    locate: Locate,
    files: FlowFiles,
    filling: Filling,
    combination: Combination,
    planned: Parameters,
) -> Scenario:
    """Return the scenario of one combination; where its plan varies parameters, with the others as variants.

    The first value of each is how the scenario is outside of the plan.
    """
    read = []
    for values in combinations(planned):
        filled = Findings(locate)
        read.append(
            (
                values,
                _scenario(filling.fill(data, (*combination, *values), filled), filled, files, combination),
            )
        )
    (values, scenario), *others = read
    if scenario.plan is None:
        return scenario
    variants = tuple(Variant(other, replace(each, plan=None)) for other, each in others)
    return replace(scenario, plan=replace(scenario.plan, values=values, variants=variants))


def _scenario(
    data: Mapping[str, Any], filled: Findings, files: FlowFiles, combination: Combination
) -> Scenario:
    """Return the scenario in data whose parameters have been put in; `filled` has what went wrong with that."""
    if "vary" in data:
        filled.locate = locate_varied(filled.locate, data)
        data = with_shortest(data)
    readable = read_readable(data, filled.locate, lambda name: _durations(files.folder / name))
    document = readable.document
    findings = Findings(readable.locate)
    names = given_names(data)
    check_names(names, filled)
    flows = resolve_flows(document, files, findings, complete="flows" not in readable.damaged)
    executions = ExecutionNames((name for name, _ in names), flows.names)
    actions = resolve_actions(document, flows, executions, findings)
    until_known = "run" not in readable.damaged
    if until_known:
        _check_triggers_end(document, flows, actions, findings)
    arrivals = resolve_arrivals(document, flows, files.folder, findings, until_known=until_known)
    vary = resolve_vary(document, flows, arrivals, data, findings)
    if vary is not None:
        locate = filled.locate
        vary = replace(vary, read=lambda varied: _scenario(varied, Findings(locate), files, combination))
    scenario = Scenario(
        name=document.scenario,
        flows=flows.initial,
        position=findings.locate(("scenario",)),
        description=document.description,
        semantics=document.semantics,
        limits=resolve_limits(document, flows, findings),
        arrivals=arrivals,
        actions=actions,
        faults=resolve_faults(document, findings),
        heal_at_us=document.heal_at,
        vary=vary,
        explore=resolve_explore(document, findings),
        plan=resolve_plan(document, flows, actions, findings),
        clock_start=document.clock.start,
        platform=_platform(document.platform),
        run=_run(document.run),
        backend=None if document.backend is None else Backend(document.backend),
        expectations=resolve_expectations(document, readable.data, flows.names, executions, findings),
        sometimes=resolve_sometimes(document, readable.data, flows, executions, findings),
        thresholds=resolve_thresholds(document, flows.names, findings),
        invariants=resolve_invariants(document.invariants, findings),
        parameters=combination,
        marks=tuple(document.marks),
        notices=flows.notices,
    )
    remarks = [each for each in findings.problems if each.severity is not Severity.ERROR]
    errors = [each for each in findings.problems if each.severity is Severity.ERROR]
    errors = _without_consequences(filled.problems, readable.problems, errors)
    if errors:
        raise BadInput(errors)
    return replace(scenario, notices=(*scenario.notices, *remarks))


def _durations(path: Path) -> tuple[int, ...]:
    """Return the sample of `empirical(file)`. Raises ValueError, which is reported where the file is named."""
    try:
        return read_durations(path)
    except BadInput as error:
        raise ValueError(str(error.problems[0])) from None


def _without_consequences(*stages: Iterable[Problem]) -> list[Problem]:
    """Return the problems of all stages; where two speak of one place, the later is taken for a consequence."""
    found: list[Problem] = []
    for stage in stages:
        places = {problem.position for problem in found}
        found += [problem for problem in stage if problem.position not in places]
    return found


def _check_triggers_end(
    document: ScenarioDocument, flows: Flows, actions: tuple[Action, ...], findings: Findings
) -> None:
    """Refuse triggers that fire by themselves in a run without an end."""
    if document.run.until is not None:
        return
    enabled = {action.target for action in actions if action.verb is Verb.ENABLE_TRIGGER}
    endless = dict.fromkeys(
        f"{flow.key}.{trigger.id}"
        for flow in flows.revisions
        for trigger in flow.triggers
        if trigger.kind in SELF_FIRING
        and not flow.disabled
        and (not trigger.disabled or f"{flow.key}.{trigger.id}" in enabled)
    )
    for name in endless:
        findings.error(("run",), f"the trigger {name} fires for ever", "an end: `run: {until: ...}`")


def _platform(given: PlatformDocument) -> Platform:
    return Platform(
        executors=given.executors,
        worker_threads=given.worker_threads,
        database=Database(
            connections=given.database.connections,
            statement_us=given.database.statement,
            per_waiting_us=given.database.per_waiting,
        ),
        latency=Latency(
            arrival_us=given.latency.arrival,
            dispatch_us=given.latency.dispatch,
            result_us=given.latency.result,
        ),
        workers=given.workers,
        worker_timeout_us=given.worker_timeout,
        worker_grace_us=given.worker_grace,
        worker_restart=WorkerRestart(given.worker_restart),
        work_outlives_worker=given.work_outlives_worker,
    )


def _run(given: RunDocument) -> RunSettings:
    return RunSettings(
        until_us=given.until,
        drain=given.drain,
        warmup_us=given.warmup,
        seed=given.seed,
        replications=given.replications,
        max_replications=max(given.max_replications, given.replications),
        confidence=given.confidence,
        max_events=given.max_events,
        heal_within_us=given.heal_within,
    )
