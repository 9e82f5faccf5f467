"""Judges `thresholds:`: one run by what it showed, several by the confidence interval over them.

Over n >= 2 replications a threshold speaks of the true mean of the statistic. It is a PASS when the whole confidence
interval satisfies it, a FAIL when none of the interval does, and INCONCLUSIVE in between: more runs would tell.
`==` is satisfied by an interval without width only. A run without data fails: nothing was seen, so nothing was met.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flowconc.check.compiled_metrics import measures_of
from flowconc.check.metrics import SHARES, Observation
from flowconc.check.statistics import Interval, confidence_interval
from flowconc.check.verdict import Finding, Outcome
from flowconc.check.wording import counted, number
from flowconc.compiled.executions import Executions
from flowconc.scenario.conditions import Comparison, Threshold
from flowconc.scenario.vocabulary import TIME_METRICS
from flowconc.trace.trace import Trace

SHARES_AS_RATE = frozenset({"rejected", "skipped_fires"})

S_PER_MIN = 60.0
"""Throughput is kept per second, and said per minute: executions are seldom so many that seconds count them."""

ROUNDED_TO = 9
"""Decimals in which an observation is compared: far below a microsecond, far above rounding errors."""


def judge_thresholds(
    thresholds: Sequence[Threshold], traces: Sequence[Trace | Executions], *, confidence: float
) -> list[Finding]:
    """Return one finding per threshold, in their order. The runs are traces, or executions of compiled runs."""
    if not thresholds:
        return []
    observed: list[list[Observation]] = [[] for _ in thresholds]
    for trace in traces:
        measures = measures_of(trace)
        for row, threshold in zip(observed, thresholds, strict=True):
            row.append(measures.observe(threshold.metric, threshold.statistic, threshold.selectors))
    return [
        _judge(threshold, row, confidence=confidence)
        for threshold, row in zip(thresholds, observed, strict=True)
    ]


def _judge(threshold: Threshold, observed: Sequence[Observation], *, confidence: float) -> Finding:
    outcome, seen = _decide(threshold, observed, confidence)
    if threshold.warn_only and outcome is not Outcome.PASS:
        outcome = Outcome.WARN
    name = label(threshold)
    must_be = f"must be {threshold.must_be.operator} {say(threshold, threshold.must_be.value)}"
    sentence = f"{name} {threshold.statistic}{seen.value}, {must_be}{seen.remark}"
    return Finding(name, outcome, sentence, threshold.position)


@dataclass(frozen=True, slots=True)
class _Seen:
    """How an observation is said: before and after the words that say what must be."""

    value: str
    remark: str


def _decide(
    threshold: Threshold, observed: Sequence[Observation], confidence: float
) -> tuple[Outcome, _Seen]:
    values = [round(each.value, ROUNDED_TO) for each in observed if each.value is not None]
    unfinished = sum(each.unfinished for each in observed)
    left_out = f"{unfinished} unfinished left out" if unfinished else ""
    missing = len(observed) - len(values)
    if missing:
        where = f"in {missing} of {counted(len(observed), 'run')}" if len(observed) > 1 else ""
        return Outcome.FAIL, _Seen(": no data", _remark(where, left_out))
    if len(values) == 1:
        outcome = Outcome.PASS if threshold.must_be.holds(values[0]) else Outcome.FAIL
        return outcome, _Seen(f" = {_say_beside(threshold, values[0])}", _remark(left_out))
    interval = confidence_interval(values, confidence)
    bounds = f"{say(threshold, interval.low)} to {say(threshold, interval.high)}"
    reach = f"{number(100 * confidence)} % CI {bounds}"
    seen = _Seen(
        f" = {_say_beside(threshold, interval.mean)}", _remark(reach, counted(len(values), "run"), left_out)
    )
    return compare(interval, threshold.must_be), seen


def compare(interval: Interval, must_be: Comparison) -> Outcome:
    """Compare a whole interval; see the module's rule."""
    low, high = must_be.holds(interval.low), must_be.holds(interval.high)
    if must_be.operator == "==":
        if interval.low == interval.high:
            return Outcome.PASS if low else Outcome.FAIL
        return Outcome.INCONCLUSIVE if interval.low <= must_be.value <= interval.high else Outcome.FAIL
    if low and high:
        return Outcome.PASS
    return Outcome.INCONCLUSIVE if low or high else Outcome.FAIL


def label(threshold: Threshold) -> str:
    """Return the metric as it is written: `queue_wait{flow=X}`."""
    if not threshold.selectors:
        return threshold.metric
    return f"{threshold.metric}{{{','.join(f'{name}={value}' for name, value in threshold.selectors)}}}"


def _remark(*parts: str) -> str:
    said = [part for part in parts if part]
    return f" ({', '.join(said)})" if said else ""


def say(threshold: Threshold, value: float, digits: int = 4) -> str:
    """Say a value in the metric's unit."""
    statistic, metric = threshold.statistic, threshold.metric
    if metric in SHARES or (metric in SHARES_AS_RATE and statistic == "rate"):
        return f"{_rounded(100 * value, digits)}%"
    if metric in TIME_METRICS and statistic != "count":
        return f"{_rounded(value, digits)}s"
    if statistic == "rate":
        return f"{_rounded(S_PER_MIN * value, digits)}/min"
    return _rounded(value, digits)


def _say_beside(threshold: Threshold, value: float) -> str:
    """Say an observed value, with as many digits as it takes not to look like the bound when it is not."""
    bound = threshold.must_be.value
    for digits in (4, 6, 9):
        said = say(threshold, value, digits)
        if value == bound or said != say(threshold, bound, digits):
            break
    return said


def _rounded(value: float, digits: int) -> str:
    """Round to so many significant digits, never in the whole part."""
    whole = len(str(int(abs(value)))) if abs(value) >= 1 else 0
    return number(round(value, max(digits - whole, 0)))
