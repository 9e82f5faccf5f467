"""A measured figure and its target."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line of the table. `target` is a bound in words, such as `>= 20000`; None for a yardstick."""

    name: str
    value: float
    unit: str
    target: str | None = None

    @property
    def met(self) -> bool | None:
        """Say whether the target is met; None when there is none."""
        if self.target is None:
            return None
        operator, bound = self.target.split()
        return self.value >= float(bound) if operator == ">=" else self.value <= float(bound)


def fastest_s(work: Callable[[], object], *, rounds: int) -> float:
    """Return the shortest of several times, in seconds: the one that other processes disturbed least."""
    times_s = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        times_s.append(time.perf_counter() - began)
    return min(times_s)


def python(*arguments: str, cwd: str | None = None) -> str:
    """Run this interpreter in a process of its own and return what it printed. Raises CalledProcessError."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=cwd).stdout
