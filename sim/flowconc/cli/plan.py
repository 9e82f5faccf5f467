"""`flowconc plan`: which limit is enough."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from flowconc.cli.outputs import STDOUT, check_report, check_writable, write
from flowconc.cli.progress import Estimate
from flowconc.cli.words import CannotGoOn, say_error, styled
from flowconc.compiled import prepare, supports
from flowconc.plan.cluster import cluster
from flowconc.plan.data import plans_csv, plans_json
from flowconc.plan.drafting import Ask, draft
from flowconc.plan.evaluation import Evaluator, evaluator_of, not_compiled, simulated
from flowconc.plan.jobs import Farm, WorkersFailed
from flowconc.plan.outlook import look_out
from flowconc.plan.pool import Processes
from flowconc.plan.result import PlanResult, Status
from flowconc.plan.runs import Runs
from flowconc.plan.store import BadStore, Store
from flowconc.plan.sweep import carry_out, first_runs
from flowconc.plan.text import plan_text
from flowconc.replications import check_backend
from flowconc.report.capacity import write_capacity_report
from flowconc.scenario.load import SUFFIX, load
from flowconc.scenario.model import Backend, Scenario
from flowconc.scenario.plan import Plan
from flowconc.scenario.problems import BadInput, Problem

_COLOURS = {Status.FOUND: "green", Status.NONE: "red", Status.CONFLICT: "red", Status.UNDECIDED: "yellow"}
_ONLY_OF_FLOWS = tuple(field.name for field in fields(Ask))


def _shard(context: click.Context, option: click.Parameter, value: str | None) -> tuple[int, int] | None:
    """Return a part of the runs: `2/5` is the second of five, here (1, 5)."""
    if value is None:
        return None
    match = re.fullmatch(r"([0-9]{1,4})/([0-9]{1,4})", value)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise click.BadParameter(f"{value!r} is not a part of a whole, expected for instance 2/5")
    return int(match[1]) - 1, int(match[2])


@click.command("plan")
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--rate", metavar="RATE", help="Arrivals at random at this rate, such as 30/min.")
@click.option(
    "--replay",
    metavar="CSV",
    help="Arrivals as a file has them: columns at_s[, duration_s][, source]. `flowconc import` makes it.",
)
@click.option(
    "--start",
    metavar="DATETIME",
    help="The date of t = 0, for the cron of Schedule triggers.  [default: 2026-01-01T00:00:00Z]",
)
@click.option(
    "--duration",
    metavar="DURATION",
    help="How long a task takes: 40s, or 'lognormal(mean 40s, p95 2m)'. Of the only task that works, or of all "
    "whose duration the flow does not say. With --replay, of executions whose duration the file does not say.  "
    "[default with --replay: as long as one of the others]",
)
@click.option(
    "--goal", "goals", metavar="CONDITION", multiple=True, help="What must be met: 'queue_wait p95 < 60s'."
)
@click.option(
    "--protect",
    "protects",
    metavar="CONDITION",
    multiple=True,
    help="What must be spared: 'slots_in_use max <= 8'.",
)
@click.option("--limit", metavar="LIMITS", help="Limits to try.  [default: 1..20]")
@click.option(
    "--behavior",
    "behaviors",
    multiple=True,
    type=click.Choice(["QUEUE", "CANCEL", "FAIL"]),
    help="Behaviors to try.  [default: the flow's]",
)
@click.option(
    "--load", "loads", type=float, multiple=True, help="Factors of the arrivals to try.  [default: 1]"
)
@click.option("--horizon", metavar="TIME", help="How long a run is.  [default: 8h, or all that is replayed]")
@click.option(
    "--warmup",
    metavar="TIME",
    help="Leave out this much of each run.  [default: as long as it takes to settle]",
)
@click.option("--outage", metavar="TIME", help="Say how long it takes to recover from an outage.")
@click.option(
    "--burst", type=click.IntRange(min=1), help="Say how long it takes to recover from so many at once."
)
@click.option("--confidence", metavar="SHARE", help="Of the answer.  [default: 95%]")
@click.option("--seed", type=click.IntRange(min=0), help="Root of all random streams.")
@click.option(
    "--replications", type=click.IntRange(min=2), help="Runs of each option at first.  [default: 10]"
)
@click.option(
    "--max-replications",
    type=click.IntRange(min=2),
    help="The most runs of an option that is not decided.  [default: 80]",
)
@click.option("--no-sensitivity", is_flag=True, help="Do not try more and less load and duration.")
@click.option(
    "--backend",
    type=click.Choice(["auto", "simulation", "compiled"]),
    help="What computes the runs: the simulation, the compiled backend, which gives the same and is quicker, or that "
    "wherever it takes the scenario.  [default: the scenario's `backend`, or else auto]",
)
@click.option("--workers", type=click.IntRange(min=1), help="Processes.  [default: one for each processor]")
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Compute on the workers of a Dask cluster: tcp://host:8786 is its scheduler.",
)
@click.option(
    "--store",
    "store_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep what is computed here, and never compute it again: an interrupted plan goes on.",
)
@click.option(
    "--shard",
    metavar="i/n",
    callback=_shard,
    help="Compute the i-th of n parts of the first runs into the store, and recommend nothing.",
)
@click.option(
    "--report",
    "report",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the capacity report into this directory: a page with charts, and all of its numbers.",
)
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path), help="Write the plan here; - is stdout."
)
@click.option(
    "--csv", "csv_file", type=click.Path(path_type=Path), help="Write every number here; - is stdout."
)
def command(path: Path, **options: Any) -> int:
    """Say which limit is enough for a flow, with a confidence.

    FILE is a scenario with a `plan:`, or a flow; of a flow, options say what arrives, how long its tasks take and what
    must be met. Every limit is simulated, with more runs where the answer depends on it, on the same random numbers.

    Exits 0 if there is a limit to recommend, 1 if there is none or it could not be decided, 2 for bad input.
    """
    _check_outputs(options)
    scenarios = _scenarios(path, options)
    backends = [_backend(options["backend"], scenario, plan) for scenario, plan in scenarios]
    results: list[PlanResult] = []
    to_stderr = STDOUT in (options["json_file"], options["csv_file"])
    shard: tuple[int, int] | None = options["shard"]
    with _stored(options["store_file"]) as store, _farm(options["cluster"], options["workers"]) as farm:
        for (scenario, plan), backend in zip(scenarios, backends, strict=True):
            seed = scenario.run.seed if options["seed"] is None else options["seed"]
            evaluate = _evaluator(backend, scenario, plan)
            if options["cluster"] is None:
                _prepare(evaluate, scenario)
            runs_told = partial(Runs, store, seed, farm=farm, evaluate=evaluate)
            with Estimate() as estimate:
                runs = runs_told(progress=estimate.tell)
                if shard is not None:
                    part, parts = shard
                    runs.compute("shard", first_runs(scenario, plan, runs), shard=part, shards=parts)
                    continue
                result = carry_out(scenario, plan, runs, seed=seed)
            _say(result, titled=len(scenarios) > 1, err=to_stderr)
            if options["report"] is not None:  # takes ten times as long: the answer is not held back for it
                with Estimate() as estimate:
                    result = look_out(result, runs_told(progress=estimate.tell))
            results.append(result)
        if shard is not None:
            click.echo(f"{options['store_file']}: {len(store):,} values")
            return 0
    for file, text_of in ((options["json_file"], plans_json), (options["csv_file"], plans_csv)):
        if file is not None:
            write(file, text_of(results))
    if options["report"] is not None:
        click.echo(f"report: {write_capacity_report(results, options['report'])}", err=to_stderr)
    return 0 if all(result.base.status is Status.FOUND for result in results) else 1


def _check_outputs(options: dict[str, Any]) -> None:
    if options["json_file"] == options["csv_file"] == STDOUT:
        raise click.UsageError("--json and --csv cannot both go to stdout")
    if options["shard"] is not None and options["store_file"] is None:
        raise click.UsageError("--shard needs --store: the part has to be kept somewhere")
    if options["shard"] is not None and options["report"] is not None:
        raise click.UsageError("--report shows a whole plan, and --shard computes a part of one")
    if options["cluster"] is not None and options["workers"] is not None:
        raise click.UsageError("--workers are processes here, --cluster has its own: give one of the two")
    for file in (options["json_file"], options["csv_file"], options["store_file"]):
        if file is not None and file != STDOUT:
            check_writable(file)
    if options["report"] is not None:
        check_report(options["report"])


# --- what is planned


def _scenarios(path: Path, options: dict[str, Any]) -> list[tuple[Scenario, Plan]]:
    """Return what a file plans, with what the options say instead. Raises UsageError, BadInput."""
    if path.name.endswith(SUFFIX):
        given = next((name for name in _ONLY_OF_FLOWS if options[name] not in (None, ())), None)
        if given is not None:
            option = next(each.opts[0] for each in command.params if each.name == given)
            raise click.UsageError(f"{option} is for flows: {path} is a scenario, whose `plan:` says that")
        scenarios = list(load(path))
    else:
        scenarios = [_drafted(path, options)]
    planned = [(each, _plan(each.plan, options)) for each in scenarios if each.plan is not None]
    if not planned:
        raise click.UsageError(f"{path} has no scenario with a `plan:`")
    return planned


def _drafted(path: Path, options: dict[str, Any]) -> Scenario:
    if not options["goals"]:
        raise click.UsageError(
            "nothing says what must be met, expected for instance --goal 'queue_wait p95 < 60s'"
        )
    try:
        return draft(path, Ask(**{name: options[name] for name in _ONLY_OF_FLOWS}))
    except BadInput as bad:
        for problem in bad.problems:
            if problem.position.path.startswith("--"):
                say_error(f"{problem.position.path}: {problem.sentence}")
            else:
                click.echo(problem, err=True)
        raise click.exceptions.Exit(2) from None


def _plan(plan: Plan, options: dict[str, Any]) -> Plan:
    first = options["replications"] or plan.replications
    most = options["max_replications"] or plan.max_replications
    return replace(
        plan,
        replications=first,
        max_replications=max(first, most),
        sensitivity=plan.sensitivity and not options["no_sensitivity"],
    )


# --- computing


def _backend(given: str | None, scenario: Scenario, plan: Plan) -> Backend:
    """Return what the option says, or the scenario.

    Raises UsageError where the option asks for what cannot be compiled, BadInput where the scenario does.
    """
    if given is None:
        check_backend(scenario)
        return scenario.backend or Backend.AUTO
    backend = Backend(given)
    if backend is Backend.COMPILED and (reasons := not_compiled(scenario, plan)):
        raise click.UsageError("\n".join(["this cannot be compiled:", *map(str, reasons)]))
    return backend


def _evaluator(backend: Backend, scenario: Scenario, plan: Plan) -> Evaluator:
    """Return what computes the runs. Says what is simulated because it cannot be compiled."""
    reasons = () if backend is Backend.SIMULATION else not_compiled(scenario, plan)
    if reasons:
        share = "simulated" if supports(scenario) else "simulated in part"
        click.echo(f"{share}, not compiled: {reasons[0]}", err=True)
    return evaluator_of(backend)


def _prepare(evaluate: Evaluator, scenario: Scenario) -> None:
    """Make the machine code that the runs need, if they need any: local workers then find it on the disk."""
    if evaluate is not simulated and not supports(scenario):
        prepare(partial(click.echo, err=True))


def _farm(address: str | None, workers: int | None) -> AbstractContextManager[Farm]:
    if address is None:
        return Processes(_workers(workers))
    return cluster(address, announce=partial(click.echo, err=True))


def _workers(given: int | None) -> int:
    if given is not None:
        return given
    if hasattr(os, "sched_getaffinity"):  # a container may have fewer processors than the machine
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _stored(path: Path | None) -> Iterator[Store]:
    """Give a store; what goes wrong with it, or with the workers, ends in a sentence. Raises CannotGoOn."""
    try:
        with Store(path) as store:
            try:
                yield store
            except KeyboardInterrupt:
                keeps = f"{path} keeps them" if path else "with --store FILE they would be kept"
                say_error(
                    f"interrupted; {len(store):,} values were computed: {keeps}, and the same command goes on"
                )
                raise
    except (BadStore, WorkersFailed) as error:
        raise CannotGoOn(str(error)) from None


def _say(result: PlanResult, *, titled: bool, err: bool) -> None:
    if titled:
        click.echo(f"{result.scenario.id}\n", err=err)
    first, *rest = plan_text(result)
    click.echo(styled(first, fg=_COLOURS[result.recommendations[0].status], bold=True), err=err)
    for line in (*rest, *([""] if titled else [])):
        click.echo(line, err=err)
    for notice in dict.fromkeys(map(_noticed, result.scenario.notices)):
        click.echo(notice, err=err)


def _noticed(problem: Problem) -> str:
    """Return a warning or a notice; of what an option says, with the option's name instead of a place in a file."""
    option = problem.position.path
    return (
        f"{problem.severity.value}: {option}: {problem.sentence}" if option.startswith("--") else str(problem)
    )
