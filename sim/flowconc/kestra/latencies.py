"""How long the real engine takes between components, from recordings: `python -m flowconc.kestra.latencies FILE...`.

The figures of `platform: kestra-jdbc` are medians of this command over recordings of version 2.0.0 without the bursts,
made on a machine with two cores. They are figures of one machine: fit your own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median, quantiles

from flowconc.kestra.recording import RecordedExecution, Recording, read_recording

_LONGEST_US = 500_000
"""Anything longer is a wait for something else, not a latency."""


def samples_us(recordings: Sequence[Recording]) -> dict[str, list[int]]:
    """Return the latencies seen, in microseconds, by what they are between."""
    found: dict[str, list[int]] = {"arrival": [], "gate": [], "dispatch": [], "result": []}
    for recording in recordings:
        sent = {each.execution: each.t_us for each in recording.operations if each.verb == "trigger"}
        for name, execution in recording.executions.items():
            for what, wait_us in _waits_us(execution, sent.get(name)):
                if 0 <= wait_us < _LONGEST_US:
                    found[what].append(wait_us)
    return found


def _waits_us(execution: RecordedExecution, sent_us: int | None) -> Iterator[tuple[str, int]]:
    history = execution.history
    if sent_us is not None and history[0][0] == "CREATED":
        yield "arrival", history[0][1] - sent_us
    if len(history) > 1:
        yield "gate", history[1][1] - history[0][1]
    for task in execution.tasks:
        states = dict(task.history)
        if len(task.history) == len(states) and {"SUBMITTED", "RUNNING"} <= states.keys():
            yield "dispatch", states["RUNNING"] - states["SUBMITTED"]
    if execution.tasks and history[-1][0] == execution.tasks[-1].history[-1][0] == "SUCCESS":
        yield "result", history[-1][1] - execution.tasks[-1].history[-1][1]


def main(paths: Sequence[str]) -> None:
    """Print the median and the 90th percentile of each latency."""
    print(f"{'latency':10} {'samples':>8} {'median_ms':>10} {'p90_ms':>8}")
    for what, waits_us in samples_us([read_recording(Path(path)) for path in paths]).items():
        p90_us = quantiles(waits_us, n=10)[-1]
        print(f"{what:10} {len(waits_us):8} {median(waits_us) / 1000:10.1f} {p90_us / 1000:8.1f}")


if __name__ == "__main__":
    main(sys.argv[1:])
