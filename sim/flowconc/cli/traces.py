"""Traces of a run to files: one run to the file named, several to numbered files beside it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

import click

from flowconc.runner import Result
from flowconc.trace.jsonl import write_jsonl
from flowconc.trace.perfetto import write_perfetto
from flowconc.trace.trace import Trace

PERFETTO_SUFFIX = ".perfetto.json"


class TraceFiles:
    """Writes each trace as it comes; the first one takes the plain name until a second one shows up."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._suffix = PERFETTO_SUFFIX if path.name.endswith(PERFETTO_SUFFIX) else path.suffix
        self._written: list[Path] = []

    def add(self, result: Result) -> None:
        """Write the trace of every replication. Raises UsageError if several would have to share stdout."""
        for trace in result.traces:
            if self._path == Path("-"):
                self._add_to_stdout(trace)
                continue
            if len(self._written) == 1:
                self._written[0] = self._written[0].rename(self._numbered(1))
            target = self._numbered(len(self._written) + 1) if self._written else self._path
            with target.open("w", encoding="utf-8", newline="\n") as stream:
                self._write(trace, stream)
            self._written.append(target)

    def finish(self) -> list[Path]:
        """Return the files written, in order of scenario and replication."""
        return [] if self._path == Path("-") else self._written

    def _add_to_stdout(self, trace: Trace) -> None:
        if self._written:
            raise click.UsageError(
                "--trace -: there are several runs, expected one scenario and one replication"
            )
        self._write(trace, sys.stdout)
        self._written.append(self._path)

    def _write(self, trace: Trace, stream: TextIO) -> None:
        if self._suffix == PERFETTO_SUFFIX:
            write_perfetto(trace, stream)
        else:
            write_jsonl(trace, stream)

    def _numbered(self, number: int) -> Path:
        stem = self._path.name.removesuffix(self._suffix)
        return self._path.with_name(f"{stem}-{number}{self._suffix}")
