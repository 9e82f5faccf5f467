"""How messages speak of values: described, listed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from flowconc.scenario.problems import excerpt


def describe(value: object) -> str:
    """Say what `value` is, as a reader of YAML would: `the text 'a'`, `a list`, `empty`."""
    match value:
        case None:
            return "empty"
        case bool():
            return "true" if value else "false"
        case str():
            return f"the text {excerpt(value)}"
        case int() | float():
            text = str(value) if isinstance(value, float) or abs(value) < 10**20 else "huge"
            return f"the number {text}"
        case Mapping():
            return "a mapping"
        case Sequence():
            return "a list"
        case _:
            return f"a {type(value).__name__}"


def one_of(words: Iterable[str]) -> str:
    """Return `one of a, b, c`, in the order given; a single word stands alone."""
    listed = list(words)
    return listed[0] if len(listed) == 1 else f"one of {', '.join(listed)}"
