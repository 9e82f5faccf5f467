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
    WARN = "warn"  # breached, but declared `severity: warn`


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
        """Return FAIL if any check failed, else INCONCLUSIVE if any is, else PASS."""
        outcomes = {finding.outcome for finding in self.findings}
        if Outcome.FAIL in outcomes:
            return Outcome.FAIL
        return Outcome.INCONCLUSIVE if Outcome.INCONCLUSIVE in outcomes else Outcome.PASS

    @property
    def passed(self) -> bool:
        """Say whether every check passed or only warned."""
        return self.outcome is Outcome.PASS

    @property
    def undecided(self) -> bool:
        """Say whether more replications could decide something that is open now."""
        return any(finding.outcome is Outcome.INCONCLUSIVE for finding in self.findings)

    def of(self, outcome: Outcome) -> tuple[Finding, ...]:
        """Return the findings with this outcome."""
        return tuple(finding for finding in self.findings if finding.outcome is outcome)
