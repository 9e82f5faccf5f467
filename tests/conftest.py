"""Leaves out tests whose component is not on this machine, but never in CI; sets up Hypothesis and pytester."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from tests.components import IN_CI, MISSING

pytest_plugins = ["pytester"]

settings.register_profile(
    "repository",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("repository")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests that need a missing component; in CI they stay, and fail."""
    if IN_CI or not MISSING:
        return
    left_out = [item for item in items if any(item.get_closest_marker(marker) for marker in MISSING)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]
