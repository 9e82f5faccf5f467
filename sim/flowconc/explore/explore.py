"""Exploring a scenario: its schedules, all or some, judged; what breaks made small, told, and given a token."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from flowconc.check.invariants import INVARIANTS, watch
from flowconc.check.wording import counted
from flowconc.explore.exhaustive import Exhaustion, Schedule
from flowconc.explore.machine import Machine
from flowconc.explore.model import Model
from flowconc.explore.reduction import Reduction
from flowconc.explore.sampling import ByPriority, Evenly, sample
from flowconc.explore.schedule import Played, play
from flowconc.explore.scope import Scope
from flowconc.explore.shrink import shrink
from flowconc.explore.story import story
from flowconc.explore.token import BadToken, Token, fingerprint_of, read_token, token_of
from flowconc.protocol.semantics import Semantics
from flowconc.scenario.model import Explore, Scenario, Strategy
from flowconc.simulation.garbage import not_collecting_garbage

Progress = Callable[[int], None]
"""Is told, from time to time, how many states or schedules there have been so far."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """A schedule that breaks an invariant, with what the invariant says of its trace.

    `seq` is the event of the trace at which it broke; `story` tells the schedule step by step.
    """

    broken: str
    sentence: str
    seq: int
    flow: str | None
    token: Token
    played: Played
    story: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exploration:
    """What exploring a scenario has shown.

    `states` counts distinct states, None where schedules were drawn; `transitions` the steps between them; `depth` the
    steps of the longest schedule; `schedules` those that were drawn or replayed, None where all orders were followed.
    `complete` says whether every order has been covered, and `bound` what was in the way.
    """

    scenario: Scenario
    settings: Explore
    states: int | None
    transitions: int
    depth: int
    schedules: int | None
    complete: bool
    bound: str | None
    discoveries: tuple[Discovery, ...]

    @property
    def passed(self) -> bool:
        """Say whether nothing broke that must hold, and everything that must break, and no bound was in the way."""
        broken = {discovery.broken for discovery in self.discoveries}
        wanted = self.scenario.invariants
        holds = broken <= wanted.excepted | wanted.must_break
        return holds and wanted.must_break <= broken and self.bound is None


def explore(
    scenario: Scenario,
    settings: Explore | None = None,
    *,
    semantics: Semantics | None = None,
    everything: bool = False,
    progress: Progress = lambda count: None,
) -> Exploration:
    """Judge a scenario in every order of its events, or in many; `settings` go before the scenario's own.

    Stops at the first schedule that breaks what must hold, unless `everything` is wanted. Raises BadToken for a replay
    token that is not of this scenario.
    """
    model = Model.of(scenario, semantics)
    settings = settings or scenario.explore or Explore(scenario.position)
    if settings.replay is not None:
        return _replayed(model, settings)
    scope = Scope(settings.executions, settings.executors, settings.crashes)
    may_break = scenario.invariants.excepted | scenario.invariants.must_break
    look = _exhaust if settings.strategy is Strategy.EXHAUSTIVE else _sample
    with not_collecting_garbage():
        seen = look(
            lambda: model.machine(scope),
            settings,
            scenario.run.seed if settings.seed is None else settings.seed,
            (lambda broken: False) if everything else (lambda broken: broken not in may_break),
            progress,
        )
    discoveries = sorted(
        (_discovery(model, scope, schedule, broken) for broken, schedule in seen.found.items()),
        key=lambda discovery: (len(discovery.played.steps), _ORDER.index(discovery.broken)),
    )
    return Exploration(
        scenario=scenario,
        settings=settings,
        states=seen.states,
        transitions=seen.transitions,
        depth=seen.depth,
        schedules=seen.schedules,
        complete=seen.complete,
        bound=seen.bound,
        discoveries=tuple(discoveries),
    )


_ORDER = list(INVARIANTS)

_AT_FIRST = 20_000
"""States of the first search: within them, what breaks is found by a shortest schedule, and in no time."""

_DRAWN, _LONGEST_DRAWN = 200, 1_000
"""Schedules drawn after that, and the steps of each."""

Make = Callable[[], Machine]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a search or a sample has seen; the fields are those of Exploration."""

    states: int | None
    transitions: int
    depth: int
    schedules: int | None
    complete: bool
    bound: str | None
    found: Mapping[str, Schedule]


