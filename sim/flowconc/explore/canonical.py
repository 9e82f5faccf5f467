"""One text for one value, the same in every process: for order, for fingerprints.

Python's own `repr` of a set depends on the process. Positions in files are left out, and so is what a flow looked like
in its file: neither changes what happens.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from hashlib import sha256
from types import FunctionType

from flowconc.scenario.problems import Position


def canonical(value: object) -> str:
    """Return the text of a value."""
    return "".join(_parts(value))


def fingerprint(*values: object, size: int) -> bytes:
    """Return the first `size` bytes of a hash of values."""
    return sha256(canonical(values).encode()).digest()[:size]


def _parts(value: object) -> Iterator[str]:
    match value:
        case Position():
            yield "_"
        case Enum():
            yield f"{type(value).__name__}.{value.name}"
        case tuple() | list():
            yield type(value).__name__
            for part in value:
                yield from (*_parts(part), ",")
            yield ";"
        case frozenset() | set():
            yield "{"
            yield from ",".join(sorted(map(canonical, value)))
            yield "}"
        case dict():
            yield from _parts(sorted(((canonical(key), canonical(each)) for key, each in value.items())))
        case FunctionType():
            yield value.__qualname__
        case _ if is_dataclass(value) and not isinstance(value, type):
            yield type(value).__name__
            for field in fields(value):
                if field.compare:
                    yield from (*_parts(getattr(value, field.name)), ",")
            yield ";"
        case _:
            yield repr(value)
