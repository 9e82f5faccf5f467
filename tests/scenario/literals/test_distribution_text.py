"""The language of distributions: reading, writing back, means, and what each refusal tells the author."""

from __future__ import annotations

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowconc.plan.theory.moments import mean_s
from flowconc.scenario.distributions import (
    Constant,
    Empirical,
    Exponential,
    Gamma,
    Mixture,
    Normal,
    Pareto,
    Uniform,
    Weibull,
)
from flowconc.scenario.literals.distribution_text import (
    DistributionError,
    parse_distribution,
)

S = 1_000_000
Z95 = 1.6448536269514722


def no_files(file: str) -> tuple[int, ...]:
    raise AssertionError(f"{file} is not to be read")


def mean_us(distribution):
    return S * mean_s(distribution)


def read(text: str):
    return parse_distribution(text, read_values=no_files)


@pytest.mark.parametrize(
    ("text", "distribution"),
    [
        ("constant(10s)", Constant(10 * S)),
        ("10s", Constant(10 * S)),
        ("uniform(5s, 15s)", Uniform(5 * S, 15 * S)),
        ("exponential(mean 10s)", Exponential(10 * S)),
        ("exponential(10s)", Exponential(10 * S)),
        ("normal(mean 10s, sd 2s)", Normal(10 * S, 2 * S)),
        ("gamma(mean 10s, cv 0.5)", Gamma(4.0, 2.5 * S)),
        ("weibull(shape 1.5, scale 10s)", Weibull(1.5, 10 * S)),
        ("pareto(min 1s, alpha 2.5)", Pareto(S, 2.5)),
        ("pareto(1s, 2.5)", Pareto(S, 2.5)),
        (
            "mix(90%: constant(1s), 10%: exponential(mean 1m))",
            Mixture((0.9, 0.1), (Constant(S), Exponential(60 * S))),
        ),
    ],
)
def test_each_distribution(text, distribution):
    assert distribution == read(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("uniform(min 5s, max 15s)", "uniform(max 15s, min 5s)"),
        ("normal(mean 10s, sd 2s)", "normal(sd 2s, mean 10s)"),
        ("weibull(shape 1.5, scale 10s)", " weibull ( scale 10s ,shape  1.5 ) "),
    ],
)
def test_named_parameters_stand_in_any_order(one, other):
    assert read(one) == read(other)


def test_a_lognormal_has_the_mean_and_the_percentile_that_it_is_written_with():
    distribution = read("lognormal(mean 40s, p95 2m)")

    assert mean_us(distribution) == pytest.approx(40 * S)
    assert math.exp(distribution.mu + Z95 * distribution.sigma) == pytest.approx(120 * S)
    assert distribution.sigma < Z95  # the other solution is far more skewed


def test_a_lognormal_has_the_standard_deviation_that_it_is_written_with():
    distribution = read("lognormal(mean 40s, sd 20s)")

    assert mean_us(distribution) == pytest.approx(40 * S)
    assert 40 * S * math.sqrt(math.expm1(distribution.sigma**2)) == pytest.approx(20 * S)


def test_a_lognormal_has_the_median_that_it_is_written_with():
    distribution = read("lognormal(median 10s, p95 1m)")

    assert math.exp(distribution.mu) == pytest.approx(10 * S)
    assert math.exp(distribution.mu + Z95 * distribution.sigma) == pytest.approx(60 * S)


def test_an_empirical_distribution_is_what_the_reader_finds_in_the_file():
    distribution = parse_distribution(
        "empirical(my runs, 1.csv)", read_values={"my runs, 1.csv": (1, 2)}.__getitem__
    )

    assert Empirical((1, 2)) == distribution


def test_an_empty_file_is_refused():
    with pytest.raises(DistributionError, match=r"'a\.csv' has no values"):
        parse_distribution("empirical(a.csv)", read_values=lambda _: ())


