"""Files of exports: JSON of one line or many, several documents, Kestra's CSV, and what is none of these."""

from __future__ import annotations

import json

import pytest

from flowconc.kestra.documents import documents
from flowconc.scenario.problems import BadInput


@pytest.fixture
def read(tmp_path):
    def read(text):
        path = tmp_path / "executions.json"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return [(position.line, document) for position, document in documents(path)]

    return read


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"id": 1}\n', [(1, {"id": 1})]),
        ('{"id": 1}\n\n{"id": 2}', [(1, {"id": 1}), (3, {"id": 2})]),
        ('{"id": 1}{"id": 2}\n', [(1, {"id": 1}), (1, {"id": 2})]),
        ('{\n  "id": 1\n}\n{\n  "id": 2\n}\n', [(1, {"id": 1}), (4, {"id": 2})]),
        ('{"id": 1}\n{\n"id": 2}\n', [(1, {"id": 1}), (2, {"id": 2})]),
        ("[\n1,\n2]\n", [(1, [1, 2])]),
        ('\ufeff{"id": 1}\r\n{"id": 2}\r\n', [(1, {"id": 1}), (2, {"id": 2})]),
        ("", []),
        ("\n \n", []),
    ],
)
def test_documents_may_stand_on_one_line_or_on_several(read, text, found):
    assert read(text) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"id": 1}\n{"id": \n', "executions.json:3:1: this is not JSON"),
        ('{"id": 1}\n{"id": 2,}\n', "executions.json:2:10: this is not JSON"),
        ('{"id": 1}\nno\n{"id": 2}\n', "executions.json:2:1: this is not JSON"),
        ('{\n"id": 1\n', "executions.json:3:1: this is not JSON"),
        ("at_s,duration_s\n1,2\n", "executions.json:1:1: this is not JSON"),
        ("[" * 100_000, "executions.json:1:1: this is not JSON that can be read"),
        (f'{{"id": {"1" * 5_000}}}', "executions.json:1:1: this is not JSON that can be read"),
        (b'{"id": "\xe4"}', "the file is not encoded in UTF-8"),
        ('{"id": 1}'.encode("utf-16"), "the file is not encoded in UTF-8"),
    ],
)
def test_what_is_none_says_where(read, text, said):
    with pytest.raises(BadInput) as caught:
        read(text)

    assert said in str(caught.value)


def test_a_file_of_lines_is_not_read_at_once(read, tmp_path):
    """The first line is there before the second, which is none, was looked at."""
    (tmp_path / "long.json").write_text('{"id": 1}\nno\n', encoding="utf-8")
    found = documents(tmp_path / "long.json")

    assert next(found)[1] == {"id": 1}


def test_a_directory_is_no_file(tmp_path):
    with pytest.raises(BadInput, match="this is no regular file"):
        next(documents(tmp_path))


STATE = (
    "{current=SUCCESS, histories=[{state=CREATED, date=2026-11-16T08:00:00.123456Z}, "
    "{state=SUCCESS, date=2026-11-16T08:00:01.123456Z}], duration=1.000000000, startDate=2026-11-16T08:00:00.123456Z}"
)
TRIGGER = "{id=hourly, type=io.kestra.plugin.core.trigger.Schedule, variables={date=2026-11-16T08:00Z}}"


def row(*cells):
    return ",".join(f'"{cell}"' for cell in cells) + "\n"


def test_the_csv_of_kestra_becomes_what_its_api_gives(read):
    header = "tenantId,id,namespace,flowId,flowRevision,labels,state,originalId,trigger,deleted\n"
    (found,) = read(header + row("main", "a", "company.crm", "sync", 1, "[]", STATE, "b", TRIGGER, "false"))

    assert found == (
        2,
        {
            "id": "a",
            "namespace": "company.crm",
            "flowId": "sync",
            "originalId": "b",
            "state": {
                "histories": [
                    {"state": "CREATED", "date": "2026-11-16T08:00:00.123456Z"},
                    {"state": "SUCCESS", "date": "2026-11-16T08:00:01.123456Z"},
                ]
            },
            "trigger": {"type": "io.kestra.plugin.core.trigger.Schedule"},
        },
    )


def test_a_row_with_other_cells_than_the_first_is_read_by_how_they_look(read):
    """1.x writes the cells of each execution under the header of the first, which had no trigger."""
    header = "id,namespace,flowId,flowRevision,state,originalId\n"
    found = read(
        header
        + row("a", "company.crm", "sync", 1, STATE, "a")
        + row("b", "company.crm", "sync", 1, "{inputs={a=1}}", STATE, "b", TRIGGER)
    )

    assert [("trigger" in document, len(document["state"]["histories"])) for _, document in found] == [
        (False, 2),
        (True, 2),
    ]
    assert "originalId" not in found[1][1]


def test_cells_may_have_several_lines(read):
    header = "id,namespace,flowId,inputs,state\n"
    found = read(
        header + row("a", "n", "f", "{text=1\n2}", STATE) + "\n" + row("b", "n", "f", 'a ""word""', STATE)
    )

    assert [(line, document["id"]) for line, document in found] == [(2, "a"), (5, "b")]


def test_a_csv_that_breaks_off_says_where(read):
    with pytest.raises(BadInput, match=r"executions.json:2:1: this is no CSV"):
        read('id,namespace,flowId,state\n"a","n","f","{current')


def test_json_may_look_like_a_header(read):
    assert read(json.dumps("id,namespace,flowId")) == [(1, "id,namespace,flowId")]
