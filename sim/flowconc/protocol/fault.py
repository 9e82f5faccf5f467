"""What a fault model is: one answer or one step of a semantics, changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flowconc.protocol.rules import Rules
from flowconc.protocol.steps import Step


@dataclass(frozen=True, slots=True)
class Fault:
    """A named alteration: what it does, where it is known from, and the rules and steps that it replaces."""

    name: str
    mechanism: str
    source: str
    rules: Mapping[str, Any] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()

    def applied(self, rules: Rules, steps: Mapping[str, Step]) -> tuple[Rules, dict[str, Step]]:
        """Return rules and steps with the fault in them."""
        return replace(rules, **self.rules), {**steps, **{step.name: step for step in self.steps}}
