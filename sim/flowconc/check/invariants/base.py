"""What an invariant is, and the one pass over a run that judges all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from flowconc.check.entries import FlowEntry
from flowconc.check.ledger import Ledger
from flowconc.protocol.events import Kind
from flowconc.scenario.model import Scenario
from flowconc.trace.trace import Event, Trace


@dataclass(frozen=True, slots=True)
class Break:
    """The moment an invariant first did not hold."""

    seq: int
    t_us: int
    flow: str | None
    sentence: str
    story: tuple[str, ...]


class Invariant:
    """One sentence that must always hold, judged while the events of one run go by.

    A subclass names the kinds of event that it looks at before they are posted to the ledger, those it looks at
    after, and whether it looks at the ledger at rest, when all that happens at an instant has happened.
    The first break is kept, further ones are counted. An object judges one run, and keeps nothing of it but its
    breaks: what an invariant must remember is in the ledger, so that each step of a run can be judged by itself.
    """

    id: ClassVar[str]
    sentence: ClassVar[str]
    before_kinds: ClassVar[tuple[Kind, ...]] = ()
    after_kinds: ClassVar[tuple[Kind, ...]] = ()
    looks_at_rest: ClassVar[bool] = False

    def __init__(self) -> None:
        self.first: Break | None = None
        self.breaks = 0

    def before(self, event: Event, ledger: Ledger) -> None:
        """Judge an event of `before_kinds`, with the ledger as it was until then."""

    def after(self, event: Event, ledger: Ledger) -> None:
        """Judge an event of `after_kinds`, with the event in the ledger."""

    def at_rest(self, ledger: Ledger) -> None:
        """Judge the end of an instant; `ledger.touched` are the flows that changed in it."""

    def at_end(self, ledger: Ledger) -> None:
        """Judge the end of the run."""

    def broken(
        self, ledger: Ledger, sentence: str, *, flow: FlowEntry | None, event: Event | None = None
    ) -> None:
        """Note a break, at `event` or else at the event that was posted last."""
        self.breaks += 1
        if self.first is None:
            seq, t_us = (ledger.seq, ledger.instant_us) if event is None else (event.seq, event.t_us)
            story = () if flow is None else flow.standing(t_us)
            self.first = Break(seq, t_us, None if flow is None else flow.key, sentence, story)


def watch(trace: Trace, invariants: Sequence[Invariant], scenario: Scenario | None = None) -> Ledger:
    """Let the invariants judge a run, in one pass over its events. Return the books at its end.

    What the scenario says of its triggers is judged where it is given.
    """
    before = _by_kind([(each.before_kinds, each.before) for each in invariants])
    after = _by_kind([(each.after_kinds, each.after) for each in invariants])
    at_rest = [each.at_rest for each in invariants if each.looks_at_rest]
    ledger = Ledger.of(trace.header, scenario)
    for event in trace.events():
        if event.t_us != ledger.instant_us or event.kind is Kind.RUN_ENDED:
            _rest(ledger, at_rest)
        for look in before[event.kind]:
            look(event, ledger)
        ledger.post(event)
        for look in after[event.kind]:
            look(event, ledger)
    _rest(ledger, at_rest)
    for invariant in invariants:
        invariant.at_end(ledger)
    return ledger


Look = Callable[[Event, Ledger], None]


def _by_kind(looks: Sequence[tuple[tuple[Kind, ...], Look]]) -> list[list[Look]]:
    return [[look for kinds, look in looks if kind in kinds] for kind in Kind]


def _rest(ledger: Ledger, at_rest: Sequence[Callable[[Ledger], None]]) -> None:
    for look in at_rest:
        look(ledger)
    ledger.rest()
