"""What a run depends on, as a short text: two scenarios with one fingerprint have the same runs.

Names, positions in files, what is checked and what computes it leave a run as it is; so does the number of replications.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime, tzinfo
from enum import Enum
from typing import Final

from flowconc.scenario.model import RunSettings, Scenario
from flowconc.scenario.problems import Position

_LEFT_OUT: Final[dict[type, frozenset[str]]] = {
    Scenario: frozenset(
        {
            "name",
            "description",
            "explore",
            "vary",
            "plan",
            "backend",
            "expectations",
            "sometimes",
            "thresholds",
            "invariants",
            "parameters",
            "marks",
        }
    ),
    RunSettings: frozenset({"seed", "replications", "max_replications", "confidence", "heal_within_us"}),
}


_PLAIN: Final = frozenset({int, str, type(None)})


def fingerprint(scenario: Scenario) -> str:
    """Return 64 hexadecimal digits: the SHA-256 of all that a run of the scenario depends on but its seed."""
    digest = hashlib.sha256()
    for piece in _pieces(scenario):
        digest.update(piece.encode())
        digest.update(b"\0")
    return digest.hexdigest()


def _pieces(value: object) -> Iterator[str]:
    """Yield a value piece by piece. Every kind says which it is, and containers how long they are."""
    match value:
        case Enum():
            yield f"{type(value).__name__}.{value.name}"
        case None | bool() | int() | float() | str():
            yield f"{type(value).__name__}:{value!r}"
        case datetime():
            yield value.isoformat()
        case tzinfo():
            yield f"zone:{value}"
        case tuple() | list():
            yield f"[{len(value)}"
            if all(type(each) in _PLAIN for each in value):  # recorded arrivals are many
                yield repr(list(value))
                return
            for each in value:
                yield from _pieces(each)
        case frozenset():
            yield from _pieces(sorted(value, key=repr))
        case dict():
            yield from _pieces(list(value.items()))
        case _ if is_dataclass(value):
            yield from _dataclass(value)
        case _:
            raise TypeError(f"a scenario has no {type(value).__name__}")


def _dataclass(value: object) -> Iterator[str]:
    left_out = _LEFT_OUT.get(type(value), frozenset())
    yield f"({type(value).__name__}"
    for field in fields(value):  # type: ignore[arg-type]
        inner = getattr(value, field.name)
        if field.compare and field.name not in left_out and not isinstance(inner, Position):
            yield field.name
            yield from _pieces(inner)
    yield ")"
