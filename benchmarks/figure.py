"""A measured figure and its target."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


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


def fastest_cpu_s(work: Callable[[], object], *, rounds: int) -> float:
    """Return the shortest of several processor times, in seconds: what other processes do counts even less."""
    times_s = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        times_s.append(time.process_time() - began)
    return min(times_s)


def peak_bytes() -> int:
    """Return the peak memory of this process."""
    # Not ru_maxrss: that starts at the size of the process that started this one.
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def python(*arguments: str, cwd: str | None = None) -> str:
    """Run this interpreter in a process of its own and return what it printed. Raises CalledProcessError."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=cwd).stdout
