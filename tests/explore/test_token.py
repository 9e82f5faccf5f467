"""Replay tokens: short, the same everywhere, and refused in words."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from flowconc.explore.scope import Scope
from flowconc.explore.token import PREFIX, BadToken, Token, fingerprint_of, read_token, token_of, written
from flowconc.protocol.semantics import semantics_of
from flowconc.scenario.problems import Position
from tests.explore.machines import burst, explored
from tests.flows import act

SCENARIO = burst(3, semantics="kestra-0.22.0")
SEMANTICS = semantics_of("kestra-0.22.0")

tokens = st.builds(
    Token,
    fingerprint=st.binary(min_size=4, max_size=4),
    executions=st.none() | st.integers(0, 1_000),
    executors=st.integers(1, 1_000),
    crashes=st.integers(0, 10),
    left_out=st.sets(st.integers(0, 300)).map(lambda places: tuple(sorted(places))),
    length=st.integers(0, 10_000),
    choices=st.integers(0, 2**2_000),
)


def found():
    return explored(SCENARIO).discoveries[0]


@given(tokens)
def test_what_is_written_is_read(token):
    assert read_token(written(token)) == token


def test_a_token_is_a_short_word():
    word = str(found().token)

    assert word.startswith(PREFIX)
    assert len(word) < 30
    assert word.removeprefix(PREFIX).isalnum()
    assert word == word.lower()


def test_a_replay_is_the_same_schedule():
    discovery = found()
    again = explored(SCENARIO, replay=str(discovery.token))

    assert again.discoveries[0].token == discovery.token
    assert again.discoveries[0].story == discovery.story
    assert again.discoveries[0].played.trace.sha256() == discovery.played.trace.sha256()


def test_the_token_is_the_same_in_every_process():
    program = (
        "from tests.explore.machines import burst, explored;"
        "print(explored(burst(3, semantics='kestra-0.22.0')).discoveries[0].token)"
    )
    words = {
        subprocess.run(
            [sys.executable, "-c", program],
            check=True,
            capture_output=True,
            text=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        ).stdout.strip()
        for seed in ("1", "2")
    }

    assert words == {str(found().token)}


def test_a_schedule_of_which_nothing_is_known_but_the_choices():
    token = token_of(SCENARIO, SEMANTICS, Scope(None, 2, 0), [], [(2, 3), (0, 1), (1, 2)])

    assert (token.length, token.choices) == (3, 2 + 3 * (0 + 1 * 1))


class TestRefusal:
    @pytest.mark.parametrize("word", ["", "abc", "fc2-abc"])
    def test_what_is_no_token(self, word):
        with pytest.raises(BadToken, match="is no replay token, expected a word that begins with fc1-"):
            read_token(word)

    @given(st.data())
    def test_a_letter_that_is_wrong(self, data):
        word = "fc1-bglsmvaaaiaaachkahrfw"
        letters = list(word)
        place = data.draw(st.integers(len(PREFIX), len(word) - 2))  # the last one has bits that mean nothing
        letters[place] = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
        assume("".join(letters) != word)

        with pytest.raises(BadToken, match="damaged"):
            read_token("".join(letters))

    @pytest.mark.parametrize("word", ["fc1-", "fc1-a", "fc1-bglsmvaaaiaaachkahrf", "fc1-1890", "fc1-ÄÖ"])
    def test_a_word_that_is_not_whole(self, word):
        with pytest.raises(BadToken, match="damaged: a letter is missing or wrong"):
            read_token(word)

    @pytest.mark.parametrize(
        "other",
        [
            burst(4, semantics="kestra-0.22.0"),
            burst(3, limit=2, semantics="kestra-0.22.0"),
            burst(3, semantics="documented"),
            burst(3, act("1s", "kill", "a"), semantics="kestra-0.22.0"),
        ],
        ids=["arrivals", "limit", "semantics", "action"],
    )
    def test_of_another_scenario(self, other):
        with pytest.raises(BadToken, match="of another scenario, or of another semantics"):
            explored(other, replay=str(found().token))


def test_where_a_scenario_stands_and_what_it_expects_makes_no_difference():
    """A token goes with the scenario, also into another file."""
    moved = replace(
        SCENARIO,
        name="other",
        description="text",
        position=Position("elsewhere", 7),
        arrivals=tuple(replace(each, position=Position("elsewhere", 9)) for each in SCENARIO.arrivals),
    )

    assert fingerprint_of(moved, SEMANTICS) == fingerprint_of(SCENARIO, SEMANTICS)