def _exhaust(
    make: Make, settings: Explore, seed: int, stop: Callable[[str], bool], progress: Progress
) -> _Seen:
    """Follow every order.

    If what breaks does not show in the first states, some schedules are drawn before the search goes on: they go deep
    at once, and most races need no more than that.
    """
    machine = make()
    reduction = Reduction(machine)
    search = Exhaustion(machine, reduction, stop, lambda search: progress(search.states))
    seen = search.go_on(min(settings.states, _AT_FIRST))
    if not seen.complete and seen.states <= settings.states and not any(map(stop, seen.found)):
        drawn = sample(make, Evenly, seed=seed, schedules=_DRAWN, most_steps=_LONGEST_DRAWN, stop=stop)
        if any(map(stop, drawn.found)):
            return _Seen(None, drawn.steps, drawn.longest, drawn.schedules, False, None, drawn.found)
        seen = search.go_on(settings.states)
    reduction.end()
    bound = None
    if seen.states > settings.states:
        bound = f"there are more than {counted(settings.states, 'state')} (`states` bounds them)"
    return _Seen(seen.states, seen.transitions, seen.depth, None, seen.complete, bound, seen.found)


def _sample(
    make: Make, settings: Explore, seed: int, stop: Callable[[str], bool], progress: Progress
) -> _Seen:
    draws = Evenly
    if settings.strategy is Strategy.PCT:
        draws = partial(ByPriority, changes=settings.changes, crashes=settings.crashes)  # type: ignore[assignment]
    result = sample(
        make,
        draws,
        seed=seed,
        schedules=settings.schedules,
        most_steps=settings.steps,
        stop=stop,
        progress=lambda result: progress(result.schedules),
    )
    bound = None
    if result.cut:
        bound = f"{counted(result.cut, 'schedule')} had more than {counted(settings.steps, 'step')} (`steps` bounds them)"
    return _Seen(None, result.steps, result.longest, result.schedules, False, bound, result.found)


def _discovery(model: Model, scope: Scope, schedule: Schedule, broken: str) -> Discovery:
    """Make a schedule small, and tell it."""
    small = shrink(model, scope, schedule, broken)
    machine, moves = small.schedule
    return _told(model, small.scope, machine, play(machine, moves, model.header), broken)


def _told(model: Model, scope: Scope, machine: Machine, played: Played, broken: str) -> Discovery:
    invariant = INVARIANTS[broken]()
    watch(played.trace, [invariant], model.scenario)
    first = invariant.first
    assert first is not None, f"the trace of the schedule does not break {broken}"
    token = token_of(model.scenario, model.semantics, scope, model.cues(scope.executions), played.choices)
    told = story(machine, played, broken, first.sentence)
    return Discovery(broken, first.sentence, first.seq, first.flow, token, played, told)


def _replayed(model: Model, settings: Explore) -> Exploration:
    """Play the one schedule of a token."""
    assert settings.replay is not None
    token = read_token(settings.replay)
    if token.fingerprint != fingerprint_of(model.scenario, model.semantics):
        raise BadToken(
            "the replay token is of another scenario, or of another semantics: "
            "this one, or its flows, may have changed since"
        )
    cues = model.cues(token.executions)
    scope = token.scope(cues)
    machine = model.machine(scope)
    played = play(machine, token.schedule(machine), model.header)
    return Exploration(
        scenario=model.scenario,
        settings=settings,
        states=len({step.state for step in played.steps} | {played.start}),
        transitions=len(played.steps),
        depth=len(played.steps),
        schedules=1,
        complete=False,
        bound=None,
        discoveries=tuple(_told(model, scope, machine, played, broken) for broken in played.broken),
    )
