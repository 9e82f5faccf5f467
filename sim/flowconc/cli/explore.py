"""`flowconc explore`: a scenario in every order of its events."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

import click

from flowconc.check.wording import counted
from flowconc.cli.outputs import check_writable
from flowconc.cli.words import styled
from flowconc.explore.explore import Exploration, explore
from flowconc.explore.saving import save
from flowconc.explore.stepping import NotExplorable
from flowconc.explore.token import BadToken
from flowconc.explore.verdict import replay_command, summary
from flowconc.scenario.document.exploration import KEYS_OF, MAX_CHANGES, MAX_CRASHES, STRATEGIES
from flowconc.scenario.load import load
from flowconc.scenario.model import Explore, Scenario, Strategy
from flowconc.trace.jsonl import write_jsonl

_FROM_1 = click.IntRange(min=1)

TOLD_EVERY_S = 1.0
"""How often the terminal is told how far it is."""


@click.command("explore")
@click.argument("path", metavar="SCENARIO", type=click.Path(path_type=Path))
@click.option("--executions", type=_FROM_1, help="The first so many arrivals and fires.  [default: all]")
@click.option("--executors", type=_FROM_1, help="Executors, each with one message in hand.  [default: 2]")
@click.option(
    "--crashes",
    type=click.IntRange(0, MAX_CRASHES),
    help="How many of them die, anywhere between two steps.  [default: 0]",
)
@click.option(
    "--strategy",
    type=click.Choice(STRATEGIES),
    help="Every order, or orders drawn evenly or by probabilistic concurrency testing.  [default: exhaustive]",
)
@click.option("--states", type=_FROM_1, help="exhaustive: the most distinct states.  [default: 1000000]")
@click.option("--schedules", type=_FROM_1, help="random, pct: how many are drawn.  [default: 1000]")
@click.option("--steps", type=_FROM_1, help="random, pct: the most steps of one.  [default: 10000]")
@click.option(
    "--changes",
    type=click.IntRange(0, MAX_CHANGES),
    help="pct: changes of priority in a schedule.  [default: 3]",
)
@click.option("--seed", type=click.IntRange(min=0), help="random, pct: the seed.  [default: that of the run]")
@click.option("--replay", metavar="TOKEN", help="Play the one schedule of this token, and tell it.")
@click.option("--all", "everything", is_flag=True, help="Go on after what breaks first.")
@click.option("--save", "saves", is_flag=True, help="Keep each schedule told beside the file, as a scenario.")
@click.option(
    "--trace",
    "trace_file",
    type=click.Path(path_type=Path),
    help="Write the trace of the first schedule told here (JSON Lines).",
)
def command(path: Path, everything: bool, saves: bool, trace_file: Path | None, **options: Any) -> int:
    """Judge SCENARIO in every order of its events, or in many, by its invariants.

    Times do not count: messages, ends of tasks, timers, arrivals and actions come in every order that keeps that of
    causes and that of each source. Options go before the scenario's own `explore:`. What breaks is made as small as
    it goes and told step by step, with a token that replays it.

    Exits 0 if nothing breaks that must hold, 1 if something does or a bound was hit, 2 for bad input.
    """
    if trace_file is not None:
        check_writable(trace_file)
    explorations = _explorations(path, options, everything)
    for exploration in explorations:
        _say(exploration, saves=saves)
    told = [discovery for exploration in explorations for discovery in exploration.discoveries]
    if trace_file is not None and told:
        with trace_file.open("w", encoding="utf-8", newline="\n") as stream:
            write_jsonl(told[0].played.trace, stream)
        click.echo(f"trace: {trace_file}")
    return 0 if all(exploration.passed for exploration in explorations) else 1


def _explorations(path: Path, options: dict[str, Any], everything: bool) -> list[Exploration]:
    """Explore every scenario of a file; with a replay token, the one that it is of."""
    scenarios = load(path)
    explorations, refusals = [], []
    for scenario in scenarios:
        settings = _settings(scenario, options)
        try:
            explorations.append(
                explore(scenario, settings, everything=everything, progress=_progress(settings))
            )
        except BadToken as bad:
            refusals.append(str(bad))
        except NotExplorable as bad:
            raise click.UsageError(f"{scenario.id}: {bad}") from None
    if not explorations:
        raise click.UsageError(refusals[0])
    return explorations


def _settings(scenario: Scenario, options: dict[str, Any]) -> Explore:
    """Return what the scenario says, with what the options say instead. Raises UsageError."""
    settings = scenario.explore or Explore(scenario.position)
    given = {name: value for name, value in options.items() if value is not None}
    if "strategy" in given:
        given["strategy"] = Strategy(given["strategy"])
    strategy = given.get("strategy", settings.strategy)
    others = frozenset[str]().union(*KEYS_OF.values()) - KEYS_OF[strategy]
    for name in sorted(others & given.keys()):
        raise click.UsageError(f"--{name} means nothing where the strategy is {strategy.value}")
    if given and "replay" not in given:
        given["replay"] = None
    return replace(settings, **given)


def _progress(settings: Explore) -> Callable[[int], None]:
    """Return what tells a terminal from time to time how far it is."""
    if not sys.stderr.isatty():
        return lambda count: None
    noun = "state" if settings.strategy is Strategy.EXHAUSTIVE else "schedule"
    told_s = monotonic()

    def tell(count: int) -> None:
        nonlocal told_s
        if monotonic() - told_s >= TOLD_EVERY_S:
            told_s = monotonic()
            click.echo(f"\r{counted(count, noun)} ", nl=False, err=True)

    return tell


def _say(exploration: Exploration, *, saves: bool) -> None:
    scenario = exploration.scenario
    passed = exploration.passed
    word = styled("PASS" if passed else "FAIL", fg="green" if passed else "red", bold=True)
    click.echo(f"{word}  {scenario.id}: {summary(exploration)}")
    if scenario.faults and exploration.settings.replay is None:
        click.echo(
            "notice: the scenario's own faults and crashes are left out: --crashes says what goes down"
        )
    told: dict[str, str] = {}
    for discovery in exploration.discoveries:
        token = str(discovery.token)
        click.echo(f"\n{discovery.broken}: {discovery.sentence}")
        if token in told:
            click.echo(f"in the order of events that breaks {told[token]}")
            continue
        told[token] = discovery.broken
        for line in discovery.story:
            click.echo(line)
        click.echo(f"replay: {replay_command(scenario, discovery)}")
        if saves:
            path = save(scenario, discovery)
            if path is not None:
                click.echo(f"saved: {path}")
    missing = scenario.invariants.must_break - {each.broken for each in exploration.discoveries}
    for name in sorted(missing):
        click.echo(f"\n{name}: held, must break")
