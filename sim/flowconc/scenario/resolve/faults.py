"""What goes wrong in a scenario: the entries of `faults:`, and the crashes among the actions."""

from __future__ import annotations

from flowconc.scenario.document.actions import CRASH, ActionDocument
from flowconc.scenario.document.faults import ANY, FaultDocument
from flowconc.scenario.document.scenario import ScenarioDocument
from flowconc.scenario.document.validation import Loc
from flowconc.scenario.model import Component, Fault, FaultKind
from flowconc.scenario.resolve.findings import Findings


def resolve_faults(document: ScenarioDocument, findings: Findings) -> tuple[Fault, ...]:
    """Return what goes wrong: the crashes among the actions first, then `faults:`, each in the file's order."""
    crashes: list[tuple[Loc, Fault]] = [
        ((place := ("actions", index)), _crash(entry, place, findings))
        for index, entry in enumerate(document.actions)
        if entry.word == CRASH
    ]
    faults: list[tuple[Loc, Fault]] = [
        ((place := ("faults", index)), _fault(entry, place, findings))
        for index, entry in enumerate(document.faults)
    ]
    for loc, fault in (*crashes, *faults):
        if document.heal_at is not None and fault.at_us >= document.heal_at:
            findings.error((*loc, "at"), "this is not before `heal_at`: it would never happen")
    return tuple(fault for _, fault in (*crashes, *faults))


def _crash(entry: ActionDocument | FaultDocument, loc: Loc, findings: Findings) -> Fault:
    step = entry.after or entry.before
    return Fault(
        FaultKind.CRASH,
        findings.locate(loc),
        component=Component(entry.crash),
        step=step,
        before=entry.before is not None,
        at_us=entry.at or 0,
        nth=None if step is None else _nth(entry.nth, entry.rate),
        rate=entry.rate,
        for_us=entry.for_,
    )


def _fault(entry: FaultDocument, loc: Loc, findings: Findings) -> Fault:
    if entry.kind is FaultKind.CRASH:
        return _crash(entry, loc, findings)
    step: str = getattr(entry, entry.kind.value)
    return Fault(
        entry.kind,
        findings.locate(loc),
        step=None if step == ANY else step,
        at_us=entry.at or 0,
        nth=_nth(entry.nth, entry.rate),
        rate=entry.rate,
        for_us=entry.for_,
    )


def _nth(nth: int | None, rate: float | None) -> int | None:
    """Return which step a fault falls at: the first, unless a number or a rate is given."""
    return 1 if nth is None and rate is None else nth
