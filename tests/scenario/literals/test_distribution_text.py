"""The language of distributions: reading, writing back, means, and what each refusal tells the author."""

from __future__ import annotations

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowconc.scenario.distributions import (
    Constant,
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
from flowconc.scenario.literals.distribution_text import (
    DistributionError,
    format_distribution,
    mean_us,
    parse_distribution,
)

S = 1_000_000
Z95 = 1.6448536269514722


def no_files(file: str) -> tuple[int, ...]:
    raise AssertionError(f"{file} is not to be read")


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


@pytest.mark.parametrize(
    "text",
    [
        "10s",
        "uniform(5s, 15s)",
        "exponential(mean 10s)",
        "normal(mean 10s, sd 2s)",
        "lognormal(mean 40s, p95 2m)",
        "lognormal(median 10s, p95 2h)",
        "gamma(mean 10s, cv 0.3)",
        "weibull(shape 1.5, scale 10s)",
        "pareto(min 1s, alpha 2.5)",
        "mix(33.3%: 1s, 66.7%: mix(50%: 1m, 50%: exponential(mean 1m))" + ")",
    ],
)
def test_a_distribution_is_written_as_it_is_read(text):
    assert text == format_distribution(read(text))


def test_a_listed_distribution_shows_its_size_and_has_the_mean_of_what_is_listed():
    listed = Listed((1_000_000, None, 3_000_000), rest_us=9_000_000)

    assert format_distribution(listed) == "listed(3 values)"
    assert mean_us(listed) == 2_000_000
    assert mean_us(Listed((), rest_us=9_000_000)) == 9_000_000


def test_an_empirical_distribution_shows_its_size():
    assert format_distribution(Empirical((1, 2, 3))) == "empirical(3 values)"


@pytest.mark.parametrize(
    ("distribution", "mean"),
    [
        (Constant(7), 7),
        (Uniform(4, 10), 7),
        (Exponential(7), 7),
        (Normal(7, 0), 7),
        (
            Normal(0, 1_000),
            1_000 * math.sqrt(2 / math.pi),
        ),  # half a normal: the draws below 0 are drawn again
        (Lognormal(0.0, 1.0), math.exp(0.5)),
        (Gamma(4.0, 2.5), 10),
        (Weibull(1.0, 7), 7),
        (Pareto(1, 2.0), 2),
        (Pareto(1, 1.0), math.inf),
        (Empirical((1, 2, 6)), 3),
        (Mixture((0.9, 0.1), (Constant(0), Constant(70))), 7),
        (Mixture((1.0, 0.0), (Constant(7), Pareto(1, 1.0))), 7),
    ],
)
def test_means(distribution, mean):
    assert mean == pytest.approx(mean_us(distribution))


times_us = st.integers(1, 10**12)
simple = st.one_of(
    st.builds(Constant, times_us),
    st.tuples(times_us, times_us).map(sorted).map(lambda bounds: Uniform(*bounds)),
    st.builds(Exponential, times_us),
    st.builds(Normal, times_us, times_us),
    st.builds(Weibull, st.integers(1, 50).map(lambda tenths: tenths / 10), times_us),
    st.builds(Pareto, times_us, st.integers(1, 50).map(lambda tenths: tenths / 10)),
)
half_and_half = st.tuples(simple, simple).map(lambda parts: Mixture((0.5, 0.5), parts))


@given(st.one_of(simple, half_and_half))
def test_what_is_written_reads_back_as_the_same_distribution(distribution):
    assert distribution == read(format_distribution(distribution))


@given(st.integers(10**3, 10**12), st.floats(1, 3.8))
def test_a_lognormal_that_is_written_reads_back_within_a_microsecond(mean, ratio):
    distribution = read(f"lognormal(mean {mean}us, p95 {round(mean * ratio)}us)")

    again = read(format_distribution(distribution))

    assert mean_us(distribution) == pytest.approx(mean_us(again), abs=1, rel=1e-9)


@given(st.text(alphabet="mixgamnorl(%:),. 0123456789s"))
def test_whatever_is_written_is_read_or_refused_in_words(text):
    with contextlib.suppress(DistributionError):
        assert mean_us(read(text)) >= 0
