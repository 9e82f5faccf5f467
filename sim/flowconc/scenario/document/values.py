"""The scalar types of the scenario format: texts with a small language of their own, and bounded numbers.

Each reads one value of the file and gives what the model holds (microseconds, rates a second, shares). Bounds
are far beyond any real installation; they are there so that a slip of the keyboard ends in a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, Final, NamedTuple

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from flowconc.scenario.conditions import Comparison
from flowconc.scenario.distributions import Distribution
from flowconc.scenario.document.validation import complaint
from flowconc.scenario.flow import Failures
from flowconc.scenario.literals.distribution_text import ReadValues, parse_distribution
from flowconc.scenario.literals.quantities import parse_rate, parse_share, parse_time
from flowconc.scenario.problems import excerpt, nearest
from flowconc.scenario.vocabulary import FINAL_STATES, STATES, STEPS
from flowconc.scenario.wording import describe, one_of

MAX_COUNT: Final = 1_000_000
MAX_REPLICATIONS: Final = 100_000
MAX_EVENTS: Final = 1_000_000_000
MAX_EXECUTORS: Final = 1_000
MAX_THREADS: Final = 100_000
MAX_CONNECTIONS: Final = 100_000
MAX_ATTEMPTS: Final = 1_000
MAX_PASSES: Final = 10_000
MAX_FACTOR: Final = 1_000.0
MAX_SEED: Final = 2**63 - 1
EARLIEST_YEAR: Final = 1970
LATEST_YEAR: Final = 2199


class Part(BaseModel):
    """A mapping of the file. Unknown keys are errors, and nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=False)


# --- quantities ---------------------------------------------------------------------------------------------


def _scalar(value: object, noun: str) -> str | int | float:
    """Return a value that may be a quantity: a text, or a number that then lacks its unit."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise complaint(f"this is {describe(value)}", expected=noun)
    return value


def read_time(value: object) -> int:
    """Return a time of the file in microseconds."""
    return _time_us(_scalar(value, "a time such as 30s"))


@lru_cache(maxsize=4096)
def _time_us(value: str | int | float) -> int:
    """Return a time in microseconds. The same few are written again and again in a suite of scenarios."""
    return parse_time(value)


def read_positive_time(value: object) -> int:
    """Return a time of the file in microseconds; zero is refused."""
    time_us = read_time(value)
    if time_us == 0:
        raise complaint(f"{value} is no time at all", expected="more than 0s")
    return time_us


def read_rate(value: object) -> float:
    """Return a rate of the file, per second."""
    return parse_rate(_scalar(value, "a rate such as 30/min"))


def read_positive_rate(value: object) -> float:
    """Return a rate of the file, per second; zero is refused."""
    rate_per_s = read_rate(value)
    if rate_per_s == 0:
        raise complaint(f"at {value} nothing ever arrives", expected="a rate above zero")
    return rate_per_s


def read_share(value: object) -> float:
    """Return a share of the file, from 0 to 1."""
    return parse_share(_scalar(value, "a share such as 2%"))


def read_positive_share(value: object) -> float:
    """Return a share of the file, above 0 and up to 1."""
    share = read_share(value)
    if share == 0:
        raise complaint(f"{value} is none at all", expected="a share above zero")
    return share


def read_confidence(value: object) -> float:
    """Return a confidence level; 0% and 100% decide nothing."""
    share = read_share(value)
    if not 0 < share < 1:
        raise complaint(f"no interval has a confidence of {value}", expected="between 0% and 100%, say 95%")
    return share


def _texts(description: str, *examples: str, pattern: str | None = None) -> WithJsonSchema:
    schema: dict[str, Any] = {"type": "string", "description": description, "examples": list(examples)}
    return WithJsonSchema(schema if pattern is None else schema | {"pattern": pattern})


_TIME = _texts("A time with its unit, or ISO-8601", "30s", "250ms", "1h30m", "PT90S", pattern=r"^\s*[0-9.P+]")
Time = Annotated[int, PlainValidator(read_time), _TIME]
PositiveTime = Annotated[int, PlainValidator(read_positive_time), _TIME]
Rate = Annotated[float, PlainValidator(read_rate), _texts("A rate", "30/min", "4/s", pattern="/")]
PositiveRate = Annotated[
    float, PlainValidator(read_positive_rate), _texts("A rate above zero", "30/min", pattern="/")
]
Share = Annotated[float, PlainValidator(read_share), _texts("A share", "2%", "12.5%", pattern=r"%\s*$")]
PositiveShare = Annotated[
    float, PlainValidator(read_positive_share), _texts("A share above zero", "5%", pattern=r"%\s*$")
]
Confidence = Annotated[float, PlainValidator(read_confidence), _texts("A share", "95%", pattern=r"%\s*$")]

Count = Annotated[int, Field(ge=1, le=MAX_COUNT)]
JavaInteger = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]


def keys_of(part: type[Part]) -> frozenset[str]:
    """Return the keys that a mapping may have, as the file writes them."""
    return frozenset(field.alias or name for name, field in part.model_fields.items())


class OneOrMore:
    """Marks a list of which a single element may stand alone."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(as_list, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        array = handler(schema)
        return {"anyOf": [array["items"], array]}


