"""The actions of a scenario: what each is done to, found by its name."""

from __future__ import annotations

from flowconc.scenario.document.actions import ActionDocument, SelectionDocument
from flowconc.scenario.document.scenario import ScenarioDocument
from flowconc.scenario.document.validation import Loc
from flowconc.scenario.model import Action, Selection, Verb
from flowconc.scenario.names import ExecutionNames, UnknownName
from flowconc.scenario.resolve.findings import Findings
from flowconc.scenario.resolve.flows import Flows

_ON_FLOWS = frozenset({Verb.EDIT, Verb.DELETE_FLOW})
_ON_TRIGGERS = frozenset({Verb.DISABLE_TRIGGER, Verb.ENABLE_TRIGGER})


def resolve_actions(
    document: ScenarioDocument, flows: Flows, executions: ExecutionNames, findings: Findings
) -> tuple[Action, ...]:
    """Return the actions of a document, in the order of the file; errors go to `findings`."""
    actions = []
    for index, entry in enumerate(document.actions):
        loc: Loc = ("actions", index)
        until_us = document.run.until
        if until_us is not None and entry.at > until_us:
            findings.error((*loc, "at"), "this is after `run.until`: it would never happen")
        try:
            target = _target(entry, index, flows, executions)
        except UnknownName as error:
            place = (*loc, entry.verb.value)
            findings.unknown(
                (*place, "flow") if isinstance(entry.target, SelectionDocument) else place, error
            )
            continue
        if target is None:
            continue  # a flow that could not be read; that has been said
        actions.append(
            Action(
                at_us=entry.at,
                verb=entry.verb,
                target=target,
                position=findings.locate(loc),
                flow=flows.saved.get(index),
                refused=entry.refused,
            )
        )
    return tuple(actions)


def _target(
    entry: ActionDocument, index: int, flows: Flows, executions: ExecutionNames
) -> str | Selection | None:
    """Return what an action is done to; None when its flow could not be read. Raises UnknownName."""
    given = entry.target
    if entry.verb is Verb.CREATE_FLOW:
        saved = flows.saved.get(index)
        return None if saved is None else saved.key
    if isinstance(given, SelectionDocument):
        key = flows.names.flow(given.flow)
        return None if key is None else Selection(key, frozenset(given.state))
    name = str(given)
    if entry.verb in _ON_FLOWS:
        return flows.names.flow(name)
    if entry.verb in _ON_TRIGGERS:
        return flows.names.trigger(name)
    return executions.execution(name)
