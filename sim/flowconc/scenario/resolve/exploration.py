"""The entry `explore:` of a scenario."""

from __future__ import annotations

from flowconc.scenario.document.scenario import ScenarioDocument
from flowconc.scenario.model import Explore, Strategy
from flowconc.scenario.resolve.findings import Findings


def resolve_explore(document: ScenarioDocument, findings: Findings) -> Explore | None:
    """Return in which orders of its events the scenario is judged; None is the order of its times alone."""
    given = document.explore
    if given is None:
        return None
    if document.vary is not None:
        findings.error(
            ("explore",), "a scenario that varies cannot be explored too", "one of the two", key=True
        )
    return Explore(
        findings.locate(("explore",), key=True),
        executions=given.executions,
        executors=given.executors,
        crashes=given.crashes,
        strategy=Strategy(given.strategy),
        states=given.states,
        schedules=given.schedules,
        steps=given.steps,
        changes=given.changes,
        seed=given.seed,
        replay=given.replay,
    )
