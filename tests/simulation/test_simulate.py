"""One run: its end, its header, and the same bytes each time."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from flowconc.protocol.events import Kind
from flowconc.scenario.distributions import Exponential, Lognormal
from flowconc.scenario.model import Backoff, Burst, Database, Every, Platform, PoissonProcess
from flowconc.simulation.simulate import simulate
from tests.flows import (
    act,
    after,
    arrive,
    choice,
    flow,
    last,
    lives,
    parallel,
    polling,
    retry,
    scene,
    schedule,
    trace_of_run,
    work,
)

ROOT = Path(__file__).parents[2]


# --- the end


def test_a_run_drains_by_default():
    trace = trace_of_run(flow("f", limit=1), arrive("f", Every(1_000_000)), until="2s")

    assert (last(trace).detail, trace.end_us) == ("drained", 30_000_000)


def test_without_drain_it_stops_at_its_end_and_leaves_the_rest_as_it_is():
    trace = trace_of_run(flow("f", limit=1), arrive("f", "0s 0s", names="a b"), until="10s", drain=False)

    assert (last(trace).detail, trace.end_us) == ("until", 10_000_000)
    assert lives(trace) == {"a": "CREATED:0 RUNNING:0 SUCCESS:10", "b": "CREATED:0 QUEUED:0 RUNNING:10"}


def test_everything_at_the_last_instant_still_happens():
    trace = trace_of_run(
        flow("f", work("w", "0s"), triggers=(schedule(),)),
        arrive("f", "1s", names="a"),
        act("1s", "disable_trigger", "n.f.s"),
        until="1s",
        drain=False,
    )

    assert lives(trace) == {"a": "CREATED:1 RUNNING:1 SUCCESS:1"}


def test_max_events_ends_the_run_and_says_so():
    trace = trace_of_run(flow("f", work("w", "0s")), arrive("f", Burst(1000)), max_events=100)

    assert last(trace).detail == "max_events"
    assert 100 <= len(trace) <= 120


def test_a_bound_of_one_event_is_a_bound_too():
    trace = trace_of_run(flow("f"), flow("g"), flow("h"), arrive("f"), max_events=1)

    assert last(trace).detail == "max_events"


def test_an_empty_scenario_ends_at_once():
    trace = trace_of_run(flow("f"))

    assert [e.kind for e in trace.events()] == [Kind.FLOW_SAVED, Kind.RUN_ENDED]
    assert trace.end_us == 0


# --- the trace as a whole


def busy(*more, limit=2, **keys):
    """Return a scenario in which a bit of everything is left to chance."""
    return scene(
        flow(
            "f",
            work(
                "w",
                Exponential(3_000_000),
                retry=retry("1s", max_attempts=2, random=True, max_interval_us=3_000_000),
            ),
            choice("c", (0.5, (work("x", Lognormal(14.0, 1.0)),)), (0.5, ())),
            limit=limit,
            triggers=(polling("p", "3s", finds=0.5),),
        ),
        flow(
            "g",
            parallel("p", work("y", "1s"), work("z", "2s")),
            limit=1,
            behavior="CANCEL",
            triggers=(after("f"),),
        ),
        *more,
        arrive("f", PoissonProcess(1.0)),
        arrive("g", PoissonProcess(0.5), backoff=Backoff(frozenset({"CANCELLED"}), 1_000_000, jitter=0.5)),
        until="60s",
        platform=Platform(executors=2, worker_threads=4, database=Database(3, 2_000, 100)),
        **keys,
    )


def fingerprint(trace):
    return trace.records.tobytes(), trace.names, trace.flows, trace.actors, trace.details


def test_the_same_scenario_and_seed_give_the_same_bytes():
    assert fingerprint(simulate(busy())) == fingerprint(simulate(busy()))


@pytest.mark.parametrize("other", [{"seed": 2}, {"replication": 1}])
def test_another_seed_or_replication_gives_another_run(other):
    assert fingerprint(simulate(busy())) != fingerprint(simulate(busy(), **other))


def test_the_same_bytes_in_two_interpreters_with_different_hash_seeds():
    program = (
        "import hashlib; from flowconc.simulation.simulate import simulate;"
        "from tests.simulation.test_simulate import busy, fingerprint;"
        "print(hashlib.sha256(repr(fingerprint(simulate(busy()))).encode()).hexdigest())"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": f"{ROOT / 'sim'}:{ROOT}"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(printed) == 1


def test_a_further_flow_changes_nothing_of_the_others():
    """On an ideal platform, where they share nothing."""
    more = (
        flow("h", work("w", Exponential(1_000_000)), limit=1),
        arrive("h", PoissonProcess(2.0, count=100)),
    )
    one = trace_of_run(*parts(limit=2))
    other = trace_of_run(*more, *parts(limit=2))

    assert {name: life for name, life in lives(other).items() if name.startswith("f")} == lives(one)


def parts(limit):
    return (
        flow("f", work("w", Exponential(3_000_000)), work("x", Exponential(1_000_000)), limit=limit),
        arrive("f", PoissonProcess(0.8, count=200)),
    )


def test_two_limits_see_the_same_arrivals_and_durations():
    """Common random numbers: only the waits differ."""

    def drawn(limit):
        trace = trace_of_run(*parts(limit))
        begun, lengths = {}, {}
        for event in trace.events():
            if event.kind is Kind.TASK_STARTED:
                begun[event.execution] = event.t_us
            elif event.kind is Kind.TASK_ENDED:
                lengths[event.execution, event.detail] = event.t_us - begun[event.execution]
        created = {e.execution: e.t_us for e in trace.events() if e.kind is Kind.CREATED}
        return created, lengths

    assert drawn(1) == drawn(5)


def test_time_never_goes_back_and_every_cause_comes_before():
    events = list(simulate(busy()).events())

    assert all(before.t_us <= after.t_us for before, after in pairwise(events))
    assert all(event.cause_seq is None or event.cause_seq < event.seq for event in events)


def test_counts_in_the_trace_are_those_of_the_states():
    levels = {}
    for event in simulate(busy()).events():
        if event.kind is Kind.STATE:
            running, queued = levels.get(event.flow, (0, 0))
            running += (event.after == "RUNNING") - (event.before == "RUNNING")
            queued += (event.after == "QUEUED") - (event.before == "QUEUED")
            levels[event.flow] = running, queued
        if event.flow is not None:
            assert (event.running, event.queued) == levels.get(event.flow, (0, 0))
