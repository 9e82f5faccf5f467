"""What the page shows of one scenario, gathered from its result or from a bare trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from flowconc.check.verdict import Finding, Outcome
from flowconc.report import plots
from flowconc.report.blame import Blame, blame
from flowconc.report.moments import MOST_FLOWS, Window, moments
from flowconc.report.series import busiest_flows, settled_columns
from flowconc.report.summary import FlowSummary, summaries
from flowconc.report.svg import inline
from flowconc.report.terminal import runs_line
from flowconc.trace.tables import slots_table
from flowconc.trace.trace import Trace

if TYPE_CHECKING:
    from flowconc.runner import Result


@dataclass(frozen=True, slots=True)
class Plot:
    """One plot of the first replication: the file beside the page, and the same as an element of it."""

    file: str
    title: str
    caption: str
    svg: str
    element: str


@dataclass(frozen=True, slots=True)
class Section:
    """One scenario, or one trace. `outcome` is None where nobody judged."""

    slug: str
    name: str
    description: str
    facts: tuple[str, ...]
    outcome: Outcome | None
    failures: tuple[Finding, ...]
    others: tuple[Finding, ...]
    notices: tuple[str, ...]
    replications: int
    plots: tuple[Plot, ...]
    moments: dict[str, Any]
    window: Window
    flows_left_out: int
    statistics: tuple[FlowSummary, ...]
    blame: Blame

    @property
    def verdict(self) -> str:
        """The sentence of the first finding that matters."""
        if self.failures:
            return self.failures[0].sentence
        return f"{len(self.others)} checks passed" if len(self.others) != 1 else "1 check passed"


def of_result(result: Result, slug: str, budget: int) -> Section:
    """Return the section of a judged scenario; `budget` bounds the changes that it embeds."""
    scenario, verdict = result.scenario, result.verdict
    failures = verdict.failures + verdict.of(Outcome.WARN)
    facts = (
        f"{scenario.position.path}:{scenario.position.line}",
        f"semantics {scenario.semantics}",
        f"seed {result.seed}",
        runs_line(result),
        f"starts at {result.trace.header.clock_start}",
    )
    return _section(
        result.traces,
        slug,
        budget,
        name=scenario.id,
        description=scenario.description,
        facts=facts,
        outcome=verdict.outcome,
        failures=failures,
        others=verdict.of(Outcome.PASS),
        notices=tuple(str(notice) for notice in result.notices),
    )


def of_trace(trace: Trace, slug: str, budget: int) -> Section:
    """Return the section of a trace that nobody judged."""
    header = trace.header
    facts = (
        f"semantics {header.semantics}",
        f"seed {header.seed}",
        f"replication {header.replication}",
        f"flowconc {header.flowconc_version}",
        f"starts at {header.clock_start}",
    )
    return _section((trace,), slug, budget, name=header.scenario, facts=facts)


def _section(
    traces: Sequence[Trace],
    slug: str,
    budget: int,
    *,
    name: str,
    facts: tuple[str, ...],
    description: str = "",
    outcome: Outcome | None = None,
    failures: tuple[Finding, ...] = (),
    others: tuple[Finding, ...] = (),
    notices: tuple[str, ...] = (),
) -> Section:
    first = traces[0]
    broken_us = [it.moment.t_us for it in failures if it.moment is not None and it.moment.replication == 0]
    focus_us = broken_us[0] if broken_us else _busiest_us(first)
    changes, window = moments(first, budget, focus_us)
    return Section(
        slug=slug,
        name=name,
        description=description,
        facts=facts,
        outcome=outcome,
        failures=failures,
        others=others,
        notices=notices,
        replications=len(traces),
        plots=tuple(_plot(first, plot, slug, sorted(set(broken_us))) for plot in plots.PLOTS),
        moments=changes | {"focus_us": focus_us, "run_us": max(first.end_us, 1)},
        window=window,
        flows_left_out=len(first.flows) - len(changes["flows"]),
        statistics=summaries(traces),
        blame=blame(first),
    )


def _plot(trace: Trace, name: str, slug: str, broken_us: Sequence[int]) -> Plot:
    title, caption = _CAPTIONS[name]
    svg = plots.PLOTS[name](trace, broken_us)
    return Plot(f"{name}.svg", title, caption, svg, inline(svg, f"{slug}-{name}"))


_CAPTIONS = {
    "queue_depth": ("Queue depth", "Executions in QUEUED, one panel a flow."),
    "slots_in_use": ("Slots in use", "Executions that hold a slot; the dashed line is the limit."),
    "lock_contention": (
        "Database lock contention",
        "How long executions waited for row locks, and how many waited and held a connection.",
    ),
    "trigger_fires": (
        "Trigger fires",
        "Upper marks: fires that made an execution. Lower marks: skipped fires.",
    ),
}


def _busiest_us(trace: Trace) -> int:
    """Return the first moment with the longest queue of a flow, and with most holders among equal ones."""
    busiest = (-1, -1, 0)
    for flow in busiest_flows(trace)[:MOST_FLOWS]:
        table = slots_table(trace, flow)
        t_us, queued, holding = settled_columns(table.t_us, table.queued, table.holding)
        for row in np.lexsort((-holding, -queued))[:1].tolist():
            busiest = max(busiest, (int(queued[row]), int(holding[row]), -int(t_us[row])))
    return -busiest[2]
