"""What must be met sometimes: in one run of a batch at least, or the batch has tried too little to say much."""

from __future__ import annotations

from collections.abc import Sequence

from flowconc.check.coverage import PREDICATES, all_met
from flowconc.check.verdict import Finding, Outcome
from flowconc.check.wording import counted
from flowconc.scenario.conditions import Sometimes
from flowconc.scenario.model import Scenario
from flowconc.trace.trace import Trace

CHECK = "sometimes"


class Tally:
    """How many examples of a batch have met each condition. An example has a trace for each replication."""

    def __init__(self, conditions: Sequence[Sometimes]) -> None:
        self._conditions = tuple(conditions)
        self._met = [0] * len(self._conditions)
        self._examples = 0

    def add(self, traces: Sequence[Trace]) -> None:
        """Count one example. A condition is met when one of its runs meets it."""
        self._examples += 1
        if not self._conditions:
            return
        wanted = [each.condition for each in self._conditions]
        met = [all_met(trace, wanted) for trace in traces]
        for place, moments in enumerate(zip(*met, strict=True)):
            self._met[place] += any(moment is not None for moment in moments)

    def findings(self, noun: str = "run") -> list[Finding]:
        """Return one finding for each condition; `noun` is what an example is called."""
        return [
            self._finding(each, times, noun) for each, times in zip(self._conditions, self._met, strict=True)
        ]

    def _finding(self, condition: Sometimes, times: int, noun: str) -> Finding:
        batch = counted(self._examples, noun)
        what = _said(condition)
        if times:
            sentence = f"{what}: met in {times} of {batch}"
            return Finding(CHECK, Outcome.PASS, sentence, condition.position)
        others = ", ".join(
            f"{other.written} in {met}"
            for other, met in zip(self._conditions, self._met, strict=True)
            if other is not condition
        )
        sentence = f"{what}: never met in {batch}, must be met in one at least"
        story = (f"how often the others were met: {others}",) if others else ()
        return Finding(CHECK, Outcome.WEAK, sentence, condition.position, story)


def judge_sometimes(scenario: Scenario, traces: Sequence[Trace]) -> list[Finding]:
    """Return one finding for each condition of a scenario, over its replications."""
    tally = Tally(scenario.sometimes)
    for trace in traces:
        tally.add([trace])
    return tally.findings()


def _said(condition: Sometimes) -> str:
    if isinstance(condition.condition, str):
        return f"{condition.written} ({PREDICATES[condition.condition].sentence})"
    return condition.written
