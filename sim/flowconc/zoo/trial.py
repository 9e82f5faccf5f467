"""One scenario under one semantics: which invariants break, and whether what is expected comes about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flowconc.check.invariants import INVARIANTS, watch
from flowconc.check.judge import judge
from flowconc.check.verdict import Outcome
from flowconc.scenario.load import load
from flowconc.scenario.problems import BadInput
from flowconc.scenario.semantics import version_of
from flowconc.simulation.simulate import simulate

FIRST_WITH_SCOPES = (2, 0)
"""The first version that has limits of namespaces and tenants (SEMANTICS 3.16)."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a scenario under a semantics.

    `broken` has the invariants that broke, whatever the scenario says of them, each with the sentence about the first
    time. `failures` are the sentences of all other checks that failed. `unusable` says why the scenario could not be run:
    it uses what that version does not have.
    """

    semantics: str
    broken: Mapping[str, str] = field(default_factory=dict)
    failures: tuple[str, ...] = ()
    unusable: str | None = None

    @property
    def passed(self) -> bool:
        """Say whether everything held that must."""
        return self.unusable is None and not self.broken and not self.failures


def try_out(path: Path, semantics: str, *, last: bool = False) -> Trial:
    """Run the first scenario of a file under a semantics, or the last one, and judge it."""
    try:
        scenarios = load(path, semantics=semantics)
    except BadInput as bad:
        return Trial(semantics, unusable=bad.problems[0].sentence)
    scenario = scenarios[-1 if last else 0]
    version = version_of(semantics)
    if scenario.limits and version is not None and version < FIRST_WITH_SCOPES:
        return Trial(semantics, unusable="this version has no limits of namespaces and tenants")
    trace = simulate(scenario)
    invariants = [kind() for kind in INVARIANTS.values()]
    watch(trace, invariants, scenario)
    broken = {each.id: each.first.sentence for each in invariants if each.first is not None}
    failed = judge(scenario, [trace]).of(Outcome.FAIL)
    return Trial(
        semantics, broken, tuple(finding.sentence for finding in failed if finding.check not in broken)
    )
