"""The semantics that are known, by name: `documented`, one per version of Kestra, and each with a fault in it.

`documented`, `kestra-2.0.0`, ...; `kestra-2.0` is the newest 2.0 known. `NAME+FAULT` is a semantics with a fault model
applied: `documented+reject_decrements`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flowconc.protocol.documented import STEPS
from flowconc.protocol.rules import DOCUMENTED_RULES, Rules
from flowconc.protocol.steps import Step


@dataclass(frozen=True, eq=False)
class Semantics:
    """One set of Kestra's rules: the answers where versions differ, and the steps by name."""

    name: str
    rules: Rules
    steps: Mapping[str, Step]


DOCUMENTED = Semantics("documented", DOCUMENTED_RULES, STEPS)
