"""Which semantics are meant: names and beginnings of names, separated by commas, and words for several."""

from __future__ import annotations

from collections.abc import Iterable

from flowconc.scenario.semantics import resolve_semantics, version_of
from flowconc.scenario.vocabulary import SEMANTICS

ALL, EVERY_VERSION = "all", "versions"
"""Words for every semantics, and for every one but `documented`."""


def chosen_semantics(names: str | Iterable[str]) -> tuple[str, ...]:
    """Return full names for `documented,kestra-2.0`, or a list of such; `all` and `versions` stand for several.

    Each comes once, in the order given. Raises UnknownName.
    """
    words = names.split(",") if isinstance(names, str) else list(names)
    found: dict[str, None] = {}
    for word in map(str.strip, words):
        if word == ALL:
            found |= dict.fromkeys(SEMANTICS)
        elif word == EVERY_VERSION:
            found |= dict.fromkeys(name for name in SEMANTICS if version_of(name) is not None)
        else:
            found[resolve_semantics(word)] = None
    return tuple(found)