@pytest.mark.parametrize(
    ("text", "part_of_the_message"),
    [
        ("exponetial(mean 10s)", "did you mean 'exponential'?"),
        ("Exponential(mean 10s)", "did you mean 'exponential'?"),
        ("exponental", "did you mean exponential(mean 10s)?"),
        ("exponential", "'exponential' has no parameters, expected exponential(mean 10s)"),
        ("exponential()", "a parameter is missing, expected exponential(mean 10s)"),
        ("exponential(mean 10)", "did you mean '10s'?"),
        ("exponential(mean 0s)", "mean is 0"),
        ("exponential(10s", "expected a closing parenthesis"),
        ("exponential(10s))", "a closing parenthesis too many"),
        ("exponential((10s)", "a parenthesis that is not closed"),
        ("exponential(10s) twice", "expected a closing parenthesis"),
        ("normal(mean 10s, mean 3s)", "mean is given twice"),
        ("normal(mena 10s, sd 3s)", "did you mean 'mean'?"),
        ("normal(mean 10s)", "expected normal(mean 10s, sd 2s)"),
        ("uniform(15s, 5s)", "uniform runs from 15s down to 5s"),
        ("gamma(mean 10s, cv 0)", "expected a number from 0.01 to 100"),
        ("gamma(mean 10s, cv 10%)", "expected a number"),
        ("lognormal(40s, 2m)", "could mean several things"),
        (
            "lognormal(mean 40s, p95 5m)",
            "no lognormal has mean 40s and p95 5m, expected p95 up to 3.87 times",
        ),
        ("lognormal(mean 40s, p95 10s)", "p95 10s is below the mean 40s"),
        ("lognormal(median 40s, p95 10s)", "p95 10s is below the median 40s"),
        ("empirical()", "empirical has no file"),
        ("mix(90%: 1s)", "sum to 90%, expected 100%"),
        ("mix(90%: 1s, 20%: 2s)", "sum to 110%, expected 100%"),
        ("mix(1s, 2s)", "'1s' has no share"),
        ("mix(0.9: 1s, 0.1: 2s)", "did you mean '90%'?"),
        ("10", "10 has no unit"),
        ("", "is not a time"),
        ("mix(100%: " * 9 + "1s" + ")" * 9, "nested too deep"),
        pytest.param("mix(100%: " * 900 + "1s" + ")" * 900, "nested too deep", id="nine hundred levels"),
        pytest.param("(" * 9_000, "is not a distribution", id="nine thousand parentheses"),
        pytest.param("x" * 10_000_000, "at most 10000", id="ten megabytes"),
    ],
)
def test_a_refused_distribution_says_why(text, part_of_the_message):
    with pytest.raises(DistributionError) as caught:
        read(text)

    assert part_of_the_message in str(caught.value)


times_us = st.integers(1, 10**12)


@given(times_us, times_us)
def test_times_are_read_to_the_microsecond(one_us, other_us):
    low_us, high_us = sorted((one_us, other_us))

    assert read(f"uniform({low_us}us, {high_us}us)") == Uniform(low_us, high_us)
    assert read(f"normal(mean {one_us}us, sd {other_us}us)") == Normal(one_us, other_us)
    assert read(f"mix(50%: {one_us}us, 50%: exponential({other_us}us))") == Mixture(
        (0.5, 0.5), (Constant(one_us), Exponential(other_us))
    )


@given(st.integers(10**3, 10**12), st.floats(1, 3.8))
def test_a_lognormal_has_the_mean_that_it_is_written_with_whatever_its_p95(mean, ratio):
    distribution = read(f"lognormal(mean {mean}us, p95 {round(mean * ratio)}us)")

    assert mean_us(distribution) == pytest.approx(mean, abs=1, rel=1e-9)


@given(st.text(alphabet="mixgamnorl(%:),. 0123456789s"))
def test_whatever_is_written_is_read_or_refused_in_words(text):
    with contextlib.suppress(DistributionError):
        assert mean_us(read(text)) >= 0
