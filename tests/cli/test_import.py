"""`flowconc import`: from what Kestra exports to arrivals that a plan replays."""

from __future__ import annotations

import pytest

from tests.kestra.exports import SCHEDULE, date, execution, page, write

FLOW = """\
id: sync
namespace: company.crm
concurrency: {limit: 1}
tasks:
  - {id: call, type: io.kestra.plugin.core.http.Request, uri: "https://example.com"}
  - {id: hold, type: io.kestra.plugin.core.flow.Pause}
  - {id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT1H}
triggers:
  - {id: every_second, type: io.kestra.plugin.core.trigger.Schedule, cron: "* * * * * *", withSeconds: true}
"""


def ran(name, created, started, ended, **more):
    return execution(name, ("CREATED", created), ("RUNNING", started), ("SUCCESS", ended), **more)


@pytest.fixture(autouse=True)
def export(directory):
    (directory / "sync.yaml").write_text(FLOW, encoding="utf-8")
    return write(
        directory / "executions.json",
        page(ran("a", 1, 1, 5, trigger=SCHEDULE), ran("b", 2, 5, 9), ran("c", 3, 9, 14, trigger=SCHEDULE)),
    )


def test_arrivals_go_to_a_file_and_the_summary_to_stdout(flowconc, directory):
    answer = flowconc("import", "executions.json", "-o", "past.csv")

    assert (answer.status, answer.err) == (0, "")
    assert answer.lines == [
        "3 arrivals at company.crm.sync within 2s; t = 0 is 2026-11-16T00:00:01Z",
        "from 2 schedule, 1 api",
        "at most 1 held a slot at once; the longest wait from arrival to RUNNING was 6s",
    ]
    assert (directory / "past.csv").read_text(encoding="utf-8") == (
        "at_s,duration_s,source\n0,4,schedule\n1,4,api\n2,5,schedule\n"
    )


def test_arrivals_on_stdout_are_alone_there(flowconc):
    answer = flowconc("import", "executions.json")

    assert answer.lines[0] == "at_s,duration_s,source"
    assert answer.err.startswith("3 arrivals at company.crm.sync")


def test_several_files_are_pages_of_one_search(flowconc, directory):
    write(directory / "2.json", page(ran("c", 3, 9, 14), ran("d", 20, 20, 21), total=5))
    answer = flowconc("import", "executions.json", "2.json", "--start", "2026-11-16T01:00:00+01:00")

    assert [line.partition(",")[0] for line in answer.lines] == ["at_s", "1", "2", "3", "20"]
    assert "exported more than once, and counted once: 1" in answer.err
    assert answer.err.endswith(
        "flowconc: the search found 1 execution that no file has: were all of its pages given?\n"
    )


def test_the_csv_of_the_ui_will_do(flowconc, directory):
    state = (
        f"{{current=SUCCESS, histories=[{{state=CREATED, date={date(1)}}}, {{state=RUNNING, date={date(2)}}}, "
        f"{{state=SUCCESS, date={date(4.5)}}}], duration=3.500000000, startDate={date(1)}}}"
    )
    (directory / "executions.csv").write_text(
        f'id,namespace,flowId,flowRevision,state,originalId,deleted\na,company.crm,sync,1,"{state}",a,false\n'
    )

    assert flowconc("import", "executions.csv").lines == ["at_s,duration_s,source", "0,2.5,api"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("none.json",), "'none.json' does not exist"),
        (("two.yaml",), "two.yaml:1:1: this is not JSON"),
        (("empty.json",), "flowconc: empty.json: there are no executions in this export"),
        (("error.json",), "error.json:1:1: this is an object with 'message', no execution"),
        (("executions.json", "--flow", "company.crm.snc"), "did you mean 'company.crm.sync'?"),
        (("executions.json", "--without", "shedule"), "did you mean 'schedule'?"),
        (("executions.json", "--start", "2026-11-16"), "is not a date with an offset, expected for instance"),
        (("executions.json", "-o", "executions.json"), "is one of the exports, expected another file"),
        (("executions.json", "-o", "no/past.csv"), "there is no directory no"),
    ],
)
def test_what_is_wrong_is_said(flowconc, directory, arguments, said):
    write(directory / "error.json", {"message": "Unauthorized"})
    (directory / "empty.json").write_text('{"results": [], "total": 0}', encoding="utf-8")
    answer = flowconc("import", *arguments)

    assert (answer.status, answer.out) == (2, "")
    assert said in answer.err


def test_a_plan_replays_executions_as_long_as_they_were_and_no_schedule_beside_them(flowconc):
    """Under limit 1 c waits 6 s, as it did. The flow's own tasks would take an hour, and its trigger fire each second."""
    flowconc("import", "executions.json", "-o", "past.csv")
    answer = flowconc(
        "plan", "sync.yaml", "--replay", "past.csv", "--goal", "queue_wait max < 1s", "--limit", "1..4", "--no-sensitivity",
    )  # fmt: skip

    assert answer.lines[:2] == [
        "nothing is left to chance: limit 3 meets queue_wait max < 1s, 2 does not",
        "now: limit 1 does not meet queue_wait max < 1s: queue_wait max = 6s",
    ]
    assert answer.lines[-1].endswith(
        "sync.yaml:9:5: notice: the trigger every_second does not fire: "
        "the recorded arrivals have those of a schedule"
    )


def test_without_the_schedule_the_trigger_fires_itself(flowconc):
    flowconc("import", "executions.json", "-o", "past.csv", "--without", "schedule")
    answer = flowconc(
        "plan", "sync.yaml", "--replay", "past.csv", "--goal", "queue_wait max < 1s", "--limit", "1..2", "--horizon", "5s",
        "--no-sensitivity",
    )  # fmt: skip

    assert "does not fire" not in answer.out
    assert "the locked trigger skips" in answer.out
