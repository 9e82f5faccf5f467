"""One compiled run of a scenario."""

from __future__ import annotations

from importlib.metadata import version
from typing import Final

from flowconc.compiled import fields as at
from flowconc.compiled.executions import Executions
from flowconc.compiled.fields import Columns
from flowconc.compiled.jit import Announce, kernel_of
from flowconc.compiled.kernel import DONE, PAUSED
from flowconc.compiled.memory import Memory
from flowconc.compiled.program import Translation, translate
from flowconc.compiled.subset import Unsupported, supports
from flowconc.scenario.model import Burst, Scenario
from flowconc.simulation.streams import Streams
from flowconc.trace.trace import Header

MOST_MOMENTS: Final = 10**12
"""Events of the clock after which a run is given up. `run.max_events` bounds traces, and here is none."""


class TooLong(RuntimeError):  # noqa: N818 - it says what it is
    """A run that was given up because it had more than `max_moments` events."""


def run(
    scenario: Scenario,
    *,
    seed: int | None = None,
    replication: int = 0,
    compiled: bool | None = None,
    announce: Announce | None = None,
    max_moments: int = MOST_MOMENTS,
) -> Executions:
    """Run a scenario once and return its executions: the same that `simulate` has in its trace.

    `compiled` False runs the kernel in plain Python, None wherever numba is installed as machine code. `announce` is
    told, in a sentence, when that has to be made first. Raises Unsupported for a scenario that `supports` has
    something against, TooLong after `max_moments` events of the clock.
    """
    reasons = supports(scenario)
    if reasons:
        raise Unsupported(reasons)
    seed = scenario.run.seed if seed is None else seed
    translation = translate(scenario, Streams(seed, replication))
    memory = Memory(translation, rows=expected(scenario), max_moments=max_moments)
    go(memory, compiled=compiled, announce=announce)
    lane = memory.state.lane
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
        skipped={key: int(lane[place + at.SKIPPED]) for key, place in triggers.items()},
        fired={key: int(lane[place + at.FIRED]) for key, place in triggers.items()},
    )


def go(memory: Memory, *, compiled: bool | None, announce: Announce | None) -> None:
    """Let the kernel run to the end. Raises TooLong."""
    advance = kernel_of(compiled=compiled, announce=announce)
    program = memory.translation.program
    code = PAUSED
    while code == PAUSED:
        code = advance(program, memory.state, memory.columns)
        if code == PAUSED:
            memory.help()
    if code != DONE:
        moments = int(memory.state.scalar[at.MOMENTS])
        raise TooLong(f"{memory.translation.scenario.id}: given up after {moments:,} events of the clock")


def expected(scenario: Scenario) -> int:
    """Return how many executions sources will send at least, as far as that is written down."""
    size = 0
    for arrivals in scenario.arrivals:
        pattern = arrivals.pattern
        count = getattr(pattern, "count", None) or 0
        times = getattr(pattern, "times_us", (0,))
        size += count * len(times) if isinstance(pattern, Burst) or count else len(times)
    return size + 64


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
        flowconc_version=version("pytest-flowconc"),
        clock_start=scenario.clock_start.isoformat(),
        warmup_us=scenario.run.warmup_us,
        until_us=scenario.run.until_us,
        connections=platform.database.connections if takes_time else None,
        worker_threads=platform.worker_threads,
    )
