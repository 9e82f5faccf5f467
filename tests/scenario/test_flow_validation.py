"""Flow files are accepted and refused as Kestra 2.0.0 does, row by row of tables that its own classes made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowconc.scenario.flow_file import FlowSource, read_flow
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
REFUSED_ALL_THE_SAME = {"deep99", "tag_py2"}  # hostile: nested too deeply, a tag that names code


def rows(name: str) -> list[Any]:
    with (DATA / name).open(encoding="utf-8") as lines:
        return [pytest.param(row, id=row["name"]) for row in map(json.loads, lines)]


def read(source: str, folder: Path) -> FlowSource:
    path = folder / "flow.yaml"
    path.write_text(source, encoding="utf-8", newline="")
    return read_flow(path, shown_as="flow.yaml")


@pytest.mark.parametrize("row", rows("flow_validation.jsonl"))
def test_as_the_golden_table(row: dict[str, Any], tmp_path: Path) -> None:
    check(row, tmp_path, valid=row["valid"])


@pytest.mark.parametrize("row", rows("flow_validation_extra.jsonl"))
def test_as_the_engine(row: dict[str, Any], tmp_path: Path) -> None:
    valid = row["valid"] and row["name"] not in REFUSED_ALL_THE_SAME
    check(row, tmp_path, valid=valid or row["name"] in ACCEPTED_ALL_THE_SAME)


def check(row: dict[str, Any], folder: Path, *, valid: bool) -> None:
    if not valid:
        with pytest.raises(BadInput) as refusal:
            read(row["source"], folder)

        assert all(problem.severity is Severity.ERROR for problem in refusal.value.problems)
        return

    source = read(row["source"], folder)

    if (expected := row.get("concurrency")) is not None:
        assert source.concurrency is not None
        assert expected["limit"] == source.concurrency.limit
        assert (expected["behavior"] or "QUEUE") == source.concurrency.behavior.value


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

    assert [
        "flow.yaml:1:5: 'a b' is no id of a flow, "
        "expected letters, digits, '.', '-' and '_', a letter or digit first",
        "flow.yaml:3:1: a flow has no property 'Concurrency', did you mean 'concurrency'?",
        "flow.yaml:4:22: `limit` is 0, expected at least 1",
        "flow.yaml:4:35: `behavior` is the text 'QUEU', expected one of QUEUE, CANCEL, FAIL, did you mean 'QUEUE'?",
        "flow.yaml:6:19: there is no task type 'io.kestra.plugin.core.log.Logg', "
        "expected the name of a plugin's class, did you mean 'io.kestra.plugin.core.log.Log'?",
        "flow.yaml:7:5: the Log task 'b' has no `message`, expected `message`",
    ] == str(refusal.value).splitlines()


def test_a_second_document_is_ignored_with_a_warning(tmp_path: Path) -> None:
    flow = "id: f\nnamespace: a.b\ntasks: [{id: a, type: io.kestra.plugin.core.log.Log, message: x}]\n"

    source = read(f"{flow}---\n{flow}", tmp_path)

    assert [
        "flow.yaml:5:1: warning: Kestra reads only the first document of a file; this one is ignored"
    ] == [str(notice) for notice in source.notices]


def test_reading_stops_at_more_errors_than_anybody_reads(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refusal:
        read("".join(f"key{number}: 1\n" for number in range(1_000)), tmp_path)

    assert 50 == len(refusal.value.problems)


def test_an_edit_replaces_top_level_keys_whole(tmp_path: Path) -> None:
    flow = "id: f\nnamespace: a.b\nconcurrency: {limit: 1, behavior: FAIL}\n"
    source = read(flow + "tasks: [{id: a, type: io.kestra.plugin.core.log.Log, message: x}]\n", tmp_path)

    raised = source.with_changes({"concurrency": {"limit": 4}}, source.locate)
    removed = source.with_changes({"concurrency": None}, source.locate)

    assert raised.concurrency is not None
    assert (4, "QUEUE") == (raised.concurrency.limit, raised.concurrency.behavior.value)
    assert removed.concurrency is None
    assert source.concurrency is not None
    assert 1 == source.concurrency.limit
