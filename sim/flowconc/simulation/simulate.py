"""One run of a scenario: build an installation, let time pass, return the trace."""

from __future__ import annotations

from importlib.metadata import version

from flowconc.protocol.events import Kind, Report
from flowconc.protocol.semantics import Semantics, semantics_of
from flowconc.protocol.steps import Message
from flowconc.scenario.model import Scenario
from flowconc.scenario.names import short_names
from flowconc.simulation.actions import plan_actions
from flowconc.simulation.clock import Rank
from flowconc.simulation.garbage import seldom_collecting_garbage
from flowconc.simulation.installation import Installation
from flowconc.simulation.lost_workers import UnreliableWorkers
from flowconc.simulation.scheduler import Scheduler
from flowconc.simulation.sources import Sources
from flowconc.simulation.streams import Streams
from flowconc.simulation.unreliable import UnreliableInstallation
from flowconc.simulation.workers import Workers
from flowconc.trace.trace import Header, Trace


def simulate(
    scenario: Scenario,
    *,
    seed: int | None = None,
    replication: int = 0,
    semantics: Semantics | None = None,
    streams: Streams | None = None,
) -> Trace:
    """Run a scenario once and return its trace: the same bytes for the same scenario, seed and replication.

    `semantics` has the rules and steps in place of those that the scenario's semantics means. `streams` are those of the
    seed and the replication, for a caller who wants to know what was drawn.
    """
    seed = scenario.run.seed if seed is None else seed
    rules = semantics_of(scenario.semantics) if semantics is None else semantics
    installation = _install(scenario, rules, streams or Streams(seed, replication))
    sources = Sources(installation)
    installation.tables.short_names = short_names_of(scenario)

    def begin() -> None:
        for flow in scenario.flows:
            installation.send(Message("install_flow", None, (flow.key, flow)), actor="operator")
        for limit in scenario.limits:
            installation.send(Message("save_scope", None, (limit.scope, limit.concurrency)), actor="operator")
        plan_actions(installation)
        sources.start()

    installation.clock.at(0, lambda _: begin(), Rank.CONSEQUENCE)
    with seldom_collecting_garbage():
        ending = _run(installation)
    platform = scenario.platform
    header = Header(
        scenario=scenario.id,
        semantics=scenario.semantics,
        seed=seed,
        replication=replication,
        flowconc_version=version("pytest-flowconc"),
        clock_start=scenario.clock_start.isoformat(),
        warmup_us=scenario.run.warmup_us,
        until_us=scenario.run.until_us,
        connections=platform.database.connections if installation.takes_time else None,
        worker_threads=platform.worker_threads,
    )
    installation.recorder.record(ending[0], "clock", [Report(Kind.RUN_ENDED, detail=ending[1])])
    return installation.recorder.finish(header, tuple(installation.tables.names.values()))


def _install(scenario: Scenario, semantics: Semantics, streams: Streams) -> Installation:
    """Return the installation with its workers and scheduler: one that can fail only where the scenario has faults."""
    if scenario.faults or scenario.heal_at_us is not None:
        unreliable = UnreliableInstallation(scenario, semantics, streams)
        UnreliableWorkers(unreliable)
        unreliable.attach_scheduler(Scheduler(unreliable))
        unreliable.start()
        return unreliable
    installation = Installation(scenario, semantics, streams)
    Workers(installation)
    Scheduler(installation)
    return installation


def short_names_of(scenario: Scenario) -> dict[str, str]:
    """Return what executions of each flow are called after; flows that are created during the run count too."""
    created = (action.flow for action in scenario.actions if action.flow is not None)
    return short_names((flow.namespace, flow.id, flow.tenant) for flow in (*scenario.flows, *created))


def _run(installation: Installation) -> tuple[int, str]:
    """Let time pass. Return when the run ended (microseconds) and why: `drained`, `until` or `max_events`."""
    run = installation.scenario.run
    cut: list[int] = []

    def horizon() -> None:
        cut.append(installation.clock.now_us)
        installation.clock.stop()

    if not run.drain and run.until_us is not None:
        installation.clock.at(run.until_us, lambda _: horizon(), Rank.HORIZON)
    installation.clock.run()
    if cut:
        return cut[0], "until"
    if installation.recorder.length >= run.max_events:
        return installation.clock.now_us, "max_events"
    return installation.recorder.last_us, "drained"
