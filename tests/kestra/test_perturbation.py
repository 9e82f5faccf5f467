"""One choice of the times that no rule says: a function of script and perturbation alone."""

from __future__ import annotations

from dataclasses import replace

from flowconc.kestra.facts import Facts
from flowconc.kestra.lengths import Lengths
from flowconc.kestra.perturbation import FURTHEST_US, Perturbation, What, perturbed
from flowconc.kestra.release import Release
from flowconc.kestra.script_reading import read_script
from flowconc.kestra.staging import stage
from flowconc.scenario.distributions import Listed
from flowconc.scenario.model import AtTimes, Latency
from tests.kestra.scripts import FLOW, write_script

NAP = ("t.f", "nap")
OPS = """\
  - {at: 1, op: trigger, flow: t.f, as: e1}
  - {at: 2, op: trigger, flow: t.f, as: e2, scheduleIn: 3}
  - {at: 4, op: kill, exec: e1}
"""


def staged(folder):
    script = read_script(write_script(folder, f"horizon: 9\nflows:\n{FLOW}ops:\n{OPS}"), Release((2, 0, 0)))
    assert script is not None
    return stage(
        script, "documented", facts=Facts(lengths=Lengths({NAP: (1_100_000, None)}, {NAP: 1_050_000}))
    )


def test_nothing_moved_is_the_same_script(tmp_path):
    script = staged(tmp_path)

    assert perturbed(script, Perturbation()) == script


def test_each_thing_moves_by_itself(tmp_path):
    moves = {
        (What.ARRIVAL, 0): 10_000,
        (What.DUE, 1): -20_000,
        (What.ACTION, 0): -30_000,
        (What.LENGTH, (*NAP, 0)): 40_000,
        (What.TASK, NAP): 1_000,
        (What.STATEMENT, None): 500,
        (What.TO_GATE, None): 600,
    }

    scenario = perturbed(staged(tmp_path), Perturbation(moves)).scenario

    assert [each.pattern for each in scenario.arrivals] == [AtTimes((1_010_000,)), AtTimes((2_000_000,))]
    assert scenario.arrivals[1].schedule_in_us == 2_980_000
    assert scenario.actions[0].at_us == 3_970_000
    assert scenario.flows[0].tasks[0].duration == Listed((1_141_000, None), 1_051_000)
    assert scenario.platform.database.statement_us == 500
    assert scenario.platform.latency.arrival_us == 600


def test_known_ways_move_with_what_they_are_of(tmp_path):
    known = tuple(
        ((step, "t.f"), Listed((200_000, None), 100_000)) for step in ("gate", "stopped", "popped", "kill")
    )
    script = staged(tmp_path)
    platform = replace(script.scenario.platform, latency=Latency(ways=known))
    script = replace(script, scenario=replace(script.scenario, platform=platform))

    moves = {(What.TO_GATE, None): 1_000, (What.TO_KILLED, None): -150_000}
    moved = dict(perturbed(script, Perturbation(moves)).scenario.platform.latency.ways)

    assert moved["gate", "t.f"] == Listed((201_000, None), 101_000)
    for step in ("stopped", "popped", "kill"):
        assert moved[step, "t.f"] == Listed((50_000, None), 0)


def test_the_phase_moves_the_script_against_the_loops(tmp_path):
    script = staged(tmp_path)

    moved = perturbed(script, Perturbation({(What.PHASE, None): 250_000}))

    assert moved.shift_us == script.shift_us + 250_000
    assert moved.scenario.arrivals[0].pattern == AtTimes((1_250_000,))
    assert (script.scenario.clock_start - moved.scenario.clock_start).total_seconds() == 0.25


def test_nothing_comes_before_the_beginning(tmp_path):
    moved = perturbed(staged(tmp_path), Perturbation({(What.ARRIVAL, 0): -5_000_000}))

    assert moved.scenario.arrivals[0].pattern == AtTimes((0,))


def test_nothing_moves_further_than_the_engine_s_latencies_go():
    knob = (What.ARRIVAL, 0)

    assert (
        Perturbation({knob: FURTHEST_US[What.ARRIVAL] - 1}).moved(knob, 7).of(*knob)
        == FURTHEST_US[What.ARRIVAL]
    )


def test_moves_add_up():
    knob = (What.ARRIVAL, 0)

    assert Perturbation({knob: 5}).moved(knob, 7).of(*knob) == 12
