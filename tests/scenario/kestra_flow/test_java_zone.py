"""Time zones as Java has them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flowconc.scenario.kestra_flow.java_zone import ZoneError, parse_zone


@pytest.mark.parametrize(
    ("name", "minutes"),
    [
        ("UTC", 0),
        ("Z", 0),
        ("GMT0", 0),
        ("UTC+2", 120),
        ("GMT-03:30", -210),
        ("UT+1", 60),
        ("+02:00", 120),
        ("-0130", -90),
        ("-18:00", -18 * 60),
        ("Etc/GMT+2", -120),
        ("Asia/Kathmandu", 345),
        ("SystemV/EST5", -300),
    ],
)
def test_offsets_and_regions(name: str, minutes: int) -> None:
    assert (
        timedelta(minutes=minutes)
        == datetime(2026, 1, 1, tzinfo=UTC).astimezone(parse_zone(name)).utcoffset()
    )


def test_names_as_the_engine_takes_them() -> None:
    """Valid and invalid time zones of the table that the engine's classes made."""
    table = Path(__file__).parent / "data" / "flow_validation_extra.jsonl"
    rows = [json.loads(line) for line in table.read_text(encoding="utf-8").splitlines() if '"tz:' in line]
    assert rows

    for row in rows:
        name = row["name"].removeprefix("tz:")
        if row["valid"]:
            parse_zone(name)
        else:
            with pytest.raises(ZoneError):
                parse_zone(name)
