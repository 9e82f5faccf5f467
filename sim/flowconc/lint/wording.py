"""How findings speak of numbers and times."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Final

from flowconc.scenario.literals.durations import format_us

_LONGEST_CHAIN: Final = 8


def chain(flows: Sequence[str]) -> str:
    """Show flows that wait for each other, or start each other: `a.b -> a.c -> a.b`; of many, the first and last."""
    if len(flows) <= _LONGEST_CHAIN:
        return " -> ".join(flows)
    shown = _LONGEST_CHAIN // 2
    left_out = f"({len(flows) - 2 * shown:,} more)"
    return " -> ".join((*flows[:shown], left_out, *flows[-shown:]))


def slots(count: int) -> str:
    """Say how many: `its one slot`, `all 5 slots`."""
    return "its one slot" if count == 1 else f"all {count:,} slots"


def executions(count: float, of: str) -> str:
    """Say how many executions: `3 executions of a.b`, `an execution of a.b for each item` where nobody knows."""
    if count == inf:
        return f"an execution of {of} for each item"
    return f"{count:,.0f} executions of {of}"


def time(us: float) -> str:
    """Say a time in the scenario's own words, to the millisecond: `1h30m`, `1.5s`."""
    return format_us(round(us / 1_000) * 1_000 if us >= 1_000 else round(us))
