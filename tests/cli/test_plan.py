"""`flowconc plan` and `flowconc merge`: from a flow or a scenario to a recommendation."""

from __future__ import annotations

import csv
import io
import json

import pytest

from flowconc.cli import plan as module
from flowconc.plan.handing import WorkersDied

CALLS = """\
id: calls
namespace: company.team
concurrency: {limit: 1}
tasks:
  - {id: call, type: io.kestra.plugin.core.http.Request, uri: "https://example.com"}
"""

PLANNED = """\
scenario: calls are answered in time
flows: [calls.yaml]
tasks: {calls: {call: {duration: 10s}}}
arrivals: [{flow: calls, every: 4s}]
run: {until: 10m}
plan:
  vary: {limit: 1..4}
  goals: queue_wait max < 1s
  sensitivity: false
"""

ASK = ("--rate", "12/min", "--duration", "10s", "--goal", "queue_wait mean < 5s", "--limit", "1..4")
SHORT = (*ASK, "--horizon", "10m", "--no-sensitivity", "--replications", "4", "--max-replications", "4")


@pytest.fixture(autouse=True)
def files(directory):
    (directory / "calls.yaml").write_text(CALLS, encoding="utf-8")
    (directory / "calls.flowconc.yaml").write_text(PLANNED, encoding="utf-8")


def test_a_flow_and_some_options_are_enough(flowconc):
    answer = flowconc("plan", "calls.yaml", *SHORT)

    assert answer.status == 0
    assert answer.lines[0].startswith("95 % sure: limit 3 meets queue_wait mean < 5s")
    assert answer.lines[1].startswith("now: limit 1 does not meet queue_wait mean < 5s: queue_wait mean = ")


def test_a_scenario_says_it_itself(flowconc):
    """One execution each 4 s, 10 s each: 2.5 slots, and nothing is left to chance."""
    answer = flowconc("plan", "calls.flowconc.yaml")

    assert (answer.status, answer.lines[0]) == (
        0,
        "nothing is left to chance: limit 3 meets queue_wait max < 1s, 2 does not",
    )


@pytest.mark.parametrize("backend", ["simulation", "compiled"])
def test_every_backend_comes_to_the_same(flowconc, backend):
    assert (
        flowconc("plan", "calls.yaml", *SHORT, "--backend", backend).out
        == flowconc("plan", "calls.yaml", *SHORT).out
    )


def test_what_cannot_be_compiled_is_simulated_and_that_is_said(flowconc, directory):
    (directory / "engine.flowconc.yaml").write_text(f"{PLANNED}semantics: kestra-2.0\n")
    why = "engine.flowconc.yaml:1:11: semantics kestra-2.0.2: only `documented` is compiled"
    asked = flowconc("plan", "engine.flowconc.yaml", "--backend", "compiled")

    assert f"simulated, not compiled: {why}" in flowconc("plan", "engine.flowconc.yaml").err
    assert asked.status == 2
    assert why in asked.err


def test_the_backend_of_the_scenario_counts_where_no_option_says_another(flowconc, directory):
    engine = f"{PLANNED}semantics: kestra-2.0\n"
    (directory / "engine.flowconc.yaml").write_text(f"{engine}backend: compiled\n")
    (directory / "simulated.flowconc.yaml").write_text(f"{engine}backend: simulation\n")
    refused = flowconc("plan", "engine.flowconc.yaml")

    assert refused.status == 2
    assert "`backend: compiled` cannot do this: semantics kestra-2.0.2: only `documented`" in refused.err
    assert flowconc("plan", "engine.flowconc.yaml", "--backend", "simulation").status == 0
    assert flowconc("plan", "simulated.flowconc.yaml").err == ""


def test_what_cannot_be_compiled_is_refused_before_anything_is_computed(flowconc, directory):
    second = PLANNED.replace("calls are", "all are") + "semantics: kestra-2.0\nbackend: compiled\n"
    (directory / "two.flowconc.yaml").write_text(f"{PLANNED}---\n{second}")
    answer = flowconc("plan", "two.flowconc.yaml")

    assert (answer.status, answer.out) == (2, "")
    assert "`backend: compiled` cannot do this" in answer.err


def test_no_limit_is_a_failure(flowconc):
    answer = flowconc("plan", "calls.yaml", *SHORT, "--goal", "throughput rate > 2/s")

    assert answer.status == 1
    assert answer.lines[0].startswith("95 % sure: no limit from 1 to 4 meets")


def test_json_and_csv(flowconc, directory):
    answer = flowconc("plan", "calls.flowconc.yaml", "--json", "-", "--csv", "plan.csv")
    document = json.loads(answer.out)
    rows = list(csv.DictReader(io.StringIO((directory / "plan.csv").read_text(encoding="utf-8"))))

    assert list(document)[:2] == ["schema_version", "flowconc_version"]
    assert document["plans"][0]["recommendations"][0]["limit"] == 3
    assert "nothing is left to chance" in answer.err
    assert {row["limit"] for row in rows} == {"1", "2", "3", "4"}


def test_a_report_is_a_page_and_its_numbers(flowconc, directory):
    answer = flowconc("plan", "calls.flowconc.yaml", "--report", "report", "--json", "plan.json")
    page = (directory / "report" / "index.html").read_text(encoding="utf-8")
    (told,) = json.loads((directory / "plan.json").read_text(encoding="utf-8"))["plans"]

    assert (answer.status, answer.lines[-1]) == (0, "report: report/index.html")
    assert "nothing is left to chance: limit 3 meets queue_wait max &lt; 1s, 2 does not" in page
    assert (directory / "report" / "plan.csv").exists()
    assert [round(each["at_load"], 1) for each in told["outlook"]["cliffs"]] == [0.4, 0.8, 1.2, 1.6]


