"""Test and plan the concurrency limits of Kestra flows.

    import flowconc

    result = flowconc.run("queue.flowconc.yaml")
    assert result.passed, result

Importing this package is cheap: what it offers is imported when first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    __version__: str

    from flowconc.plan.planner import plan_scenario
    from flowconc.runner import Result, run, run_all
    from flowconc.scenario import builder
    from flowconc.scenario.load import load
    from flowconc.scenario.problems import BadInput

__all__ = ["BadInput", "Result", "__version__", "builder", "load", "plan_scenario", "run", "run_all"]

_HOMES: dict[str, tuple[str, str | None]] = {
    "BadInput": ("flowconc.scenario.problems", "BadInput"),
    "Result": ("flowconc.runner", "Result"),
    "builder": ("flowconc.scenario.builder", None),
    "load": ("flowconc.scenario.load", "load"),
    "plan_scenario": ("flowconc.plan.planner", "plan_scenario"),
    "run": ("flowconc.runner", "run"),
    "run_all": ("flowconc.runner", "run_all"),
}
"""Public name -> where it lives: a module, and the name in it; None for the module itself."""


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415 - takes longer than all the rest of this module

        globals()[name] = found = version("pytest-flowconc")
        return found
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home, attribute = _HOMES[name]
    module = importlib.import_module(home)
    value = module if attribute is None else getattr(module, attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
