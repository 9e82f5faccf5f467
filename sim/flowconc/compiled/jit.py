"""The kernel, compiled where numba is installed (the extra `fast`), as it stands where it is not.

The machine code is kept on disk: in `$NUMBA_CACHE_DIR`, or else under the user's cache directory, never beside the
source, which may be read-only. Its folder is named after the sources, Python and numba, so that none of them is ever
run with the code of another version. Where no folder can be written, each process compiles for itself.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from flowconc.compiled import agenda, fields, kernel, lines, steps, tally, transactions, workers
from flowconc.compiled.fields import Columns, Program, State

Advance = Callable[[Program, State, Columns], int]
Announce = Callable[[str], None]
"""Takes a sentence for people."""

_MODULES = (agenda, lines, tally, workers, steps, transactions, kernel)


def is_available() -> bool:
    """Say whether numba is installed, and not switched off by `NUMBA_DISABLE_JIT`."""
    return find_spec("numba") is not None and os.environ.get("NUMBA_DISABLE_JIT", "0") in ("", "0")


def kernel_of(*, compiled: bool | None = None, announce: Announce | None = None) -> Advance:
    """Return the kernel: compiled, in plain Python, or (None) compiled if it can be.

    `announce` is told when compiling is going to take a while. Raises ModuleNotFoundError when it is to be compiled
    and numba is not installed.
    """
    if compiled is None:
        compiled = is_available()
    if not compiled:
        return _plain
    if announce is not None and not _is_ready():
        announce("compiling the simulation for this machine; this takes half a minute, once")
    return _machine_code()


def prepare(announce: Announce | None = None) -> None:
    """Make the machine code, or find it on the disk, before it is needed; nothing where numba is not installed."""
    kernel_of(announce=announce)


def _plain(p: Program, s: State, c: Columns) -> int:
    """Run the kernel in Python. Its views of the arrays give plain integers, which are much faster than numpy's."""
    return kernel.advance(*(type(each)(*map(memoryview, each)) for each in (p, s, c)))  # type: ignore[arg-type]


def _is_ready() -> bool:
    folder = cache_folder()
    return _machine_code.cache_info().currsize > 0 or (folder is not None and any(folder.rglob("*.nbc")))


@cache
def _machine_code() -> Advance:
    from flowconc.compiled.machine import entry_point  # noqa: PLC0415 - imports numba

    return entry_point(_MODULES, cache_folder())


def cache_folder() -> Path | None:
    """Return the folder for the machine code; None when it cannot be written to."""
    home = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    folder = Path(home).expanduser() / "flowconc" / _version()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


@cache
def _version() -> str:
    """Return what names one version of the kernel's machine code."""
    digest = sha256()
    for name in (*(module.__name__ for module in _MODULES), fields.__name__, "flowconc.compiled.machine"):
        digest.update(_source(name))
    python = f"{sys.implementation.cache_tag}-{platform.machine()}"
    return f"{digest.hexdigest()[:16]}-{python}-numba{metadata.version('numba')}"


def _source(module: str) -> bytes:
    spec = find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).read_bytes()