def as_list(value: object) -> object:
    """Return a list as it is, and anything else as the only element of one."""
    return value if isinstance(value, list) else [value]


class TextOr:
    """Marks a part of which a text may stand in the place, read by `read`."""

    def __init__(self, part: type[Part], read: Callable[[str], object], **text_schema: object) -> None:
        self._part = part
        self._read_text = read
        self._text_schema: dict[str, Any] = {"type": "string", **text_schema}

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        inner = handler.generate_schema(self._part)
        return core_schema.no_info_wrap_validator_function(self._read, inner)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [self._text_schema, handler(schema)]}

    def _read(self, value: object, read_part: ValidatorFunctionWrapHandler) -> object:
        if isinstance(value, str):
            return self._read_text(value)
        if isinstance(value, dict):
            return read_part(value)
        raise complaint(f"this is {describe(value)}", expected="a text or a mapping")


Times = Annotated[
    list[Time],
    Field(min_length=1, max_length=MAX_COUNT),
    OneOrMore(),
]


# --- names --------------------------------------------------------------------------------------------------

_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def read_line(value: object) -> str:
    """Return a text that is one line and not blank."""
    if not isinstance(value, str):
        raise complaint(f"this is {describe(value)}", expected="a text")
    if not value.strip():
        raise complaint("the name is empty", expected="a text")
    if not value.isprintable():
        raise complaint(f"{excerpt(value)} is not one line of printable text", expected="one line")
    return value


def read_identifier(value: object) -> str:
    """Return a text that can be the name of a pytest mark or a parameter."""
    line = read_line(value)
    if not _IDENTIFIER.fullmatch(line):
        raise complaint(
            f"{excerpt(line)} is not an identifier", expected="letters, digits and _, not a digit first"
        )
    return line


Line = Annotated[
    str, PlainValidator(read_line), WithJsonSchema({"type": "string", "minLength": 1, "pattern": "^[^\\n]*$"})
]
Identifier = Annotated[
    str,
    PlainValidator(read_identifier),
    WithJsonSchema({"type": "string", "pattern": f"^{_IDENTIFIER.pattern}$"}),
]
FlowName = Annotated[
    str, PlainValidator(read_line), _texts("A flow: id, or namespace.id", "my_flow", "company.team.my_flow")
]
TriggerName = Annotated[
    str,
    PlainValidator(read_line),
    _texts("A trigger: flow.trigger, or namespace.flow.trigger", "my_flow.schedule", pattern=r"\."),
]
ExecutionName = Annotated[
    str,
    PlainValidator(read_line),
    _texts("An execution: a name given under `names`, or FLOW#N", "a", "flow#1"),
]


