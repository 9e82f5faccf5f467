"""The service levels of a flow file: what each demands of an execution, and what becomes of one that breaks it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flowconc.scenario.flow import Sla, SlaBehavior, SlaKind
from flowconc.scenario.kestra_flow.conditions import ConditionError, holds
from flowconc.scenario.kestra_flow.metadata import check_labels
from flowconc.scenario.kestra_flow.section import LONGEST_DURATION_NS, Section
from flowconc.scenario.kestra_flow.task_source import UNNAMED
from flowconc.scenario.problems import excerpt, nearest
from flowconc.scenario.wording import one_of

_DEMANDS: Final[Mapping[str, str]] = {
    SlaKind.MAX_DURATION.value: "duration",
    SlaKind.EXECUTION_ASSERTION.value: "assert",
}
"""The types, each with the property that says what it demands."""

_BEHAVIORS: Final = tuple(behavior.value for behavior in SlaBehavior)


@dataclass(frozen=True, slots=True)
class SlaSource:
    """A service level as the file says it."""

    sla: Sla
    is_open: bool = False  # an assertion of which only the scenario can say whether it holds


def read_service_levels(section: Section) -> tuple[SlaSource, ...]:
    """Read the `sla` of a flow."""
    found = (_read(item) for item in section.sections("sla", "service level"))
    return tuple(source for source in found if source is not None)


def _read(item: Section) -> SlaSource | None:
    name = item.data.get("type")
    if not isinstance(name, str) or name not in _DEMANDS:
        shown = "no type" if name is None else f"the type {excerpt(str(name))}"
        suggestion = nearest(name, _DEMANDS) if isinstance(name, str) else None
        item.error("type", f"this service level has {shown}", one_of(_DEMANDS), suggestion)
        return None
    demand = _DEMANDS[name]
    item.check_keys(
        frozenset({"id", "type", "behavior", "labels", demand}), f"a service level of type {name}"
    )
    item.require(("id", "behavior", demand), "this service level")
    behavior = item.choice("behavior", _BEHAVIORS)
    duration_us = item.duration_us("duration", positive=True, filled=True, longest_ns=LONGEST_DURATION_NS)
    check_labels(item)
    sla_id = item.text("id") or UNNAMED
    kind = SlaKind(name)
    is_open, holding = _assertion(item) if kind is SlaKind.EXECUTION_ASSERTION else (False, True)
    if behavior is None:
        return None
    return SlaSource(Sla(sla_id, kind, SlaBehavior(behavior), duration_us, holding), is_open)


def _assertion(item: Section) -> tuple[bool, bool]:
    """Return whether only the scenario can say that an assertion holds, and whether it holds if it does not."""
    text = item.text("assert")
    if text is None:
        return False, True
    try:
        return False, holds(text)
    except ConditionError:
        item.notice(
            "assert", "the assertion is not evaluated: it holds, unless the scenario says otherwise (`sla`)"
        )
        return True, True
