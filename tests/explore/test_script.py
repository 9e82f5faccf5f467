"""What comes from outside."""

from __future__ import annotations

from flowconc.explore.script import script_of
from tests.explore.machines import burst
from tests.flows import act, arrive, flow, scene, schedule

TWO_SOURCES = scene(flow("f"), arrive("f", "0s 10s", names="a c"), arrive("f", "5s", names="b"))


def ids(cues):
    return [cue.id for cue in cues]


def next_ids(script, ahead):
    return [cue.id for cue, _ in script.next(ahead)]


def test_each_source_gives_its_next_one():
    script = script_of(TWO_SOURCES)
    start = script.begin(0)

    assert next_ids(script, start) == [("arrival", 0, 0), ("arrival", 1, 0)]
    (_, later), _ = script.next(start)
    assert next_ids(script, later) == [("arrival", 0, 1), ("arrival", 1, 0)]


def test_actions_are_one_source_in_the_order_of_their_times():
    script = script_of(burst(1, act("5s", "kill", "a"), act("1s", "pause", "a")))

    assert ids(script.actions) == [("action", 0, 1), ("action", 0, 0)]
    assert next_ids(script, script.begin(0)).count(("action", 0, 1)) == 1


def test_the_first_executions_by_their_planned_times():
    script = script_of(TWO_SOURCES, 2)

    assert ids(script.cues) == [("arrival", 0, 0), ("arrival", 1, 0)]


def test_a_schedule_fires_up_to_the_end_of_the_run():
    script = script_of(scene(flow("f", triggers=(schedule(),)), until="3s"))

    assert [cue.message.argument for (fires) in script.fires for cue in fires] == [
        ("n.f", "s", 1_000_000),
        ("n.f", "s", 2_000_000),
        ("n.f", "s", 3_000_000),
    ]


def test_a_trigger_that_comes_with_an_edit_fires_too():
    scenario = scene(flow("f"), act("1s", "edit", "n.f", flow("f", triggers=(schedule(),))), until="2s")

    assert len(list(script_of(scenario).cues)) == 1 + 2


def test_what_is_left_out_does_not_come():
    script = script_of(TWO_SOURCES).without(frozenset({("arrival", 0, 0)}))

    assert ids(script.cues) == [("arrival", 0, 1), ("arrival", 1, 0)]
