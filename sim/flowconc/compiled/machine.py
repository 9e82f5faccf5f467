"""The kernel as machine code. Only imported where it is compiled, because it imports numba.

Numba counts the references to every array that is handed to a function, which takes far longer than what the functions
of the kernel do. So the arrays are handed to them as bare addresses: the caller keeps the arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from inspect import getmembers, isfunction
from pathlib import Path
from types import ModuleType
from typing import Any

import numba
from numba.core import types
from numba.extending import intrinsic, register_jitable
from numba.np.arrayobj import make_array

from flowconc.compiled.fields import Columns, Program, State
from flowconc.compiled.kernel import advance


def _address_of(typing_context: Any, array: Any) -> Any:
    """Return where an array's elements are."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return make_array(signature.args[0])(context, builder, arguments[0]).data  # type: ignore[no-untyped-call]

    return types.CPointer(array.dtype)(array), code  # type: ignore[no-untyped-call]


_address: Any = intrinsic(_address_of)


def _enter(p: Program, s: State, c: Columns) -> int:
    return advance(
        Program(
            _address(p.leaf),
            _address(p.retry),
            _address(p.runs),
            _address(p.waits),
            _address(p.fails),
        ),
        State(
            _address(s.scalar),
            _address(s.far),
            _address(s.slot),
            _address(s.held),
            _address(s.flow),
            _address(s.lane),
            _address(s.lane_heap),
            _address(s.line),
            _address(s.free),
            _address(s.begun),
            _address(s.run_pos),
            _address(s.feed),
            _address(s.pool),
            _address(s.tally),
        ),
        Columns(
            _address(c.created_us),
            _address(c.gate_us),
            _address(c.queued_us),
            _address(c.started_us),
            _address(c.ended_us),
            _address(c.planned_us),
            _address(c.lock_wait_us),
            _address(c.gate_lock_us),
            _address(c.worker_wait_us),
            _address(c.queue_at_arrival),
            _address(c.holders_at_arrival),
            _address(c.tasks_run),
            _address(c.origin),
            _address(c.prior),
            _address(c.state),
        ),
    )


_INLINED = frozenset(
    [
        "put",
        "sink",
        "join",
        "call",
        "take_slot",
        "give_slot",
        "create",
        "gate",
        "_admit",
        "_end",
        "result",
        "allowed",
        "release",
        "start",
        "dispatched",
        "begin",
        "_seated",
        "_take_locks",
        "_take_counter",
        "_work",
        "let_go",
        "_commit",
        "_happen",
        "_plan",
        "_arrive",
        "_next_of_lane",
        "_goes_to_gate",
        "_answered",
        "queue_of",
        "counter_line",
        "trigger_line",
        "advance",
        "ends",
        "_precedes",
        "_copy",
        "_write",
    ]
)
"""Functions that every execution passes: they become part of their caller. The others are called, which takes longer."""


def entry_point(
    modules: Iterable[ModuleType], folder: Path | None
) -> Callable[[Program, State, Columns], int]:
    """Return the kernel that is compiled when it is first called, from the functions of `modules`.

    Its code is kept in `folder`, if there is one.
    """
    for module in modules:
        for _, function in getmembers(module, isfunction):
            if function.__module__ == module.__name__:
                register_jitable(forceinline=function.__name__ in _INLINED)(function)
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "cache": folder is not None}
    config: Any = numba.config
    before = config.CACHE_DIR
    if folder is not None:
        config.CACHE_DIR = str(folder)
    try:
        compiled: Callable[[Program, State, Columns], int] = numba.njit(**options)(_enter)
    finally:
        config.CACHE_DIR = before
    return compiled
