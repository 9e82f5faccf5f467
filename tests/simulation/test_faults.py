"""Which faults fall, and where."""

from __future__ import annotations

import pytest

from flowconc.simulation.faults import LONGEST_BACKOFF_US, SHORTEST_BACKOFF_US, Faults
from flowconc.simulation.streams import Streams
from tests.simulation.faulty import crash, delay, duplicate, error, lose, wrong
from tests.traces import us


def faults(*given, heal=None, seed=1):
    return Faults(wrong(*given, heal=heal), Streams(seed, 0))


def errors(found, step="gate", count=6, now="0s"):
    """Return at which of `count` occasions an error falls, from 1."""
    return [n for n in range(1, count + 1) if found.before(step, us(now))]


@pytest.mark.parametrize(("nth", "falls"), [(None, [1]), (1, [1]), (4, [4])])
def test_a_fault_falls_once_at_the_nth_occasion(nth, falls):
    assert errors(faults(error("gate", nth=nth))) == falls


def test_only_steps_of_its_name_are_occasions():
    found = faults(error("gate", nth=2))

    assert errors(found, "release") == []
    assert errors(found, "gate") == [2]


def test_a_fault_at_any_step_counts_them_all():
    found = faults(error(nth=3))

    assert not found.before("create", 0)
    assert not found.before("gate", 0)
    assert found.before("release", 0)


def test_occasions_before_its_time_do_not_count():
    found = faults(error("gate", nth=2, at_us=us("10s")))

    assert errors(found, now="9s") == []
    assert errors(found, now="10s") == [2]


def test_a_share_of_one_is_every_time_and_any_other_share_is_drawn():
    always, often = faults(error(rate=1.0)), faults(error(rate=0.5))

    assert errors(always) == [1, 2, 3, 4, 5, 6]
    assert 430 < len(errors(often, count=1000)) < 570


def test_what_falls_depends_on_seed_and_place_alone():
    """The second fault of a scenario draws the same numbers whatever the first one does."""
    one, other = faults(error(nth=5), error(rate=0.5)), faults(lose("gate"), error(rate=0.5))
    alone = [len(one.before("gate", 0)) for _ in range(50)]
    alone[4] -= 1

    assert alone == [len(other.before("gate", 0)) for _ in range(50)]
    assert alone != [len(each) for each in _draws(faults(lose("gate"), error(rate=0.5), seed=2))]


def _draws(found):
    return [found.before("gate", 0) for _ in range(50)]


def test_nothing_falls_once_all_is_healed():
    found = faults(error(rate=1.0), lose(rate=1.0), heal="10s")

    assert found.before("gate", us("9.9s"))
    assert not found.before("gate", us("10s"))
    assert not found.at_message("gate", us("10s"))


def test_each_fault_has_its_place():
    """Crashes fall at a time, or before or after a step; errors at a step; the others at a message."""
    timed, before, after = (
        crash("executor", at="1s"),
        crash("executor", before="gate"),
        crash("executor", after="gate"),
    )
    failed, twice, late, gone = error("gate"), duplicate("gate"), delay("gate", "1s"), lose("gate")
    found = faults(failed, timed, before, after, twice, late, gone)

    def those(chances):
        return [chance.fault for chance in chances]

    assert found.timed == (timed,)
    assert those(found.before("gate", 0)) == [before, failed]  # the executor goes down before it can fail
    assert those(found.after("gate", 0)) == [after]
    assert those(found.at_message("gate", 0)) == [twice, late, gone]


def test_what_has_failed_is_tried_again_after_a_random_time():
    (chance,) = faults(error(rate=1.0)).before("gate", 0)
    waits = [chance.backoff_us() for _ in range(200)]

    assert SHORTEST_BACKOFF_US <= min(waits) < 100_000
    assert 900_000 < max(waits) <= LONGEST_BACKOFF_US
