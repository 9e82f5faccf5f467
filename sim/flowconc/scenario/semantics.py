"""Which semantics a name means.

A semantics is called `documented`, or after a version of Kestra: `kestra-2.0.0`. The beginning of a version means
the newest known one that begins so: `kestra-2.0`, `kestra-1`. `NAME+FAULT` is a semantics with a fault model in it.
"""

from __future__ import annotations

import re
from typing import Final

from flowconc.scenario.names import UnknownName, listed
from flowconc.scenario.problems import excerpt, nearest
from flowconc.scenario.vocabulary import FAULT_MODELS, SEMANTICS
from flowconc.scenario.wording import one_of

Version = tuple[int, ...]
"""The numbers of a version of Kestra: (2, 0, 0). Versions compare as such tuples do."""

_KESTRA: Final = "kestra-"
_VERSION: Final = re.compile(r"(?:kestra-?)?v?([0-9]{1,4}(?:\.[0-9]{1,4}){0,2})", re.IGNORECASE)


def resolve_semantics(text: str) -> str:
    """Return the full name of the semantics that `text` means: `kestra-2.0` is `kestra-2.0.2`.

    Raises UnknownName, with the known names and the nearest of them.
    """
    base, plus, fault = text.partition("+")
    name = _base(base)
    if not plus:
        return name
    if fault not in FAULT_MODELS:
        suggestion = nearest(fault, FAULT_MODELS)
        raise UnknownName(
            f"there is no fault model {excerpt(fault)}",
            listed(FAULT_MODELS) or f"{name} alone",
            None if suggestion is None else f"{name}+{suggestion}",
        )
    return f"{name}+{fault}"


def version_of(semantics: str) -> Version | None:
    """Return the version that a full name speaks of; None for `documented`."""
    name = semantics.partition("+")[0]
    return _numbers(name.removeprefix(_KESTRA)) if name.startswith(_KESTRA) else None


def _base(name: str) -> str:
    if name in SEMANTICS:
        return name
    begun = [known for known in SEMANTICS if known.startswith(f"{name}.")]
    if name.startswith(_KESTRA) and begun:
        return max(begun, key=_version_or_oldest)
    raise UnknownName(f"there is no semantics {excerpt(name)}", one_of(SEMANTICS), _nearest(name))


def _nearest(name: str) -> str | None:
    """Return the name most like an unknown one: of a version, the newest known one that is not newer."""
    written = _VERSION.fullmatch(name.strip())
    if written is None:
        return nearest(name, SEMANTICS)
    wanted = _numbers(written[1])
    known = sorted((version, each) for each in SEMANTICS if (version := version_of(each)) is not None)
    same_line = [each for version, each in known if version[: len(wanted)] == wanted]
    older = [each for version, each in known if version <= wanted]
    return (same_line or older or [known[0][1]])[-1]


def _version_or_oldest(name: str) -> Version:
    return version_of(name) or ()


def _numbers(text: str) -> Version:
    return tuple(map(int, text.split(".")))
