"""Scenarios in Python code, through the same reader as files.

    from flowconc.scenario.builder import flow, scenario

    queueing = (
        scenario("the second execution waits")
        .flow(flow("inline", limit=1, duration="10s"))
        .arrive("inline", at=["0s", "0s"], names=["a", "b"])
        .act(at="3s", kill="a")
        .expect(execution="b", started_at="3s")
        .build()
    )

A builder is immutable: each method returns a new one, so that a common beginning can be shared. Values are those
of the file format; keys that Python reserves are written with an underscore behind (`except_`, `from_`).
Problems are reported at `<builder>`, with the place in words where a file has a line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from flowconc.scenario.flow_files import FlowFiles
from flowconc.scenario.model import Scenario
from flowconc.scenario.problems import BadInput, Position, Problem
from flowconc.scenario.resolve import resolve
from flowconc.scenario.validation import Loc

DEFAULT_NAMESPACE: Final = "company.team"
BUILDER: Final = "<builder>"


def flow(
    flow_id: str,
    *,
    limit: int | None = None,
    behavior: str | None = None,
    duration: str | None = None,
    namespace: str = DEFAULT_NAMESPACE,
    **keys: object,
) -> dict[str, Any]:
    """Return a flow as Kestra's YAML would have it; `keys` are further top-level keys (`triggers`, `tasks`, ...).

    Without `tasks` it has one, `work`, that takes `duration` (a time; default: no time, which needs no
    simulation of work).
    """
    mapping: dict[str, Any] = {"id": flow_id, "namespace": namespace}
    ...
