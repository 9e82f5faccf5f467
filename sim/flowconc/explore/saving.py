"""Schedules that were found, kept as scenario files: each replays its one schedule from then on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from flowconc.explore.explore import Discovery
from flowconc.scenario.load import SUFFIX
from flowconc.scenario.model import Scenario
from flowconc.scenario.source.text_file import read_text
from flowconc.scenario.source.yaml_source import documents
from flowconc.scenario.source.yaml_writer import yaml_text

_KEPT: Final = (
    "flows",
    "tasks",
    "triggers",
    "sla",
    "limits",
    "arrivals",
    "actions",
    "clock",
    "invariants",
)
"""Keys of a scenario that a schedule depends on, and what judges it. Of `run` only the end and the seed are kept."""

_OF_RUN: Final = ("until", "seed")
_HASH_LENGTH: Final = 8


def save(scenario: Scenario, discovery: Discovery) -> Path | None:
    """Write a schedule as a scenario file beside the scenario's own, and return where: the same one in the same file.

    Returns None for a scenario that was built in Python, which has no file. Raises OSError.
    """
    found_in = scenario.position.path
    if found_in.startswith("<"):  # `<builder>`
        return None
    beside = Path(found_in)
    name = beside.name.removesuffix(SUFFIX)
    path = beside.with_name(f"{name}.schedule-{str(discovery.token)[-_HASH_LENGTH:]}{SUFFIX}")
    path.write_text(yaml_text(_document(scenario, discovery, _written(scenario))), encoding="utf-8")
    return path


def _written(scenario: Scenario) -> Mapping[str, Any]:
    """Return the scenario's own document."""
    path = scenario.position.path
    for document in documents(read_text(Path(path)), path):
        if isinstance(document.data, dict) and document.data.get("scenario") == scenario.name:
            return document.data
    raise FileNotFoundError(2, f"there is no scenario {scenario.name!r} any more", path)


def _document(scenario: Scenario, discovery: Discovery, written: Mapping[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = {
        "scenario": f"{scenario.name}, in one order of events",
        "description": "\n".join(_description(scenario, discovery)),
        **{key: written[key] for key in _KEPT if key in written},
    }
    run = {key: written["run"][key] for key in _OF_RUN if key in written.get("run", {})}
    if run:
        document["run"] = run
    if scenario.parameters:
        document["parametrize"] = {name: [value] for name, value in scenario.parameters}
    document["semantics"] = scenario.semantics
    document["explore"] = {"replay": str(discovery.token)}
    return document


def _description(scenario: Scenario, discovery: Discovery) -> Iterator[str]:
    yield f"{discovery.broken}: {discovery.sentence}"
    yield ""
    yield from discovery.story
