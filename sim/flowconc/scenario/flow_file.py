"""Kestra's own flow files: read as the engine reads them, unmodified."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flowconc.scenario.behaviour import Behaviours
from flowconc.scenario.flow import Flow
from flowconc.scenario.problems import Position, Problem

Locate = Callable[..., Position]  # locate(loc: tuple[str | int, ...], *, key: bool = False) -> Position


@dataclass(frozen=True, slots=True)
class FlowSource:
    """A flow as its file says it, checked; `build_flow` adds what a scenario says of its tasks."""

    namespace: str
    id: str
    data: Mapping[str, object]  # the whole mapping, plain Python data; not to be changed
    position: Position
    notices: tuple[Problem, ...]  # warnings and notices, by position

    @property
    def key(self) -> str:
        """`namespace.id`."""
        return f"{self.namespace}.{self.id}"

    def with_changes(self, changes: Mapping[str, object], locate: Locate) -> FlowSource:
        """The flow with these top-level keys replaced whole; None removes one. `locate` finds places in `changes`.

        Raises BadInput with every problem that the edited flow has.
        """
        raise NotImplementedError


def read_flow(path: Path, *, shown_as: str | None = None) -> FlowSource:
    """Read a flow file. Raises BadInput with every problem in it."""
    raise NotImplementedError


def parse_flow(data: object, locate: Locate) -> FlowSource:
    """Check a flow's mapping (of a file, or written inline in a scenario). Raises BadInput."""
    raise NotImplementedError


def build_flow(source: FlowSource, behaviours: Behaviours = Behaviours()) -> tuple[Flow, tuple[Problem, ...]]:
    """The flow that is simulated, and the notices that this adds to `source.notices`.

    Raises BadInput: a work task without a duration, a behaviour for a task that the flow does not have, a loop
    of more than 10,000 passes.
    """
    raise NotImplementedError
