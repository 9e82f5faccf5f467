"""Kestra's retry policies: constant, exponential, random."""

from __future__ import annotations

from typing import Final

from flowconc.scenario.flow import Retry, RetryBehavior
from flowconc.scenario.kestra_flow.dialect import MAX_ATTEMPTS
from flowconc.scenario.kestra_flow.section import LONGEST_DURATION_NS, Section
from flowconc.scenario.problems import excerpt, nearest
from flowconc.scenario.wording import one_of

_OF_EVERY: Final = frozenset({"type", "behavior", "maxAttempts", "maxDuration", "warningOnRetry"})
_OF_TYPE: Final = {
    "constant": frozenset({"interval"}),
    "exponential": frozenset({"interval", "maxInterval", "delayFactor"}),
    "random": frozenset({"minInterval", "maxInterval"}),
}
_REQUIRED: Final = {
    "constant": ("interval",),
    "exponential": ("interval", "maxInterval"),
    "random": ("minInterval", "maxInterval"),
}
_BELOW: Final = {  # pairs of which the first must be less than the second
    "constant": (("interval", "maxDuration"),),
    "exponential": (("interval", "maxInterval"), ("interval", "maxDuration")),
    "random": (
        ("minInterval", "maxInterval"),
        ("minInterval", "maxDuration"),
        ("maxInterval", "maxDuration"),
    ),
}
_BEHAVIORS: Final = tuple(behavior.value for behavior in RetryBehavior)
_EXPONENTIAL_FACTOR: Final = 2.0
_OLD_NAME: Final = "maxAttempt"
_DROPPED: Final = {_OLD_NAME: "`maxAttempts`, its name since 0.23"}


def read_retry(parent: Section) -> Retry | None:
    """Read the `retry` of a flow or task; None when it has none, or a wrong one."""
    section = parent.section("retry")
    if section is None:
        return None
    kind = section.data.get("type")
    if not isinstance(kind, str) or kind not in _OF_TYPE:
        shown = "no type" if kind is None else f"the type {excerpt(str(kind))}"
        suggestion = nearest(kind, _OF_TYPE) if isinstance(kind, str) else None
        section.error("type", f"the retry has {shown}", one_of(_OF_TYPE), suggestion)
        return None
    renamed = section.dialect.lacks(MAX_ATTEMPTS)
    known = _OF_EVERY | _OF_TYPE[kind] | (frozenset({_OLD_NAME}) if renamed else frozenset())
    section.check_keys(known, f"a {kind} retry", _DROPPED)
    section.require(_REQUIRED[kind], f"the {kind} retry")
    return _policy(kind, section, _OLD_NAME if renamed and section.has(_OLD_NAME) else "maxAttempts")


def _policy(kind: str, section: Section, attempts: str) -> Retry | None:
    """Read a policy; `attempts` is the name of the property that bounds their number."""
    times_us = {
        key: section.duration_us(
            key, positive=True, filled=key in _REQUIRED[kind], longest_ns=LONGEST_DURATION_NS
        )
        for key in ("interval", "minInterval", "maxInterval", "maxDuration")
    }
    for small, large in _BELOW[kind]:
        low, high = times_us[small], times_us[large]
        if low is not None and high is not None and low >= high:
            section.error(large, f"`{large}` is not more than `{small}`", f"a longer `{large}`")
    max_attempts = section.integer(attempts, minimum=1)
    behavior = section.choice("behavior", _BEHAVIORS) or RetryBehavior.RETRY_FAILED_TASK.value
    factor = section.double("delayFactor")
    section.boolean("warningOnRetry")
    interval_us = times_us["minInterval" if kind == "random" else "interval"]
    if interval_us is None:
        return None
    return Retry(
        interval_us=interval_us,
        factor=(factor or _EXPONENTIAL_FACTOR) if kind == "exponential" else 1.0,
        max_interval_us=times_us["maxInterval"],
        random=kind == "random",
        max_attempts=max_attempts,
        max_duration_us=times_us["maxDuration"],
        behavior=RetryBehavior(behavior),
    )
