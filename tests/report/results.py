"""Judged scenarios for the report's tests, made by hand."""

from __future__ import annotations

from flowconc.check.verdict import Finding, Moment, Outcome, Verdict
from flowconc.runner import Result
from flowconc.scenario.model import Scenario
from flowconc.scenario.problems import Position
from flowconc.trace.trace import Trace
from tests.traces import trace_of

S = 1_000_000
FILE = Position("queue.flowconc.yaml", 7)

THIRD_WAITS = (
    "0s flow company.team.f limit=2",
    "0s admit a ui",
    "1s admit b api",
    "2s queue c webhook",
    "10s end a; release a",
    "10s pop c",
    "11s end b; release b",
    "20s end c; release c",
)

PASSED = Finding("fifo", Outcome.PASS, "the oldest starts first, over 1 run", FILE)
FAILED = Finding(
    "expect",
    Outcome.FAIL,
    "queued 1, must be 0",
    FILE,
    story=("holding a slot: a, b", "waiting: c"),
    moment=Moment(0, 2 * S, 12),
    flow="company.team.f",
)


def result(
    *findings: Finding, name: str = "third waits", traces: tuple[Trace, ...] = (), description: str = ""
) -> Result:
    """Return a judged scenario; its trace is that of THIRD_WAITS unless others are given."""
    traces = traces or (trace_of(*THIRD_WAITS),)
    scenario = Scenario(name, (), FILE, description)
    return Result(scenario, 1, traces, Verdict(findings or (PASSED,), len(traces)))
