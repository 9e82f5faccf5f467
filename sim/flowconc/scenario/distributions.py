"""Probability distributions of durations. Times are microseconds; sampling is `simulation.streams`' business."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Constant:
    """Always `value_us`."""

    value_us: int


@dataclass(frozen=True, slots=True)
class Uniform:
    """Evenly between `low_us` and `high_us`."""

    low_us: int
    high_us: int


@dataclass(frozen=True, slots=True)
class Exponential:
    """Memoryless, with mean `mean_us`."""

    mean_us: int


@dataclass(frozen=True, slots=True)
class Normal:
    """Normal with mean `mean_us` and standard deviation `sd_us`; draws below 0 are drawn again (truncated at 0)."""

    mean_us: int
    sd_us: int


@dataclass(frozen=True, slots=True)
class Lognormal:
    """exp(N(mu, sigma)) microseconds."""

    mu: float
    sigma: float


@dataclass(frozen=True, slots=True)
class Gamma:
    """Gamma with `shape` (1 / cv squared) and `scale_us` (mean / shape)."""

    shape: float
    scale_us: float


@dataclass(frozen=True, slots=True)
class Weibull:
    """Weibull with `shape` and `scale_us`."""

    shape: float
    scale_us: int


@dataclass(frozen=True, slots=True)
class Pareto:
    """Pareto with minimum `min_us` and tail index `alpha`."""

    min_us: int
    alpha: float


@dataclass(frozen=True, slots=True)
class Empirical:
    """One of `values_us`, each as likely as the other (bootstrap of a measured sample)."""

    values_us: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """The n-th of `values_us` for the n-th draw, `rest_us` when there is none: nothing is left to chance."""

    values_us: tuple[int | None, ...]
    rest_us: int

    def at(self, index: int) -> int:
        """Return draw number `index`, in microseconds."""
        value = self.values_us[index] if index < len(self.values_us) else None
        return self.rest_us if value is None else value


@dataclass(frozen=True, slots=True)
class Mixture:
    """One of `parts`, with probabilities `weights` (they sum to 1)."""

    weights: tuple[float, ...]
    parts: tuple[Distribution, ...]


Distribution = (
    Constant
    | Uniform
    | Exponential
    | Normal
    | Lognormal
    | Gamma
    | Weibull
    | Pareto
    | Empirical
    | Listed
    | Mixture
)
