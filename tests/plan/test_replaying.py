"""A flow whose past is replayed: as long as recorded, and not twice."""

from __future__ import annotations

import pytest

from flowconc.plan.drafting import Ask, draft
from flowconc.scenario.distributions import Constant, Empirical
from flowconc.scenario.problems import BadInput
from flowconc.simulation.simulate import simulate
from flowconc.trace.tables import executions_table

S = 1_000_000
GOALS = ("queue_wait p95 < 60s",)
CALL = "{id: call, type: io.kestra.plugin.core.http.Request, uri: x}"
SLEEP = "{id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT10S}"
PAUSE = "{id: hold, type: io.kestra.plugin.core.flow.Pause}"
FAIL = "{id: fail, type: io.kestra.plugin.core.execution.Fail}"
HOURLY = "{id: hourly, type: io.kestra.plugin.core.trigger.Schedule, cron: '0 * * * *'}"
POLL = "{id: poll, type: io.kestra.plugin.aws.s3.Trigger, interval: PT1H}"


@pytest.fixture
def drafted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def drafted(rows, tasks=CALL, triggers="", header="at_s,duration_s,source", **keys):
        (tmp_path / "past.csv").write_text(f"{header}\n{rows}", encoding="utf-8")
        (tmp_path / "sync.yaml").write_text(
            f"id: sync\nnamespace: company.crm\nconcurrency: {{limit: 1}}\ntasks: [{tasks}]\ntriggers: [{triggers}]\n",
            encoding="utf-8",
        )
        return draft(tmp_path / "sync.yaml", Ask(goals=GOALS, replay="past.csv", **keys))

    return drafted


def lengths(scenario):
    table = executions_table(simulate(scenario))
    return ((table.ended_us - table.started_us) / S).tolist()


@pytest.mark.parametrize("tasks", [CALL, f"{CALL}, {SLEEP}", f"{PAUSE}, {SLEEP}", f"{FAIL}, {SLEEP}", PAUSE])
def test_an_execution_takes_as_long_as_recorded_whatever_its_tasks(drafted, tasks):
    assert lengths(drafted("0,3,\n10,7,\n", tasks)) == [3, 7]


def test_one_whose_length_is_not_recorded_takes_as_long_as_one_of_the_others(drafted):
    (flow,) = drafted("0,3,\n10,,\n20,7,\n").flows

    assert [task.duration for task in flow.tasks] == [Empirical((3 * S, 7 * S))]


@pytest.mark.parametrize(
    ("keys", "drawn"),
    [({}, False), ({"rate": "1/min"}, True), ({"triggers": HOURLY}, True), ({"burst": 3}, True)],
)
def test_nothing_is_drawn_where_every_length_is_recorded(drafted, keys, drawn):
    (task,) = drafted("0,3,\n10,7,\n", **keys).flows[0].tasks

    assert task.duration == (Empirical((3 * S, 7 * S)) if drawn else Constant(3 * S))


@pytest.mark.parametrize("tasks", [CALL, SLEEP, f"{CALL}, {SLEEP}", f"{SLEEP}, {SLEEP.replace('nap', 'on')}"])
def test_or_as_long_as_is_said(drafted, tasks):
    scenario = drafted("0,3,\n10,,\n", tasks, duration="4s")

    assert scenario.flows[0].tasks[0].duration == Constant(4 * S)
    assert lengths(scenario) == [3, 4]


def test_without_recorded_lengths_the_tasks_are_those_of_the_flow(drafted):
    assert lengths(drafted("0\n100\n", f"{CALL}, {SLEEP}", header="at_s", duration="2s")) == [12, 12]


def test_without_any_length_it_has_to_be_said(drafted):
    with pytest.raises(BadInput, match="nothing says how long call of"):
        drafted("0,,\n")


def test_the_run_lasts_until_the_last_arrival(drafted):
    assert drafted("0,3,\n604800.25,3,\n").run.until_us == 604_800_250_000


def test_arrivals_after_the_end_of_the_run_are_pointed_out(drafted):
    (notice,) = drafted("0,3,\n90,3,\n", horizon="1m").notices

    assert (notice.position.path, notice.what) == (
        "--replay",
        "1 of 2 arrivals are after `run.until` and never happen",
    )


@pytest.mark.parametrize(
    ("sources", "firing"),
    [
        (("api", "webhook"), ["hourly", "poll"]),
        (("api", "schedule"), ["poll"]),
        (("polling", "api"), ["hourly"]),
        (("schedule", "polling"), []),
    ],
)
def test_a_trigger_whose_arrivals_are_recorded_does_not_fire_as_well(drafted, sources, firing):
    rows = "".join(f"{at},3,{source}\n" for at, source in enumerate(sources))
    scenario = drafted(rows, triggers=f"{HOURLY}, {POLL}")

    assert [trigger.id for trigger in scenario.flows[0].triggers] == firing
    assert len(scenario.notices) == 2 - len(firing)


def test_a_file_that_is_wrong_says_so_itself(drafted):
    with pytest.raises(BadInput, match=r"past.csv:2:1: 'x' is not a time in seconds"):
        drafted("x,3,\n")
