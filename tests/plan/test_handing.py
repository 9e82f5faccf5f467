"""Jobs handed out: everything is done once, and nobody has more in hand than keeps them busy."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from flowconc.plan.evaluation import Statistic
from flowconc.plan.handing import WorkersDied, hand_out, in_rounds
from flowconc.plan.jobs import Job, OtherVersions, WorkersFailed, alone
from flowconc.scenario.problems import BadInput
from tests.flows import arrive, flow, scene
from tests.plan.evaluators import counting, refusing
from tests.plan.executors import Busy, Desk

SCENARIO = scene(flow("f"), arrive("f", "0s"))


def jobs(count):
    return [Job(SCENARIO, 1, replication, (Statistic("queue_wait", "mean"),)) for replication in range(count)]


def handed_out(made, executor, evaluate=counting, hands=1):
    return dict(hand_out(executor, made, range(len(made)), evaluate, lambda: hands))


@pytest.mark.parametrize("count", [0, 1, 2, 100])
def test_every_job_is_done_once(count):
    made = jobs(count)

    assert handed_out(made, Desk()) == dict(alone(made, counting))


def test_short_jobs_go_several_at_a_time_and_one_by_one_in_the_end():
    desk = Desk()
    handed_out(jobs(300), desk, hands=2)
    sizes = [len(each) for each in desk.given]

    assert sizes[:4] == [32, 32, 32, 32]
    assert sizes[-1] == 1
    assert sizes == sorted(sizes, reverse=True)


def test_what_a_turn_did_not_come_to_is_handed_out_again(monkeypatch):
    monkeypatch.setattr("flowconc.plan.jobs.TURN_S", 0.0)
    made = jobs(8)
    desk = Desk()

    assert handed_out(made, desk) == dict(alone(made, counting))
    assert desk.given[0] == [0, 1, 2, 3]
    assert sorted(each[0] for each in desk.given) == list(range(8))


def test_several_workers_come_to_the_same():
    made = jobs(50)
    with ThreadPoolExecutor(4) as threads:
        found = handed_out(made, threads, hands=4)

    assert found == dict(alone(made, counting))


def test_each_worker_has_two_turns_in_hand_and_none_once_it_is_given_up(monkeypatch):
    monkeypatch.setattr("flowconc.plan.handing.LOOK_EVERY_S", 0.0)
    looks = iter([3])

    def hands():
        for count in looks:
            return count
        raise WorkersFailed("they are gone")

    busy = Busy()
    with pytest.raises(WorkersFailed, match="they are gone"):
        list(hand_out(busy, jobs(8), range(8), counting, hands))

    assert len(busy.futures) == 6
    assert all(future.cancelled() for future in busy.futures)


def test_values_of_another_version_are_refused():
    old = Desk(lambda turn: replace(turn, versions=(("pytest-flowconc", "0.0.1"),)))

    with pytest.raises(OtherVersions, match=r"a worker has pytest-flowconc 0\.0\.1; expected as here"):
        handed_out(jobs(2), old)


def test_what_is_wrong_with_the_input_is_raised():
    with pytest.raises(BadInput, match="no such run"):
        handed_out(jobs(8), Desk(), refusing)


# --- when they die


class Died(Exception):  # noqa: N818 - it says what happened
    pass


def dying_after(counts):
    """Do so many places in each round, and die."""

    def one_round(places):
        for place in places[: counts.pop(0)]:
            yield place, (float(place),)
        if counts:
            raise Died

    return one_round


def test_a_new_round_begins_with_what_is_left():
    counts = [2, 0, 1, 9]

    assert dict(in_rounds(dying_after(counts), range(5), Died, "")) == {
        place: (float(place),) for place in range(5)
    }
    assert counts == []


def test_after_some_rounds_it_is_given_up():
    with pytest.raises(WorkersDied, match=r"^the worker processes died again and again: why\?$"):
        list(in_rounds(dying_after([0] * 9), range(5), Died, "why?"))
