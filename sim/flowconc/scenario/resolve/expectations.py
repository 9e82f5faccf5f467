"""What a scenario expects: of flows, executions and triggers, of metrics, and of the invariants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flowconc.scenario.conditions import Claim, Expectation, Subject, Threshold
from flowconc.scenario.document.expect import CLAIMS, ExpectationDocument
from flowconc.scenario.document.scenario import InvariantsDocument, ScenarioDocument
from flowconc.scenario.document.validation import Loc
from flowconc.scenario.document.values import Written
from flowconc.scenario.literals.comparisons import ComparisonError, parse_metric, parse_threshold
from flowconc.scenario.model import Invariants
from flowconc.scenario.names import ExecutionNames, FlowNames, UnknownName
from flowconc.scenario.resolve.findings import Findings


def resolve_expectations(
    document: ScenarioDocument,
    data: Mapping[str, Any],
    flows: FlowNames,
    executions: ExecutionNames,
    findings: Findings,
) -> tuple[Expectation, ...]:
    """Return the expectations of a document; `data` is what it was read from, for the order of the keys."""
    found = (
        resolve_expectation(entry, data["expect"][index], ("expect", index), flows, executions, findings)
        for index, entry in enumerate(document.expect)
    )
    return tuple(expectation for expectation in found if expectation is not None)


def resolve_expectation(
    entry: ExpectationDocument,
    written: Iterable[str],
    loc: Loc,
    flows: FlowNames,
    executions: ExecutionNames,
    findings: Findings,
) -> Expectation | None:
    """Return one expectation, that at `loc` with its keys as `written`; None when it speaks of nothing known."""
    try:
        name = _name(entry, flows, executions)
    except UnknownName as error:
        findings.unknown((*loc, entry.subject.value), error)
        return None
    claims = tuple(
        claim
        for key in written
        if key in CLAIMS[entry.subject.value]
        and (claim := _claim(entry, key, (*loc, key), executions, findings)) is not None
    )
    return None if name is None else Expectation(entry.subject, name, claims, findings.locate(loc), entry.at)


def _name(entry: ExpectationDocument, flows: FlowNames, executions: ExecutionNames) -> str | None:
    """Return the full name of what an entry is about; None when its flow could not be read."""
    match entry.subject:
        case Subject.FLOW:
            return flows.flow(entry.name)
        case Subject.TRIGGER:
            return flows.trigger(entry.name)
        case Subject.EXECUTION:
            return executions.execution(entry.name)


def _claim(
    entry: ExpectationDocument, key: str, loc: Loc, executions: ExecutionNames, findings: Findings
) -> Claim | None:
    position = findings.locate(loc)
    match getattr(entry, key):
        case Written(must_be, text):
            return Claim(key, must_be, text, position)
        case list(states):
            return Claim(key, tuple(states), f"[{', '.join(states)}]", position)
        case dict(counts):
            pairs = tuple((state, count.must_be) for state, count in counts.items())
            text = ", ".join(f"{state}: {count.text}" for state, count in counts.items())
            return Claim(key, pairs, f"{{{text}}}", position)
        case str(name) if key == "parent":
            try:
                return Claim(key, executions.execution(name), name, position)
            except UnknownName as error:
                findings.unknown(loc, error)
                return None
        case state:
            return Claim(key, state, state, position)


def resolve_thresholds(
    document: ScenarioDocument, flows: FlowNames, findings: Findings
) -> tuple[Threshold, ...]:
    """Return the thresholds of a document, in the order of the file; errors go to `findings`."""
    thresholds = []
    for written, conditions in document.thresholds.items():
        loc: Loc = ("thresholds", written)
        try:
            metric, selectors = parse_metric(written)
            selectors = tuple((name, selected(name, value, flows)) for name, value in selectors)
        except ComparisonError as error:
            findings.error(loc, str(error), key=True)
            continue
        except UnknownName as error:
            findings.unknown(loc, error, key=True)
            continue
        for index, condition in enumerate(conditions):
            place = (*loc, index, "expr")
            try:
                statistic, must_be = parse_threshold(condition.expr, metric=metric)
            except ComparisonError as error:
                findings.error(place, str(error))
                continue
            thresholds.append(
                Threshold(
                    metric=metric,
                    statistic=statistic,
                    must_be=must_be,
                    written=f"{written}: {condition.expr}",
                    position=findings.locate(place),
                    selectors=selectors,
                    warn_only=condition.severity == "warn",
                )
            )
    return tuple(thresholds)


def selected(selector: str, name: str, flows: FlowNames) -> str:
    """Return the full name of the flow or trigger that a selector means. Raises UnknownName."""
    full = {"flow": flows.flow, "trigger": flows.trigger}.get(selector)
    return name if full is None else full(name) or name


def resolve_invariants(given: InvariantsDocument, findings: Findings) -> Invariants:
    """Return which invariants judge the run."""
    return Invariants(
        chosen=frozenset(given.only),
        excepted=frozenset(given.except_),
        must_break=frozenset(given.must_break),
        position=findings.locate(("invariants",)),
    )
