"""Kim and Nelson's procedure on normal observations whose best mean is known, and paired differences."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from flowconc.plan.selection import Selection, paired_difference, select


class Normals:
    """Systems with normal observations; those of one replication have a common part, as with common random numbers."""

    def __init__(self, means, seed, *, common=0.0, sd=1.0):
        rng = np.random.default_rng(seed)
        shared = rng.normal(0.0, common, 4_000) if common else np.zeros(4_000)
        self.rows = np.array([mean + shared + rng.normal(0.0, sd, 4_000) for mean in means])
        self.taken = 0

    def __call__(self, systems, first, last):
        self.taken += len(systems) * (last - first)
        return [self.rows[system, first:last].tolist() for system in systems]


chosen = partial(select, first=10, most=4_000, confidence=0.95, indifference=0.5)


def correct(means, runs, **keys):
    best = int(np.argmin(means))
    return sum(chosen(Normals(means, seed, **keys), len(means)).best == best for seed in range(runs)) / runs


@pytest.mark.slow
@pytest.mark.parametrize(
    "means",
    [(0.0, 0.5), (0.5, 0.5, 0.0, 0.5, 0.5), (0.0, 0.5, 1.0, 1.5)],
    ids=["two", "slippage", "in a row"],
)
@pytest.mark.parametrize("common", [0.0, 2.0], ids=["independent", "common"])
def test_the_best_is_selected_as_often_as_is_promised(means, common):
    """At least 95 of 100 times, where it is better by just the indifference: 400 tries, less three standard errors."""
    assert correct(means, 400, common=common) >= 0.95 - 3 * (0.95 * 0.05 / 400) ** 0.5


def test_what_is_far_off_is_dropped_early():
    normals = Normals((0.0, 50.0, 60.0), 1)

    assert chosen(normals, 3) == Selection(0, (0,), 10, decided=True)
    assert normals.taken == 30


def test_common_random_numbers_save_replications():
    """The variance of the difference counts, and the common part is not in it."""
    common, apart = Normals((0.0, 0.3), 1, common=3.0, sd=0.2), Normals((0.0, 0.3), 1, sd=3.0)
    both = [chosen(each, 2, indifference=0.2) for each in (common, apart)]

    assert common.taken < apart.taken / 10
    assert [each.decided for each in both] == [True, True]


def test_equal_systems_end_with_one_of_them():
    result = chosen(Normals((1.0, 1.0), 3), 2)

    assert result.decided
    assert result.replications < 4_000


def test_the_cap_leaves_it_open():
    result = select(Normals((0.0, 0.1), 1), 2, first=10, most=12, confidence=0.95, indifference=0.01)

    assert (result.decided, result.survivors, result.replications) == (False, (0, 1), 12)


def test_systems_without_any_chance_are_compared_at_once():
    assert (
        chosen(lambda systems, first, last: [[float(3 - s)] * (last - first) for s in systems], 3).best == 2
    )


def test_one_system_is_the_best():
    assert chosen(Normals((1.0,), 1), 1).best == 0


@pytest.mark.parametrize("wrong", [{"first": 1}, {"confidence": 1.0}, {"indifference": 0.0}])
def test_nonsense_is_refused(wrong):
    keys = {"first": 10, "most": 20, "confidence": 0.95, "indifference": 1.0} | wrong

    with pytest.raises(ValueError, match="at least two"):
        select(Normals((0.0, 1.0), 1), 2, **keys)


# --- paired differences


def test_a_difference_is_taken_run_by_run():
    interval = paired_difference([11.0, 21.0, 31.0], [10.0, 20.0, 30.0], 0.95)

    assert (interval.low, interval.mean, interval.high) == (1.0, 1.0, 1.0)


def test_where_one_has_more_runs_those_in_common_count():
    assert paired_difference([1.0, 2.0, 9.0], [1.0, 2.0], 0.95).mean == 0.0


def test_several_differences_together_are_less_sure():
    one, many = (paired_difference([1.0, 2.0, 4.0], [0.0, 0.0, 0.0], 0.95, pairs=pairs) for pairs in (1, 10))

    assert many.high > one.high


@pytest.mark.parametrize("values", [[1.0], [1.0, None, 2.0]])
def test_without_data_there_is_none(values):
    assert paired_difference(values, [0.0] * len(values), 0.95) is None
