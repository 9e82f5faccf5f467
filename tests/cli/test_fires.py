"""`flowconc fires`."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Flowconc


def test_ten_fires_from_where_a_scenario_s_clock_starts(flowconc: Flowconc) -> None:
    answer = flowconc("fires", "*/5 * * * *")

    assert answer.status == 0
    assert len(answer.lines) == 10
    assert answer.lines[0] == "2026-01-01T00:05Z"


def test_seconds(flowconc: Flowconc) -> None:
    answer = flowconc("fires", "*/30 * * * * *", "--with-seconds", "-n", "2")

    assert answer.lines == ["2026-01-01T00:00:30Z", "2026-01-01T00:01Z"]


def test_strictly_after(flowconc: Flowconc) -> None:
    answer = flowconc("fires", "0 9 * * *", "--from", "2026-06-01T09:00:00", "-n", "1")

    assert answer.lines == ["2026-06-02T09:00Z"]


@pytest.mark.parametrize(
    ("options", "first"),
    [
        (["--timezone", "Europe/Berlin"], "2026-01-01T09:00+01:00"),
        (["--timezone", "Europe/Berlin", "--from", "2026-07-01"], "2026-07-01T09:00+02:00"),
        (["--timezone", "Europe/Berlin", "--from", "2026-07-01T06:30:00Z"], "2026-07-01T09:00+02:00"),
        (["--from", "2026-07-01T06:30:00+05:30"], "2026-07-01T09:00+05:30"),
    ],
)
def test_zones(flowconc: Flowconc, options: list[str], first: str) -> None:
    assert [first] == flowconc("fires", "0 9 * * *", "-n", "1", *options).lines


def test_fewer_than_asked_for_if_there_are_no_more(flowconc: Flowconc) -> None:
    answer = flowconc("fires", "0 0 30 2 *")

    assert (answer.status, answer.out) == (0, "")


@pytest.mark.parametrize(
    "arguments",
    [
        ["61 * * * *"],
        ["-1 * * * *"],
        ["* * * * * *"],
        [""],
        ["* * * * *", "--timezone", "Mars/Base"],
        ["* * * * *", "--timezone", "../etc/passwd"],
        ["* * * * *", "--from", "yesterday"],
        ["* * * * *", "-n", "-1"],
    ],
)
def test_what_is_refused(flowconc: Flowconc, arguments: list[str]) -> None:
    answer = flowconc("fires", *arguments)

    assert (answer.status, answer.out) == (2, "")
    assert answer.err
