"""Variations tried: each is made a scenario, run, and judged as any scenario is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from flowconc.check.actions import CHECK as REFUSALS
from flowconc.check.actions import refusals
from flowconc.check.verdict import Finding, Verdict
from flowconc.scenario.model import Scenario
from flowconc.scenario.variation import Vary
from flowconc.trace.trace import Trace
from flowconc.vary.variation import Variation, varied_document


class Runs(Protocol):
    """The runs of a scenario, judged."""

    @property
    def traces(self) -> Sequence[Trace]:
        """One for each replication."""

    @property
    def verdict(self) -> Verdict:
        """What the checks say of them."""


Run = Callable[[Scenario], Runs]
"""Runs a scenario and judges it."""


@dataclass(frozen=True)
class Trial:
    """A variation that was tried. `refused` are its actions (from 0) that the engine refused."""

    variation: Variation
    scenario: Scenario
    traces: tuple[Trace, ...]
    verdict: Verdict
    refused: frozenset[int]

    @property
    def failure(self) -> Finding | None:
        """What keeps it from passing, the worst first."""
        return next(iter(self.verdict.failures), None)

    def fails(self, check: str) -> bool:
        """Say whether this check fails, or stays inconclusive."""
        return any(finding.check == check for finding in self.verdict.failures)


def try_variation(vary: Vary, variation: Variation, run: Run) -> Trial:
    """Run and judge a variation. Raises BadInput when it makes no scenario.

    What an operator tries at some time may make no sense by then, and the engine refuses it. Of an action that was
    added that is no failure.
    """
    assert vary.read is not None
    scenario = vary.read(varied_document(vary, variation))
    runs = run(scenario)
    first = len(scenario.actions) - variation.added_actions
    findings = tuple(each for each in runs.verdict.findings if not _is_refusal(each, vary))
    return Trial(
        variation,
        scenario,
        tuple(runs.traces),
        replace(runs.verdict, findings=findings),
        frozenset(place - first for place in refusals(scenario.actions, runs.traces) if place >= first),
    )


def _is_refusal(finding: Finding, vary: Vary) -> bool:
    """Say whether this is about an action that was added: those stand where `vary` does."""
    return finding.check == REFUSALS and finding.position == vary.position
