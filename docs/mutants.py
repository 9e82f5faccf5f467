"""The generated parts of the page on mutants: the figures, and the survivors with the reason of each.

The figures are those of the last `make mutants` (docs/mutants.json). The reasons are written by hand, in
docs/mutants.yaml: a list of `because`, a sentence or two, and `survivors`, each [file, function, the line as it
would be].
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from benchmarks.mutation.figures import Stratum, Survivor, package_share, read
from flowconc.compare.tables import markdown

REASONS = Path(__file__).parent / "mutants.yaml"

Place = tuple[str, str, str]
"""A survivor as the reasons name it: file, function, the line as it would be."""


@dataclass(frozen=True)
class Reason:
    """Why some mutants survive."""

    because: str
    places: tuple[Place, ...]


def reasons() -> tuple[Reason, ...]:
    """Return the reasons that are written down."""
    written = yaml.safe_load(REASONS.read_text(encoding="utf-8"))
    return tuple(Reason(each["because"].strip(), tuple(map(tuple, each["survivors"]))) for each in written)


def place(survivor: Survivor) -> Place:
    """Return what a reason calls a survivor."""
    return survivor.file, survivor.function, survivor.becomes


def figures() -> str:
    """Return the table of the figures, and a sentence on each package."""
    strata = read().strata
    rows = [
        (
            f"`{each.package}`, {each.where}",
            str(each.mutants),
            str(each.drawn),
            str(each.killed),
            str(each.timeouts),
            _percent(each.share),
            " to ".join(map(_percent, each.interval)),
            str(each.closed),
            str(each.survived),
        )
        for each in strata
    ]
    head = (
        "mutants of",
        "all",
        "drawn",
        "killed",
        "by time",
        "%",
        "95 % interval",
        "closed since",
        "survive",
    )
    return (
        markdown(head, rows)
        + "\n"
        + "".join(_sentence(strata, package) for package in dict.fromkeys(each.package for each in strata))
    )


def _sentence(strata: tuple[Stratum, ...], package: str) -> str:
    share, error = package_share(strata, package)
    drawn = sum(each.drawn for each in strata if each.package == package)
    left = sum(each.survived for each in strata if each.package == package)
    return (
        f"Of all mutants of `{package}`, {_percent(share)} % are killed (standard error {_percent(error)}). "
        f"Of the {drawn} that were drawn, {left} survive by now.\n"
    )


def survivors() -> str:
    """Return every survivor, under the reason for it; those without one come last."""
    left = list(dict.fromkeys(read().survivors))
    parts = []
    for reason in reasons():
        here = [each for each in left if place(each) in reason.places]
        parts.append(_told(reason.because, here))
        left = [each for each in left if each not in here]
    if left:
        parts.append(_told("Nobody has looked at these yet.", left))
    return "\n".join(parts)


def _told(because: str, survivors: Iterable[Survivor]) -> str:
    lines = (
        f"- {each.file} {each.function}: `{each.was}` → `{each.becomes}`\n".replace(" : ", ": ")
        for each in survivors
    )
    return f"{because}\n\n{''.join(lines)}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
