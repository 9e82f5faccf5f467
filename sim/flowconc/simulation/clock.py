"""Simulated time: SimPy's environment in integer microseconds, with a total order of equal times.

Order of events at one instant (SCENARIO_FORMAT, Exact readings): consequences of what has just happened, then ends of
tasks, then actions, then fires, then arrivals, each in the order of the scenario file, then in order of scheduling.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

from simpy import Environment
from simpy.core import StopSimulation
from simpy.events import Event


class Rank(IntEnum):
    """What comes first at equal times. The lower 32 bits are for the place among things of one rank."""

    CONSEQUENCE = 0 << 32
    END = 1 << 32
    ACTION = 2 << 32
    FIRE = 3 << 32
    ARRIVAL = 4 << 32
    HORIZON = 5 << 32


class _Moment(Event):
    """A SimPy event that is sure to happen, and calls one function when it does."""

    def __init__(self, environment: Environment, call: Callable[[Event], None]) -> None:
        self.env = environment
        self.callbacks = [call]
        self._ok = True
        self._value = None


class Clock(Environment):
    """The only source of time in a simulation. A SimPy environment that counts integer microseconds."""

    def __init__(self) -> None:
        super().__init__(initial_time=0)

    @property
    def now_us(self) -> int:
        """Microseconds since the scenario's start."""
        return self._now  # type: ignore[return-value]

    def after(self, delay_us: int, call: Callable[[Event], None], rank: Rank, place: int = 0) -> None:
        """Call back in `delay_us`. `place` is the position in the scenario file among things of the same rank."""
        self.schedule(_Moment(self, call), rank + place, delay_us)  # type: ignore[arg-type]

    def at(self, t_us: int, call: Callable[[Event], None], rank: Rank, place: int = 0) -> None:
        """Call back at `t_us`, which has not passed."""
        self.after(t_us - self.now_us, call, rank, place)

    def stop(self) -> None:
        """End the run at once. Call it from within a callback."""
        raise StopSimulation(None)
