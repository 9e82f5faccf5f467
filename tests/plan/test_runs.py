"""Runs are computed once, whatever interrupts them."""

from __future__ import annotations

import pytest

from flowconc.plan.evaluation import Statistic
from flowconc.plan.runs import Prepared, Runs, Wanted
from flowconc.plan.store import Store
from tests.flows import arrive, flow, scene
from tests.plan.evaluators import counting, interrupted

WAIT = Statistic("queue_wait", "mean")
ONE, TWO = (Prepared(scene(flow("f", limit=limit), arrive("f", "0s"))) for limit in (1, 2))


def wanted(prepared=ONE, last=5, first=0):
    return Wanted(prepared, (WAIT,), last, first)


def runs(store, evaluate=counting, **keys):
    return Runs(store, 1, evaluate=evaluate, **keys)


def test_values_come_by_scenario_and_replication():
    ones, twos = runs(Store()).fetch("", [wanted(last=2), wanted(TWO, last=4, first=3)])

    assert [values for (values,) in ones] == [1004.0, 1014.0]
    assert len(twos) == 1


def test_what_is_known_is_not_computed_again():
    made = runs(Store())
    first = made.fetch("", [wanted()])

    assert (made.fetch("", [wanted()]), made.computed) == (first, 5)


def test_the_same_run_is_computed_once_also_if_it_is_wanted_twice():
    made = runs(Store())
    made.fetch("", [wanted(), wanted(last=3)])

    assert made.computed == 5


def test_more_replications_compute_only_those():
    made = runs(Store())
    made.fetch("", [wanted()])
    made.fetch("", [wanted(last=8)])

    assert made.computed == 8


def test_an_interrupted_plan_goes_on_where_it_was(tmp_path):
    with pytest.raises(KeyboardInterrupt), Store(tmp_path / "s") as store:
        runs(store, interrupted).fetch("", [wanted()])
    with Store(tmp_path / "s") as store:
        resumed = runs(store)
        values = resumed.fetch("", [wanted()])

    assert resumed.computed == 2
    assert values == runs(Store()).fetch("", [wanted()])


@pytest.mark.parametrize("shards", [1, 2, 3, 7, 20])
def test_shards_together_are_the_whole(shards):
    every = [wanted(), wanted(TWO, last=4)]
    together, whole = Store(), Store()
    counts = []
    for shard in range(shards):
        part = Store()
        made = runs(part)
        made.compute("", every, shard=shard, shards=shards)
        counts.append(made.computed)
        together.take_over(part)
    runs(whole).fetch("", every)

    assert list(together.rows()) == list(whole.rows())
    assert (sum(counts), max(counts) - min(counts)) == (9, 0 if 9 % shards == 0 else 1)


def test_progress_is_told():
    told = []
    runs(Store(), progress=lambda *each: told.append(each)).fetch("first runs", [wanted(last=2)])

    assert told == [("first runs", 0, 2), ("first runs", 1, 2), ("first runs", 2, 2)]
