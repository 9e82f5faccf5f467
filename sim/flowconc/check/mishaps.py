"""Faults that never fell: a scenario that says what goes wrong, and in which nothing did, proves less than it seems to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from flowconc.check.verdict import Finding, Outcome
from flowconc.check.wording import counted
from flowconc.protocol.events import Kind
from flowconc.scenario.model import Fault, FaultKind, Scenario
from flowconc.trace.trace import Trace

CHECK = "faults"

_TRACES_OF = {
    FaultKind.CRASH: Kind.COMPONENT_DOWN,
    FaultKind.ERROR: Kind.STEP_FAILED,
    FaultKind.DUPLICATE: Kind.MESSAGE_REPEATED,
    FaultKind.DELAY: Kind.MESSAGE_DELAYED,
    FaultKind.LOSE: Kind.MESSAGE_LOST,
}
"""The event that each kind of fault leaves behind."""


def judge_faults(scenario: Scenario, traces: Sequence[Trace]) -> list[Finding]:
    """Return a warning for each fault of which no run shows a sign."""
    return [
        Finding(CHECK, Outcome.WARN, f"{_said(fault)} never fell in {_runs(traces)}", fault.position)
        for fault in scenario.faults
        if not any(_fell(fault, trace) for trace in traces)
    ]


def _fell(fault: Fault, trace: Trace) -> bool:
    """Say whether a run shows a fault of this kind at this place. Which of several equal ones it was does not show."""
    rows = trace.records["kind"] == _TRACES_OF[fault.kind]
    where = fault.step if fault.component is None else fault.component.value
    if where is None:
        return bool(rows.any())
    if where not in trace.details:
        return False
    return bool(np.any(rows & (trace.records["detail"] == trace.details.index(where))))


def _said(fault: Fault) -> str:
    """Say a fault as the scenario has it: `crash: executor` before gate."""
    if fault.component is None:
        return f"`{fault.kind.value}: {fault.step or 'any'}`"
    said = f"`{fault.kind.value}: {fault.component.value}`"
    return said if fault.step is None else f"{said} {'before' if fault.before else 'after'} {fault.step}"


def _runs(traces: Sequence[Trace]) -> str:
    return "the run" if len(traces) == 1 else counted(len(traces), "run")
