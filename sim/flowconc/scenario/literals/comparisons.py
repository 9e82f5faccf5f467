"""Comparisons: the values of `expect` (`>= 1`, `> 10s`) and the conditions of `thresholds` (`p95 < 30s`)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from typing import Final, Literal

from flowconc.scenario.conditions import Comparison
from flowconc.scenario.literals.quantities import QuantityError, parse_rate, parse_share, parse_time
from flowconc.scenario.problems import excerpt, nearest
from flowconc.scenario.vocabulary import (
    LEVEL_METRICS,
    METRICS,
    SELECTORS,
    STATISTICS,
    TIME_METRICS,
)

OPERATORS: Final = ("<=", ">=", "==", "<", ">")  # the longer ones first: they are looked for in this order

_MAX_CHARS: Final = 1_000
_MAX_NUMBER: Final = 10**15
_NUMBER: Final = re.compile(r"[0-9]{1,16}(\.[0-9]{1,16})?")
_SHARE_LEVELS: Final = frozenset({"utilization", "database_utilization"})


class ComparisonError(ValueError):
    """A comparison that cannot be read; the text says what is wrong and what was expected."""


Unit = Literal["count", "time"]
"""What an expected value is: a number of things, or a time, which `Comparison` holds in microseconds."""


def parse_comparison(value: object, *, unit: Unit) -> Comparison:
    """Read the value of an expectation: a number or a time, after an operator or alone, which means `==`.

    Raises ComparisonError.
    """
    read = _read_count if unit == "count" else _read_time_us
    operator, operand = _split_operator(value) if isinstance(value, str) else ("==", value)
    return Comparison(operator, read(operand))


def parse_threshold(text: str, *, metric: str) -> tuple[str, Comparison]:
    """Read a condition on `metric` (its name, without selectors), such as `p95 < 30s`, as statistic and comparison.

    The value is in seconds for times, a share (0 to 1) for utilizations and the rates of rejected and skipped
    fires, per second for the rate of throughput, and a plain number otherwise. Raises ComparisonError.
    """
    match = re.fullmatch(r"\s*([^<>=!\s]*)\s*([<>=!].*)", text) if len(text) <= _MAX_CHARS else None
    if match is None or not match[1]:
        raise ComparisonError(
            f"{excerpt(text)} is not a condition, expected for instance {_example(metric)!r}"
        )
    statistic = match[1]
    if statistic not in _sensible(metric):
        raise ComparisonError(_wrong_statistic(statistic, metric))
    operator, operand = _split_operator(match[2])
    return statistic, Comparison(operator, _reader(metric, statistic)(operand))


def parse_metric(text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Read `queue_wait{flow=X,source=webhook}` as the metric and its selectors, in the order written.

    Raises ComparisonError.
    """
    match = re.fullmatch(r"\s*([^{}\s]+)\s*(?:\{([^{}]*)\})?\s*", text) if len(text) <= _MAX_CHARS else None
    if match is None:
        raise ComparisonError(
            f"{excerpt(text)} is not a metric, expected for instance 'queue_wait{{flow=X}}'"
        )
    metric, inside = match[1], match[2]
    if metric not in METRICS:
        raise ComparisonError(f"{excerpt(metric)} is not a metric, {_one_of(METRICS, metric)}")
    if inside is None:
        return metric, ()
    selectors: dict[str, str] = {}
    for part in inside.split(","):
        name, equals, wanted = (piece.strip() for piece in part.partition("="))
        if not equals or not wanted:
            raise ComparisonError(f"{excerpt(part.strip())} selects nothing, expected for instance 'flow=X'")
        if name not in SELECTORS:
            raise ComparisonError(f"{excerpt(name)} is not a selector, {_one_of(SELECTORS, name)}")
        if name in selectors:
            raise ComparisonError(f"{name} is selected twice, expected it once")
        selectors[name] = wanted
    return metric, tuple(selectors.items())


# --- which statistics a metric has, and in which unit ---------------------------------------------------------


