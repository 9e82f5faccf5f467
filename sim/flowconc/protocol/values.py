"""Immutable values of which every execution makes several.

A NamedTuple takes twice as long to make and six times as long to read from, a frozen dataclass longer still. So what
is `@value` is a dataclass that the type checker holds frozen, and nothing at run time does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, dataclass_transform

T = TypeVar("T")

if TYPE_CHECKING:

    @dataclass_transform(frozen_default=True)
    def value(cls: type[T]) -> type[T]:
        """Make a class of immutable, hashable values."""

else:
    value = dataclass(slots=True, unsafe_hash=True)
