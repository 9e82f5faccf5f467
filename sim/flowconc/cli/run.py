"""`flowconc run`: scenarios, from file to verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from flowconc.check.verdict import Outcome
from flowconc.check.wording import counted
from flowconc.cli.outputs import STDOUT, check_report, check_writable, write
from flowconc.cli.progress import tracked
from flowconc.cli.traces import TraceFiles
from flowconc.cli.words import styled
from flowconc.compiled import prepare
from flowconc.replications import are_compiled, check_backend
from flowconc.report.html import write_report
from flowconc.report.terminal import failure_block, scenario_line, verdict_line
from flowconc.report.verdicts import BadInputData, ScenarioData, bad_input_data, scenario_data, verdicts_json
from flowconc.runner import Result, run_scenario
from flowconc.scenario.load import SUFFIX, find, load
from flowconc.scenario.model import Scenario
from flowconc.scenario.problems import BadInput, Position, Problem
from flowconc.scenario.resolve.flow_files import shown_path

_COLOURS = {
    Outcome.PASS: "green",
    Outcome.FAIL: "red",
    Outcome.INCONCLUSIVE: "yellow",
    Outcome.WEAK: "yellow",
}


@click.command("run")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--seed", type=click.IntRange(min=0), help="Root of all random streams, for every scenario.")
@click.option("--replications", type=click.IntRange(min=1), help="Runs per scenario to begin with.")
@click.option(
    "--save-failures",
    is_flag=True,
    help="Of a scenario that varies, write the smallest variation that fails beside its file.",
)
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path), help="Write the verdicts here; - is stdout."
)
@click.option(
    "--trace",
    "trace_file",
    type=click.Path(path_type=Path),
    help="Write the traces here (JSON Lines; for Perfetto if it ends in .perfetto.json). - is stdout. "
    "Several runs are numbered: t.jsonl becomes t-1.jsonl, t-2.jsonl, ...",
)
@click.option(
    "--report",
    "report_directory",
    type=click.Path(path_type=Path),
    help="Write the HTML report into this directory.",
)
def command(
    paths: tuple[Path, ...],
    seed: int | None,
    replications: int | None,
    save_failures: bool,
    json_file: Path | None,
    trace_file: Path | None,
    report_directory: Path | None,
) -> int:
    """Run every scenario under each PATH (a file, or a directory with *.flowconc.yaml files) and judge it.

    Exits 0 if all pass, 1 if one fails or stays inconclusive, 2 if a file cannot be used; the others still run.
    """
    _check_outputs(json_file, trace_file, report_directory)
    files, bad_files = _find_all(paths)
    scenarios, unusable = _load_all(files)
    bad_files += unusable
    traces = None if trace_file is None else TraceFiles(trace_file)
    verdicts: list[ScenarioData] = []
    for_report: list[Result] = []
    to_stderr = STDOUT in (json_file, trace_file)
    if any(_compiles(scenario, replications) for scenario in scenarios):
        prepare(lambda sentence: click.echo(sentence, err=True))
    for result in _run_all(scenarios, seed, replications):
        _say(result, _kept(result, save=save_failures), err=to_stderr)
        verdicts.append(scenario_data(result))
        if traces is not None:
            traces.add(result)
        if report_directory is not None:
            for_report.append(result)
    for line in _closing_lines(scenarios, verdicts, bad_files):
        click.echo(line, err=to_stderr)
    if traces is not None:
        for path in traces.finish():
            click.echo(f"trace: {path}", err=to_stderr)
    if json_file is not None:
        write(json_file, verdicts_json(verdicts, bad_files))
    if report_directory is not None:
        click.echo(f"report: {write_report(for_report, report_directory)}", err=to_stderr)
    if bad_files:
        return 2
    return 0 if all(verdict["outcome"] == "pass" for verdict in verdicts) else 1


def _check_outputs(json_file: Path | None, trace_file: Path | None, report_directory: Path | None) -> None:
    if json_file == trace_file == STDOUT:
        raise click.UsageError("--json and --trace cannot both go to stdout")
    for file in (json_file, trace_file):
        if file is not None and file != STDOUT:
            check_writable(file)
    if report_directory is not None:
        check_report(report_directory)


def _find_all(paths: Iterable[Path]) -> tuple[list[Path], list[BadInputData]]:
    """Find the scenario files, each once; say which paths lead to none."""
    files: dict[Path, None] = {}
    bad_paths: list[BadInputData] = []
    for path in paths:
        try:
            files |= dict.fromkeys(_find(path))
        except BadInput as bad:
            bad_paths.append(_say_bad(path, bad))
    return list(files), bad_paths


def _find(path: Path) -> list[Path]:
    """Find the scenario files that a path means. Raises BadInput when there are none."""
    found = find([path])
    if not found:
        raise BadInput([Problem(Position(shown_path(path)), f"there is no scenario (*{SUFFIX}) below")])
    return found


def _load_all(files: Iterable[Path]) -> tuple[list[Scenario], list[BadInputData]]:
    """Load every file, and say all problems of those that cannot be used."""
    scenarios: list[Scenario] = []
    bad_files: list[BadInputData] = []
    for file in files:
        try:
            found = load(file)
            for scenario in found:
                check_backend(scenario)
            scenarios.extend(found)
        except BadInput as bad:
            bad_files.append(_say_bad(file, bad))
    return scenarios, bad_files


def _say_bad(path: Path, bad: BadInput) -> BadInputData:
    for problem in bad.problems:
        click.echo(problem, err=True)
    return bad_input_data(str(path), bad.problems)


def _run_all(scenarios: list[Scenario], seed: int | None, replications: int | None) -> Iterator[Result]:
    results = (run_scenario(scenario, seed=seed, replications=replications) for scenario in scenarios)
    return tracked(results, total=len(scenarios), what="scenarios")


def _compiles(scenario: Scenario, replications: int | None) -> bool:
    """Say whether some of the runs of a scenario are compiled."""
    has_more = scenario.plan is not None or (replications or scenario.run.replications) > 1
    return has_more and are_compiled(scenario)


def _kept(result: Result, *, save: bool) -> str | None:
    """Keep the failure of a scenario that varies, if that is wanted, and say where; else say how."""
    if result.failure is None:
        return None
    if not save:
        return "--save-failures keeps it beside the scenario's file"
    from flowconc.vary.saving import save_failure  # noqa: PLC0415 - few scenarios vary

    path = save_failure(result.failure, result.scenario.position.path)
    return None if path is None else f"kept: {path}"


def _say(result: Result, kept: str | None, *, err: bool) -> None:
    outcome = result.verdict.outcome
    word, rest = scenario_line(result).split(" ", 1)
    click.echo(f"{styled(word, fg=_COLOURS[outcome], bold=True)} {rest}", err=err)
    if not result.passed:
        click.echo(f"\n{failure_block(result, kept=kept)}\n", err=err)
    for finding in result.verdict.of(Outcome.WARN):
        click.echo(f"warning: {verdict_line(finding)}", err=err)


def _closing_lines(
    scenarios: list[Scenario], verdicts: list[ScenarioData], bad_files: list[BadInputData]
) -> Iterator[str]:
    # a notice is about a file, and many scenarios may share it
    notices = dict.fromkeys(str(notice) for scenario in scenarios for notice in scenario.notices)
    yield from notices | dict.fromkeys(notice for verdict in verdicts for notice in verdict["notices"])
    passed = sum(verdict["outcome"] == "pass" for verdict in verdicts)
    parts = [f"{counted(len(verdicts), 'scenario')}: {passed} passed, {len(verdicts) - passed} failed"]
    if bad_files:
        parts.append(f"{counted(len(bad_files), 'file')} not usable")
    yield ", ".join(parts)
