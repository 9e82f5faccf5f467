"""What a worker does with jobs, and what it says of itself."""

from __future__ import annotations

import pickle

import pytest

from flowconc.plan.evaluation import Statistic
from flowconc.plan.jobs import Job, OtherVersions, alone, check_versions, take_turn, values_of, versions
from flowconc.scenario.problems import BadInput
from tests.flows import arrive, flow, scene
from tests.plan.evaluators import counting, refusing

SCENARIO = scene(flow("f"), arrive("f", "0s"))
JOBS = [Job(SCENARIO, 1, replication, (Statistic("queue_wait", "mean"),)) for replication in range(8)]


def test_alone_every_job_is_done_in_order():
    assert list(alone(JOBS[:2], counting)) == [(0, (1004.0,)), (1, (1014.0,))]


def test_a_turn_does_all_there_is_time_for(monkeypatch):
    assert len(take_turn(counting, JOBS).answers) == 8
    monkeypatch.setattr("flowconc.plan.jobs.TURN_S", 0.0)
    assert len(take_turn(counting, JOBS).answers) == 1


def test_a_turn_says_what_it_was_computed_with():
    assert take_turn(counting, JOBS).versions == versions()


def test_what_is_wrong_with_one_job_is_its_answer():
    turn = pickle.loads(pickle.dumps(take_turn(refusing, JOBS)))

    assert values_of(turn.answers[2]) == (1024.0,)
    with pytest.raises(BadInput, match="no such run"):
        values_of(turn.answers[3])


def test_a_scenario_is_sent_once_for_all_its_jobs():
    one, eight = (len(pickle.dumps(JOBS[:count])) for count in (1, 8))

    assert eight < 1.5 * one


def test_the_same_versions_are_fine():
    check_versions(versions(), versions())


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        ("0.2", "tcp://w:1 has numpy 0.2, Python 3.9; expected as here numpy 2.0, Python 3.9"),
        (None, "tcp://w:1 has no numpy, Python 3.9; expected as here numpy 2.0, Python 3.9"),
    ],
)
def test_other_versions_are_told(found, sentence):
    with pytest.raises(OtherVersions) as told:
        check_versions(
            (("numpy", found), ("Python", "3.9")), (("numpy", "2.0"), ("Python", "3.9")), "tcp://w:1"
        )

    assert str(told.value) == f"{sentence}, since other versions may give other values"
