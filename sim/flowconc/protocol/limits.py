"""What is counted against a flow's limit, whose limit applies, and how a slot is claimed (SEMANTICS 1.2, 1.4, 8).

Under the documented contract the counter of a flow is the number of its executions that hold a slot, whether or not a
limit is set, over all revisions and sources: so a limit that is added, changed or removed applies at once to
executions in progress, with nothing to repair.
"""

from __future__ import annotations

from flowconc.protocol.events import Kind
from flowconc.protocol.rules import Counting, LimitOf
from flowconc.protocol.scopes import give_back_scopes
from flowconc.protocol.tables import Execution, Tables
from flowconc.protocol.transitions import Draft
from flowconc.scenario.flow import Concurrency

# Looking an enum's member up is slow in Python 3.11, so what every execution passes by has a name of its own.
_CLAIM, _RELEASE = Kind.CLAIM, Kind.RELEASE
_LATEST, _COUNTER, _EXECUTIONS = LimitOf.LATEST, Counting.COUNTER, Counting.EXECUTIONS


def limit_for(tables: Tables, execution: Execution) -> Concurrency | None:
    """Return the limit that applies to an execution: None is no limit."""
    birth = execution.birth
    if tables.rules.limit_of is _LATEST:
        return tables.flows[birth.flow].definition.concurrency
    return tables.plan_of(execution).concurrency


def counted(tables: Tables, flow: str) -> int:
    """Return what the gate compares with the limit."""
    rules = tables.rules
    if rules.counting is not _EXECUTIONS:
        return tables.counters.get(flow, 0)
    return sum(
        row.birth.flow == flow and row.state in rules.counted_states for row in tables.executions.values()
    )


def claim(draft: Draft, execution: Execution, counter: int) -> bool:
    """Count an execution: the counter goes from `counter` up by one. Says whether that gives it a slot."""
    if draft.tables.rules.counting is _EXECUTIONS:
        return False
    draft.report(_CLAIM, execution, counter, counter + 1)
    draft.changes.append(("counters", execution.birth.flow, counter + 1))
    return True


def give_back(draft: Draft, execution: Execution) -> int:
    """Count an execution no more, and return what the counter is then: never below 0 (SEMANTICS 2.3).

    Where rows are counted, only who has a row takes one away. A counter whose row is gone stays gone.
    """
    tables = draft.tables
    flow, rules = execution.birth.flow, tables.rules
    if execution.scopes:
        give_back_scopes(draft, execution)
        execution = execution._replace(scopes=())
    counter = tables.counters.get(flow, 0)
    if rules.counting is not _COUNTER and (rules.counting is _EXECUTIONS or not execution.holds_slot):
        return counter
    draft.write(execution.with_slot(False))
    if not rules.counts_unlimited and limit_for(tables, execution) is None:
        return counter
    after = counter - 1 if counter > 0 else 0
    draft.report(_RELEASE, execution, counter, after)
    if flow in tables.counters:
        draft.changes.append(("counters", flow, after))
    return after
