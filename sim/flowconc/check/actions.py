"""Actions: one that the engine refuses fails the scenario, unless the scenario says `refused: true`.

An action that is ignored (a kill of an execution that has ended) is in the trace and is no error. Every action leaves
one event, in the order of their times, so the n-th event is the n-th action's.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from flowconc.check.verdict import Finding, Moment, Outcome
from flowconc.check.wording import duration
from flowconc.protocol.events import Kind
from flowconc.scenario.model import Action
from flowconc.trace.trace import Event, Trace

CHECK = "action"

_WORDS = {
    Kind.ACTION_APPLIED: "was carried out",
    Kind.ACTION_IGNORED: "was ignored",
    Kind.ACTION_REFUSED: "was refused",
}


def judge_actions(actions: Sequence[Action], traces: Sequence[Trace]) -> list[Finding]:
    """Return one finding for each action that should be refused, or was: from the first run where it went wrong."""
    in_order = sorted(actions, key=lambda action: action.at_us)
    answers = [_answers(trace) for trace in traces]
    findings = []
    for place, action in enumerate(in_order):
        answered = [
            (trace, events[place])
            for trace, events in zip(traces, answers, strict=True)
            if place < len(events)
        ]
        wrong = [(trace, event) for trace, event in answered if _is_wrong(action, event)]
        if wrong:
            trace, event = wrong[0]
            findings.append(_finding(action, event, Outcome.FAIL, trace))
        elif action.refused and answered:
            findings.append(_finding(action, answered[0][1], Outcome.PASS, None))
    return findings


def refusals(actions: Sequence[Action], traces: Sequence[Trace]) -> frozenset[int]:
    """Return the places (from 0) of the actions that the engine refused in every run."""
    in_order = sorted(range(len(actions)), key=lambda place: actions[place].at_us)
    answers = [_answers(trace) for trace in traces]
    return frozenset(
        action
        for place, action in enumerate(in_order)
        if all(place < len(events) and events[place].kind is Kind.ACTION_REFUSED for events in answers)
    )


def _answers(trace: Trace) -> list[Event]:
    rows = np.flatnonzero(np.isin(trace.records["kind"], tuple(_WORDS)))
    return [trace.event(int(row)) for row in rows]


def _is_wrong(action: Action, event: Event) -> bool:
    return (event.kind is Kind.ACTION_REFUSED) is not action.refused


def _finding(action: Action, event: Event, outcome: Outcome, trace: Trace | None) -> Finding:
    what, _, why = (event.detail or action.verb.value).partition(": ")
    because = f" ({why})" if why else ""
    must_be = "refused" if action.refused else "carried out, or say `refused: true`"
    sentence = f"{what} at {duration(event.t_us)} {_WORDS[event.kind]}{because}, must be {must_be}"
    moment = None if trace is None else Moment(trace.header.replication, event.t_us, event.seq)
    return Finding(CHECK, outcome, sentence, action.position, moment=moment, flow=event.flow)
