"""The little of a scenario that the checks read."""

from __future__ import annotations

from flowconc.scenario.conditions import Claim, Comparison, Expectation, Subject, Threshold
from flowconc.scenario.model import Scenario
from flowconc.scenario.problems import Position

PATH = "x.flowconc.yaml"


def position(line: int = 1) -> Position:
    return Position(PATH, line)


def scenario(**parts) -> Scenario:
    """Return a scenario that expects what `parts` say, and nothing else."""
    return Scenario(name="hand-made", flows=(), position=position(), **parts)


def compare(text: str, unit: float = 1.0) -> Comparison:
    """Read `>= 2`, or `2` for equality; the value is multiplied by `unit`."""
    operator, _, value = text.rpartition(" ")
    return Comparison(operator or "==", float(value) * unit)


def threshold(
    metric: str, statistic: str, must_be: str, *, line: int = 1, warn_only: bool = False, **selectors
) -> Threshold:
    """Return `metric{selectors}: statistic must_be`."""
    return Threshold(
        metric,
        statistic,
        compare(must_be),
        f"{statistic} {must_be}",
        position(line),
        tuple(selectors.items()),
        warn_only,
    )


def expect(subject: str, name: str, *, at: float | None = None, line: int = 1, **claims) -> Expectation:
    """Return an expectation; numbers and comparisons are text, times among them in seconds."""
    return Expectation(
        Subject(subject),
        name,
        tuple(_claim(key, value, position(line)) for key, value in claims.items()),
        position(line),
        None if at is None else round(at * 1e6),
    )


TIMES = frozenset({"started_at", "ended_at", "waited"})


def _claim(key: str, value: object, where: Position) -> Claim:
    match value:
        case dict():
            pairs = tuple((state, compare(str(count))) for state, count in value.items())
            return Claim(
                key, pairs, f"{{{', '.join(f'{state}: {count}' for state, count in value.items())}}}", where
            )
        case list():
            return Claim(key, tuple(value), f"[{', '.join(value)}]", where)
        case str() if key in ("parent", "state"):
            return Claim(key, value, value, where)
        case _:
            unit = 1e6 if key in TIMES else 1.0
            return Claim(key, compare(str(value), unit), f"{value}s" if key in TIMES else str(value), where)
