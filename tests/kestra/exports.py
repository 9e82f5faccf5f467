"""Executions as Kestra exports them, written for one test each, and what the simulation has done in the same form."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flowconc.kestra.exported import Exported, read_exports
from flowconc.protocol.events import Kind
from flowconc.trace.trace import Trace

MIDNIGHT = datetime(2026, 11, 16, tzinfo=UTC)
MIDNIGHT_US = int(MIDNIGHT.timestamp()) * 1_000_000
SCHEDULE = "io.kestra.plugin.core.trigger.Schedule"

History = Sequence[tuple[str, float]]
"""States, and seconds since midnight."""


def date(t_s: float) -> str:
    """Return seconds since midnight as Jackson writes an Instant."""
    return (MIDNIGHT + timedelta(microseconds=round(t_s * 1e6))).isoformat().replace("+00:00", "Z")


def execution(name: str, *history: tuple[str, float], flow: str = "company.crm.sync", **more: Any) -> Any:
    """Return an execution as the API gives it; `trigger` is only its type."""
    namespace, _, flow_id = flow.rpartition(".")
    if "trigger" in more:
        more["trigger"] = {"id": "t", "type": more["trigger"], "variables": {}}
    return {
        "id": name,
        "namespace": namespace,
        "flowId": flow_id,
        "flowRevision": 1,
        "labels": [],
        "state": {
            "current": history[-1][0],
            "histories": [{"state": state, "date": date(t_s)} for state, t_s in history],
            "startDate": date(history[0][1]),
        },
        "originalId": name,
        "deleted": False,
        **more,
    }


def page(*executions: Any, total: int | None = None) -> Any:
    """Return an answer of the API's search."""
    return {"results": list(executions), "total": len(executions) if total is None else total}


def write(path: Path, *documents: Any) -> Path:
    """Write documents, one a line."""
    path.write_text("".join(f"{json.dumps(each)}\n" for each in documents), encoding="utf-8")
    return path


def read(path: Path, *documents: Any) -> list[Exported]:
    """Write documents into a directory and read them back."""
    return list(read_exports([write(path / "executions.json", *documents)]).executions.values())


def exported(trace: Trace) -> list[Any]:
    """Return what a server would export that had done what a trace says."""
    histories: dict[str, list[tuple[str, float]]] = {}
    flows: dict[str, str] = {}
    for event in trace.events():
        if event.kind in (Kind.CREATED, Kind.STATE) and event.execution is not None:
            histories.setdefault(event.execution, []).append((str(event.after), event.t_us / 1e6))
            flows[event.execution] = str(event.flow)
    return [execution(name, *history, flow=flows[name]) for name, history in histories.items()]
