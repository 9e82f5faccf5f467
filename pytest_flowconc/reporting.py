"""What the session says and writes about scenarios: header, summary, verdict file, report, exit status.

Scenarios run wherever pytest runs items, under xdist in workers; what is said and written is the business of the
process that talks to the user. So each test report carries its verdict as plain data in `report.flowconc`, which
xdist ships like everything else in a report, and only the controller reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import pytest

from pytest_flowconc.options import Settings

if TYPE_CHECKING:
    from flowconc.runner import Result


class Verdict(TypedDict):
    """What a test report carries. `index` is the scenario's place among those of its file, from 0.

    `semantics` is the one in place of the scenario's own, if the session asked for some.
    """

    index: int
    semantics: str | None
    scenario: dict[str, Any]  # see `flowconc.report.verdicts.ScenarioData`


class Place(TypedDict):
    """Where the file asks for what failed: a path relative to pytest's root, a line from 0."""

    path: str
    line: int


VERDICT = pytest.StashKey[Verdict]()
"""Of an item: what its report carries, once it has run."""

FAILED_AT = pytest.StashKey[Place]()
"""Of an item: what its report gives as its location, once it has failed."""

BAD_FILES = pytest.StashKey[dict[str, dict[str, Any]]]()
"""Of the configuration: the files that could not be used, by node id; see `flowconc.report.verdicts.BadInputData`."""

RESULTS = pytest.StashKey["dict[str, Result]"]()
"""Of the configuration: the results of this process by node id, kept only if a report is to be written."""

_WORKER_OUTPUT = "flowconc_bad_files"


def register(config: pytest.Config, settings: Settings) -> None:
    """Join the session: as a carrier of verdicts where items run, as a reporter where the user is."""
    config.stash[BAD_FILES] = {}
    is_worker = hasattr(config, "workerinput")
    config.pluginmanager.register(Carrier(is_worker=is_worker), "flowconc-carrier")
    if not is_worker:
        if settings.report is not None:
            _check_report()
            config.stash[RESULTS] = {}
        config.pluginmanager.register(Reporter(config, settings), "flowconc-reporter")


def _check_report() -> None:
    """Find out before everything runs whether a report can be made. Raises UsageError."""
    from flowconc.report.html import MissingExtra, check_extra  # noqa: PLC0415 - only if asked for

    try:
        check_extra()
    except MissingExtra as missing:
        raise pytest.UsageError(f"--flowconc-report: {missing}") from None


class Carrier:
    """Puts verdicts into test reports, in the process that runs the items."""

    def __init__(self, *, is_worker: bool) -> None:
        self._is_worker = is_worker

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Attach the verdict, and point the report at the failed check rather than at the scenario.

        Tools that annotate source files, pytest-github-actions-annotate-failures among them, read
        `report.location`.
        """
        report = yield
        if call.when == "call":
            if VERDICT in item.stash:
                report.flowconc = item.stash[VERDICT]  # type: ignore[attr-defined]
            if report.failed and FAILED_AT in item.stash:
                place = item.stash[FAILED_AT]
                report.location = (place["path"], place["line"], report.location[2])
        return report

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Tell the controller, if there is one, which files could not be used."""
        if self._is_worker:
            session.config.workeroutput[_WORKER_OUTPUT] = session.config.stash[BAD_FILES]  # type: ignore[attr-defined]


