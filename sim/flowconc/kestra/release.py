"""Versions of Kestra and conditions on them, as scripts write them: `>=0.24`, `<2.0`, `>=1.1 <2.0`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_RELEASE: Final = re.compile(r"v?(?P<numbers>[0-9]{1,6}(?:\.[0-9]{1,6}){0,3})(?:[-+.][A-Za-z][\w.+-]*)?")
_CONDITION: Final = re.compile(r"(?P<operator>>=|<=|==|!=|>|<|=|)\s*(?P<release>v?[0-9][\w.+-]*)")
_OPERATORS: Final[dict[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


@dataclass(frozen=True, slots=True, order=True)
class Release:
    """One version of Kestra: `2.0.0` is (2, 0, 0)."""

    numbers: tuple[int, ...]

    def __str__(self) -> str:
        return ".".join(map(str, self.numbers))

    def satisfies(self, condition: str) -> bool:
        """Say whether the version meets a condition: one or several comparisons, all of which must hold.

        A bare version, or one after `=`, means all that begin with it: 1.1.15 meets `1.1`. Raises ValueError.
        """
        return all(self._meets(comparison) for comparison in _comparisons(condition))

    def _meets(self, comparison: re.Match[str]) -> bool:
        wanted = parse_release(comparison["release"]).numbers
        own = self.numbers + (0,) * (len(wanted) - len(self.numbers))
        compare = _OPERATORS.get(comparison["operator"])
        if compare is not None:
            return compare(own, wanted + (0,) * (len(own) - len(wanted)))
        return (own[: len(wanted)] == wanted) is not (comparison["operator"] == "!=")


COMMANDS_SINCE: Final = Release((2, 0))
"""Since when operations on executions are commands to the executor, and kills wait for tasks."""


def parse_release(text: str) -> Release:
    """Read a version. What follows the numbers (`-SNAPSHOT`) is left out. Raises ValueError."""
    match = _RELEASE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a version of Kestra")
    return Release(tuple(int(number) for number in match["numbers"].split(".")))


def _comparisons(condition: str) -> list[re.Match[str]]:
    """Split a condition into its comparisons. Raises ValueError for anything else in it."""
    found = list(_CONDITION.finditer(condition))
    if not found or _CONDITION.sub("", condition).strip(" ,&") not in {"", "and"}:
        raise ValueError(f"{condition!r} is not a condition on versions")
    return found
