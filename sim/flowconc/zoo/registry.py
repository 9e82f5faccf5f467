"""The list of known bugs: `bugs.yaml` in the scenario library, beside the scenarios that show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from flowconc.scenario.load import SUFFIX
from flowconc.scenario.names import UnknownName
from flowconc.scenario.problems import nearest
from flowconc.scenario.vocabulary import FAULT_MODELS

_PACKAGE: Final = Path(__file__).resolve().parent.parent
_LIBRARIES: Final = (_PACKAGE / "library", _PACKAGE.parent.parent / "scenarios")
"""Where the library is: in an installed package, and in the source tree."""

LIST: Final = "bugs.yaml"


@dataclass(frozen=True, slots=True)
class Bug:
    """One known bug. `faulty` and `fixed` are names of semantics with and without it.

    `path` is its scenario file: where that has several scenarios, the first one shows the bug and the last one the
    remedy. `since` says what put an end to it in Kestra, `remedy` what helps where nothing has. `had` are versions that
    are known to have it, `recorded` recordings of the real engine in which it is seen, as `VERSION NAME`.
    """

    id: str
    title: str
    issues: tuple[str, ...]
    path: Path
    faulty: tuple[str, ...]
    fixed: tuple[str, ...]
    since: str | None = None
    remedy: str | None = None
    had: tuple[str, ...] = ()
    recorded: tuple[str, ...] = ()


def library() -> Path:
    """Return the folder of the scenario library. Raises FileNotFoundError where it has not been installed."""
    for folder in _LIBRARIES:
        if (folder / "bugs" / LIST).is_file():
            return folder
    raise FileNotFoundError("the scenario library is not there: install the whole of pytest-flowconc")


@cache
def bugs() -> tuple[Bug, ...]:
    """Return all known bugs, in the order of the list."""
    folder = library() / "bugs"
    entries = yaml.safe_load((folder / LIST).read_text(encoding="utf-8"))
    return tuple(_bug(entry, folder) for entry in entries)


def chosen(ids: Sequence[str]) -> tuple[Bug, ...]:
    """Return the bugs of these ids, in the order of the list; all, when there are none. Raises UnknownName."""
    known = {bug.id: bug for bug in bugs()}
    wanted = [each.upper() for each in ids]
    for given, each in zip(ids, wanted, strict=True):
        if each not in known:
            first, *_, last = known
            raise UnknownName(f"there is no bug {given!r}", f"{first} to {last}", nearest(each, known))
    return tuple(bug for bug in known.values() if not wanted or bug.id in wanted)


def unused_faults() -> tuple[str, ...]:
    """Return the fault models that no bug of the list has in it."""
    used = {name.partition("+")[2] for bug in bugs() for name in (*bug.faulty, *bug.fixed)}
    return tuple(fault for fault in FAULT_MODELS if fault not in used)


def _bug(entry: dict[str, Any], folder: Path) -> Bug:
    paths = sorted(folder.glob(f"{entry['id']}_*{SUFFIX}"))
    if len(paths) != 1:
        raise FileNotFoundError(f"{entry['id']} has not one scenario file in {folder} but {len(paths)}")
    lists = {key: tuple(entry.get(key, ())) for key in ("issues", "faulty", "fixed", "had", "recorded")}
    return Bug(
        entry["id"],
        entry["title"],
        path=paths[0],
        since=entry.get("since"),
        remedy=entry.get("remedy"),
        **lists,
    )
