"""A progress bar for whatever takes more than a second, on stderr, if that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from threading import Timer
from time import monotonic
from typing import TypeVar

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
