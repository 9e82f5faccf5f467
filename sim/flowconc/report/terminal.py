"""Verdicts as plain text: for terminals, for pytest's reports, for logs. Deterministic and without colour."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from flowconc.check.timeline import timeline
from flowconc.check.verdict import Finding
from flowconc.check.wording import counted
from flowconc.runner import Result
from flowconc.scenario.problems import Position

WIDTH = 110
"""Columns that a block may take."""

DETAILED_FINDINGS = 5
"""Failed checks that are shown with excerpt and timeline; of the others, the verdicts alone."""

_CONTEXT_LINES = 2
_MAX_SOURCE_LINES = 200_000


def scenario_line(result: Result) -> str:
    """Return the verdict on a whole scenario in one line: `PASS  queueing[limit=2]  (30 runs, seed 1)`."""
    word = result.verdict.outcome.name
    return f"{word}  {result.scenario.id}  ({runs_line(result)}, seed {result.seed})"


def runs_line(result: Result) -> str:
    """Return how much was tried: `30 runs`, `30 runs, 29 compiled`, `100 examples`, `100 examples of 5 runs`."""
    runs = counted(result.verdict.replications, "run")
    if result.compiled:
        return f"{runs}, {len(result.compiled)} compiled"
    if result.examples is None:
        return runs
    examples = counted(result.examples, "example")
    return examples if result.verdict.replications == 1 else f"{examples} of {runs}"


def verdict_line(finding: Finding) -> str:
    """Return `file:line: observed, must be, over how many runs`."""
    return f"{finding.position.path}:{finding.position.line}: {finding.sentence}"


def failures(result: Result) -> tuple[Finding, ...]:
    """Return what keeps the scenario from passing: failed checks, then those that stayed inconclusive."""
    return result.verdict.failures


def failure_block(result: Result, *, repeat: str | None = None, kept: str | None = None) -> str:
    """Explain why a scenario did not pass. The first line is the verdict on the first failed check.

    Each failed check is shown with the lines of the file that ask for it, the timeline around the moment it
    broke, and its story. Of a scenario that varies, the smallest variation that fails follows, as a file; `kept` says
    where it is, or how to keep it. `repeat` is the command that runs the scenario again; by default `flowconc run`.
    """
    failed = failures(result)
    blocks = ["\n".join(_finding_lines(finding, result)) for finding in failed[:DETAILED_FINDINGS]]
    if len(failed) > DETAILED_FINDINGS:
        blocks.append("\n".join(verdict_line(finding) for finding in failed[DETAILED_FINDINGS:]))
    if result.failure is not None:
        blocks += [result.failure.found, result.failure.document.rstrip(), *([kept] if kept else [])]
    blocks.append(f"repeat: {repeat or repeat_command(result)}")
    return "\n\n".join(blocks)


def repeat_command(result: Result) -> str:
    """Return the command line that runs the scenario's file again with the same seed; of a built one, the seed."""
    path = result.scenario.position.path
    if path.startswith("<"):  # `<builder>`, `<drawn>`: there is no file
        return f"seed {result.seed}"
    return f"flowconc run --seed {result.seed} {shlex.quote(path)}"


def excerpt(position: Position, *, width: int = WIDTH) -> list[str]:
    """Return the lines of the file around `position` with a caret under it; nothing when there is no such file.

    A line longer than `width` is cut to the part around the column.
    """
    lines = _source_lines(position.path)
    if not 1 <= position.line <= len(lines):
        return []
    first = max(1, position.line - _CONTEXT_LINES)
    last = min(len(lines), position.line + _CONTEXT_LINES)
    gutter = len(str(last))
    room = width - gutter - len("> 1 | ")
    cut = max(0, position.column - room // 2) if len(lines[position.line - 1]) > room else 0
    shown = []
    for number in range(first, last + 1):
        mark = ">" if number == position.line else " "
        shown.append(f"{mark} {number:>{gutter}} | {lines[number - 1][cut : cut + room]}".rstrip())
        if number == position.line:
            shown.append(f"  {'':>{gutter}} | {'':>{position.column - 1 - cut}}^")
    return shown


def _finding_lines(finding: Finding, result: Result) -> Iterator[str]:
    yield verdict_line(finding)
    shown = excerpt(finding.position)
    if shown:
        yield ""
        yield from shown
    moment = finding.moment
    if moment is not None and finding.flow is not None:
        yield ""
        if result.verdict.replications > 1:
            yield f"in run {moment.replication + 1} of {result.verdict.replications}:"
        yield from timeline(
            result.traces[moment.replication], flow=finding.flow, t_us=moment.t_us, width=WIDTH
        )
    if finding.story:
        yield ""
        yield from finding.story


def _source_lines(path: str) -> tuple[str, ...]:
    """Read a file for showing: what cannot be printed as it is becomes a space."""
    try:
        with Path(path).open(encoding="utf-8-sig", errors="replace") as file:
            lines = tuple(islice(file, _MAX_SOURCE_LINES))
    except OSError:
        return ()
    return tuple(
        "".join(char if char.isprintable() else " " for char in line.rstrip("\r\n")) for line in lines
    )
