"""From a scenario to its machine: what is explored, and under which rules."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version

from flowconc.check.invariants import INVARIANTS
from flowconc.explore.books import Judge
from flowconc.explore.cells import Cells
from flowconc.explore.machine import Machine
from flowconc.explore.scope import Scope
from flowconc.explore.script import CueId, script_of
from flowconc.explore.stepping import Stepping
from flowconc.protocol.semantics import Semantics, semantics_of
from flowconc.scenario.model import Invariants, Scenario
from flowconc.trace.trace import Header


@dataclass(frozen=True)
class Model:
    """A scenario under a semantics; by default its own."""

    scenario: Scenario
    semantics: Semantics

    @classmethod
    def of(cls, scenario: Scenario, semantics: Semantics | None = None) -> Model:
        """Return the model of a scenario."""
        return cls(scenario, semantics or semantics_of(scenario.semantics))

    @property
    def header(self) -> Header:
        """What the traces of its schedules say of themselves."""
        scenario = self.scenario
        return Header(
            scenario=scenario.id,
            semantics=self.semantics.name,
            seed=scenario.run.seed,
            replication=0,
            flowconc_version=version("pytest-flowconc"),
            clock_start=scenario.clock_start.isoformat(),
            until_us=scenario.run.until_us,
        )

    def machine(self, scope: Scope) -> Machine:
        """Return the states and moves within a scope."""
        judge = Judge(judged(self.scenario.invariants), self.header, self.scenario)
        stepping = Stepping(self.scenario, self.semantics, Cells(), judge)
        script = script_of(self.scenario, scope.executions).without(scope.left_out)
        return Machine(stepping, script, executors=scope.executors, crashes=scope.crashes)

    def cues(self, executions: int | None) -> list[CueId]:
        """Return the ids of all cues, of so many executions, in the order of the scenario."""
        return [cue.id for cue in script_of(self.scenario, executions).cues]


def judged(wanted: Invariants) -> list[str]:
    """Return the invariants that judge a scenario, those that may break and must break among them."""
    return [
        name
        for name in INVARIANTS
        if not wanted.chosen or name in wanted.chosen | wanted.must_break | wanted.excepted
    ]
