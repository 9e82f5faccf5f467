"""Flow files are accepted and refused as Kestra 2.0.0 does, row by row of tables that its own classes made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowconc.scenario.kestra_flow.flow_file import FlowSource, read_flow
from flowconc.scenario.problems import BadInput, Severity

DATA = Path(__file__).parent / "data"

ACCEPTED_ALL_THE_SAME = {  # types and properties of 1.x, which we go on reading
    "old_log",
    "old_seq",
    "old_foreach",
    "sched_old",
    "ft_cond",
    "ft_pre",
    "F:in_str_val",  # a Java regular expression, which is not ours to judge
}
TWICE = {"conc_dup", "conc_twice"}  # the table is silent of what it says elsewhere: the last one wins
REFUSED_ALL_THE_SAME = {"deep99", "tag_py2"}  # hostile: nested too deeply, a tag that names code


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def read(source: str, folder: Path) -> FlowSource:
    path = folder / "flow.yaml"
    path.write_text(source, encoding="utf-8", newline="")
    return read_flow(path, shown_as="flow.yaml")


@pytest.mark.parametrize("table", ["flow_validation.jsonl", "flow_validation_extra.jsonl"])
def test_as_the_engine(table: str, tmp_path: Path) -> None:
    """Every row comes out with the engine's validity and concurrency, but for those named above."""
    assert [row["name"] for row in rows(table) if verdict(row["source"], tmp_path) != expected_of(row)] == []


Verdict = tuple[int, str] | bool
"""The limit and behavior of a valid flow; for one without a limit, whether it is valid."""


def verdict(source: str, folder: Path) -> Verdict:
    try:
        concurrency = read(source, folder).concurrency
    except BadInput as refusal:
        return any(problem.severity is not Severity.ERROR for problem in refusal.problems)
    return True if concurrency is None else (concurrency.limit, concurrency.behavior.value)


def expected_of(row: dict[str, Any]) -> Verdict:
    if row["name"] in TWICE:
        return (2, "QUEUE")
    if (concurrency := row.get("concurrency")) is not None:
        return concurrency["limit"], concurrency["behavior"] or "QUEUE"
    return (row["valid"] and row["name"] not in REFUSED_ALL_THE_SAME) or row["name"] in ACCEPTED_ALL_THE_SAME


@pytest.mark.parametrize(
    ("concurrency", "said"),
    [
        ("{limit: 1.5}", "Kestra reads 1.5 as 1"),
        ("{limit: 1, behavior: 1}", "Kestra reads 1 as CANCEL"),
        ("{limit: '3'}", "this is text; Kestra reads it as the number 3"),
        ("{limit: 010}", "Kestra reads 010 as octal: 8"),
        ("{limit: 1, limit: 2}", "'limit' is there twice; Kestra takes this one, not that in line 3"),
        ("{limit: 1, behavior: null}", "`behavior` is null; Kestra takes QUEUE"),
    ],
)
def test_what_is_accepted_by_accident_is_a_warning(concurrency: str, said: str, tmp_path: Path) -> None:
    tasks = "tasks: [{id: a, type: io.kestra.plugin.core.log.Log, message: x}]"

    source = read(f"id: f\nnamespace: a.b\nconcurrency: {concurrency}\n{tasks}\n", tmp_path)

    assert [(Severity.WARNING, said)] == [(notice.severity, notice.what) for notice in source.notices]


def test_all_errors_come_at_once_in_order_of_position(tmp_path: Path) -> None:
    text = """\
id: a b
namespace: company.team
Concurrency: {limit: 1}
concurrency: {limit: 0, behavior: QUEU}
tasks:
  - {id: a, type: io.kestra.plugin.core.log.Logg}
  - {id: b, type: io.kestra.plugin.core.log.Log}
"""
    with pytest.raises(BadInput) as refusal:
        read(text, tmp_path)

    assert str(refusal.value).splitlines() == [
        (
            "flow.yaml:1:5: 'a b' is no id of a flow, "
            "expected letters, digits, '.', '-' and '_', a letter or digit first"
        ),
        "flow.yaml:3:1: a flow has no property 'Concurrency', did you mean 'concurrency'?",
        "flow.yaml:4:22: `limit` is 0, expected at least 1",
        "flow.yaml:4:35: `behavior` is the text 'QUEU', expected one of QUEUE, CANCEL, FAIL, did you mean 'QUEUE'?",
        (
            "flow.yaml:6:19: there is no task type 'io.kestra.plugin.core.log.Logg', "
            "expected the name of a plugin's class, did you mean 'io.kestra.plugin.core.log.Log'?"
        ),
        "flow.yaml:7:5: the Log task 'b' has no `message`, expected `message`",
    ]


def test_a_second_document_is_ignored_with_a_warning(tmp_path: Path) -> None:
    flow = "id: f\nnamespace: a.b\ntasks: [{id: a, type: io.kestra.plugin.core.log.Log, message: x}]\n"

    source = read(f"{flow}---\n{flow}", tmp_path)

    assert [str(notice) for notice in source.notices] == [
        "flow.yaml:5:1: warning: Kestra reads only the first document of a file; this one is ignored"
    ]


def test_reading_stops_at_more_errors_than_anybody_reads(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refusal:
        read("".join(f"key{number}: 1\n" for number in range(1_000)), tmp_path)

    assert len(refusal.value.problems) == 50


def test_warnings_make_no_error_however_many_they_are(tmp_path: Path) -> None:
    repeated = "".join(f"variables: {{}} # {number}\n" for number in range(2_000))

    source = read(f"id: f\nnamespace: a.b\n{repeated}tasks: [{{id: a, type: x.y, timeout: 5s}}]\n", tmp_path)

    assert len(source.notices) == 1_001


def test_an_edit_replaces_top_level_keys_whole(tmp_path: Path) -> None:
    flow = "id: f\nnamespace: a.b\nconcurrency: {limit: 1, behavior: FAIL}\n"
    source = read(flow + "tasks: [{id: a, type: io.kestra.plugin.core.log.Log, message: x}]\n", tmp_path)

    raised = source.with_changes({"concurrency": {"limit": 4}}, source.locate)
    removed = source.with_changes({"concurrency": None}, source.locate)

    assert raised.concurrency is not None
    assert (raised.concurrency.limit, raised.concurrency.behavior.value) == (4, "QUEUE")
    assert removed.concurrency is None
    assert source.concurrency is not None
    assert source.concurrency.limit == 1
