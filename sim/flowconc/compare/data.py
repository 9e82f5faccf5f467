"""A comparison as data for machines: what `flowconc compare --format json` writes. Times are in seconds."""

from __future__ import annotations

from typing import Any

from flowconc.compare.comparison import Comparison, Pair, Side
from flowconc.compare.parting import Difference
from flowconc.compare.text import broken, unmet

SCHEMA_VERSION = 1


def data(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as strings, numbers, lists and dictionaries."""
    return {
        "scenario": comparison.id,
        "agrees": comparison.agrees,
        "semantics": [_side(side) for side in comparison.sides],
        "pairs": [_pair(comparison.first.semantics, pair) for pair in comparison.pairs],
    }


def _side(side: Side) -> dict[str, Any]:
    if side.result is None:
        problems = [] if side.refused is None else list(map(str, side.refused.problems))
        return {"name": side.semantics, "outcome": "not read", "problems": problems}
    assert side.story is not None
    return {
        "name": side.semantics,
        "outcome": side.result.verdict.outcome.value,
        "breaks": list(broken(side)),
        "unmet": [f"{finding.position}: {finding.sentence}" for finding in unmet(side)],
        "counters": {flow: steps[-1][1] for flow, steps in side.story.counters.items()},
        "starts": [side.story.lives[key].name for key in side.story.starts()],
    }


def _pair(first: str, pair: Pair) -> dict[str, Any]:
    parts_us = None if pair.parting.first is None else pair.parting.first.t_us
    return {
        "first": first,
        "second": pair.second.semantics,
        "agrees": pair.agrees,
        "within_s": pair.within_us / 1e6,
        "parts_at_s": None if parts_us is None else parts_us / 1e6,
        "explained_by": _rules(pair),
        "differences": [_difference(each) for each in pair.parting.differences],
    }


def _rules(pair: Pair) -> list[dict[str, str]] | None:
    if pair.explanation is None:
        return None
    return [
        {
            "rule": each.rule.name,
            "question": each.rule.question,
            "source": each.rule.source,
            "first": each.first,
            "second": each.second,
        }
        for each in pair.explanation.rules
    ]


def _difference(difference: Difference) -> dict[str, Any]:
    return {
        "what": difference.what.value,
        "subject": difference.subject,
        "t_s": difference.t_us / 1e6,
        "first": difference.first,
        "second": difference.second,
        "first_history": difference.first_path,
        "second_history": difference.second_path,
    }
