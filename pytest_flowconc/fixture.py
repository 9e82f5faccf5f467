"""The `flowconc` fixture: scenarios run from test functions, with or without `--flowconc`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_flowconc.options import SETTINGS

if TYPE_CHECKING:
    from flowconc.runner import Result
    from flowconc.scenario.builder import ScenarioBuilder
    from flowconc.scenario.model import Scenario


class Flowconc:
    """What the `flowconc` fixture gives to a test.

    Relative paths start from the test's own directory. `--flowconc-seed` and `--flowconc-replications` apply
    where the test itself names no seed or number of replications. A run that does not pass leaves its failure
    block in the test's report, so that a plain `assert result.passed` explains itself.
    """

    def __init__(self, request: pytest.FixtureRequest) -> None:
        self._node: pytest.Item = request.node
        self._directory = request.path.parent
        self._settings = request.config.stash[SETTINGS]

    def load(self, path: str | Path, semantics: str | None = None) -> tuple[Scenario, ...]:
        """Read a scenario file: one scenario for each document and set of parameters. Raises BadInput.

        `semantics` takes the place of each scenario's own.
        """
        from flowconc.scenario.load import load  # noqa: PLC0415 - a suite that never loads one pays nothing

        return load(self._directory / path, semantics=semantics)

    def run(
        self,
        source: str | Path | Scenario,
        seed: int | None = None,
        replications: int | None = None,
        semantics: str | None = None,
    ) -> Result:
        """Run the one scenario of a file, under `semantics` in place of its own if given, or a built one.

        Raises BadInput for a file that cannot be used, ValueError when it holds several scenarios (`run_all`).
        """
        from flowconc.runner import run  # noqa: PLC0415 - as above

        source = self._directory / source if isinstance(source, str | Path) else source
        result = run(
            source,
            seed=self._seed(seed),
            replications=self._replications(replications),
            semantics=semantics,
        )
        self._explain(result)
        return result

    def run_all(
        self,
        path: str | Path,
        seed: int | None = None,
        replications: int | None = None,
        semantics: str | None = None,
    ) -> tuple[Result, ...]:
        """Run every scenario of a file, with every set of parameters, under `semantics` if given. Raises BadInput."""
        return tuple(self.run(scenario, seed, replications) for scenario in self.load(path, semantics))

    def scenario(self, name: str) -> ScenarioBuilder:
        """Begin a scenario in Python; see `flowconc.builder`."""
        from flowconc.scenario.builder import scenario  # noqa: PLC0415 - as above

        return scenario(name)

    def _seed(self, seed: int | None) -> int | None:
        return self._settings.seed if seed is None else seed

    def _replications(self, replications: int | None) -> int | None:
        return self._settings.replications if replications is None else replications

    def _explain(self, result: Result) -> None:
        """Leave the failure block where pytest shows it if the test fails."""
        if not result.passed:
            from flowconc.report.terminal import failure_block  # noqa: PLC0415 - as above

            self._node.add_report_section("call", "flowconc", failure_block(result) + "\n")


@pytest.fixture
def flowconc(request: pytest.FixtureRequest) -> Flowconc:
    """Run Kestra concurrency scenarios: `result = flowconc.run("x.flowconc.yaml")`."""
    return Flowconc(request)
