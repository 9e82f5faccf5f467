"""A schedule as people read it."""

from __future__ import annotations

from tests.explore.machines import burst, explored, judged
from tests.flows import act, arrive, flow, scene, schedule


def story(scenario, broken, **settings):
    exploration = explored(judged(scenario, broken), **settings)
    (discovery,) = exploration.discoveries
    return "\n".join(discovery.story)


def test_a_race_at_the_gate():
    told = story(burst(3, semantics="kestra-0.22.0"), "limit_never_exceeded")

    assert (
        f"\n{told}\n"
        == """
      f: no counter | no execution | queue: empty
   1. a arrives at f (api)
      f: no counter | a CREATED | queue: empty
   2. b arrives at f (api)
      f: no counter | a CREATED, b CREATED | queue: empty
   3. executor 1 takes gate of a
   4. executor 2 takes gate of b
   5. executor 2 goes on with decide of b: the gate counts 0, limit 1: admit; b CREATED to RUNNING; task w of b starts
      f: no counter | a CREATED, b RUNNING | queue: empty
   6. executor 1 goes on with decide of a: the gate counts 0, limit 1: admit; a CREATED to RUNNING; task w of a starts
      f: no counter | a RUNNING, b RUNNING | queue: empty
   >> limit_never_exceeded: a was admitted to n.f as holder 2, limit 1 QUEUE
"""
    )


def test_a_crash_and_an_end_in_which_somebody_waits_for_ever():
    lines = story(burst(2, semantics="kestra-2.0.2"), "no_stranded_execution", crashes=1).splitlines()

    assert "its message, task_ended of a, is delivered again" in "\n".join(lines).replace(" of b", " of a")
    assert lines[-2].strip() == "Nothing can happen any more."
    assert lines[-1].startswith("   >> no_stranded_execution: ")


def test_an_operator_and_what_the_workers_found():
    told = story(burst(1, act("1s", "kill", "a"), semantics="kestra-2.0.2"), "kill_is_final")

    assert "the operator acts: action applied a (kill)" in told
    assert "the result of a task of a: task w of a ends SUCCESS; a KILLING to SUCCESS" in told


def test_slots_have_a_star_and_the_counter_its_limit():
    told = story(burst(1, act("1s", "delete", "a")), "every_claim_released")

    assert "f: counter 1 of 1 | a RUNNING* | queue: empty" in told


def test_each_flow_has_a_line_and_those_that_stay_as_they_are_are_not_repeated():
    scenario = scene(
        flow("f", limit=1), flow("g", limit=1), arrive("g", "0s", names="a"), act("1s", "delete", "a")
    )
    lines = story(scenario, "every_claim_released").splitlines()

    assert sum(line.strip().startswith("f: ") for line in lines) == 1
    assert sum(line.strip().startswith("g: ") for line in lines) > 1


def test_fires_are_told():
    scenario = scene(flow("f", limit=1, triggers=(schedule(),)), act("1s", "delete", "f#1"), until="1s")

    assert "1. trigger s of f fires" in story(scenario, "every_claim_released")
