"""`flowconc schema`."""

from __future__ import annotations

import json

from tests.cli.conftest import Flowconc


def test_it_is_a_json_schema(flowconc: Flowconc) -> None:
    answer = flowconc("schema")

    assert answer.status == 0
    assert {"scenario", "flows", "arrivals", "expect"} <= json.loads(answer.out)["properties"].keys()