def _state_reader(known: frozenset[str]) -> Callable[[object], str]:
    def read(value: object) -> str:
        if isinstance(value, str) and value in known:
            return value
        suggestion = nearest(value, known) if isinstance(value, str) else None
        raise complaint(
            f"{describe(value)} is not {'a final' if known is FINAL_STATES else 'a'} state",
            expected=one_of(sorted(known)),
            suggestion=suggestion,
        )

    return read


State = Annotated[str, PlainValidator(_state_reader(STATES)), WithJsonSchema({"enum": sorted(STATES)})]
FinalState = Annotated[
    str, PlainValidator(_state_reader(FINAL_STATES)), WithJsonSchema({"enum": sorted(FINAL_STATES)})
]


_COMMIT: Final = "commit_"


def read_step(value: object) -> str:
    """Return the name of a step of the protocol. `commit pop` is `pop`: a step's transaction commits at its end."""
    if not isinstance(value, str):
        raise complaint(f"this is {describe(value)}", expected="the name of a step, such as gate or release")
    name = value.strip().replace(" ", "_")
    for candidate in (name, name.removeprefix(_COMMIT)):
        if candidate in STEPS:
            return candidate
    suggestion = nearest(name, STEPS) or nearest(name.rpartition("_")[2], STEPS)
    expected = one_of(STEPS) if suggestion is None else None
    raise complaint(f"there is no step {excerpt(value)}", expected=expected, suggestion=suggestion)


Step = Annotated[str, PlainValidator(read_step), WithJsonSchema({"type": "string", "examples": list(STEPS)})]


# --- the rest -----------------------------------------------------------------------------------------------


def read_distribution(value: object, info: ValidationInfo) -> Distribution:
    """Return a duration: a time alone, or a distribution. The validation's context reads `empirical(file)`."""
    text = str(_scalar(value, "a duration such as 10s or exponential(mean 10s)"))
    if text.count("(") > text.count(")"):
        raise complaint(
            f"{excerpt(text)} has a parenthesis that is not closed",
            expected="quotes around the whole where a comma would end it, as in {duration: 'uniform(5s, 15s)'}",
        )
    assert info.context is not None
    read_values: ReadValues = info.context["read_values"]
    return parse_distribution(text, read_values=read_values)


Duration = Annotated[
    Distribution,
    PlainValidator(read_distribution),
    _texts(
        "A time, or a distribution of times", "10s", "exponential(mean 10s)", "lognormal(mean 40s, p95 2m)"
    ),
]


def read_failures(value: object) -> Failures:
    """Return which runs of a task fail: a share, or the numbers of the runs, from 1."""
    if not isinstance(value, list):
        return Failures(share=read_share(value))
    for number in value:
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= MAX_COUNT:
            raise complaint(f"{describe(number)} is not the number of a run", expected="1, 2, 3, ...")
    return Failures(runs=frozenset(value))


FailingRuns = Annotated[
    Failures,
    PlainValidator(read_failures),
    WithJsonSchema(
        {
            "description": "A share of the runs, or the numbers of the runs that fail (from 1)",
            "anyOf": [
                {"type": "string", "pattern": r"%\s*$"},
                {"type": "array", "items": {"type": "integer", "minimum": 1}},
            ],
        }
    ),
]


def read_date(value: object) -> datetime:
    """Return an ISO-8601 date and time; without a zone it is UTC."""
    if not isinstance(value, str):
        raise complaint(f"this is {describe(value)}", expected="for instance 2026-01-01T00:00:00Z")
    try:
        date = datetime.fromisoformat(value)
    except ValueError:
        raise complaint(
            f"{excerpt(value)} is not a date and time", expected="for instance 2026-01-01T00:00:00Z"
        ) from None
    if not EARLIEST_YEAR <= date.year <= LATEST_YEAR:
        raise complaint(f"the year {date.year} is out of range", expected=f"{EARLIEST_YEAR} to {LATEST_YEAR}")
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)


Date = Annotated[
    datetime,
    PlainValidator(read_date),
    _texts("A date and time, UTC unless it has a zone", "2026-01-01T00:00:00Z"),
]


class Written(NamedTuple):
    """A comparison, and how the file writes it."""

    must_be: Comparison
    text: str
