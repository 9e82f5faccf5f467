"""Helpers for tests that use flowconc: assertions on results, and Hypothesis strategies for scenarios.

    from hypothesis import given
    from flowconc.testing import assert_passes, run, scenarios

    @given(scenarios())
    def test_no_scenario_breaks_an_invariant(scenario):
        assert_passes(run(scenario))

The strategies need the package `hypothesis`; the assertions do not.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from flowconc.check.verdict import Finding
from flowconc.report.terminal import failure_block, failures
from flowconc.runner import Result, run

if TYPE_CHECKING:
    from flowconc.testing.strategies import (
        actions,
        arrivals,
        durations,
        faults,
        flows,
        platforms,
        scenarios,
        tasks,
    )

STRATEGIES = ("actions", "arrivals", "durations", "faults", "flows", "platforms", "scenarios", "tasks")

__all__ = [
    "actions",
    "arrivals",
    "assert_fails",
    "assert_passes",
    "durations",
    "faults",
    "flows",
    "platforms",
    "run",
    "scenarios",
    "tasks",
]


def assert_passes(result: Result) -> None:
    """Assert that every check passed. Raises AssertionError with the failure block, as pytest shows it."""
    if not result.passed:
        raise AssertionError(failure_block(result))


def assert_fails(result: Result, check: str) -> Finding:
    """Assert that this check failed or stayed inconclusive, and return its first finding.

    `check` is an invariant's id (`fifo`), `expect`, or a metric as its threshold has it (`queue_wait`). Raises
    AssertionError, which names the checks that did fail.
    """
    failed = failures(result)
    for finding in failed:
        if finding.check == check:
            return finding
    others = ", ".join(dict.fromkeys(finding.check for finding in failed)) or "nothing"
    raise AssertionError(f"{result.scenario.id}: {check} did not fail; what failed: {others}")


def __getattr__(name: str) -> Any:
    if name not in STRATEGIES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        strategies = importlib.import_module("flowconc.testing.strategies")
    except ModuleNotFoundError as error:
        if error.name != "hypothesis":
            raise
        raise ImportError(f"flowconc.testing.{name} needs hypothesis: pip install hypothesis") from None
    return getattr(strategies, name)
