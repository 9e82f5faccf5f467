"""Verdicts as data for machines: what `--json` and `--flowconc-json` write."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TypedDict

from flowconc import __version__
from flowconc.check.verdict import Finding
from flowconc.runner import Result
from flowconc.scenario.problems import Problem

SCHEMA_VERSION = 1


class FindingData(TypedDict):
    """One check: `outcome` is pass, fail, inconclusive or warn; lines and columns count from 1."""

    check: str
    outcome: str
    sentence: str
    path: str
    line: int
    column: int
    flow: str | None
    replication: int | None
    t_s: float | None
    story: list[str]


class ScenarioData(TypedDict):
    """One scenario with one set of parameters, judged. `trace_sha256` has the fingerprint of each trace.

    Of the `replications` the last `compiled` ones have none: only thresholds were judged on them.

    Of a scenario that varies, `examples` is how many variations were tried, and `smallest_failure` the text of the
    smallest that fails; the rest is about that one, or about one of those that held.
    """

    id: str
    path: str
    line: int
    outcome: str
    semantics: str
    seed: int
    replications: int
    compiled: int
    examples: int | None
    smallest_failure: str | None
    parameters: dict[str, str]
    trace_sha256: list[str]
    findings: list[FindingData]
    notices: list[str]


class BadInputData(TypedDict):
    """A file that could not be used, and every problem found in it."""

    path: str
    problems: list[str]


def scenario_data(result: Result) -> ScenarioData:
    """Return a judged scenario as plain data: strings, numbers, lists and dictionaries only."""
    scenario = result.scenario
    return {
        "id": scenario.id,
        "path": scenario.position.path,
        "line": scenario.position.line,
        "outcome": result.verdict.outcome.value,
        "semantics": scenario.semantics,
        "seed": result.seed,
        "replications": result.verdict.replications,
        "compiled": len(result.compiled),
        "examples": result.examples,
        "smallest_failure": None if result.failure is None else result.failure.document,
        "parameters": {key: str(value) for key, value in scenario.parameters},
        "trace_sha256": [trace.sha256() for trace in result.traces],
        "findings": [_finding_data(finding) for finding in result.verdict.findings],
        "notices": [str(notice) for notice in result.notices],
    }


def bad_input_data(path: str, problems: Iterable[Problem]) -> BadInputData:
    """Return the problems of a file as plain data."""
    return {"path": path, "problems": [str(problem) for problem in problems]}


def verdicts_json(
    scenarios: Iterable[Mapping[str, object]], bad_input: Iterable[Mapping[str, object]]
) -> str:
    """Return the document: `schema_version` first, then the scenarios and the unusable files, as given."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "flowconc_version": __version__,
        "scenarios": list(scenarios),
        "bad_input": list(bad_input),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _finding_data(finding: Finding) -> FindingData:
    moment = finding.moment
    return {
        "check": finding.check,
        "outcome": finding.outcome.value,
        "sentence": finding.sentence,
        "path": finding.position.path,
        "line": finding.position.line,
        "column": finding.position.column,
        "flow": finding.flow,
        "replication": None if moment is None else moment.replication,
        "t_s": None if moment is None else moment.t_us / 1_000_000,
        "story": list(finding.story),
    }
