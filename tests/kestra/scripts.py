"""Small scripts and recordings of them, written for one test each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FLOW = """\
  - |
    id: f
    namespace: t
    concurrency:
      limit: 1
    tasks:
      - id: nap
        type: io.kestra.plugin.core.flow.Sleep
        duration: PT1S
"""

QUEUEING = f"""\
title: the second one waits
horizon: 20
flows:
{FLOW}ops:
  - {{at: 0, op: trigger, flow: t.f, as: e, count: 2, every: 0.2}}
"""

QUEUEING_SENT = (
    {"op": "trigger", "t": 3, "exec": "e1", "flow": "t.f"},
    {"op": "trigger", "t": 203, "exec": "e2", "flow": "t.f"},
)
"""How QUEUEING was sent."""

History = Sequence[tuple[str, float]]


def queueing_histories() -> dict[str, History]:
    """Return what the engine does with QUEUEING, in milliseconds."""
    return {
        "e1": [("CREATED", 10), ("RUNNING", 30), ("SUCCESS", 1100)],
        "e2": [("CREATED", 210), ("QUEUED", 230), ("RUNNING", 1120), ("SUCCESS", 2200)],
    }


def write_script(folder: Path, text: str = QUEUEING, name: str = "script.yaml") -> Path:
    """Write a script and return where it is."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def write_recording(
    folder: Path,
    histories: Mapping[str, History] | None = None,
    *,
    name: str = "recording.jsonl",
    version: str = "2.0.0",
    end_ms: float = 10_000,
    counters: Mapping[str, int] | None = None,
    queues: Mapping[str, list[str]] | None = None,
    more: Mapping[str, Mapping[str, Any]] | None = None,
    operations: Sequence[Mapping[str, Any]] = (),
    found_ms: Mapping[str, float] | None = None,
) -> Path:
    """Write a recording of these histories, all of flow t.f; `more` has further keys of executions.

    `found_ms` is when a poll first saw an execution that has a copied history.
    """
    histories = queueing_histories() if histories is None else histories
    lines: list[dict[str, Any]] = [
        {"kind": "header", "script": "script.yaml", "kestra": version, "t0": "2026-11-22T15:00:00.000000123Z"}
    ]
    lines += [{"kind": "op", "done": each["t"], **each} for each in operations]
    found_ms = found_ms or {}
    seen = [
        (
            t_ms,
            {
                "t": t_ms,
                "kind": "state",
                "exec": execution,
                "state": state,
                "i": place,
                "seen": max(t_ms + 10, found_ms.get(execution, 0)),
            },
        )
        for execution, history in histories.items()
        for place, (state, t_ms) in enumerate(history)
    ]
    lines += [line for _, line in sorted(seen, key=lambda each: each[0])]
    executions = {
        execution: {
            "flow": "t.f",
            "rev": 1,
            "state": history[-1][0],
            "history": [list(moment) for moment in history],
            "tasks": _tasks(history),
            **(more or {}).get(execution, {}),
        }
        for execution, history in histories.items()
    }
    lines.append(
        {
            "kind": "summary",
            "ended": "quiet",
            "end_ms": end_ms,
            "executions": executions,
            "counters": {"t.f": 0} if counters is None else counters,
            "queues": queues or {},
        }
    )
    path = folder / name
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def _tasks(history: History) -> list[dict[str, Any]]:
    """Return the run of the task `nap` in an execution that became RUNNING and then ended."""
    begun = [t_ms for state, t_ms in history if state == "RUNNING"]
    if not begun or history[-1][0] not in {"SUCCESS", "FAILED"}:
        return []
    run = [["CREATED", begun[-1]], ["RUNNING", begun[-1] + 5], [history[-1][0], history[-1][1] - 5]]
    return [{"task": "nap", "attempts": 1, "history": run}]
