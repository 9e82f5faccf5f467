"""`flowconc verify`: a recording of the real engine against the simulation."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from flowconc.check.wording import counted
from flowconc.cli.progress import tracked
from flowconc.cli.words import styled
from flowconc.kestra.account import data, lines, outcome_word
from flowconc.kestra.conformance import Pair, pairs
from flowconc.kestra.verification import DEFAULT_SEEDS, Verification, verify
from flowconc.scenario.problems import BadInput

_COLOURS = {"agrees": "green", "race": "green", "explained": "yellow", "differs": "red"}

BAD_INPUT = 2

Checked = tuple[Pair, Verification | BadInput]


@click.command("verify")
@click.argument("script", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--recording",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What the engine did with the script (JSON Lines).",
)
@click.option(
    "--all",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Verify a whole folder instead: scripts/NAME.yaml and VERSION/NAME.jsonl.",
)
@click.option("--semantics", help="Simulate by this semantics instead of that of the recorded version.")
@click.option(
    "--seeds",
    type=click.IntRange(min=0),
    default=DEFAULT_SEEDS,
    show_default=True,
    help="Orders to search when the plain simulation differs; 0 searches none.",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to write the result."
)
def command(
    script: Path | None,
    recording: Path | None,
    folder: Path | None,
    semantics: str | None,
    seeds: int,
    form: str,
) -> int:
    """Simulate SCRIPT by the rules of the recorded version of Kestra and compare what comes of it.

    Compared are the states of every execution, the order of starts, what triggers made, counters, queues, refusals.
    Where an outcome is a race inside the engine, the recording must be one of the outcomes that the search reaches.

    Exits 0 if every recording agrees, 1 if one differs, 2 if a file cannot be used. With --all, a recording whose
    deviation is explained is no failure.
    """
    chosen = _chosen(script, recording, folder)
    checked: list[Checked] = []
    for pair, result in tracked(_checked(chosen, semantics, seeds), total=len(chosen), what="recordings"):
        checked.append((pair, result))
        if form == "text":
            _say(result, briefly=folder is not None)
    if form == "json":
        click.echo(json.dumps(_as_data(checked, folder), indent=2, ensure_ascii=False))
    elif folder is not None:
        click.echo(_summary(checked))
    return _status(checked, explained_is_fine=folder is not None)


def _chosen(script: Path | None, recording: Path | None, folder: Path | None) -> list[Pair]:
    if folder is not None:
        if script is not None or recording is not None:
            raise click.UsageError("--all takes neither a SCRIPT nor a --recording")
        return pairs(folder)
    if script is None:
        raise click.UsageError("there is nothing to verify, expected a SCRIPT with its --recording, or --all")
    if recording is None:
        raise click.UsageError("there is no recording of the script, expected --recording TRACE.jsonl")
    return [Pair("", script.stem, script, recording)]


def _checked(chosen: list[Pair], semantics: str | None, seeds: int) -> Iterator[Checked]:
    for pair in chosen:
        try:
            yield pair, verify(pair.script, pair.recording, semantics=semantics, seeds=seeds)
        except BadInput as error:
            yield pair, error


def _say(result: Verification | BadInput, *, briefly: bool) -> None:
    if isinstance(result, BadInput):
        for problem in result.problems:
            click.echo(problem, err=True)
        return
    word = outcome_word(result)
    told = list(lines(result))
    head = told[0].removeprefix(word)
    click.echo(f"{styled(word, fg=_COLOURS[word], bold=True)}{head}")
    if not briefly or word in {"explained", "differs"}:
        for line in told[1:]:
            click.echo(line)


def _as_data(checked: list[Checked], folder: Path | None) -> Any:
    """Return one result, or with a folder a list of them."""
    found = [
        {
            "outcome": "unusable",
            "recording": str(pair.recording),
            "problems": list(map(str, result.problems)),
        }
        if isinstance(result, BadInput)
        else data(result)
        for pair, result in checked
    ]
    return found if folder is not None else found[0]


def _summary(checked: list[Checked]) -> str:
    words = Counter(
        outcome_word(result) if isinstance(result, Verification) else "unusable" for _, result in checked
    )
    parts = [f"{words['agrees'] + words['race']} agree ({words['race']} of them by search)"]
    parts += [f"{words[word]} {word}" for word in ("explained", "unusable") if words[word]]
    parts.append(f"{words['differs']} differ")
    return f"{counted(len(checked), 'recording')}: {', '.join(parts)}"


def _status(checked: list[Checked], *, explained_is_fine: bool) -> int:
    fine = {"agrees", "race", "explained"} if explained_is_fine else {"agrees", "race"}
    if any(isinstance(result, BadInput) for _, result in checked):
        return BAD_INPUT
    words = [outcome_word(result) for _, result in checked if isinstance(result, Verification)]
    return 0 if fine.issuperset(words) else 1
