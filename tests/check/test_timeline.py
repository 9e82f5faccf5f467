"""The timeline around a moment, as a terminal shows it."""

from __future__ import annotations

import pytest

from flowconc.check.timeline import Line, side_by_side, timeline
from tests.traces import trace_of

S = 1_000_000


def drawn(trace, at_s, flow="f", width=20):
    return timeline(trace, flow=flow, t_us=round(at_s * S), width=width)


def test_who_runs_and_who_waits():
    run = trace_of(
        "0s flow f limit=1", "0s admit a", "0s queue b", "10s end a; release a; pop b", "20s end b; release b"
    )

    assert drawn(run, 10) == [
        "f, 0s to 20s",
        "b  ..........##########",
        "a  ##########",
        "             ^ 10s",
        "# running   . queued",
    ]


def test_every_fate_has_its_glyph():
    run = trace_of(
        "0s flow f limit=2 QUEUE",
        "0s admit a",
        "0s admit p",
        "0s queue k",
        "0s queue d",
        "2s flow f limit=2 CANCEL",
        "4s reject x CANCELLED",
        "6s kill k",
        "8s deleted d",
        "10s state p PAUSED pause",
        "10s end a; start a log",
        "14s finish a SUCCESS log; release a",
        "16s state p RUNNING resume",
        "20s end p; release p",
    )

    assert drawn(run, 4) == [
        "f, 0s to 20s",
        "a  ##########++++",
        "p  ##########======####",
        "k  ......K",
        "d  ........D",
        "x      x",
        "       ^ 4s",
        "# running   . queued   = paused or retrying   + afterExecution, still on its slot",
        "K killed   x turned away   D deleted",
    ]


def test_it_shows_what_is_around_the_moment():
    """A long run is not squeezed into a line: what goes on at the moment is seen."""
    steps = [line for n in range(500) for line in (f"{n}s admit e{n}", f"{n + 1}s end e{n}; release e{n}")]

    head, *rows, marker, _legend = drawn(trace_of("0s flow f limit=1", *steps), 250.5, width=24)

    assert head == "f, 244s to 256s"
    assert rows[0] == "e250              ##"
    assert len(rows) == 12
    assert marker.index("^") == len("e250  ") + 13


def test_holders_and_waiters_come_first():
    waiters = [f"1s queue w{n}" for n in range(30)]

    _, first, second, *rows = drawn(trace_of("0s flow f limit=1", "0s admit a", *waiters, "9s over until"), 5)

    assert [first.split()[0], second.split()[0]] == ["a", "w0"]
    assert len(rows) == 10 + 2


def test_it_is_plain_ascii_of_100_columns_at_most():
    run = trace_of("0s flow füße limit=1", f"0s admit {'é' * 80}", "10s over until")

    lines = timeline(run, flow="füße", t_us=10 * S, width=500)

    assert all(line.isascii() and len(line) <= 100 for line in lines)
    assert lines[1].startswith("?" * 23 + "~  ####")
    assert lines[2].endswith("10s ^")
    assert len(lines[2]) == 100


def test_the_legend_says_what_is_drawn():
    run = trace_of(
        "0s flow f limit=1", "0s create a", "5s state a RUNNING", "10s state a RESTARTED", "15s state a KILLING",
        "20s state a SUCCESS",
    )  # fmt: skip

    assert drawn(run, 20)[-1] == "# running   c created   r restarted   k killing"


def test_the_moment_is_within_what_is_shown():
    run = trace_of("0s flow f limit=1", "10s admit a", "20s end a; release a")

    assert drawn(run, 0) == ["f, 0s to 20s", "a            ##########", "   ^ 0s", "# running"]


def test_an_instant_is_a_timeline_too():
    run = trace_of("0s flow f limit=1", "0s admit a; end a; release a")

    assert drawn(run, 0)[0] == "f, 0s to 0.00002s"


def test_a_flow_without_executions_has_none():
    assert drawn(trace_of("0s flow f limit=1"), 0) == []
    assert drawn(trace_of("0s flow f limit=1"), 0, flow="g") == []


def test_others_are_of_the_same_flow():
    run = trace_of("0s flow f limit=1", "0s flow g limit=1", "0s admit a of=f; admit x of=g", "9s over until")

    assert [line.split()[0] for line in drawn(run, 0)] == ["f,", "a", "^", "#"]


@pytest.mark.parametrize(
    ("begins", "head"), [(0, "f, 0s to 12s"), (50, "f, 44.5s to 56.5s"), (99, "f, 88s to 100s")]
)
def test_a_moment_near_the_beginning_or_the_end_is_shown_with_as_much_as_fits(begins, head):
    """Twelve times as long as the typical phase that the moment is in: here one of a second."""
    run = trace_of(
        "0s flow f", "0s admit a",
        f"{begins}s admit b; admit c", f"{begins + 1}s end b; release b; end c; release c",
        "100s end a; release a",
    )  # fmt: skip

    assert drawn(run, begins + 0.5, width=24)[0] == head


def test_what_is_short_has_a_column_and_no_more():
    run = trace_of("0s flow f limit=1", "0s admit a", "1ms state a PAUSED", "20s over until")

    assert drawn(run, 20)[1] == "a  " + "=" * 20
    run = trace_of("0s flow f limit=1", "10s admit a", "10.001s end a; release a", "20s over until")
    assert drawn(run, 20)[:2] == ["f, 10s to 20s", "a  #"]


def test_an_end_at_the_very_end_has_the_last_column():
    run = trace_of("0s flow f limit=1", "0s admit a", "10s queue b", "20s kill b", "20s deleted a")

    assert drawn(run, 20)[1:3] == ["b            .........K", "a  ###################D"]


class TestSideBySide:
    """Executions of several runs, on one scale."""

    FIRST = trace_of(
        "0s flow f limit=1", "0s admit a", "0s queue b", "10s end a; release a; pop b", "20s end b"
    )
    SECOND = trace_of("0s flow f limit=2", "0s admit a", "0s admit b", "10s end a", "10s end b")

    def drawn(self, *lines, at_s=10):
        return side_by_side([Line(*line) for line in lines], t_us=at_s * S, width=20)

    def test_each_line_is_of_its_own_run(self):
        assert self.drawn(("b one", self.FIRST, "b"), ("  two", self.SECOND, "b")) == [
            "0s to 20s",
            "b one  ..........##########",
            "  two  ##########",
            "                 ^ 10s",
            "# running   . queued",
        ]

    def test_what_has_not_ended_goes_on_as_long_as_the_longest_run(self):
        short = trace_of("0s flow f limit=1", "0s admit a", "0s queue b")

        assert self.drawn(("b one", self.FIRST, "b"), ("  two", short, "b"))[1:3] == [
            "b one  ..........##########",
            "  two  ....................",
        ]

    def test_a_run_without_the_execution_has_an_empty_line(self):
        assert self.drawn(("b one", self.FIRST, "b"), ("  two", self.SECOND, None))[2] == "  two"

    def test_it_has_100_columns_at_most(self):
        lines = side_by_side([Line("b one", self.FIRST, "b")], t_us=20 * S, width=500)

        assert max(map(len, lines)) == 100

    def test_nobody_has_no_timeline(self):
        assert self.drawn(("b one", self.FIRST, None)) == []
        assert self.drawn() == []
