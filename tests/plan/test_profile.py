"""How deep a queue is over the day: by hand, and the same from every backend."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from flowconc.plan.evaluation import compiled, part_of, simulated
from flowconc.plan.profile import DAY_US, PARTS, Window, depths, window_of
from flowconc.scenario.distributions import Exponential
from flowconc.scenario.model import PoissonProcess, RunSettings
from flowconc.trace.tables import SlotsTable
from tests.flows import arrive, flow, scene, work

S = 1_000_000
HOUR = 3_600 * S


def queue(*steps):
    """Return how a queue stood: pairs of a second and the depth from then on."""
    t_us, queued = (np.array(column, dtype=np.int64) for column in zip(*steps, strict=True))
    nothing = np.zeros(len(t_us), dtype=np.int64)
    flows = np.full(len(t_us), "n.f", dtype=np.object_)
    return SlotsTable(nothing, t_us * S, flows, nothing, queued, nothing, nothing, nothing)


def test_the_depth_of_a_part_is_its_mean_over_time():
    table = queue((0, 0), (5, 4), (10, 2), (25, 0))

    assert depths(table, 0, 40 * S, 4).tolist() == [2.0, 2.0, 1.0, 0.0]


def test_parts_begin_where_they_are_asked_to():
    assert depths(queue((0, 0), (5, 4), (10, 2)), 6 * S, 14 * S, 2).tolist() == [4.0, 2.0]


def test_of_several_changes_of_one_instant_the_last_one_counts():
    assert depths(queue((0, 3), (0, 1)), 0, 10 * S, 1).tolist() == [1.0]


def test_nobody_waits_before_the_first_change():
    assert depths(queue((10, 5)), 0, 20 * S, 2).tolist() == [0.0, 5.0]


def test_a_flow_without_a_queue_has_none():
    empty = queue((0, 0))
    none = SlotsTable(*(getattr(empty, name)[:0] for name in SlotsTable.__slots__))

    assert depths(none, 0, 20 * S, 2).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("until_us", "warmup_us", "window"),
    [
        (8 * HOUR, HOUR, Window(HOUR, 8 * HOUR, 1)),
        (DAY_US, 0, Window(0, DAY_US, 1)),
        (3 * DAY_US + HOUR, 0, Window(HOUR, 3 * DAY_US + HOUR, 3)),
        (30 * DAY_US, 0, Window(23 * DAY_US, 30 * DAY_US, 7)),
        (None, 0, None),
        (HOUR, HOUR, None),
        (HOUR + PARTS, HOUR, Window(HOUR, HOUR + PARTS, 1)),
        (HOUR + PARTS - 1, HOUR, None),
    ],
)
def test_the_window_is_the_run_or_its_last_days(until_us, warmup_us, window):
    assert window_of(RunSettings(until_us=until_us, warmup_us=warmup_us)) == window


def test_a_part_of_a_day_is_a_quarter_of_an_hour():
    assert Window(0, 3 * DAY_US, 3).part_us == 900 * S
    assert PARTS * 900 * S == DAY_US


@pytest.mark.parametrize("evaluate", [simulated, compiled])
def test_every_backend_gives_the_depths_of_the_parts(evaluate):
    made = scene(
        flow("f", work("w", Exponential(10 * S)), limit=2),
        flow("g", work("w", "1s")),
        arrive("f", PoissonProcess(0.18)),
    )
    made = replace(made, run=RunSettings(until_us=HOUR))
    parts = evaluate(made, 1, 0, [part_of("n.f", part, 4, 0, HOUR) for part in range(4)])
    (mean,) = evaluate(made, 1, 0, [part_of("n.f", 0, 1, 0, HOUR)])

    assert all(part > 0 for part in parts)
    assert sum(parts) / 4 == pytest.approx(mean)
    assert parts == simulated(made, 1, 0, [part_of("n.f", part, 4, 0, HOUR) for part in range(4)])
    assert evaluate(made, 1, 0, [part_of("n.g", 0, 1, 0, HOUR)]) == (0.0,)
