"""Where the tasks and triggers of a flow stand in its file, and what the file says of them in full."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from flowconc.scenario.kestra_flow.flow_file import FlowSource
from flowconc.scenario.kestra_flow.jackson import is_template
from flowconc.scenario.problems import Position
from flowconc.scenario.source.yaml_source import Loc

_HOLD_TASKS: Final = ("tasks", "errors", "finally", "afterExecution", "triggers")
_NOTHING: Final[Mapping[str, Any]] = {}


class Places:
    """The tasks and triggers of one flow, found by the position at which each begins."""

    def __init__(self, flow: FlowSource) -> None:
        self._flow = flow
        self._found: dict[Position, tuple[Loc, Mapping[str, Any]]] | None = None

    def data(self, position: Position) -> Mapping[str, Any]:
        """Return the properties of the task or trigger that begins at `position`, as its file has them."""
        return self._find(position)[1]

    def key(self, position: Position, name: str) -> Position:
        """Return where its property `name` is written; its own position where it has none."""
        loc, data = self._find(position)
        return self._flow.locate((*loc, name), key=True) if name in data else position

    def _find(self, position: Position) -> tuple[Loc, Mapping[str, Any]]:
        if self._found is None:
            every = (found for key in _HOLD_TASKS for found in _typed(self._flow.data.get(key), (key,)))
            self._found = {self._flow.locate(loc): (loc, data) for loc, data in every}
        return self._found.get(position, ((), _NOTHING))


def is_conditional(data: Mapping[str, Any]) -> bool:
    """Say whether only a run knows if this task runs (`runIf`)."""
    condition = data.get("runIf")
    return isinstance(condition, str) and is_template(condition)


def _typed(data: object, loc: Loc) -> Iterator[tuple[Loc, Mapping[str, Any]]]:
    """Give every mapping with a `type`, at any depth."""
    if isinstance(data, dict):
        if "type" in data:
            yield loc, data
        for key, value in data.items():
            yield from _typed(value, (*loc, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _typed(value, (*loc, index))
