"""Mean and variation of the distributions that a scenario can have."""

from __future__ import annotations

from math import exp, fsum, gamma, inf
from statistics import NormalDist, pvariance

from flowconc.scenario.distributions import (
    Constant,
    Distribution,
    Empirical,
    Exponential,
    Gamma,
    Listed,
    Lognormal,
    Mixture,
    Normal,
    Pareto,
    Uniform,
    Weibull,
)

US_PER_S = 1e6


def mean_s(distribution: Distribution) -> float:
    """Return the mean in seconds; infinite for a Pareto with alpha up to 1."""
    return _mean_us(distribution) / US_PER_S


def variance_s2(distribution: Distribution) -> float:
    """Return the variance in squared seconds; infinite for a Pareto with alpha up to 2."""
    return _variance_us2(distribution) / US_PER_S**2


def _mean_us(distribution: Distribution) -> float:
    """Return the mean of a distribution in microseconds; infinite for a Pareto with alpha up to 1."""
    match distribution:
        case Constant(value_us):
            return float(value_us)
        case Uniform(low_us, high_us):
            return (low_us + high_us) / 2
        case Exponential(mean):
            return float(mean)
        case Normal(mean, sd_us):
            return _mean_above_zero(mean, sd_us)
        case Lognormal(mu, sigma):
            return exp(mu + sigma**2 / 2)
        case Gamma(shape, scale_us):
            return shape * scale_us
        case Weibull(shape, scale_us):
            return scale_us * gamma(1 + 1 / shape)
        case Pareto(min_us, alpha):
            return alpha * min_us / (alpha - 1) if alpha > 1 else inf
        case Empirical(values_us):
            return fsum(values_us) / len(values_us)
        case Listed(values_us, rest_us):
            known_us = [value for value in values_us if value is not None]
            return fsum(known_us) / len(known_us) if known_us else float(rest_us)
        case Mixture(weights, parts):
            return fsum(
                weight * _mean_us(part) for weight, part in zip(weights, parts, strict=True) if weight
            )


def _mean_above_zero(mean: int, sd_us: int) -> float:
    """Return the mean of a normal whose draws below 0 are drawn again: larger than `mean`."""
    if sd_us == 0:
        return float(mean)
    standard = NormalDist()
    return mean + sd_us * standard.pdf(mean / sd_us) / standard.cdf(mean / sd_us)


def _variance_us2(distribution: Distribution) -> float:
    match distribution:
        case Constant():
            return 0.0
        case Uniform(low_us, high_us):
            return (high_us - low_us) ** 2 / 12
        case Exponential(mean):
            return float(mean) ** 2
        case Normal(mean, sd_us):
            return _variance_above_zero(mean, sd_us)
        case Lognormal(mu, sigma):
            return (exp(sigma**2) - 1) * exp(2 * mu + sigma**2)
        case Gamma(shape, scale_us):
            return shape * scale_us**2
        case Weibull(shape, scale_us):
            return scale_us**2 * (gamma(1 + 2 / shape) - gamma(1 + 1 / shape) ** 2)
        case Pareto(min_us, alpha):
            return min_us**2 * alpha / ((alpha - 1) ** 2 * (alpha - 2)) if alpha > 2 else inf
        case Empirical(values_us):
            return pvariance(map(float, values_us))
        case Listed(values_us, rest_us):
            return pvariance([float(rest_us if value is None else value) for value in values_us] or [0.0])
        case Mixture(weights, parts):
            return _variance_of_mixture(weights, parts)


def _variance_above_zero(mean: int, sd_us: int) -> float:
    """Return the variance of a normal whose draws below 0 are drawn again (Johnson, Kotz, Balakrishnan 1994, 13.10)."""
    if sd_us == 0:
        return 0.0
    standard = NormalDist()
    lowest = -mean / sd_us
    hazard = standard.pdf(lowest) / (1 - standard.cdf(lowest))
    return sd_us**2 * (1 + lowest * hazard - hazard**2)


def _variance_of_mixture(weights: tuple[float, ...], parts: tuple[Distribution, ...]) -> float:
    """Return the mean of the parts' variances and the variance of their means, together."""
    total = sum(weights)
    chosen = [(weight / total, part) for weight, part in zip(weights, parts, strict=True) if weight]
    middle = sum(weight * _mean_us(part) for weight, part in chosen)
    return sum(weight * (_variance_us2(part) + (_mean_us(part) - middle) ** 2) for weight, part in chosen)
