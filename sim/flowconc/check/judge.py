"""The verdict on a scenario: what was expected, the thresholds and the invariants, over all replications.

The checks read traces and what the scenario says must hold; neither the simulation nor the protocol's steps. So they
judge a recording of the real engine as they judge a simulated run.

An invariant must hold in every run. One that is excepted may break; one that must break has to, in one run at least.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from flowconc.check.actions import judge_actions
from flowconc.check.expectations import judge_expectations
from flowconc.check.healing import judge_healing
from flowconc.check.invariants import INVARIANTS, Break, Invariant, watch
from flowconc.check.mishaps import judge_faults
from flowconc.check.sometimes import judge_sometimes
from flowconc.check.thresholds import judge_thresholds
from flowconc.check.verdict import FAILING, Finding, Moment, Outcome, Verdict
from flowconc.check.wording import counted, duration
from flowconc.compiled.executions import Executions
from flowconc.protocol.events import Kind
from flowconc.scenario.model import Invariants, Scenario
from flowconc.scenario.problems import Position
from flowconc.trace.trace import Trace

ORDER = (*FAILING, Outcome.WARN, Outcome.PASS)
"""Findings in the order in which they are reported; within an outcome by position, then by check."""


def judge(scenario: Scenario, traces: Sequence[Trace], compiled: Sequence[Executions] = ()) -> Verdict:
    """Judge the runs of a scenario, one trace per replication. Raises ValueError when there is none.

    Of runs that were `compiled` there is no trace; thresholds are judged on them, too, and nothing else is.
    """
    if not traces:
        raise ValueError("nothing to judge: no trace was given")
    findings = [
        *_judge_ends(scenario, traces),
        *_judge_refusals(scenario, traces),
        *judge_actions(scenario.actions, traces),
        *judge_expectations(scenario.expectations, traces),
        *judge_thresholds(scenario.thresholds, [*traces, *compiled], confidence=scenario.run.confidence),
        *judge_faults(scenario, traces),
        *judge_healing(scenario, traces),
        *_judge_invariants(scenario, traces),
        *judge_sometimes(scenario, traces),
    ]
    return Verdict(in_order(findings), len(traces) + len(compiled))


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings in the order in which they are reported: those that matter first, as ORDER has it."""
    return tuple(
        sorted(findings, key=lambda finding: (ORDER.index(finding.outcome), finding.position, finding.check))
    )


# --- the end of the run


def _judge_ends(scenario: Scenario, traces: Sequence[Trace]) -> list[Finding]:
    """Return a failure for the first run that was not seen to its end: it would hide what came after."""
    for trace in traces:
        last = trace.event(len(trace) - 1) if len(trace) else None
        if last is None or last.kind is not Kind.RUN_ENDED:
            sentence = "the run breaks off, must be seen to its end (no RUN_ENDED)"
        elif last.detail == "max_events":
            sentence = (
                f"the run was stopped at {duration(last.t_us)} after {counted(last.seq, 'event')}, must end by itself "
                "(`run.max_events` bounds it: is there a loop, or is the run that long?)"
            )
        else:
            continue
        moment = Moment(trace.header.replication, trace.end_us, max(len(trace) - 1, 0))
        return [Finding("run", Outcome.FAIL, sentence, scenario.position, moment=moment)]
    return []


# --- what never came into being


def _judge_refusals(scenario: Scenario, traces: Sequence[Trace]) -> list[Finding]:
    """Warn of executions that were refused, since no other check can speak of them: from the first run that has any."""
    for trace in traces:
        rows = np.flatnonzero(trace.records["kind"] == Kind.ARRIVAL_REFUSED)
        if len(rows):
            refused = Counter((event.flow, event.detail) for event in map(trace.event, rows.tolist()))
            return [_refusal(scenario, flow, why, times) for (flow, why), times in refused.items()]
    return []


def _refusal(scenario: Scenario, flow: str | None, why: str | None, times: int) -> Finding:
    sentence = f"{counted(times, 'execution')} of {flow} never came into being: {why}"
    position = next((each.position for each in scenario.arrivals if each.flow == flow), scenario.position)
    return Finding("arrivals", Outcome.WARN, sentence, position, flow=flow)


# --- invariants


def _judge_invariants(scenario: Scenario, traces: Sequence[Trace]) -> list[Finding]:
    """Return one finding per invariant that the scenario wants judged."""
    wanted = scenario.invariants
    position = wanted.position or scenario.position
    names = [
        name
        for name in INVARIANTS
        if not wanted.chosen or name in wanted.chosen | wanted.must_break | wanted.excepted
    ]
    runs = []
    for trace in traces:
        judged = [INVARIANTS[name]() for name in names]
        watch(trace, judged, scenario)
        runs.append(judged)
    return [
        _finding(name, wanted, [judged[column] for judged in runs], traces, position)
        for column, name in enumerate(names)
    ]


def _finding(
    name: str, wanted: Invariants, judged: Sequence[Invariant], traces: Sequence[Trace], position: Position
) -> Finding:
    broke = [index for index, invariant in enumerate(judged) if invariant.first is not None]
    if not broke:
        if name in wanted.must_break:
            sentence = f"held, must break: {judged[0].sentence}{_where(0, len(judged))}"
            return Finding(name, Outcome.FAIL, sentence, position)
        note = "held, though excepted: " if name in wanted.excepted else ""
        return Finding(name, Outcome.PASS, f"{note}{judged[0].sentence}", position)
    first = judged[broke[0]].first
    assert first is not None
    note, outcome = _meaning(name, wanted)
    more = sum(invariant.breaks for invariant in judged) - 1
    times = f", and {counted(more, 'more time')}" if more else ""
    sentence = f"{note}{first.sentence}{times}{_where(len(broke), len(judged))}"
    moment = Moment(traces[broke[0]].header.replication, first.t_us, first.seq)
    return Finding(name, outcome, sentence, position, _story(judged[0], first), moment, first.flow)


def _meaning(name: str, wanted: Invariants) -> tuple[str, Outcome]:
    """Say what it means that this invariant broke."""
    if name in wanted.must_break:
        return "broke, as it must: ", Outcome.PASS
    if name in wanted.excepted:
        return "broke, which is excepted: ", Outcome.PASS
    return "", Outcome.FAIL


def _story(invariant: Invariant, first: Break) -> tuple[str, ...]:
    return (f"must hold: {invariant.sentence}", *first.story)


def _where(broke: int, runs: int) -> str:
    return f" (in {broke} of {counted(runs, 'run')})" if runs > 1 else ""
