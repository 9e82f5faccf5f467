"""The history of a flow: which arrivals are replayed, what is said of them, and that they do the same again."""

from __future__ import annotations

import csv

import pytest

from flowconc.kestra.exported import read_exports
from flowconc.kestra.history import NoHistory, date_of, history_of, lines, replay_csv
from flowconc.scenario.builder import flow, scenario
from flowconc.scenario.load import load
from flowconc.simulation.simulate import simulate
from flowconc.trace.tables import executions_table
from tests.kestra.exports import MIDNIGHT_US, SCHEDULE, execution, exported, page, write

RAN = (("CREATED", 1.0), ("RUNNING", 2.5), ("SUCCESS", 4.0))
OTHER = "company.crm.other"


@pytest.fixture
def imported(tmp_path):
    def imported(*documents, **options):
        return history_of(read_exports([write(tmp_path / "executions.json", *documents)]), **options)

    return imported


def test_arrivals_count_from_the_first(imported):
    late = execution("b", ("CREATED", 3.000001), ("RUNNING", 3.5), ("SUCCESS", 60.25), trigger=SCHEDULE)

    assert replay_csv(imported(late, execution("a", *RAN))) == (
        "at_s,duration_s,source\n0,1.5,api\n2.000001,56.75,schedule\n"
    )


def test_or_from_a_start_that_is_said_and_what_was_before_is_left_out(imported):
    history = imported(
        execution("a", *RAN),
        execution("b", ("CREATED", 3.0), ("CANCELLED", 3.0)),
        start_us=MIDNIGHT_US + 2_000_000,
    )

    assert replay_csv(history) == "at_s,duration_s,source\n1,,api\n"
    assert history.left_out == ((1, "before the start"),)


def test_the_flow_need_not_be_named_where_there_is_one(imported):
    assert imported(execution("a", *RAN)).flow == "company.crm.sync"


@pytest.mark.parametrize("name", ["other", OTHER])
def test_of_several_it_is_named_by_its_id_alone_or_with_its_namespace(imported, name):
    history = imported(execution("a", *RAN), execution("b", *RAN, flow=OTHER), flow=name)

    assert (history.flow, history.left_out) == (OTHER, ((1, "of 1 other flow"),))


def test_sources_can_be_left_out(imported):
    history = imported(execution("a", *RAN), execution("b", *RAN, trigger=SCHEDULE), without=("schedule",))

    assert [stay.source for stay in history.stays] == ["api"]
    assert history.left_out == ((1, "from schedule"),)


def test_passes_of_a_loop_are_in_the_time_of_the_execution_that_loops(imported):
    history = imported(execution("a", *RAN), execution("b", *RAN, kind="LOOP", parentId="a"))

    assert (len(history.stays), history.left_out) == (1, ((1, "that are passes of a Loop task"),))


@pytest.mark.parametrize(
    ("documents", "options", "said"),
    [
        ([page()], {}, "there are no executions in this export"),
        (
            [execution("a", *RAN), execution("b", *RAN, flow=OTHER), execution("c", *RAN, flow=OTHER)],
            {},
            "the executions are of 2 flows, expected --flow and one of company.crm.other (2), company.crm.sync (1)",
        ),
        ([execution("a", *RAN)], {"flow": "snc"}, "of a flow 'snc', did you mean 'sync'?"),
        ([execution("a", *RAN)], {"flow": "zzz"}, "of a flow 'zzz', expected one of company.crm.sync (1)"),
        (
            [execution("a", *RAN), execution("b", *RAN, flow="company.erp.sync")],
            {"flow": "sync"},
            "several flows are called sync, expected one of company.crm.sync, company.erp.sync",
        ),
        ([execution("a", *RAN)], {"without": ("appi",)}, "the source 'appi', did you mean 'api'?"),
        (
            [execution("a", *RAN)],
            {"without": ("api",)},
            "no execution of company.crm.sync is left: 1 from api",
        ),
        ([execution("a", *RAN)], {"start_us": MIDNIGHT_US + 10**7}, "is left: 1 before the start"),
        ([execution("a", *RAN)], {"start_us": 0}, "long or apart, expected at most ten years"),
        ([execution("a", *RAN, kind="LOOP")], {}, "is left: 1 that are passes of a Loop task"),
    ],
)
def test_what_cannot_be_replayed_says_why(imported, documents, options, said):
    with pytest.raises(NoHistory) as caught:
        imported(*documents, **options)

    assert said in str(caught.value)


def test_the_summary_says_what_was_found_and_what_is_not_known(imported):
    history = imported(
        page(
            execution("a", ("CREATED", 0.0), ("RUNNING", 0.0), ("SUCCESS", 100.0)),
            execution("b", ("CREATED", 1.0), ("QUEUED", 1.0), ("RUNNING", 100.0), trigger=SCHEDULE),
            execution("c", ("CREATED", 2.0), ("QUEUED", 2.0), ("KILLED", 5.0)),
            execution("d", ("CREATED", 3.0), ("CANCELLED", 3.0)),
            execution("e", ("CREATED", 90.0), ("CANCELLED", 90.0)),
            total=8,
        ),
        execution("a", ("CREATED", 0.0)),
    )

    assert list(lines(history)) == [
        "5 arrivals at company.crm.sync within 1m30s; t = 0 is 2026-11-16T00:00:00Z",
        "from 4 api, 1 schedule",
        "without a duration: 2 rejected, 1 killed before they ran, 1 still running",
        "at most 1 held a slot at once; the longest wait from arrival to RUNNING was 1m39s",
        "exported more than once, and counted once: 1",
    ]
    assert history.missing == 3


def test_the_start_is_a_date_that_a_clock_reads():
    assert date_of(MIDNIGHT_US + 1_500_000) == "2026-11-16T00:00:01.500000Z"


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_replayed_under_the_same_limit_executions_wait_as_they_have_waited(tmp_path, limit):
    """From the simulation to an export, to a file, to the simulation: the same waits, to the microsecond."""
    first = (
        scenario("as it was")
        .flow(flow("sync", namespace="company.crm", limit=limit, duration="exponential(mean 10s)"))
        .arrive("sync", poisson="12/min")
        .run(until="10m", seed=5)
        .build()
    )
    export = read_exports([write(tmp_path / "executions.json", page(*exported(simulate(first))))])
    (tmp_path / "past.csv").write_text(replay_csv(history_of(export)), encoding="utf-8")
    (tmp_path / "again.flowconc.yaml").write_text(
        f"scenario: again\nflows: [{{id: sync, namespace: company.crm, concurrency: {{limit: {limit}}},\n"
        "  tasks: [{id: work, type: io.kestra.plugin.core.flow.Sleep, duration: PT1H}]}]\n"
        "arrivals: [{flow: sync, replay: past.csv}]\n",
        encoding="utf-8",
    )
    (second,) = load(tmp_path / "again.flowconc.yaml")
    was, again = (executions_table(simulate(each)) for each in (first, second))

    assert len(was.created_us) > 100
    assert (again.started_us - again.created_us).tolist() == (was.started_us - was.created_us).tolist()
    assert (again.ended_us - again.started_us).tolist() == (was.ended_us - was.started_us).tolist()


def test_what_is_written_is_a_csv(imported):
    rows = list(csv.DictReader(replay_csv(imported(execution("a", *RAN))).splitlines()))

    assert rows == [{"at_s": "0", "duration_s": "1.5", "source": "api"}]
