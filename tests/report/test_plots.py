"""The plots: well-formed SVG, the same bytes each time, harmless names."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from flowconc.report.plots import MOST_PANELS, PLOTS
from flowconc.report.svg import inline
from flowconc.trace.trace import Trace
from tests.report.results import THIRD_WAITS
from tests.traces import trace_of

FIRES = trace_of("0s flow f", "1s fire tick a; create a", "2s skip tick a", "3s skip tick a")
LOCKS = trace_of("0s flow f", "0s create a", "3s lock_wait a 2s counter; transaction a 1s gate")
NOTHING = trace_of("0s flow f")


def texts(svg: str) -> list[str]:
    return [
        element.text or "" for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    ]


@pytest.mark.parametrize("name", PLOTS)
@pytest.mark.parametrize(
    "trace", [trace_of(*THIRD_WAITS), FIRES, LOCKS, NOTHING], ids=["slots", "fires", "locks", "none"]
)
def test_a_plot_is_well_formed_and_always_the_same(name: str, trace: Trace):
    svg = PLOTS[name](trace, [1_000_000])

    assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    assert PLOTS[name](trace, [1_000_000]) == svg


@pytest.mark.parametrize("name", PLOTS)
def test_a_plot_has_a_title_and_no_address_but_the_namespace(name: str):
    svg = PLOTS[name](trace_of(*THIRD_WAITS), ())

    assert "<title>" in svg
    assert svg.replace('xmlns="http://www.w3.org/2000/svg"', "").count("http") == 0


def test_levels_are_labelled_with_unit_and_limit():
    assert {"limit 2", "slots", "time since the start [s]", "company.team.f: slots in use"} <= {
        *texts(PLOTS["slots_in_use"](trace_of(*THIRD_WAITS), ()))
    }


def test_fires_are_counted():
    assert {"f: tick", "1 made", "2 skipped"} <= {*texts(PLOTS["trigger_fires"](FIRES, ()))}


def test_what_is_empty_says_why():
    assert "No trigger fired." in texts(PLOTS["trigger_fires"](NOTHING, ()))
    assert "The database took no time: nobody waited for a lock." in texts(
        PLOTS["lock_contention"](NOTHING, ())
    )


def test_flows_beyond_the_panels_are_counted():
    trace = trace_of(*(f"0s flow f{number}" for number in range(MOST_PANELS + 2)))

    assert "2 more flows are not drawn" in texts(PLOTS["queue_depth"](trace, ()))


@pytest.mark.parametrize("minutes", [1, 10, 600, 6000])
def test_long_runs_have_a_coarser_clock(minutes: int):
    unit = {1: "s", 10: "min", 600: "h", 6000: "d"}[minutes]
    svg = PLOTS["queue_depth"](trace_of("0s flow f", f"{minutes}m over drained"), ())

    assert f"time since the start [{unit}]" in texts(svg)


@pytest.mark.parametrize(
    "name", ["$x_1$", "<b>&", "</svg>", "\u202eevil", "\x07bell", "日本", "1.23456", "#0067a8"]
)
def test_hostile_names_are_only_text(name: str):
    svg = PLOTS["queue_depth"](trace_of(f"0s flow {name}"), ())
    shown = "".join("\ufffd" if character in "\u202e\x07" else character for character in name)

    assert f"{shown}: queue depth" in texts(svg)


def test_an_inlined_plot_has_ids_and_references_of_its_own():
    svg = PLOTS["queue_depth"](trace_of(*THIRD_WAITS), ())
    element = ElementTree.fromstring(inline(svg, "p"))
    ids = [item.get("id", "") for item in element.iter() if item.get("id")]

    assert all(identifier.startswith("p-") for identifier in ids)
    assert {item.get("href", "#" + ids[0])[1:] for item in element.iter()} <= set(ids)
    assert "xmlns" not in inline(svg, "p")
