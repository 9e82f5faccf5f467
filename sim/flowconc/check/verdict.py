"""What the checks say: one finding per check, one verdict per scenario."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from flowconc.scenario.problems import Position


class Outcome(Enum):
    """The answer of one check, or of all together."""

    PASS = "pass"  # noqa: S105 - not a password
    FAIL = "fail"
    INCONCLUSIVE = (
        "inconclusive"  # the confidence interval still holds the bound when the cap of replications is hit
    )
    WEAK = "weak"  # what must be met sometimes was never met: the runs have tried too little
    WARN = "warn"  # breached, but declared `severity: warn`


FAILING = (Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.WEAK)
"""What a scenario does not pass with, the worst first."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Where in which run a check broke. `seq` is the event of the trace of replication `replication`."""

    replication: int
    t_us: int
    seq: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    `check` is an invariant's id, `expect`, or a metric as written. `sentence` is the verdict in one line:
    observed, must be, over how many runs. `story` shows the moment: who held the slots, who waited.
    """

    check: str
    outcome: Outcome
    sentence: str
    position: Position
    story: tuple[str, ...] = ()
    moment: Moment | None = None
    flow: str | None = None  # the flow it speaks of, for the timeline


@dataclass(frozen=True, slots=True)
class Verdict:
    """All findings of one scenario, failures first, over `replications` runs."""

    findings: tuple[Finding, ...]
    replications: int

    @property
    def outcome(self) -> Outcome:
        """Return the worst there is of FAILING, or PASS when no check says any of these."""
        outcomes = {finding.outcome for finding in self.findings}
        return next((outcome for outcome in FAILING if outcome in outcomes), Outcome.PASS)

    @property
    def passed(self) -> bool:
        """Say whether every check passed or only warned."""
        return self.outcome is Outcome.PASS

    @property
    def undecided(self) -> bool:
        """Say whether more replications could decide something that is open now."""
        return any(finding.outcome is Outcome.INCONCLUSIVE for finding in self.findings)

    @property
    def failures(self) -> tuple[Finding, ...]:
        """Return what keeps the scenario from passing, the worst first."""
        return tuple(finding for outcome in FAILING for finding in self.of(outcome))

    def of(self, outcome: Outcome) -> tuple[Finding, ...]:
        """Return the findings with this outcome."""
        return tuple(finding for finding in self.findings if finding.outcome is outcome)