class Reporter:
    """Says and writes what the scenarios showed, in the process that talks to the user."""

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self._config = config
        self._settings = settings
        self._verdicts: dict[str, Verdict] = {}
        self._reported_bad: set[str] = set()
        self._written: list[str] = []
        self._not_written: list[str] = []

    def pytest_report_header(self) -> str:
        """Return what is needed to repeat this session: version, semantics, seed."""
        from flowconc import __version__  # noqa: PLC0415 - needed only where a header is shown

        seed, replications = self._settings.seed, self._settings.replications
        asked = self._settings.semantics
        parts = [
            f"semantics {', '.join(asked)}"
            if asked
            else "semantics documented unless a scenario names another",
            "each scenario's own seed" if seed is None else f"seed {seed}",
            *([] if replications is None else [f"{replications} replications"]),
        ]
        return f"flowconc {__version__}: {', '.join(parts)}"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the verdict out of a report, wherever that was made."""
        verdict: Verdict | None = getattr(report, "flowconc", None)
        if verdict is not None:
            self._verdicts[report.nodeid] = verdict
        elif report.failed:
            self._reported_bad.add(report.nodeid.partition("::")[0])

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over the unusable files of a worker; one that died has nothing to say."""
        output = getattr(node, "workeroutput", None) or {}
        self._config.stash[BAD_FILES].update(output.get(_WORKER_OUTPUT, {}))

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write what was asked for, and settle the exit status.

        An unusable file makes the session a usage error, also when other tests failed: it was not tested at all,
        which is the graver thing to know, and tells "the limit is wrong" (1) from "the file is wrong" (4).
        It says nothing against an interruption or an internal error. An output that could not be written is a
        usage error where all else is well.
        """
        if self._settings.json is not None:
            self._write("verdicts", self._settings.json, self._write_json)
        if self._settings.report is not None:
            self._write("report", self._settings.report, self._write_report)
        outweighed = {pytest.ExitCode.OK} if self._not_written else set()
        if self._config.stash[BAD_FILES]:
            outweighed |= {
                pytest.ExitCode.OK,
                pytest.ExitCode.TESTS_FAILED,
                pytest.ExitCode.NO_TESTS_COLLECTED,
            }
        if exitstatus in outweighed:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the verdicts (if asked for, or if one is bad), warnings, what is not simulated, and the files."""
        lines = list(self._summary(verbose=self._config.get_verbosity() > 0))
        if lines:
            terminalreporter.section("flowconc")
            for line in lines:
                terminalreporter.line(line)

    # --- what is said -----------------------------------------------------------------------------------------

    def _summary(self, *, verbose: bool) -> Iterable[str]:
        scenarios = self._scenarios()
        if verbose or any(scenario["outcome"] != "pass" for scenario in scenarios):
            yield from _table(scenarios, with_semantics=bool(self._settings.semantics))
        for scenario in scenarios:
            for finding in scenario["findings"]:
                if finding["outcome"] == "warn":
                    yield f"warning: {finding['path']}:{finding['line']}: {finding['sentence']}"
        # a notice is about a file, and many scenarios may share it
        yield from dict.fromkeys(notice for scenario in scenarios for notice in scenario["notices"])
        for nodeid, bad in sorted(self._config.stash[BAD_FILES].items()):
            if nodeid not in self._reported_bad:
                yield from bad["problems"]
        yield from self._written
        yield from self._not_written

    def _scenarios(self) -> list[dict[str, Any]]:
        return [verdict["scenario"] for _, verdict in self._in_order()]

    def _in_order(self) -> list[tuple[str, Verdict]]:
        """Return node ids and verdicts by file and place in it, whatever order xdist ran them in."""
        asked: list[str | None] = [None, *self._settings.semantics]
        return sorted(
            self._verdicts.items(),
            key=lambda entry: (
                entry[1]["scenario"]["path"],
                entry[1]["index"],
                asked.index(entry[1]["semantics"]),
            ),
        )

    # --- what is written --------------------------------------------------------------------------------------

    def _write(self, what: str, path: Path, write: Callable[[Path], Path]) -> None:
        try:
            written = write(path)
        except OSError as error:
            self._not_written.append(f"{what} not written to {path}: {error.strerror or error}")
        else:
            self._written.append(f"{what}: {written}")

    def _write_json(self, path: Path) -> Path:
        from flowconc.report.verdicts import verdicts_json  # noqa: PLC0415 - only if asked for

        bad_input = [bad for _, bad in sorted(self._config.stash[BAD_FILES].items())]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(verdicts_json(self._scenarios(), bad_input), encoding="utf-8")
        return path

    def _write_report(self, directory: Path) -> Path:
        from flowconc.report.html import write_report  # noqa: PLC0415 - only if asked for

        return write_report(self._results(), directory)

    def _results(self) -> list[Result]:
        """Return the results to show: those of this process, and what xdist's workers ran, run again.

        A result holds whole traces. Running again gives the same bytes, needs no shared disk, and costs only those
        who ask for a report.
        """
        from pytest_flowconc.rerun import run_again  # noqa: PLC0415 - only if asked for

        kept = self._config.stash[RESULTS]
        return [
            kept[nodeid] if nodeid in kept else run_again(verdict, self._settings)
            for nodeid, verdict in self._in_order()
        ]


def _table(scenarios: list[dict[str, Any]], *, with_semantics: bool) -> Iterable[str]:
    width = max((len(scenario["outcome"]) for scenario in scenarios), default=0)
    for scenario in scenarios:
        runs = _tried(scenario)
        word = scenario["outcome"].upper()
        name = scenario["id"] + (f"[{scenario['semantics']}]" if with_semantics else "")
        yield f"{word:<{width}}  {scenario['path']}: {name}  ({runs}, seed {scenario['seed']})"


def _tried(scenario: dict[str, Any]) -> str:
    """Say how many runs or, of a scenario that varies, examples there were."""
    count, noun = scenario["replications"], "run"
    if scenario["examples"] is not None:
        count, noun = scenario["examples"], "example"
    return f"1 {noun}" if count == 1 else f"{count} {noun}s"
