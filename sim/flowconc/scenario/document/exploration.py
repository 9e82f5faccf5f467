"""The entry `explore:` as the file has it."""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from flowconc.scenario.document.validation import complaint
from flowconc.scenario.document.values import MAX_COUNT, MAX_EXECUTORS, MAX_SEED, Part
from flowconc.scenario.model import Strategy
from flowconc.scenario.problems import excerpt, nearest
from flowconc.scenario.wording import describe, one_of

MAX_CRASHES: Final = 10
MAX_STATES: Final = 100_000_000
MAX_CHANGES: Final = 100

STRATEGIES: Final = tuple(strategy.value for strategy in Strategy)

_TOKEN_PREFIX: Final = "fc1-"  # noqa: S105 - how a replay token begins

_OF_DRAWN_ONES: Final = ("schedules", "steps", "seed")
KEYS_OF: Final = {
    Strategy.EXHAUSTIVE: frozenset({"states"}),
    Strategy.RANDOM: frozenset(_OF_DRAWN_ONES),
    Strategy.PCT: frozenset({*_OF_DRAWN_ONES, "changes"}),
}
"""Keys that only some strategies have a use for."""


def read_strategy(value: object) -> str:
    """Return the name of a strategy."""
    if isinstance(value, str) and value in STRATEGIES:
        return value
    suggestion = nearest(value, STRATEGIES) if isinstance(value, str) else None
    raise complaint(f"{describe(value)} is no strategy", expected=one_of(STRATEGIES), suggestion=suggestion)


def read_replay(value: object) -> str:
    """Return a replay token, as it is written."""
    if not isinstance(value, str):
        raise complaint(
            f"{describe(value)} is no replay token", expected=f"a word such as {_TOKEN_PREFIX}..."
        )
    if not value.startswith(_TOKEN_PREFIX):
        raise complaint(
            f"{excerpt(value)} is no replay token", expected=f"a word that begins with {_TOKEN_PREFIX}"
        )
    return value


StrategyName: TypeAlias = Annotated[
    str, PlainValidator(read_strategy), WithJsonSchema({"enum": list(STRATEGIES)})
]
ReplayToken: TypeAlias = Annotated[
    str, PlainValidator(read_replay), WithJsonSchema({"type": "string", "pattern": f"^{_TOKEN_PREFIX}"})
]


class ExploreDocument(Part):
    """In which orders of its events a scenario is judged."""

    executions: int | None = Field(
        default=None, ge=1, le=MAX_COUNT, description="The first so many arrivals and fires; default: all"
    )
    executors: int = Field(
        default=2, ge=1, le=MAX_EXECUTORS, description="Executors, each with one message in hand at a time"
    )
    crashes: int = Field(
        default=0, ge=0, le=MAX_CRASHES, description="How many executors die, anywhere between two steps"
    )
    strategy: StrategyName = Field(
        default=Strategy.EXHAUSTIVE.value,
        description="exhaustive: every order; random, pct: so many `schedules`, drawn",
    )
    states: int = Field(
        default=1_000_000, ge=1, le=MAX_STATES, description="exhaustive: the most distinct states"
    )
    schedules: int = Field(default=1_000, ge=1, le=MAX_COUNT, description="random, pct: how many are drawn")
    steps: int = Field(default=10_000, ge=1, le=MAX_COUNT, description="random, pct: the most steps of one")
    changes: int = Field(
        default=3, ge=0, le=MAX_CHANGES, description="pct: changes of priority in a schedule"
    )
    seed: int | None = Field(
        default=None, ge=0, le=MAX_SEED, description="random, pct: the seed; default: that of `run`"
    )
    replay: ReplayToken | None = Field(
        default=None, description="The token of the one order of events that is judged"
    )

    @model_validator(mode="after")
    def _keys_of_the_strategy(self) -> ExploreDocument:
        strategy = Strategy(self.strategy)
        known = frozenset[str]().union(*KEYS_OF.values())
        if self.replay is not None:
            others = sorted(self.model_fields_set - {"replay"})
            if others:
                raise complaint(
                    f"`{others[0]}` says what the replay token says", expected="`replay` alone", key=others[0]
                )
            return self
        for key in sorted(self.model_fields_set & known - KEYS_OF[strategy]):
            of = one_of([each.value for each, keys in KEYS_OF.items() if key in keys])
            raise complaint(
                f"`{key}` means nothing where the strategy is {strategy.value}",
                expected=f"strategy {of}, or no `{key}`",
                key=key,
            )
        return self
