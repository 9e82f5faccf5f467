"""Namespace and tenant limits: one execution claims a slot in every scope it is in, or in none (SEMANTICS 3.16).

A scope is named `namespace:company` or `tenant:main`; its counter is a row beside those of the flows. A namespace's
limit holds for the namespaces below it too.
"""

from __future__ import annotations

from typing import NamedTuple

from flowconc.protocol.events import Kind, Report
from flowconc.protocol.scope_names import scopes_of
from flowconc.protocol.steps import Message, StepResult
from flowconc.protocol.tables import Execution, Tables
from flowconc.protocol.transitions import Draft
from flowconc.scenario.flow import Concurrency


class Full(NamedTuple):
    """A scope that has no slot left."""

    counter: int
    concurrency: Concurrency


def first_full(draft: Draft, flow: str) -> Full | None:
    """Return the first scope of a flow that has no slot left: its behavior decides."""
    tables = draft.tables
    for scope in scopes_of(tables, flow):
        concurrency, counter = tables.scopes[scope], counter_in(draft, scope)
        if counter >= concurrency.limit:
            return Full(counter, concurrency)
    return None


def claim_scopes(draft: Draft, execution: Execution) -> Execution:
    """Claim a slot in every scope. Returns the execution's row with their names on it, not yet written."""
    scopes = scopes_of(draft.tables, execution.birth.flow)
    for scope in scopes:
        counter = counter_in(draft, scope)
        draft.report(Kind.CLAIM, execution, counter, counter + 1, scope)
        draft.changes.append(("counters", scope, counter + 1))
    return execution._replace(scopes=scopes, stamped=execution.stamped or bool(scopes))


def give_back_scopes(draft: Draft, execution: Execution) -> None:
    """Free exactly the scopes that were claimed, those without a limit now included."""
    for scope in execution.scopes:
        counter = counter_in(draft, scope)
        after = max(0, counter - 1)
        draft.report(Kind.RELEASE, execution, counter, after, scope)
        draft.changes.append(("counters", scope, after))


def candidates(tables: Tables, freed: frozenset[str]) -> list[tuple[str, int]]:
    """Return who may be popped when scopes have been freed, oldest first: whoever is in one of them.

    The engine looks at so many and no further, even if none of them fits (SEMANTICS 3.16).
    """
    found = [
        (flow, number)
        for flow, number in tables.queued.in_order()
        if flow in freed or not freed.isdisjoint(scopes_of(tables, flow))
    ]
    return found[: tables.rules.looks_at_most]


def counter_in(draft: Draft, key: str) -> int:
    """Return a counter as it is after what the draft has changed so far."""
    for table, changed, row in reversed(draft.changes):
        if table == "counters" and changed == key:
            return row or 0
    return draft.tables.counters.get(key, 0)


def edit_scope(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Give a namespace or tenant another limit: (scope, limit or None)."""
    scope, _ = message.argument
    report = Report(Kind.ACTION_APPLIED, None, None, detail=f"edit_limit {scope}")
    return StepResult(reports=(report,), orders=(Message("save_scope", None, message.argument),))


def save_scope(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Set or remove the limit of a namespace or tenant: (scope, limit or None)."""
    scope, concurrency = message.argument
    before = tables.scopes.get(scope)
    draft = Draft(tables)
    if before is not None or concurrency is not None:
        draft.changes.append(("scopes", scope, concurrency))
    behavior = "" if concurrency is None else f" {concurrency.behavior.value}"
    draft.reports.append(
        Report(
            Kind.SCOPE_SAVED,
            None,
            None,
            None,
            None if before is None else before.limit,
            None if concurrency is None else concurrency.limit,
            f"{scope}{behavior}",
        )
    )
    return draft
