"""The scenario format's language of distributions: `exponential(mean 10s)`, `mix(90%: 1s, 10%: uniform(1m, 2m))`.

    distribution = time | name "(" argument { "," argument } ")" | "empirical(" file ")" | "mix(" part { "," part } ")"
    argument     = [ parameter ] value
    part         = share ":" distribution

Arguments with their parameters' names stand in any order. Without names they stand in the order of the table
below, but for the lognormal, whose parameters can be given in three ways.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final, TypeVar

from flowconc.scenario.distributions import (
    Constant,
    Distribution,
    Empirical,
    Exponential,
    Gamma,
    Lognormal,
    Mixture,
    Normal,
    Pareto,
    Uniform,
    Weibull,
)
from flowconc.scenario.literals.durations import format_us
from flowconc.scenario.literals.quantities import QuantityError, parse_share, parse_time
from flowconc.scenario.problems import excerpt, nearest

_Number = TypeVar("_Number", int, float)

ReadValues = Callable[[str], tuple[int, ...]]
"""Reads the sample of `empirical(file)`: the file as written in, microseconds out."""

_MAX_CHARS: Final = 10_000
_MAX_DEPTH: Final = 8
_Z95: Final = NormalDist().inv_cdf(0.95)
_WEIGHT_TOLERANCE: Final = 1e-9


class DistributionError(ValueError):
    """A distribution that cannot be read; the text says what is wrong and what was expected."""


# --- the table of distributions -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Form:
    """One way to write a distribution: its times (microseconds), its plain numbers, in order, and what they make."""

    parameters: tuple[str, ...]
    build: Callable[..., Distribution]


_NUMBERS: Final = {"cv": (0.01, 100.0), "shape": (0.1, 1_000.0), "alpha": (0.1, 1_000.0)}
"""The parameters that are plain numbers, with their bounds; all others are times."""


def _uniform(low_us: int, high_us: int) -> Distribution:
    if low_us > high_us:
        raise DistributionError(
            f"uniform runs from {format_us(low_us)} down to {format_us(high_us)}, expected min <= max"
        )
    return Uniform(low_us, high_us)


def _normal(mean_us: int, sd_us: int) -> Distribution:
    return Normal(mean_us, sd_us)


def _exponential(mean_us: int) -> Distribution:
    return Exponential(_positive(mean_us, "mean"))


def _lognormal_p95(mean_us: int, p95_us: int) -> Distribution:
    """Solve ln p95 - ln mean = z sigma - sigma^2 / 2, z the normal's 95th percentile, for the smaller sigma."""
    spread = math.log(_positive(p95_us, "p95") / _positive(mean_us, "mean"))
    if spread < 0:
        raise DistributionError(
            f"p95 {format_us(p95_us)} is below the mean {format_us(mean_us)}, expected p95 >= mean"
        )
    discriminant = _Z95**2 - 2 * spread
    if discriminant < 0:
        raise DistributionError(
            f"no lognormal has mean {format_us(mean_us)} and p95 {format_us(p95_us)}, "
            f"expected p95 up to {math.exp(_Z95**2 / 2):.2f} times the mean"
        )
    sigma = _Z95 - math.sqrt(discriminant)
    return Lognormal(math.log(mean_us) - sigma**2 / 2, sigma)


def _lognormal_sd(mean_us: int, sd_us: int) -> Distribution:
    variance = math.log1p((sd_us / _positive(mean_us, "mean")) ** 2)
    return Lognormal(math.log(mean_us) - variance / 2, math.sqrt(variance))


def _lognormal_median(median_us: int, p95_us: int) -> Distribution:
    if _positive(median_us, "median") > p95_us:
        raise DistributionError(
            f"p95 {format_us(p95_us)} is below the median {format_us(median_us)}, expected p95 >= median"
        )
    return Lognormal(math.log(median_us), math.log(p95_us / median_us) / _Z95)


def _gamma(mean_us: int, cv: float) -> Distribution:
    shape = cv**-2
    return Gamma(shape, _positive(mean_us, "mean") / shape)


def _weibull(shape: float, scale_us: int) -> Distribution:
    return Weibull(shape, _positive(scale_us, "scale"))


