"""One compiled run of a scenario."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from math import sqrt
from typing import Final

from flowconc.compiled import fields as at
from flowconc.compiled.connections import run_through
from flowconc.compiled.executions import Executions
from flowconc.compiled.fields import Columns
from flowconc.compiled.jit import Announce, kernel_of
from flowconc.compiled.kernel import PAUSED
from flowconc.compiled.memory import Memory
from flowconc.compiled.program import Translation, translate
from flowconc.compiled.subset import Unsupported, supports
from flowconc.scenario.model import AtTimes, Burst, Every, PoissonProcess, Ramp, Recorded, Scenario
from flowconc.simulation.streams import Streams
from flowconc.trace.trace import Header

MOST_EXECUTIONS: Final = 10**10
"""Executions after which a run is given up. `run.max_events` bounds traces, and here is none."""


class TooLong(RuntimeError):  # noqa: N818 - it says what it is
    """A run that was given up because it had more than `max_executions` executions."""


def run(
    scenario: Scenario,
    *,
    seed: int | None = None,
    replication: int = 0,
    streams: Streams | None = None,
    compiled: bool | None = None,
    announce: Announce | None = None,
    max_executions: int = MOST_EXECUTIONS,
) -> Executions:
    """Run a scenario once and return its executions: the same that `simulate` has in its trace.

    `streams` are those of the seed and the replication, for whoever wants to know what was drawn.

    `compiled` False runs the kernel in plain Python, None wherever numba is installed as machine code. `announce` is
    told, in a sentence, when that has to be made first. Raises Unsupported for a scenario that `supports` has
    something against, TooLong after `max_executions`.
    """
    reasons = supports(scenario)
    if reasons:
        raise Unsupported(reasons)
    seed = scenario.run.seed if seed is None else seed
    streams = streams or Streams(seed, replication)
    rows = expected(scenario)

    def begun(streams: Streams) -> Memory:
        return Memory(translate(scenario, streams), rows=rows)

    def advance(memory: Memory) -> None:
        go(memory, max_executions, compiled=compiled, announce=announce)

    memory = begun(streams)
    in_use = run_through(memory, advance, lambda: begun(Streams(seed, replication)))
    streams.drawn |= bool(memory.state.scalar[at.BY_CHANCE])
    translation, lane = memory.translation, memory.state.lane
    triggers = {
        (scenario.flows[each.flow].key, each.trigger.id): number * at.LANE_WIDTH
        for number, each in enumerate(translation.lanes)
        if each.trigger is not None
    }
    created = int(memory.state.scalar[at.CREATED])
    return Executions(
        header_of(translation, seed, replication),
        translation,
        Columns._make(column[:created] for column in memory.columns),
        end_us_of(memory),
        in_use,
        skipped={key: int(lane[place + at.SKIPPED]) for key, place in triggers.items()},
        fired={key: int(lane[place + at.FIRED]) for key, place in triggers.items()},
    )


def go(memory: Memory, max_executions: int, *, compiled: bool | None, announce: Announce | None) -> None:
    """Let the kernel run to the end. Raises TooLong."""
    advance = kernel_of(compiled=compiled, announce=announce)
    program = memory.translation.program
    paused = True
    while paused:
        paused = advance(program, memory.state, memory.columns) == PAUSED
        created = int(memory.state.scalar[at.CREATED])
        if created > max_executions:
            raise TooLong(f"{memory.translation.scenario.id}: given up after {created:,} executions")
        if paused:
            memory.help()


def expected(scenario: Scenario) -> int:
    """Return about how many executions sources will send, so that the columns seldom have to grow."""
    run_until_us = scenario.run.until_us
    size = 64.0
    for arrivals in scenario.arrivals:
        match arrivals.pattern:
            case AtTimes(times_us) | Recorded(times_us):
                size += len(times_us)
            case Burst(count, times_us):
                size += count * len(times_us)
            case Every(period_us, start_us, count, until_us):
                ends_us = _earlier(until_us, run_until_us)
                size += _fewer(count, None if ends_us is None else (ends_us - start_us) / max(1, period_us))
            case PoissonProcess(rate_per_s, start_us, count, until_us):
                ends_us = _earlier(until_us, run_until_us)
                size += _fewer(count, None if ends_us is None else rate_per_s * (ends_us - start_us) / 1e6)
            case Ramp(from_per_s, to_per_s, start_us, until_us):
                size += (from_per_s + to_per_s) / 2 * (until_us - start_us) / 1e6
    return int(size + 4 * sqrt(size))


def _earlier(one_us: int | None, other_us: int | None) -> int | None:
    return min((each for each in (one_us, other_us) if each is not None), default=None)


def _fewer(count: int | None, estimate: float | None) -> float:
    return max(0, min(each for each in (count, estimate) if each is not None))


def end_us_of(memory: Memory) -> int:
    """Return when the run ended: where it was cut off, or with its last event."""
    run = memory.translation.scenario.run
    if not run.drain and run.until_us is not None:
        return run.until_us
    return int(memory.state.scalar[at.NOW])


def header_of(translation: Translation, seed: int, replication: int) -> Header:
    """Return the header that a trace of the same run has."""
    scenario = translation.scenario
    platform = scenario.platform
    takes_time = bool(translation.scalar[at.TAKES_TIME])
    return Header(
        scenario=scenario.id,
        semantics=scenario.semantics,
        seed=seed,
        replication=replication,
        flowconc_version=_version(),
        clock_start=scenario.clock_start.isoformat(),
        warmup_us=scenario.run.warmup_us,
        until_us=scenario.run.until_us,
        connections=platform.database.connections if takes_time else None,
        worker_threads=platform.worker_threads,
    )


@cache
def _version() -> str:
    return version("pytest-flowconc")
