"""A script, read: flows and timed operations that are run on the real engine, for one of its versions.

Times are microseconds from the start; repetitions are written out. `script_reading` reads them from YAML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flowconc.kestra.release import Release
from flowconc.scenario.problems import Position, Problem
from flowconc.scenario.source.yaml_document import Document, Loc


@dataclass(frozen=True, slots=True)
class FlowText:
    """A flow as the script has it: its mapping, and where its parts stand."""

    data: Mapping[str, Any]
    document: Document
    first_line: int  # of the script, where the text of the flow begins
    indent: int

    def locate(self, loc: Loc, *, key: bool = False) -> Position:
        """Return the place of a part of the flow in the script."""
        inner = self.document.locate(loc, key=key)
        return Position(inner.path, inner.line + self.first_line - 1, inner.column + self.indent)


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing done to the engine, repetitions written out.

    `execution` is what an operation is done to. `label` is what the execution that it makes is called; None leaves
    it without. `state` is the state that `unqueue` and `change-status` set; `task` where a `replay` starts.
    `states` and `unended` narrow a `purge` and widen it to executions without an end date.
    """

    verb: str
    at_us: int
    position: Position
    flow: str | None = None
    execution: str | None = None
    label: str | None = None
    inputs: Mapping[str, object] = field(default_factory=dict)
    schedule_in_us: int | None = None
    state: str | None = None
    task: str | None = None
    running: int | None = None
    states: tuple[str, ...] = ()
    unended: bool = False
    trigger: str | None = None
    source: FlowText | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """A script for one version of Kestra. Times are microseconds from the start; `until_us` when it ends at the latest.

    `after` are the operations after a restart of the whole engine, timed from that restart.
    """

    title: str
    position: Position
    release: Release
    flows: tuple[FlowText, ...]
    operations: tuple[Operation, ...]
    until_us: int
    after: tuple[Operation, ...] = ()
    properties: Mapping[str, object] = field(default_factory=dict)
    notices: tuple[Problem, ...] = ()
