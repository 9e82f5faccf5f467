"""How often Python looks for garbage that only counting references does not find."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def seldom_collecting_garbage() -> Iterator[None]:
    """Let Python look for cycles seldom: what is made here is made to stay, and has hardly a cycle."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def not_collecting_garbage() -> Iterator[None]:
    """Let Python look for no cycles at all: for work that makes very much and leaves none behind."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()
