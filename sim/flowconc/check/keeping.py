"""What methods return, kept by their instance."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

Owner = TypeVar("Owner")
Given = ParamSpec("Given")
Made = TypeVar("Made")


def kept(method: Callable[Concatenate[Owner, Given], Made]) -> Callable[Concatenate[Owner, Given], Made]:
    """Let a method be computed once for each of its arguments, which have to be hashable, and each instance.

    What it returned goes when its instance goes. `functools.cache` would keep every instance for ever; on a method that
    is bound already it makes a cycle, which holds the arrays of a run until the garbage collector comes by.
    """

    @wraps(method)
    def once(self: Owner, /, *arguments: Given.args, **keywords: Given.kwargs) -> Made:
        made: dict[object, Made] = vars(self).setdefault(f"kept {method.__qualname__}", {})
        key = (arguments, tuple(keywords.items()))
        if key not in made:
            made[key] = method(self, *arguments, **keywords)
        return made[key]

    return once
