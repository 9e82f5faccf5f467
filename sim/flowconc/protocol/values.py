"""Immutable values of which every execution makes several.

A NamedTuple takes longer to make and much longer to read from, and a frozen dataclass longest to make. So a `@value` is
a dataclass that the type checker holds frozen, and nothing at run time does.
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
