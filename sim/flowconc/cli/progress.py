"""A progress bar for whatever takes more than a second, on stderr, if that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from threading import Timer
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

SHOWN_AFTER_S = 1.0

Piece = TypeVar("Piece")


def tracked(pieces: Iterable[Piece], *, total: int, what: str) -> Iterator[Piece]:
    """Yield the `total` pieces of work that `pieces` does one by one, with a bar while the next one is being done.

    The bar is gone while the caller has a piece, so that it may print.
    """
    if not sys.stderr.isatty():
        yield from pieces
        return
    from rich.console import Console  # noqa: PLC0415 - only people see it
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415 - likewise

    bar = Progress(
        TextColumn(what), BarColumn(), MofNCompleteColumn(), console=Console(stderr=True), transient=True
    )
    task = bar.add_task(what, total=total)
    shown_from_s = monotonic() + SHOWN_AFTER_S
    work = iter(pieces)
    while True:
        timer = Timer(max(0.0, shown_from_s - monotonic()), bar.start)
        timer.daemon = True
        timer.start()
        try:
            piece = next(work)
        except StopIteration:
            return
        finally:
            timer.cancel()
            timer.join()
            bar.stop()
        bar.advance(task)
        yield piece


class Estimate:
    """A bar with an estimate of what is left, for work that comes in stages. A context manager, gone when it is left."""

    def __init__(self) -> None:
        self._shown_from_s = monotonic() + SHOWN_AFTER_S
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._what = ""

    def __enter__(self) -> Estimate:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def tell(self, what: str, done: int, total: int) -> None:
        """Take note that `done` of `total` pieces of a stage are done. Nobody sees it but a terminal."""
        if not sys.stderr.isatty() or monotonic() < self._shown_from_s:
            return
        if self._bar is None:
            self._bar = self._new_bar()
        if self._task is None or what != self._what or done == 0:
            if self._task is not None:
                self._bar.remove_task(self._task)
            self._task, self._what = self._bar.add_task(what, total=total), what
        self._bar.update(self._task, completed=done)

    def _new_bar(self) -> Progress:
        from rich.console import Console  # noqa: PLC0415 - only people see it
        from rich.progress import (  # noqa: PLC0415 - likewise
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("left"),
        )
        bar = Progress(*columns, console=Console(stderr=True), transient=True)
        bar.start()
        return bar
