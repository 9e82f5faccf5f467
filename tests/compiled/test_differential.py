"""The compiled backend gives the same as the simulation, to the bit: in plain Python and as machine code.

That is every column of the executions, for how long how many of the database's connections were in use, and whether
anything was left to chance.
"""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings

from flowconc import compiled
from flowconc.check.compiled_metrics import measures_of
from flowconc.scenario.model import Scenario
from flowconc.simulation.simulate import simulate
from flowconc.simulation.streams import Streams
from flowconc.trace.tables import ExecutionsTable, executions_table
from flowconc.trace.trace import Trace
from tests.compiled.drawn import scenarios


def difference(found: ExecutionsTable, expected: ExecutionsTable) -> str:
    """Say where two tables differ; nothing when they are the same, types included."""
    said = []
    for column in fields(ExecutionsTable):
        mine, theirs = getattr(found, column.name), getattr(expected, column.name)
        if mine.dtype != theirs.dtype:
            said.append(f"{column.name}: {mine.dtype} for {theirs.dtype}")
        elif not np.array_equal(mine, theirs):
            said.append(f"{column.name}: {mine.tolist()} for {theirs.tolist()}")
    return "\n".join(said)


def connections(run: Trace | compiled.Executions) -> tuple[list[float], list[float]]:
    """Return the shares of connections that were in use, and for how long each was."""
    level = measures_of(run).level("database_utilization").by_value
    return level.values.tolist(), level.weights.tolist()


def compare(scenario: Scenario, *, machine_code: bool) -> None:
    assert compiled.supports(scenario) == ()
    for replication in (0, 1):
        drawn, mine = (Streams(scenario.run.seed, replication) for _ in range(2))
        trace = simulate(scenario, replication=replication, streams=drawn)
        found = compiled.run(scenario, replication=replication, streams=mine, compiled=machine_code)

        assert difference(found.table, executions_table(trace)) == ""
        assert connections(found) == connections(trace)
        assert mine.drawn == drawn.drawn


@given(scenarios())
@settings(max_examples=100)
def test_plain_python(scenario: Scenario) -> None:
    compare(scenario, machine_code=False)


@pytest.mark.slow
@given(scenarios())
@settings(max_examples=2_000)
def test_plain_python_many(scenario: Scenario) -> None:
    compare(scenario, machine_code=False)


@pytest.mark.slow
@given(scenarios())
@settings(max_examples=2_000)
def test_machine_code(scenario: Scenario) -> None:
    compare(scenario, machine_code=True)
