"""An exploration as part of a verdict: what it broke, and how much it has covered."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import replace

from flowconc.check.judge import in_order
from flowconc.check.verdict import Finding, Outcome, Verdict
from flowconc.check.wording import counted
from flowconc.explore.explore import Discovery, Exploration, explore
from flowconc.explore.stepping import NotExplorable
from flowconc.explore.token import BadToken
from flowconc.scenario.model import Invariants, Scenario, Strategy
from flowconc.scenario.problems import BadInput, Problem

CHECK = "explore"
"""The check that says what has been covered."""


def with_exploration(scenario: Scenario, verdict: Verdict) -> Verdict:
    """Return the verdict on a scenario's run with that on its orders of events: an invariant has to hold in all of them.

    Raises BadInput for a replay token of another scenario, and for what cannot be explored.
    """
    assert scenario.explore is not None
    try:
        exploration = explore(scenario)
    except (BadToken, NotExplorable) as error:
        raise BadInput([Problem(scenario.explore.position, str(error))]) from None
    broken = {discovery.broken for discovery in exploration.discoveries}
    findings = [finding for finding in verdict.findings if finding.check not in broken]
    findings += findings_of(exploration)
    return replace(verdict, findings=in_order(findings))


def findings_of(exploration: Exploration) -> Iterator[Finding]:
    """Yield what an exploration has found: each invariant that it broke, and what it has covered."""
    scenario, settings = exploration.scenario, exploration.settings
    told: dict[str, str] = {}
    for discovery in exploration.discoveries:
        note, outcome = _meaning(discovery.broken, scenario.invariants)
        token = str(discovery.token)
        first = told.setdefault(token, discovery.broken)
        story = (
            (*discovery.story, "", f"replay: {replay_command(scenario, discovery)}")
            if first == discovery.broken
            else (f"in the order of events that breaks {first}",)
        )
        steps = counted(len(discovery.played.steps), "step")
        yield Finding(
            discovery.broken,
            outcome,
            f"{note}{discovery.sentence}, in an order of events of {steps}",
            settings.position,
            story,
            flow=discovery.flow,
        )
    outcome = Outcome.PASS if exploration.bound is None else Outcome.INCONCLUSIVE
    yield Finding(CHECK, outcome, summary(exploration), settings.position)


def summary(exploration: Exploration) -> str:
    """Say in one line what has been covered."""
    settings = exploration.settings
    if settings.replay is not None:
        return f"one schedule was replayed, of {counted(exploration.transitions, 'step')}"
    if exploration.states is None and settings.strategy is Strategy.EXHAUSTIVE:
        return (
            f"not complete: it stopped at what the last of {counted(exploration.schedules or 0, 'schedule')} showed, "
            "which were drawn before all orders were to be followed"
        )
    if exploration.states is not None:
        seen = (
            f"{counted(exploration.states, 'distinct state')}, {counted(exploration.transitions, 'transition')}, "
            f"depth {exploration.depth}"
        )
    else:
        how = "evenly" if settings.strategy is Strategy.RANDOM else "by probabilistic concurrency testing"
        seen = (
            f"{counted(exploration.schedules or 0, 'schedule')} drawn {how}, "
            f"{counted(exploration.transitions, 'step')}, the longest of {exploration.depth}"
        )
    if exploration.complete:
        return f"{seen}, complete"
    if exploration.bound is not None:
        return f"{seen}, not complete: {exploration.bound}"
    return seen if exploration.schedules is not None else f"{seen}, not complete: it stopped at what it found"


def replay_command(scenario: Scenario, discovery: Discovery) -> str:
    """Return the command that replays a schedule; of a scenario without a file, what its `explore` has to say."""
    path = scenario.position.path
    if path.startswith("<"):
        return f"explore: {{replay: {discovery.token}}}"
    return f"flowconc explore {shlex.quote(path)} --replay {discovery.token}"


def _meaning(name: str, wanted: Invariants) -> tuple[str, Outcome]:
    """Say what it means that this invariant broke."""
    if name in wanted.must_break:
        return "broke, as it must: ", Outcome.PASS
    if name in wanted.excepted:
        return "broke, which is excepted: ", Outcome.PASS
    return "", Outcome.FAIL
