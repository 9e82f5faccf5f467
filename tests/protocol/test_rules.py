"""How the answer to a question is put into words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowconc.protocol.rules import DOCUMENTED_RULES, QUESTIONS, Counting, answer
from flowconc.protocol.states import State


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("pop_checks_limit", True, "yes"),
        ("pop_checks_limit", False, "no"),
        ("tick_us", None, "there are none"),
        ("tick_us", 1_000_000, "1000000"),
        ("counting", Counting.COUNTER, "a counter row of the flow"),
        ("counted_states", frozenset({State.RUNNING, State.PAUSED}), "PAUSED, RUNNING"),
        ("ending", ("release", "conclude"), "release, then conclude"),
        ("ending", (), "none"),
    ],
)
def test_an_answer_in_words(name, given, words):
    assert answer(replace(DOCUMENTED_RULES, **{name: given}), name) == words


def test_every_question_is_a_sentence_with_a_source():
    assert all(each.question.endswith("?") for each in QUESTIONS)
    assert all(each.source for each in QUESTIONS)
