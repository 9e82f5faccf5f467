"""A flow: what starts it without being told."""

from __future__ import annotations

from tests.flows import after, flow, polling, schedule


def test_schedules_and_polling_triggers_fire_by_themselves_unless_they_are_disabled():
    hourly, poll = schedule("hourly"), polling("poll", "1m")
    off = schedule("off", disabled=True)

    assert flow("f", triggers=(hourly, off, after("g"), poll)).self_firing == (hourly, poll)
    assert flow("f").self_firing == ()
