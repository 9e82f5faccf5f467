"""The bar shows late, on a terminal only, and never while something is printed."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from flowconc.cli import progress
from flowconc.cli.progress import Estimate, tracked


class Terminal(io.StringIO):
    """A stderr that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@contextmanager
def terminal() -> Iterator[Terminal]:
    """Put a terminal in place of stderr; a fixture could not, as pytest puts its own back before the test."""
    with pytest.MonkeyPatch.context() as patch:
        stderr = Terminal()
        patch.setattr(sys, "stderr", stderr)
        patch.setenv("TERM", "xterm")
        patch.delenv("NO_COLOR", raising=False)
        yield stderr


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SHOWN_AFTER_S", 0.0)


def naps(count: int) -> Iterator[None]:
    return (time.sleep(0.1) for _ in range(count))


def test_the_pieces_come_through() -> None:
    with terminal():
        assert list(tracked(iter("abc"), total=3, what="letters")) == ["a", "b", "c"]


def test_what_is_quick_shows_nothing() -> None:
    with terminal() as stderr:
        list(tracked(iter("abc"), total=3, what="letters"))

    assert "letters" not in stderr.getvalue()


@pytest.mark.usefixtures("at_once")
def test_what_takes_long_does() -> None:
    with terminal() as stderr:
        list(tracked(naps(2), total=2, what="naps"))

    assert "naps" in stderr.getvalue()
    assert "1/2" in stderr.getvalue()


@pytest.mark.usefixtures("at_once")
def test_where_there_is_no_terminal_there_is_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    list(tracked(naps(2), total=2, what="naps"))

    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("at_once")
def test_the_bar_is_gone_while_the_caller_has_a_piece() -> None:
    with terminal() as stderr:
        for _ in tracked(naps(2), total=2, what="naps"):
            before = stderr.getvalue()
            time.sleep(0.2)

            assert before == stderr.getvalue()
    assert "naps" in stderr.getvalue()


# --- stages with an estimate


def stages() -> None:
    with Estimate() as estimate:
        for what, total in (("first runs", 3), ("more runs", 2)):
            estimate.tell(what, 0, total)
            for done in range(1, total + 1):
                time.sleep(0.05)
                estimate.tell(what, done, total)


@pytest.mark.usefixtures("at_once")
def test_stages_show_how_far_they_are_and_how_long_they_still_take() -> None:
    with terminal() as stderr:
        stages()
    shown = stderr.getvalue()

    assert "first runs" in shown
    assert "more runs" in shown
    assert "left" in shown


def test_quick_stages_show_nothing() -> None:
    with terminal() as stderr:
        stages()

    assert stderr.getvalue() == ""


@pytest.mark.usefixtures("at_once")
def test_no_terminal_sees_an_estimate(capsys: pytest.CaptureFixture[str]) -> None:
    stages()

    assert capsys.readouterr().err == ""
