"""The actions of a scenario: what each is done to, found by its name."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import ValidationError

from flowconc.scenario.document.actions import CRASH, ActionDocument, SelectionDocument
from flowconc.scenario.document.limits import ConcurrencyDocument, ScopeDocument
from flowconc.scenario.document.scenario import ScenarioDocument
from flowconc.scenario.document.validation import Loc, problems_of
from flowconc.scenario.flow import Behavior, Concurrency, TriggerKind
from flowconc.scenario.model import Action, Selection, Verb
from flowconc.scenario.names import AUTOMATIC, ExecutionNames, UnknownName, like, listed
from flowconc.scenario.problems import BadInput, excerpt
from flowconc.scenario.resolve.findings import Findings
from flowconc.scenario.resolve.flows import Flows, below
from flowconc.scenario.resolve.limits import check_scope, scope_name

_ON_FLOWS = frozenset({Verb.EDIT, Verb.DELETE_FLOW, Verb.SET_COUNTER})
_ON_TRIGGERS = frozenset({Verb.DISABLE_TRIGGER, Verb.ENABLE_TRIGGER, Verb.BACKFILL})
_UNQUEUED_TO = "RUNNING"
_MICROSECOND = timedelta(microseconds=1)


def resolve_actions(
    document: ScenarioDocument, flows: Flows, executions: ExecutionNames, findings: Findings
) -> tuple[Action, ...]:
    """Return the actions of a document, in the order of the file, without crashes; errors go to `findings`."""
    reading = _Reading(document, flows, executions, findings)
    return tuple(
        action
        for index, entry in enumerate(document.actions)
        if (action := reading.entry(entry, index)) is not None
    )


class _Reading:
    """What all entries are read with."""

    def __init__(
        self, document: ScenarioDocument, flows: Flows, executions: ExecutionNames, findings: Findings
    ) -> None:
        self._until_us = document.run.until
        self._clock_start = document.clock.start
        self._flows = flows
        self._executions = executions
        self._findings = findings
        self._flow_of = _flows_of_names(document, flows)

    def entry(self, entry: ActionDocument, index: int) -> Action | None:
        """Return one entry, or None when it is a crash or the findings say what is wrong with it."""
        loc: Loc = ("actions", index)
        if entry.at is not None and self._until_us is not None and entry.at > self._until_us:
            self._findings.error((*loc, "at"), "this is after `run.until`: it would never happen")
        if entry.word == CRASH:
            return None
        try:
            target = self._target(entry, index)
        except UnknownName as error:
            place = (*loc, entry.word)
            self._findings.unknown(
                (*place, "flow") if isinstance(entry.target, SelectionDocument) else place, error
            )
            return None
        if target is None or entry.at is None:
            return None  # a flow that could not be read; that has been said
        if entry.verb is Verb.REPLAY:
            self._check_replay(entry, target, loc)
        return Action(
            at_us=entry.at,
            verb=entry.verb,
            target=target,
            position=self._findings.locate(loc),
            flow=self._flows.saved.get(index),
            refused=entry.refused,
            to=(entry.to or _UNQUEUED_TO) if entry.verb is Verb.UNQUEUE else entry.to,
            from_task=entry.from_,
            as_name=entry.as_,
            running=entry.running,
            window_us=self._window_us(entry, target, loc) if entry.verb is Verb.BACKFILL else None,
            unended=entry.unended,
            concurrency=self._limit(entry, loc) if entry.verb is Verb.EDIT_LIMIT else None,
        )

    def _target(self, entry: ActionDocument, index: int) -> str | Selection | None:
        """Return what an action is done to; None when its flow could not be read. Raises UnknownName."""
        given = entry.target
        if isinstance(given, ScopeDocument):
            check_scope(given, self._flows, ("actions", index, entry.word), self._findings)
            return scope_name(given)
        if entry.verb is Verb.CREATE_FLOW:
            saved = self._flows.saved.get(index)
            return None if saved is None else saved.key
        if isinstance(given, SelectionDocument):
            key = self._flows.names.flow(given.flow)
            return None if key is None else Selection(key, frozenset(given.state))
        name = str(given)
        if entry.verb in _ON_FLOWS:
            return self._flows.names.flow(name)
        if entry.verb in _ON_TRIGGERS:
            return self._flows.names.trigger(name)
        return self._executions.execution(name)

    def _limit(self, entry: ActionDocument, loc: Loc) -> Concurrency | None:
        """Return the limit that a namespace or a tenant gets; None removes it."""
        if entry.concurrency is None:
            return None
        try:
            given = ConcurrencyDocument.model_validate(entry.concurrency)
        except ValidationError as error:
            locate = below(self._findings.locate, (*loc, "concurrency"))
            self._findings.adopt(BadInput(problems_of(error, ConcurrencyDocument, locate)))
            return None
        return Concurrency(given.limit, Behavior(given.behavior))

    def _check_replay(self, entry: ActionDocument, target: str | Selection, loc: Loc) -> None:
        """Refuse a start from a task that the flow does not have, in any of its revisions."""
        flow = target.flow if isinstance(target, Selection) else self._flow_of.get(target)
        if flow is None or entry.from_ is None:
            return
        known = self._flows.tasks(flow)
        if entry.from_ not in known:
            self._findings.error(
                (*loc, "from"),
                f"the flow {flow} has no task {excerpt(entry.from_)}",
                listed(known),
                like(entry.from_, known),
            )

    def _window_us(self, entry: ActionDocument, target: str | Selection, loc: Loc) -> tuple[int, int]:
        """Return the first and the last planned time of a backfill, from the scenario's start on."""
        assert entry.start is not None  # the document has both
        assert entry.end is not None
        if entry.end < entry.start:
            self._findings.error((*loc, "end"), "this is before `start`", "a later date")
        kinds = {
            trigger.kind
            for flow in self._flows.revisions
            for trigger in flow.triggers
            if f"{flow.key}.{trigger.id}" == target
        }
        if kinds and TriggerKind.SCHEDULE not in kinds:
            kind = min(kind.value for kind in kinds)
            self._findings.error(
                (*loc, entry.word), f"a {kind} trigger has no planned times", "a Schedule trigger"
            )
        return self._offset_us(entry.start), self._offset_us(entry.end)

    def _offset_us(self, date: datetime) -> int:
        return (date - self._clock_start) // _MICROSECOND


def _flows_of_names(document: ScenarioDocument, flows: Flows) -> dict[str, str]:
    """Return the flow of each execution that the document names, as far as it can be told."""
    found: dict[str, str] = {}

    def note(name: str, flow: str) -> None:
        try:
            key = flows.names.flow(flow)
        except UnknownName:
            return  # that is said where the flow is named
        if key is not None:
            found[name] = key

    for arrivals in document.arrivals:
        for name in arrivals.names:
            note(name, arrivals.flow)
    for action in document.actions:
        if action.as_ is None or not isinstance(action.replay, str):
            continue
        automatic = AUTOMATIC.fullmatch(action.replay)
        if action.replay in found:
            found[action.as_] = found[action.replay]
        elif automatic is not None:
            note(action.as_, automatic["flow"])
    return found
