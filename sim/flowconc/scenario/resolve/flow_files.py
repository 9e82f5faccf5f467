"""The files that a scenario names: flows, with or without wildcards, relative to the scenario."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from flowconc.scenario.kestra_flow.dialect import DOCUMENTED, Dialect
from flowconc.scenario.kestra_flow.flow_file import FlowSource, read_flow
from flowconc.scenario.names import UnknownName
from flowconc.scenario.problems import BadInput, excerpt, nearest

MAX_MATCHES: Final = 1_000
"""Flow files that one pattern may match."""

FROM_HERE: Final = "a path relative to the scenario's file"

_WILDCARDS: Final = frozenset("*?[")


def shown_path(path: Path) -> str:
    """Return a path as a user would type it: relative where it is below the current folder, without detours."""
    return os.path.normpath(path).removeprefix(f"{Path.cwd()}{os.sep}")


class FlowFiles:
    """The flow files next to a scenario. Each is read once, also when several scenarios of a file name it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[tuple[Path, Dialect], FlowSource | BadInput] = {}

    def named(self, entry: str) -> list[Path]:
        """Return the files that an entry means, sorted. Raises UnknownName when there are none."""
        if _WILDCARDS & set(entry):
            return self._matches(entry)
        path = self.folder / entry
        if path.is_file():
            return [path]
        if path.is_dir():
            raise UnknownName(f"{excerpt(entry)} is a folder", "a flow file", f"{entry.rstrip('/')}/*.yaml")
        raise UnknownName(
            f"there is no file {excerpt(entry)}",
            FROM_HERE,
            self._neighbour(entry),
        )

    def read(self, path: Path, dialect: Dialect = DOCUMENTED) -> FlowSource:
        """Return the flow in the file at `path`, read in the language of a version.

        Raises BadInput, each time it is asked for.
        """
        if (path, dialect) not in self._read:
            try:
                self._read[path, dialect] = read_flow(path, shown_as=shown_path(path), dialect=dialect)
            except BadInput as error:
                self._read[path, dialect] = error
        found = self._read[path, dialect]
        if isinstance(found, BadInput):
            raise found
        return found

    def _matches(self, pattern: str) -> list[Path]:
        """Return the files that match; links to folders are not followed by `**`, so loops are harmless."""
        parts = Path(pattern).parts
        fixed = next(index for index, part in enumerate(parts) if _WILDCARDS & set(part))
        start = self.folder.joinpath(*parts[:fixed])
        try:
            found = [path for path in start.glob(str(Path(*parts[fixed:]))) if path.is_file()]
        except ValueError as error:
            raise UnknownName(f"{excerpt(pattern)} is not a pattern ({error})") from None
        if not found:
            raise UnknownName(f"no file matches {excerpt(pattern)}", FROM_HERE)
        if len(found) > MAX_MATCHES:
            raise UnknownName(f"{excerpt(pattern)} matches {len(found):,} files", f"at most {MAX_MATCHES:,}")
        return sorted(found)

    def _neighbour(self, entry: str) -> str | None:
        """Return the path of a file beside the missing one that has a similar name."""
        parent = Path(entry).parent
        try:
            names = [path.name for path in (self.folder / parent).iterdir() if path.is_file()]
        except OSError:
            return None
        similar = nearest(Path(entry).name, sorted(names))
        return None if similar is None else str(parent / similar)