def _sensible(metric: str) -> tuple[str, ...]:
    """Return the statistics that say something of `metric`."""
    if metric in TIME_METRICS:
        return tuple(each for each in STATISTICS if each != "rate")
    if metric in LEVEL_METRICS:
        return tuple(each for each in STATISTICS if each not in ("count", "rate"))
    return ("count", "rate")


def _wrong_statistic(statistic: str, metric: str) -> str:
    choice = _one_of(_sensible(metric), statistic)
    if statistic in STATISTICS:
        return f"{metric} has no {statistic}, {choice}"
    return f"{excerpt(statistic)} is not a statistic of {metric}, {choice}"


def _reader(metric: str, statistic: str) -> Callable[[object], float]:
    """Return what reads a value of this statistic of `metric`, into the metric's unit."""
    if statistic == "count":
        return _read_count
    if metric in TIME_METRICS:
        return _read_time_s
    if metric == "throughput":
        return _read_rate
    if metric in _SHARE_LEVELS:
        return _read_share_or_number
    return _read_number if metric in LEVEL_METRICS else _read_share


def _example(metric: str) -> str:
    """Return a condition that makes sense for `metric`."""
    if metric in TIME_METRICS:
        return "p95 < 30s"
    if metric in _SHARE_LEVELS:
        return "mean < 80%"
    if metric in LEVEL_METRICS:
        return "max < 100"
    return "rate > 4/s" if metric == "throughput" else "rate < 1%"


# --- values ---------------------------------------------------------------------------------------------------


def _split_operator(text: str) -> tuple[str, str]:
    """Split `>= 1` into operator and value; a value alone is to be equal."""
    text = text.strip()
    for operator in OPERATORS:
        if text.startswith(operator):
            operand = text.removeprefix(operator).strip()
            if operand.startswith(("<", ">", "=", "!")):
                break
            if not operand:
                raise ComparisonError(f"nothing follows the {operator}, expected a value")
            return operator, operand
    if text.startswith(("<", ">", "=", "!", "≤", "≥")):
        raise ComparisonError(f"{excerpt(text)} starts with no operator, expected one of < <= > >= ==")
    return "==", text


def _read_count(value: object) -> float:
    """Read a whole number that is not negative."""
    number = _read_number(value)
    if not number.is_integer():
        raise ComparisonError(f"{excerpt(str(value))} is not a whole number, expected a count such as 2")
    return number


def _read_number(value: object) -> float:
    """Read a number that is not negative."""
    number: float
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        number = float(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value) if abs(value) <= _MAX_NUMBER else math.inf
    else:
        shown = excerpt(value) if isinstance(value, str) else type(value).__name__
        raise ComparisonError(f"{shown} is not a number, expected one such as 2 or '>= 2'")
    if not 0 <= number <= _MAX_NUMBER:
        raise ComparisonError(f"the number is out of range, expected 0 to {_MAX_NUMBER:g}")
    return number


def _read_time_us(value: object) -> float:
    return float(_quantity(parse_time, value))


def _read_time_s(value: object) -> float:
    return _quantity(parse_time, value) / 1_000_000


def _read_rate(value: object) -> float:
    return _quantity(parse_rate, value)


def _read_share(value: object) -> float:
    return _quantity(parse_share, value)


def _read_share_or_number(value: object) -> float:
    """Read a level of which 1 is full: `80%` or `0.8`."""
    if isinstance(value, str) and "%" in value:
        return _read_share(value)
    number = _read_number(value)
    if number > 1:
        raise ComparisonError(f"{value} is above 1, which is full, expected 0 to 1 or 0% to 100%")
    return number


def _quantity(parse: Callable[[object], float], value: object) -> float:
    try:
        return parse(value)
    except QuantityError as error:
        raise ComparisonError(str(error)) from None


def _one_of(known: Iterable[str], word: str) -> str:
    hint = nearest(word, known)
    return f"expected one of {', '.join(known)}" + (f", did you mean {hint!r}?" if hint else "")