def _pareto(min_us: int, alpha: float) -> Distribution:
    return Pareto(_positive(min_us, "min"), alpha)


def _positive(time_us: int, parameter: str) -> int:
    if time_us == 0:
        raise DistributionError(f"{parameter} is 0, expected more")
    return time_us


_FORMS: Final[Mapping[str, tuple[_Form, ...]]] = {
    "constant": (_Form(("value",), Constant),),
    "uniform": (_Form(("min", "max"), _uniform),),
    "exponential": (_Form(("mean",), _exponential),),
    "normal": (_Form(("mean", "sd"), _normal),),
    "lognormal": (
        _Form(("mean", "p95"), _lognormal_p95),
        _Form(("mean", "sd"), _lognormal_sd),
        _Form(("median", "p95"), _lognormal_median),
    ),
    "gamma": (_Form(("mean", "cv"), _gamma),),
    "weibull": (_Form(("shape", "scale"), _weibull),),
    "pareto": (_Form(("min", "alpha"), _pareto),),
}
_NAMES: Final = (*_FORMS, "empirical", "mix")


# --- reading ------------------------------------------------------------------------------------------------


def parse_distribution(text: str, *, read_values: ReadValues) -> Distribution:
    """Read a distribution; a time alone is a constant.

    `read_values` is called for `empirical(file)`; what it raises passes through. Raises DistributionError.
    """
    if len(text) > _MAX_CHARS:
        raise DistributionError(f"the text has {len(text)} characters, expected at most {_MAX_CHARS}")
    return _parse(text.strip(), read_values, _MAX_DEPTH)


def _parse(text: str, read_values: ReadValues, depth: int) -> Distribution:
    if depth == 0:
        raise DistributionError(f"mixtures are nested too deep, expected at most {_MAX_DEPTH} levels")
    name, parenthesis, rest = text.partition("(")
    name = name.rstrip()
    if not parenthesis:
        return _parse_alone(text)
    if name not in _NAMES:
        hint = nearest(name, _NAMES)
        raise DistributionError(
            f"{excerpt(name)} is not a distribution, expected one of {', '.join(_NAMES)}"
            + (f", did you mean {hint!r}?" if hint else "")
        )
    if not rest.endswith(")"):
        raise DistributionError(f"{excerpt(text)} does not end, expected a closing parenthesis")
    inside = rest[:-1].strip()
    if name == "empirical":
        return _parse_empirical(inside, read_values)
    arguments = list(_split(inside))
    if name == "mix":
        return _parse_mixture(arguments, read_values, depth)
    return _build(name, arguments)


def _parse_alone(text: str) -> Distribution:
    """Read a time; tell the author of `exponential` or `10` what is missing."""
    if text in _NAMES:
        raise DistributionError(f"{text!r} has no parameters, expected {_usage(text)}")
    try:
        return Constant(parse_time(text))
    except QuantityError as error:
        hint = nearest(text, _NAMES) if text.isalpha() else None
        suggestion = f", did you mean {_usage(hint)}?" if hint else ""
        raise DistributionError(
            f"{error}; a distribution is written {_usage('exponential')}{suggestion}"
        ) from None


def _parse_empirical(file: str, read_values: ReadValues) -> Distribution:
    if not file:
        raise DistributionError(f"empirical has no file, expected {_usage('empirical')}")
    values_us = read_values(file)
    if not values_us:
        raise DistributionError(f"{excerpt(file)} has no values, expected at least one")
    return Empirical(values_us)


def _parse_mixture(arguments: list[str], read_values: ReadValues, depth: int) -> Distribution:
    weights: list[float] = []
    parts: list[Distribution] = []
    for argument in arguments:
        share, colon, part = argument.partition(":")
        if not colon:
            raise DistributionError(f"{excerpt(argument)} has no share, expected {_usage('mix')}")
        weights.append(_quantity(parse_share, share, "mix"))
        parts.append(_parse(part.strip(), read_values, depth - 1))
    total = math.fsum(weights)
    if abs(total - 1) > _WEIGHT_TOLERANCE:
        raise DistributionError(f"the shares of the mix sum to {total * 100:g}%, expected 100%")
    return Mixture(tuple(weights), tuple(parts))