def test_the_seed_is_that_of_the_option(flowconc):
    plans = [
        json.loads(flowconc("plan", "calls.yaml", *SHORT, "--json", "-", "--seed", seed).out)["plans"][0]
        for seed in ("1", "1", "2")
    ]

    assert plans[0] == plans[1]
    assert plans[0]["options"] != plans[2]["options"]
    assert plans[2]["seed"] == 2


def test_several_scenarios_are_each_planned(flowconc, directory):
    other = PLANNED.replace("in time", "soon")
    (directory / "calls.flowconc.yaml").write_text(f"{PLANNED}---\n{other}", encoding="utf-8")
    answer = flowconc("plan", "calls.flowconc.yaml")

    assert [line for line in answer.lines if line.startswith("calls are")] == [
        "calls are answered in time",
        "calls are answered soon",
    ]


# --- stores and shards


def test_shards_are_merged_and_give_the_same_plan(flowconc):
    whole = flowconc("plan", "calls.yaml", *SHORT, "--json", "-")
    for part in ("1/2", "2/2"):
        answer = flowconc("plan", "calls.yaml", *SHORT, "--shard", part, "--store", f"{part[0]}.db")
        assert answer.status == 0
        assert answer.out.endswith(" values\n")
    merged = flowconc("merge", "1.db", "2.db", "-o", "all.db")
    from_store = flowconc("plan", "calls.yaml", *SHORT, "--store", "all.db", "--json", "-")

    assert merged.out.startswith("all.db: ")
    assert merged.out.endswith(" values of 2 stores\n")
    assert from_store.out == whole.out


def test_an_interrupted_plan_says_how_to_go_on(flowconc, monkeypatch):
    def interrupted(*arguments, **keys):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "carry_out", interrupted)
    kept = flowconc("plan", "calls.yaml", *SHORT, "--store", "kept.db")
    lost = flowconc("plan", "calls.yaml", *SHORT)

    assert (kept.status, lost.status) == (130, 130)
    assert (
        kept.err
        == "flowconc: interrupted; 0 values were computed: kept.db keeps them, and the same command goes on\n"
    )
    assert "with --store FILE they would be kept" in lost.err


def test_workers_that_die_end_in_a_sentence(flowconc, monkeypatch):
    def die(*arguments, **keys):
        raise WorkersDied("the worker processes died 4 times")

    monkeypatch.setattr(module, "carry_out", die)
    answer = flowconc("plan", "calls.yaml", *SHORT)

    assert (answer.status, answer.err) == (2, "flowconc: the worker processes died 4 times\n")


# --- bad input


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("calls.yaml",), "nothing says what must be met"),
        (("calls.yaml", "--goal", "queue_wait mean < 5s"), "--rate or --replay: nothing says what arrives"),
        (("calls.yaml", *ASK, "--goal", "queue_wiat p95 < 1s"), "--goal: 'queue_wiat' is not a metric"),
        (("calls.yaml", *SHORT, "--rate", "3"), "--rate: `poisson`: 3 has no unit"),
        (("calls.flowconc.yaml", "--rate", "3/min"), "--rate is for flows"),
        (("calls.flowconc.yaml", "--goal", "x"), "--goal is for flows"),
        (("good.flowconc.yaml",), "has no scenario with a `plan:`"),
        (("bad.flowconc.yaml",), "there is no flow 'tow'"),
        (("nosuch.yaml", *ASK), "does not exist"),
        (("calls.yaml", *ASK, "--shard", "1/2"), "--shard needs --store"),
        (("calls.yaml", *ASK, "--shard", "1/2", "--store", "s", "--report", "r"), "shows a whole plan"),
        (("calls.yaml", *ASK, "--report", "calls.yaml"), "is a file"),
        (("calls.yaml", *ASK, "--shard", "3/2", "--store", "s"), "is not a part of a whole"),
        (("calls.yaml", *ASK, "--cluster", "tcp://h:1", "--workers", "2"), "give one of the two"),
        (("calls.yaml", *ASK, "--cluster", "h:1"), "'h:1' is not the address of a scheduler"),
        (("calls.yaml", *ASK, "--json", "-", "--csv", "-"), "cannot both go to stdout"),
        (("calls.yaml", *ASK, "--json", "no/such/dir"), "there is no directory"),
        (("calls.yaml", *ASK, "--store", "calls.yaml"), "cannot be used as a store"),
    ],
)
def test_bad_input_ends_in_a_sentence(flowconc, arguments, sentence):
    answer = flowconc("plan", *arguments)

    assert answer.status == 2
    assert sentence in answer.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nosuch.db", "-o", "all.db"), "does not exist"),
        (("calls.yaml", "-o", "all.db"), "cannot be used as a store"),
        (("calls.yaml", "-o", "calls.yaml"), "is one of the stores"),
        (("calls.yaml",), "Missing option"),
    ],
)
def test_merging_what_is_no_store_ends_in_a_sentence(flowconc, directory, arguments, sentence):
    answer = flowconc("merge", *arguments)

    assert answer.status == 2
    assert sentence in answer.err
    assert not (directory / "all.db").exists()


@pytest.mark.slow
def test_workers_change_nothing(flowconc, monkeypatch):
    monkeypatch.setattr("flowconc.plan.pool.ALONE_FOR_S", 0.0)
    one, two = (
        flowconc("plan", "calls.yaml", *SHORT, "--json", "-", "--workers", workers) for workers in ("1", "2")
    )

    assert one.out == two.out
