"""The stationary part of the simulation in array form, hundreds of times faster and the same to the bit.

`supports` says in words why a scenario is not taken; `run` gives the executions of one that is,
`summarize` their statistics in constant memory. Where numba is
installed (the extra `fast`) the kernel is machine code, else plain Python, with the same results.
"""

from __future__ import annotations

from flowconc.compiled.executions import Executions
from flowconc.compiled.jit import is_available, prepare
from flowconc.compiled.run import TooLong, run
from flowconc.compiled.subset import Reason, Unsupported, refusal, supports
from flowconc.compiled.summary import Summary, summarize

__all__ = [
    "Executions",
    "Reason",
    "Summary",
    "TooLong",
    "Unsupported",
    "is_available",
    "prepare",
    "refusal",
    "run",
    "summarize",
    "supports",
]
