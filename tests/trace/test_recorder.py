"""Packing reports in blocks: where a block ends must not show."""

from __future__ import annotations

import pytest

from flowconc.protocol.events import Kind
from flowconc.protocol.states import State
from flowconc.runner import run_scenario
from flowconc.scenario import builder
from flowconc.trace import recorder


def fingerprint() -> str:
    scenario = builder.scenario("two flows")
    for name in ("f", "g"):
        flow = builder.flow(name, limit=2, duration="10s")
        scenario = scenario.flow(flow).arrive(name, every="3s", count=12)
    return run_scenario(scenario.act(at="5s", kill="f#1").build()).trace.sha256()


@pytest.mark.parametrize("events", [1, 2, 7])
def test_the_size_of_a_block_changes_nothing(events: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Causes and levels go on from one block to the next."""
    whole = fingerprint()
    monkeypatch.setattr(recorder, "_BLOCK", events)

    assert fingerprint() == whole


def test_levels_are_counted_per_flow_after_each_event() -> None:
    log = recorder.Recorder()
    for flow, state in (("f", State.RUNNING), ("g", State.QUEUED), ("f", State.QUEUED)):
        log.record(0, "executor", [(Kind.STATE, 0, flow, 1, State.CREATED, state, None)])
    log.record(1, "executor", [(Kind.STATE, 0, "f", 1, State.RUNNING, State.SUCCESS, None)])
    log._pack()
    records = recorder.np.frombuffer(log._log, recorder.RECORD)

    assert records["running"].tolist() == [1, 0, 1, 0]
    assert records["queued"].tolist() == [0, 1, 1, 1]
