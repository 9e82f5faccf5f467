"""The pytest plugin: `pytest --flowconc` runs scenario files as tests.

This module is what pytest loads in every session, wanted or not, so it imports pytest and its own option table
and nothing else. The hooks that do work live in `collect` and `reporting`, which are imported when `--flowconc`
is given; the simulation itself is imported when the first scenario file is found.
"""

from __future__ import annotations

import pytest

from pytest_flowconc.fixture import flowconc
from pytest_flowconc.options import SETTINGS, add_options, read_settings

__all__ = ["flowconc", "pytest_addoption", "pytest_configure"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options and their ini twins."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Join the session when it was asked for; otherwise stay out of it."""
    settings = read_settings(config)
    config.stash[SETTINGS] = settings
    if settings.enabled:
        from pytest_flowconc import collect, reporting  # noqa: PLC0415 - only a session that wants it pays

        config.pluginmanager.register(collect, "flowconc-collect")
        reporting.register(config, settings)
