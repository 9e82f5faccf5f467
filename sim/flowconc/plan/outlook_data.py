"""The outlook of a plan as plain data, for JSON and CSV."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flowconc.plan.options import Option
from flowconc.plan.result import Outlook, Row

Data = dict[str, Any]


def outlook_data(
    outlook: Outlook, row_data: Callable[[Row], Data], option_data: Callable[[Option], Data]
) -> Data:
    """Return an outlook as data; `row_data` and `option_data` are how the plan it belongs to writes those.

    Depths of the queue are means over `part_s` seconds each, from `begin_s` of the run or of the day on.
    """

    def rows(found: Mapping[Option, Row]) -> list[Data]:
        return [row_data(row) for row in found.values()]

    return {
        "loads": rows(outlook.loads),
        "turned_away": rows(outlook.turned_away),
        "cliffs": [
            {**option_data(option), "at_load": cliff.load, "exact": cliff.exact}
            for option, cliff in outlook.cliffs.items()
        ],
        "queue_depth_over_the_day": [
            {
                **option_data(option),
                "begin_s": each.window.begin_us / 1e6,
                "part_s": each.window.part_us / 1e6,
                "days": each.window.days,
                "observations": each.observations,
                "p50": list(each.median),
                "p95": list(each.p95),
            }
            for option, each in outlook.envelopes.items()
        ],
    }