def _split(text: str) -> Iterator[str]:
    """Split at the commas outside of parentheses. Raises DistributionError where those do not match."""
    depth = start = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth < 0:
            raise DistributionError(f"{excerpt(text)} has a closing parenthesis too many")
        if character == "," and depth == 0:
            yield text[start:place].strip()
            start = place + 1
    if depth:
        raise DistributionError(f"{excerpt(text)} has a parenthesis that is not closed")
    yield text[start:].strip()


def _build(name: str, arguments: list[str]) -> Distribution:
    named: dict[str, str] = {}
    unnamed: list[str] = []
    for argument in arguments:
        parameter, value = _argument(name, argument)
        if parameter in named:
            raise DistributionError(f"{name}: {parameter} is given twice, expected {_usage(name)}")
        if parameter is None:
            unnamed.append(value)
        else:
            named[parameter] = value
    form = _form(name, named, unnamed)
    named |= zip((each for each in form.parameters if each not in named), unnamed, strict=True)
    return form.build(*(_value(name, parameter, named[parameter]) for parameter in form.parameters))


def _argument(name: str, text: str) -> tuple[str | None, str]:
    """Split `mean 10s` into its two parts; the first is None in `10s`."""
    match = re.fullmatch(r"(?:(?P<parameter>[A-Za-z]\w*)\s+)?(?P<value>\S+)", text)
    if match is None:
        what = f"{excerpt(text)} is not a parameter with its value" if text else "a parameter is missing"
        raise DistributionError(f"{name}: {what}, expected {_usage(name)}")
    known = sorted({parameter for form in _FORMS[name] for parameter in form.parameters})
    parameter: str | None = match["parameter"]
    if parameter is not None and parameter not in known:
        hint = nearest(parameter, known)
        suggestion = f", did you mean {hint!r}?" if hint else ""
        raise DistributionError(
            f"{name} has no parameter {excerpt(parameter)}, expected {_usage(name)}{suggestion}"
        )
    return parameter, match["value"]


def _form(name: str, named: Mapping[str, str], unnamed: list[str]) -> _Form:
    """Return the only form that the arguments fit."""
    forms = _FORMS[name]
    if len(forms) > 1 and unnamed:
        raise DistributionError(
            f"{name}: {excerpt(unnamed[0])} could mean several things, expected {_usage(name)}"
        )
    for form in forms:
        if len(form.parameters) == len(named) + len(unnamed) and named.keys() <= set(form.parameters):
            return form
    given = ", ".join([*named, *unnamed])
    raise DistributionError(f"{name} cannot be made from {excerpt(given)}, expected {_usage(name)}")


def _value(name: str, parameter: str, text: str) -> int | float:
    if parameter not in _NUMBERS:
        return _quantity(parse_time, text, f"{name}: {parameter}")
    low, high = _NUMBERS[parameter]
    number = float(text) if re.fullmatch(r"[0-9]{1,20}(\.[0-9]{1,20})?", text) else math.nan
    if not low <= number <= high:
        raise DistributionError(
            f"{name}: {parameter} cannot be {excerpt(text)}, expected a number from {low:g} to {high:g}"
        )
    return number


def _quantity(parse: Callable[[object], _Number], text: str, context: str) -> _Number:
    try:
        return parse(text)
    except QuantityError as error:
        raise DistributionError(f"{context}: {error}") from None


def _usage(name: str) -> str:
    """Return an example of each way to write a distribution."""
    if name == "empirical":
        return "empirical(durations.csv)"
    if name == "mix":
        return "mix(90%: constant(1s), 10%: exponential(mean 1m))"
    examples = {
        "mean": "10s",
        "median": "8s",
        "p95": "30s",
        "sd": "2s",
        "cv": "0.5",
        "shape": "1.5",
        "scale": "10s",
    }
    examples |= {"min": "5s", "max": "15s", "alpha": "2.5", "value": "10s"}
    return " or ".join(
        f"{name}({', '.join(f'{each} {examples[each]}'.removeprefix('value ') for each in form.parameters)})"
        for form in _FORMS[name]
    )
