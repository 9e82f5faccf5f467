"""The semantics that are known, by name: `documented`, one per version of Kestra, and each with a fault in it.

`NAME+FAULT` is a semantics with a fault model applied: `documented+reject_decrements`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from flowconc.protocol.catalogue import STEPS
from flowconc.protocol.faults import FAULTS
from flowconc.protocol.rules import Rules
from flowconc.protocol.steps import Step
from flowconc.protocol.versions import VERSIONS


@dataclass(frozen=True, eq=False)
class Semantics:
    """One set of Kestra's rules: the answers where versions differ, and the steps by name."""

    name: str
    rules: Rules
    steps: Mapping[str, Step]


@cache
def semantics_of(name: str) -> Semantics:
    """Return the semantics of a full name. Raises KeyError when it is not known (see `scenario.semantics`)."""
    version, _, fault = name.partition("+")
    if not fault:
        return Semantics(name, VERSIONS[version], STEPS)
    return Semantics(name, *FAULTS[fault].applied(VERSIONS[version], STEPS))


DOCUMENTED = semantics_of("documented")
