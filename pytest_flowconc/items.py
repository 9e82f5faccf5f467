"""What a scenario file becomes in pytest's tree: a file, one item per scenario, or one item of bad input."""

from __future__ import annotations

import os
import shlex
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flowconc.report.terminal import failure_block, failures
from flowconc.report.verdicts import bad_input_data, scenario_data
from flowconc.runner import Result, run_scenario
from flowconc.scenario.model import Scenario
from flowconc.scenario.problems import BadInput, Position, Problem
from pytest_flowconc.options import SETTINGS
from pytest_flowconc.properties import properties
from pytest_flowconc.readings import Run, runs_of
from pytest_flowconc.reporting import BAD_FILES, FAILED_AT, RESULTS, VERDICT, Place, Verdict


class DoesNotPass(Exception):  # noqa: N818 - it says what is
    """A scenario ran and failed, or stayed inconclusive."""

    def __init__(self, result: Result, kept: str | None = None) -> None:
        self.result = result
        self.kept = kept  # where the smallest variation that fails is
        super().__init__(result.scenario.id)


class ScenarioFile(pytest.File):
    """A scenario file. Bad input becomes one item that fails, so that the other files still run.

    A collection error would be the other way to say it, but pytest stops the whole session at one.
    """

    def collect(self) -> Iterator[pytest.Item]:
        """Make the items, in the file's order; each scenario once for each semantics asked for."""
        path = _relative(self.path)
        try:
            items = [self._item(run) for run in runs_of(path, self.config.stash[SETTINGS].semantics)]
        except BadInput as bad:
            self.config.stash[BAD_FILES][self.nodeid] = {**bad_input_data(str(path), bad.problems)}
            yield BadInputItem.from_parent(self, name="bad input", bad=bad)
        else:
            yield from items

    def _item(self, run: Run) -> ScenarioItem:
        scenario, semantics = run.scenario, run.semantics
        # "::" separates the parts of a node id, so a name that holds it could not be selected
        name = (scenario.id if semantics is None else f"{scenario.id}[{semantics}]").replace("::", ":")
        item: ScenarioItem = ScenarioItem.from_parent(
            self, name=name, index=run.index, scenario=scenario, semantics=semantics
        )
        for name in scenario.marks:
            item.add_marker(_mark(name, item))
        if run.refused is not None:
            item.add_marker(pytest.mark.skip(f"{semantics} cannot read it: {run.refused.problems[0]}"))
        return item


class ScenarioItem(pytest.Item):
    """One scenario with one set of parameters."""

    def __init__(
        self, *, index: int, scenario: Scenario, semantics: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.index = index  # among the scenarios of its file, from 0
        self.scenario = scenario
        self.semantics = semantics  # in place of the scenario's own

    def runtest(self) -> None:
        """Simulate and judge. Raises DoesNotPass, and BadInput for what only running can find."""
        settings = self.config.stash[SETTINGS]
        result = run_scenario(self.scenario, seed=settings.seed, replications=settings.replications)
        self.user_properties.extend(properties(result))
        self.stash[VERDICT] = Verdict(
            index=self.index, semantics=self.semantics, scenario={**scenario_data(result)}
        )
        if RESULTS in self.config.stash:
            self.config.stash[RESULTS][self.nodeid] = result
        if not result.passed:
            self.stash[FAILED_AT] = _place(failures(result)[0].position, self.config.rootpath)
            raise DoesNotPass(result, _kept(result, save=settings.save_failures))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the failure block; its first line is the verdict."""
        error = excinfo.value
        if isinstance(error, DoesNotPass):
            return failure_block(error.result, repeat=self.repeat_command(error.result), kept=error.kept)
        if isinstance(error, BadInput):
            return str(error)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        """Return the scenario's place in its file (the line from 0, as pytest counts) and a headline."""
        return self.path, self.scenario.position.line - 1, f"scenario: {self.scenario.id}"

    def repeat_command(self, result: Result) -> str:
        """Return the command that runs this scenario again with the same random numbers."""
        words = ["pytest", "--flowconc", f"--flowconc-seed={result.seed}"]
        replications = self.config.stash[SETTINGS].replications
        if replications is not None:
            words.append(f"--flowconc-replications={replications}")
        if self.semantics is not None:
            words.append(f"--flowconc-semantics={self.semantics}")
        return shlex.join([*words, f"{_relative(self.path)}::{self.name}"])


class BadInputItem(pytest.Item):
    """Stands for a file that cannot be used: fails with every problem in it."""

    def __init__(self, *, bad: BadInput, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bad = bad

    def runtest(self) -> None:
        """Raise the BadInput."""
        self.stash[FAILED_AT] = _place(self.bad.problems[0].position, self.config.rootpath)
        raise self.bad

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the problems, one a line."""
        return str(self.bad) if excinfo.value is self.bad else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        """Return the file and the line of the first problem (from 0)."""
        return self.path, self.bad.problems[0].position.line - 1, "bad input"


def _kept(result: Result, *, save: bool) -> str | None:
    """Keep the failure of a scenario that varies, if that is wanted, and say where; else say how."""
    if result.failure is None:
        return None
    if not save:
        return "--flowconc-save-failures keeps it beside the scenario's file"
    from flowconc.vary.saving import save_failure  # noqa: PLC0415 - few scenarios vary

    path = save_failure(result.failure, result.scenario.position.path)
    return None if path is None else f"kept: {path}"


def _relative(path: Path) -> Path:
    """Return the path from the current directory, as people and editors like to read it."""
    try:
        return Path(os.path.relpath(path))
    except ValueError:  # another drive
        return path


def _place(position: Position, root: Path) -> Place:
    """Return a position as test reports have it."""
    try:
        path = os.path.relpath(position.path, root)
    except ValueError:  # another drive
        path = position.path
    return {"path": path, "line": position.line - 1}


def _mark(name: str, item: ScenarioItem) -> pytest.MarkDecorator:
    """Return the mark, with what pytest has to say of an unknown one said at the scenario's line.

    Raises BadInput where pytest refuses it (`--strict-markers`, or warnings that are errors).
    """
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            mark: pytest.MarkDecorator = getattr(pytest.mark, name)
        for warning in caught:
            item.warn(pytest.PytestUnknownMarkWarning(str(warning.message)))
    except (pytest.fail.Exception, AttributeError, pytest.PytestUnknownMarkWarning) as refusal:
        raise BadInput([Problem(item.scenario.position, f"marks: {refusal}")]) from None
    return mark
