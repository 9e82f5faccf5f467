"""Events come out of the agenda by time, then rank, then in the order in which they were put in."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from flowconc.compiled.agenda import ENTRY, NEAR_ROOM, first_us, put, take
from flowconc.compiled.fields import CONSEQUENCE, END, FAR, FOREVER, NEAR, SCALARS, Ints


def agenda() -> tuple[Ints, Ints]:
    scalars = np.zeros(SCALARS + ENTRY * NEAR_ROOM, dtype=np.int64)
    scalars[SCALARS - ENTRY] = FOREVER
    return scalars, np.zeros(ENTRY * 2_000, dtype=np.int64)


def test_an_empty_one_has_its_first_event_never() -> None:
    assert first_us(agenda()[0]) == FOREVER


@given(
    st.lists(
        st.none() | st.tuples(st.integers(0, 9), st.sampled_from([CONSEQUENCE, END])),
        min_size=1,
        max_size=400,
    )
)
def test_order(steps: list[tuple[int, int] | None]) -> None:
    g, far = agenda()
    waiting: list[tuple[int, int, int]] = []
    for number, step in enumerate(steps):
        if step is not None:
            t_us, rank = step
            put(g, far, t_us, rank, number)
            waiting.append((t_us, rank, number))
        elif waiting:
            first = min(waiting)
            waiting.remove(first)

            assert (first_us(g), take(g, far)) == (first[0], first[2])
    assert g[NEAR] + g[FAR] == len(waiting)


def test_many_events() -> None:
    g, far = agenda()
    times = np.random.default_rng(1).integers(0, 500, 1_500).tolist()
    for number, t_us in enumerate(times):
        put(g, far, t_us, END, number)

    taken = [take(g, far) for _ in times]

    assert taken == sorted(range(1_500), key=lambda number: (times[number], number))
