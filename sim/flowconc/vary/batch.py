"""A scenario that varies, judged: a batch of its variations, and one verdict over all.

Needs the extra `vary` (hypothesis), which is imported when a scenario varies.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from flowconc.check.judge import in_order
from flowconc.check.verdict import Finding, Outcome, Verdict
from flowconc.check.wording import counted, duration
from flowconc.scenario.document.parameters import escaped
from flowconc.scenario.model import Scenario
from flowconc.scenario.problems import BadInput, Problem
from flowconc.scenario.source.yaml_writer import yaml_text
from flowconc.scenario.variation import Vary
from flowconc.trace.trace import Trace
from flowconc.vary.trial import Run
from flowconc.vary.variation import varied_document

if TYPE_CHECKING:
    from flowconc.vary.search import Search

CHECK: Final = "vary"
EXTRA: Final = "pytest-flowconc[vary]"
HASH_LENGTH: Final = 8


@dataclass(frozen=True, slots=True)
class Failure:
    """The smallest variation that fails.

    `document` is the text of a scenario file; it stands beside the file that it was found with, since its flows are
    named by the same paths. `id` tells it from other failures of that file. `found` says how it was found.
    """

    id: str
    document: str
    found: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What came of a scenario that varies.

    `scenario` is the variation that is shown, with its `traces`: the smallest that fails, or of those that held the one
    with the most events. `verdict` is that on the batch.
    """

    scenario: Scenario
    traces: tuple[Trace, ...]
    verdict: Verdict
    examples: int
    failure: Failure | None


def run_batch(scenario: Scenario, vary: Vary, run: Run, *, seed: int, replications: int) -> Batch:
    """Judge variations of a scenario, as `run` runs and judges each.

    `seed` and `replications` are those of the runs. Raises BadInput without hypothesis, or when a variation makes no
    scenario.
    """
    if find_spec("hypothesis") is None:
        raise BadInput([Problem(vary.position, "`vary` needs hypothesis", f"pip install '{EXTRA}'")])
    from flowconc.vary.search import search  # noqa: PLC0415 - needs the extra

    found = search(scenario, vary, run, seed=seed)
    failure = _failure(scenario, vary, found, seed, replications) if found.failed else None
    return Batch(
        scenario=replace(found.shown.scenario, parameters=scenario.parameters, sometimes=scenario.sometimes),
        traces=found.shown.traces,
        verdict=_verdict(vary, found),
        examples=found.examples,
        failure=failure,
    )


# --- the verdict ---------------------------------------------------------------------------------------------


def _verdict(vary: Vary, found: Search) -> Verdict:
    shown = found.shown.verdict
    findings = list(shown.findings)
    if not found.failed:
        findings += [_held(vary, found), *found.tally.findings("example")]
    return Verdict(in_order(findings), shown.replications)


def _held(vary: Vary, found: Search) -> Finding:
    """Say that all examples held, or that there were too few of them."""
    examples = counted(found.examples, "example")
    if not found.in_time:
        sentence = (
            f"{examples} held in {duration(vary.deadline_us)}, must be {vary.examples} "
            "(`vary.deadline` bounds the time: are the runs that long?)"
        )
        return Finding(CHECK, Outcome.INCONCLUSIVE, sentence, vary.position)
    few = "" if found.examples == vary.examples else ": there are hardly any more"
    return Finding(CHECK, Outcome.PASS, f"{examples} held{few}", vary.position)


# --- what fails ----------------------------------------------------------------------------------------------


def _failure(scenario: Scenario, vary: Vary, found: Search, seed: int, replications: int) -> Failure:
    document = varied_document(vary, found.shown.variation, refused=found.shown.refused)
    run = dict(document.get("run", {})) | {"seed": seed}
    if replications != 1 or "replications" in run:
        run["replications"] = replications
    document["run"] = run
    name = hashlib.sha256(yaml_text(document).encode()).hexdigest()[:HASH_LENGTH]
    head = {
        "scenario": f"{scenario.id}, failure {name}",
        "description": "\n".join(_description(scenario, found)) + "\n",
    }
    body = {key: value for key, value in document.items() if key not in head}
    return Failure(name, yaml_text(escaped({**head, **body})), _how(vary, found))


def _description(scenario: Scenario, found: Search) -> Iterator[str]:
    assert found.shown.failure is not None
    yield f"A variation of {scenario.id!r} that failed, made as small as it goes."
    yield f"{found.shown.failure.check}: {found.shown.failure.sentence}"
    if scenario.description:
        yield from ("", scenario.description.rstrip())


def _how(vary: Vary, found: Search) -> str:
    tried = counted(found.shrinks, "smaller one")
    end = "" if found.finished else "; it may go smaller, but time or tries were up"
    return (
        f"example {found.examples} of {vary.examples} fails; the smallest that does, of {tried} tried{end}:"
    )
