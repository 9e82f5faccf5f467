"""The limits of namespaces and tenants that a scenario declares."""

from __future__ import annotations

from flowconc.scenario.document.limits import ScopeDocument
from flowconc.scenario.document.scenario import ScenarioDocument
from flowconc.scenario.document.validation import Loc
from flowconc.scenario.flow import Behavior, Concurrency, Flow
from flowconc.scenario.model import ScopeLimit
from flowconc.scenario.names import DEFAULT_TENANT
from flowconc.scenario.problems import Severity
from flowconc.scenario.resolve.findings import Findings
from flowconc.scenario.resolve.flows import Flows


def resolve_limits(document: ScenarioDocument, flows: Flows, findings: Findings) -> tuple[ScopeLimit, ...]:
    """Return the limits of a document, in the order of the file; errors go to `findings`."""
    limits = []
    first: dict[str, Loc] = {}
    for index, entry in enumerate(document.limits):
        loc: Loc = ("limits", index)
        concurrency = Concurrency(entry.limit, Behavior(entry.behavior))
        name = scope_name(entry)
        if name in first:
            line = findings.locate(first[name]).line
            findings.error(loc, f"{named(entry)} is limited twice, first in line {line}", "each once")
        first.setdefault(name, loc)
        check_scope(entry, flows, loc, findings)
        limits.append(
            ScopeLimit(concurrency, findings.locate(loc), namespace=entry.namespace, tenant=entry.tenant)
        )
    return tuple(limits)


def check_scope(scope: ScopeDocument, flows: Flows, loc: Loc, findings: Findings) -> None:
    """Point out a namespace or tenant to which no flow belongs."""
    if flows.names.complete and not any(_covers(scope, flow) for flow in flows.revisions):
        findings.remark(Severity.WARNING, loc, f"no flow belongs to {named(scope)}")


def _covers(scope: ScopeDocument, flow: Flow) -> bool:
    if scope.namespace is None:
        return scope.tenant == (flow.tenant or DEFAULT_TENANT)
    return f"{flow.namespace}.".startswith(f"{scope.namespace}.")


def scope_name(scope: ScopeDocument) -> str:
    """Return the name of a scope, as `ScopeLimit.scope` has it."""
    return f"tenant:{scope.tenant}" if scope.namespace is None else f"namespace:{scope.namespace}"


def named(scope: ScopeDocument) -> str:
    """Return how a message calls a scope."""
    return f"the tenant {scope.tenant}" if scope.namespace is None else f"the namespace {scope.namespace}"
