"""Laws of the scheduler in every version, over random triggers, lengths, edits, crashes and databases."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowconc.protocol.events import Kind
from flowconc.protocol.versions import VERSIONS
from flowconc.scenario.distributions import Exponential, Uniform
from flowconc.scenario.flow import RecoverMissed
from flowconc.scenario.model import Database, Platform
from flowconc.simulation.simulate import simulate
from tests.flows import act, edit, flow, key_of, polling, schedule, work
from tests.simulation.faulty import crash, wrong
from tests.simulation.firing import MIDNIGHT, backfill
from tests.traces import us

UNTIL_S = 30
TICK_US = 1_000_000


@st.composite
def triggers(draw, trigger_id, *, polls=True):
    period_s = draw(st.integers(1, 6))
    allow = draw(st.booleans())
    if polls and draw(st.integers(0, 4)) == 0:
        return polling(
            trigger_id, f"{period_s}s", allow_concurrent=allow, finds=draw(st.sampled_from([1.0, 0.5]))
        )
    late_s = draw(st.none() | st.integers(1, 9))
    return schedule(
        trigger_id,
        f"*/{period_s} * * * * *",
        allow_concurrent=allow,
        recover_missed=draw(st.sampled_from(RecoverMissed)),
        late_maximum_us=None if late_s is None else us(f"{late_s}s"),
    )


@st.composite
def flows(draw, **keys):
    length = draw(
        st.sampled_from([Uniform(0, us("5s")), Exponential(us("2s"))]) | st.just("0s") | st.just("2s")
    )
    return flow(
        "f",
        work("w", length),
        limit=draw(st.none() | st.integers(1, 2)),
        behavior=draw(st.sampled_from(["QUEUE", "CANCEL", "FAIL"])),
        triggers=(draw(triggers("s", **keys)), draw(triggers("t", **keys))),
    )


@st.composite
def happenings(draw):
    """Draw what operators do and what goes wrong: one backfill of each trigger at most."""
    at = st.integers(0, UNTIL_S * 10).map(lambda tenths: f"{tenths * 100}ms")
    parts = []
    for _ in range(draw(st.integers(0, 3))):
        what = draw(st.sampled_from(["off", "edit", "kill", "crash"]))
        if what == "off":
            off, on = sorted((draw(at), draw(at)), key=us)
            parts += [act(off, "disable_trigger", "n.f.s"), act(on, "enable_trigger", "n.f.s")]
        elif what == "edit":
            parts.append(edit(draw(at), draw(flows())))
        elif what == "kill":
            parts.append(act(draw(at), "kill", f"f#{draw(st.integers(1, 5))}"))
        else:
            parts.append(crash("scheduler", at=draw(at), for_=draw(at.filter(us))))
    if draw(st.booleans()):
        parts.append(backfill(draw(at), "-20s", "-1s"))
    return parts


PLATFORMS = st.sampled_from([Platform(), Platform(database=Database(connections=2, statement_us=20_000))])
OFFSETS = st.sampled_from(["0s", "1ms", "370ms", "999ms"])


def run(parts, semantics, offset="0s", **keys):
    scenario = wrong(*parts, semantics=semantics, until=f"{UNTIL_S}s", **keys)
    return simulate(replace(scenario, clock_start=MIDNIGHT - timedelta(microseconds=us(offset))))


def dates(trigger, offset):
    """Return the dates of a Schedule of every so many seconds within the run."""
    period_s = int(trigger.cron.split()[0].removeprefix("*/"))
    found = (
        us(offset) + minute * 60_000_000 + second * 1_000_000
        for minute in range(-1, 2)
        for second in range(0, 60, period_s)
    )
    return sorted(t_us for t_us in found if 0 < t_us <= UNTIL_S * 1_000_000)


# --- laws


@given(flows(polls=False), st.sampled_from(list(VERSIONS)), OFFSETS, PLATFORMS)
def test_each_date_within_the_run_is_either_fired_or_skipped_once(definition, semantics, offset, platform):
    trace = run([definition], semantics, offset, platform=platform)

    for trigger in definition.triggers:
        seen = [
            event.before
            for event in trace.events()
            if event.kind in (Kind.FIRE, Kind.FIRE_SKIPPED) and event.detail == trigger.id
        ]
        assert sorted(seen) == dates(trigger, offset)


@given(flows(), happenings(), st.sampled_from(list(VERSIONS)), OFFSETS, PLATFORMS)
def test_no_date_comes_twice(definition, parts, semantics, offset, platform):
    """Fired or skipped, whatever is switched, edited, killed or down; a backfill has dates of its own."""
    trace = run([definition, *parts], semantics, offset, platform=platform)
    seen = Counter(
        (event.detail, event.before, event.after)
        for event in trace.events()
        if event.kind in (Kind.FIRE, Kind.FIRE_SKIPPED)
    )

    assert {fire: times for fire, times in seen.items() if times > 1} == {}


@given(flows(), happenings(), st.sampled_from(list(VERSIONS)), OFFSETS, PLATFORMS)
def test_a_locked_trigger_makes_no_execution(definition, parts, semantics, offset, platform):
    """Edits leave `allowConcurrent` alone here: it may be switched on while the trigger is locked."""
    definition = replace(
        definition, triggers=tuple(replace(each, allow_concurrent=False) for each in definition.triggers)
    )
    parts = [part for part in parts if getattr(part, "flow", None) is None]
    trace = run([definition, *parts], semantics, offset, platform=platform)

    holders: dict[str, str] = {}
    for event in trace.events():
        if event.kind is Kind.FIRE:
            assert event.detail not in holders
        elif event.kind is Kind.TRIGGER_LOCKED:
            holders[event.detail] = event.execution
        elif event.kind is Kind.TRIGGER_UNLOCKED:
            assert holders.pop(event.detail) == event.execution


@given(flows(), happenings(), st.sampled_from(list(VERSIONS)), OFFSETS)
def test_no_fire_comes_before_its_date_and_the_engines_come_at_its_looks(
    definition, parts, semantics, offset
):
    rules = VERSIONS[semantics]
    trace = run([definition, *parts], semantics, offset)

    for event in trace.events():
        if event.kind is Kind.FIRE:
            assert event.t_us >= event.before + rules.date_passed_us
            assert event.t_us <= UNTIL_S * 1_000_000
            assert rules.tick_us is None or event.t_us % rules.tick_us == 0


@given(
    flows(),
    happenings(),
    st.sampled_from([name for name, rules in VERSIONS.items() if rules.tick_us]),
    OFFSETS,
)
def test_at_each_look_a_trigger_of_the_engine_fires_once(definition, parts, semantics, offset):
    """A trigger that is switched off and on, or edited, is looked at anew; but it has no date that has come."""
    trace = run([definition, *parts], semantics, offset)
    at_once = Counter((event.detail, event.t_us) for event in trace.events() if event.kind is Kind.FIRE)

    assert {fire for fire, times in at_once.items() if times > 1} == set()


@pytest.mark.slow
@settings(max_examples=1000)
@given(flows(), happenings(), st.sampled_from(list(VERSIONS)), OFFSETS, PLATFORMS)
def test_no_date_comes_twice_in_a_thousand_more(definition, parts, semantics, offset, platform):
    test_no_date_comes_twice.hypothesis.inner_test(definition, parts, semantics, offset, platform)


@given(flows(), st.sampled_from([name for name in VERSIONS if VERSIONS[name].tick_us]))
def test_another_flow_changes_no_fire(definition, semantics):
    """A fire is drawn, dated and looked at the same way whatever else the scenario has."""
    alone = run([definition], semantics)
    beside = run([definition, flow("other", triggers=(schedule(),))], semantics)

    assert _fires(alone) == _fires(beside)


def _fires(trace):
    return [
        (event.t_us, event.before, event.detail)
        for event in trace.events()
        if event.kind is Kind.FIRE and event.flow == key_of("f")
    ]
