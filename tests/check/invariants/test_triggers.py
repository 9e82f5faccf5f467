"""The invariants of the triggers, each with a run that it accepts and one that it catches."""

from __future__ import annotations

from tests.check.watching import broken, broken_in, first_break, watched
from tests.flows import after, edit, flow, scene, schedule
from tests.traces import trace_of

FIRED = ("0s flow f limit=1", "1s fire tick a; admit a trigger:tick; lock tick a")


class TestTriggerLockHasLiveHolder:
    def test_a_lock_from_fire_to_end(self):
        assert (
            broken(*FIRED, "2s skip tick a", "3s end a; release a; unlock tick a", "4s fire tick b; admit b trigger:tick",
                   "5s end b; release b")
            == set()
        )  # fmt: skip

    def test_a_lock_that_outlives_its_holder(self):
        lines = (*FIRED, "3s end a; release a", "4s skip tick a", "5s unlock tick a")

        assert broken(*lines) == {"trigger_lock_has_live_holder"}
        assert first_break("trigger_lock_has_live_holder", *lines).splitlines()[0] == (
            "trigger tick of f is locked by a (SUCCESS since 3s)"
        )

    def test_each_lock_of_an_instant_is_looked_at(self):
        assert broken(
            "0s flow f limit=2",
            "1s fire tick a; admit a; lock tick a; fire tock b; admit b; lock tock b",
            "3s end a; release a; end b; release b; unlock tock b",
            "9s over until",
        ) == {"trigger_lock_has_live_holder"}

    def test_it_is_told_once(self):
        assert watched(trace_of(*FIRED, "3s end a; release a"))["trigger_lock_has_live_holder"].breaks == 1

    def test_a_lock_lasts_through_after_execution(self):
        """SEMANTICS 5.2: the execution has terminated when its afterExecution has."""
        assert (
            broken(*FIRED, "3s end a; start a log", "5s finish a SUCCESS log; release a; unlock tick a")
            == set()
        )

    def test_and_through_that_of_a_forced_holder(self):
        """It has no slot to tell by; only at the end of the run it is sure that nobody will unlock."""
        forced = (
            "0s flow f limit=1",
            "1s fire tick a; create a trigger:tick; lock tick a; forced a; state a RUNNING",
            "3s state a SUCCESS; start a log",
            "5s finish a SUCCESS log",
        )

        assert broken(*forced, "5s unlock tick a") == set()
        assert broken(*forced) == {"trigger_lock_has_live_holder"}
        assert broken(*forced[:3], "5s over until") == set()

    def test_a_lock_of_who_was_deleted(self):
        assert broken(*FIRED, "3s deleted a") == {
            "trigger_lock_has_live_holder",
            "counter_matches_holders",
            "every_claim_released",
        }

    def test_a_lock_that_is_opened_too_early(self):
        """While its holder waits, pauses, or runs its afterExecution (A5)."""
        paused = (
            *FIRED,
            "2s finish a; state a PAUSED pause; unlock tick a",
            "3s state a RUNNING; state a SUCCESS; release a",
        )
        after = (*FIRED, "3s end a; start a log; unlock tick a", "5s finish a SUCCESS log; release a")

        assert broken(*paused) == broken(*after) == {"trigger_lock_has_live_holder"}
        assert first_break("trigger_lock_has_live_holder", *paused).splitlines()[0] == (
            "trigger tick of f was unlocked before a (PAUSED since 2s) was over"
        )

    def test_a_lock_that_is_taken_twice(self):
        """A locked trigger must not fire (A5)."""
        lines = (
            "0s flow f limit=2",
            "1s fire tick a; admit a trigger:tick; lock tick a",
            "2s fire tick b; admit b trigger:tick; lock tick b",
            "3s end a; release a; end b; release b; unlock tick b",
        )

        assert broken(*lines) == {"trigger_lock_has_live_holder"}
        assert first_break("trigger_lock_has_live_holder", *lines).splitlines()[0] == (
            "trigger tick of f was locked for b while a (RUNNING since 1s) held it"
        )

    def test_a_lock_that_is_taken_over_from_who_has_ended(self):
        assert (
            broken(
                *FIRED,
                "3s end a; release a; fire tick b; admit b; lock tick b",
                "4s end b; release b; unlock tick b",
            )
            == set()
        )

    def test_a_lock_that_somebody_else_opens(self):
        lines = (
            "0s flow f limit=2",
            "1s fire tick a; admit a trigger:tick; lock tick a",
            "2s admit b trigger:tick",
            "3s end b; release b; unlock tick b",
            "4s end a; release a",
        )

        assert broken(*lines) == {"trigger_lock_has_live_holder"}
        assert first_break("trigger_lock_has_live_holder", *lines).splitlines()[0] == (
            "trigger tick of f was unlocked by b while a (RUNNING since 1s) held it"
        )

    def test_a_lock_of_nobody(self):
        assert broken("0s flow f limit=1", "1s lock tick ghost of=f") == {"trigger_lock_has_live_holder"}

    def test_an_unlock_may_take_its_time_where_the_database_does(self):
        late = trace_of(*FIRED, "3s end a", "3.1s release a", "3.2s unlock tick a", connections=5)
        never = trace_of(*FIRED, "3s end a", "3.1s release a", connections=5)

        assert broken_in(late) == set()
        assert broken_in(never) == {"trigger_lock_has_live_holder"}

    def test_a_rejected_execution_unlocks_at_once(self):
        assert (
            broken(
                "0s flow f limit=1 CANCEL",
                "0s admit x",
                "1s fire tick a; create a trigger:tick; lock tick a; gate a cancel; state a CANCELLED gate; unlock tick a",
                "2s end x; release x",
            )
            == set()
        )


class TestOneExecutionPerFire:
    def test_a_fire_that_is_skipped_though_nobody_has_locked_the_trigger(self):
        """A full flow is no reason: the gate would have queued it, or turned it away (A5)."""
        full = ("0s flow f limit=1", "0s admit x")

        assert broken(*full, "1s skip tick x", "2s end x; release x") == {"one_execution_per_fire"}
        assert broken(*full, "1s skip tick x planned=0s", "2s end x; release x") == set()
        assert broken(*full, "1s down scheduler; skip tick x", "2s end x; release x") == set()

    def test_two_fires_at_two_times(self):
        assert (
            broken(*FIRED, "2s end a; release a; unlock tick a", "2s fire tick b planned=2s; admit b trigger:tick",
                   "3s end b; release b")
            == set()
        )  # fmt: skip

    def test_one_fire_told_twice(self):
        lines = (*FIRED, "2s end a; release a; unlock tick a", "2s fire tick b planned=1s; admit b trigger:tick",
                 "3s end b; release b")  # fmt: skip

        assert broken(*lines) == {"one_execution_per_fire"}
        assert first_break("one_execution_per_fire", *lines).splitlines()[0] == (
            "the fire of tick of f planned for 1s made both a and b"
        )

    def test_triggers_of_two_flows_are_two(self):
        assert (
            broken(
                "0s flow f limit=1", "0s flow g limit=1",
                "1s fire tick a of=f; admit a trigger:tick of=f", "1s fire tick b of=g; admit b trigger:tick of=g",
                "2s end a; release a; end b; release b",
            )
            == set()
        )  # fmt: skip

    def test_a_flow_trigger_answers_each_event(self):
        """Two upstream executions that end at one instant are two fires; neither was planned."""
        assert (
            broken(
                "0s flow f limit=2",
                "1s fire after a before=none; admit a trigger:after",
                "1s fire after b before=none; admit b trigger:after",
                "2s end a; release a; end b; release b",
            )
            == set()
        )

    def test_but_one_event_makes_one_execution(self):
        """The second fire follows from nothing but the creation that the first one led to."""
        lines = (
            "0s flow f limit=2",
            "1s fire after a before=none",
            "1s admit a trigger:after",
            "1s fire after b before=none cause=2",
            "1s admit b trigger:after",
            "2s end a; release a; end b; release b",
        )

        assert broken(*lines) == {"one_execution_per_fire"}
        assert first_break("one_execution_per_fire", *lines).splitlines()[0] == (
            "the fire of after of f made both a and b"
        )

    def test_a_fire_that_found_its_trigger_locked_does_not_come_later(self):
        """It is skipped (A5)."""
        late = (*FIRED, "3s end a; release a; unlock tick a",
                "3s fire tick b planned=2s; admit b trigger:tick; lock tick b",
                "4s end b; release b; unlock tick b")  # fmt: skip

        assert broken(*late) == {"one_execution_per_fire"}
        assert first_break("one_execution_per_fire", *late).splitlines()[0] == (
            "the fire of tick of f planned for 2s found the trigger locked (since 1s), and made b all the same"
        )

    def test_one_that_was_due_after_the_unlock_was_not_found_locked(self):
        lines = (
            *FIRED,
            "3s end a; release a; unlock tick a",
            "5s fire tick b planned=4s; admit b",
            "6s end b; release b",
        )

        assert broken(*lines) == set()

    def test_nor_while_it_is_still_locked(self):
        """A trigger that may be concurrent from now on does not make up for what it skipped."""
        lines = (*FIRED, "3s fire tick b planned=2s; create b trigger:tick; gate b queue; state b QUEUED",
                 "4s end a; release a; unlock tick a; pop b", "5s end b; release b")  # fmt: skip

        assert broken(*lines) == {"one_execution_per_fire"}

    def test_unless_it_is_made_up_for(self):
        """By a backfill, or after something went wrong; in an engine, or where the database takes its time."""
        end = ("4s end b; release b; unlock tick b",)
        began = (*FIRED, "3s end a; release a; unlock tick a")
        backfill = "3s fire tick b planned=2s backfill=1; admit b trigger:tick; lock tick b"
        late = "3s fire tick b planned=2s; admit b trigger:tick; lock tick b"

        assert broken(*began, backfill, *end) == set()
        for mishap in ("down scheduler", "admit x; end x; release x; delayed x gate by=1s"):
            assert broken(FIRED[0], f"0s {mishap}", FIRED[1], *began[2:], late, *end) == set()
        assert broken_in(trace_of(*began, late, *end, connections=5)) == set()
        assert broken_in(trace_of(*began, late, *end, semantics="kestra-2.0.0")) == set()

    def test_a_fire_without_an_execution(self):
        assert broken("0s flow f limit=1", "1s fire tick a of=f") == {"one_execution_per_fire"}


class TestWhatTheScenarioSaysOfItsTriggers:
    """A trace does not say which triggers lock; flows do, unless one is saved that says otherwise (A5)."""

    LOCKS = flow("f", triggers=(schedule("tick"),))
    OVERLAPS = flow("f", triggers=(schedule("tick", allow_concurrent=True),))
    FREE = ("0s flow n.f", "1s fire tick a; admit a trigger:tick")

    def test_a_trigger_that_never_locks(self):
        two = trace_of(
            *self.FREE, "2s fire tick b; admit b trigger:tick", "3s end a; release a; end b; release b"
        )

        assert broken_in(two, scene(self.LOCKS)) == {"one_execution_per_fire"}
        assert broken_in(two, scene(self.OVERLAPS)) == broken_in(two) == set()

    def test_who_is_restarted_locks_nothing_any_more(self):
        again = trace_of(
            *self.FREE,
            "2s end a FAILED; release a",
            "3s state a RESTARTED restart; gate a admit; claim a; state a RUNNING gate; start a",
            "4s fire tick b; admit b trigger:tick; lock tick b",
            "5s end b; release b; unlock tick b; end a; release a",
        )

        assert broken_in(again, scene(self.LOCKS)) == set()

    def test_a_trigger_that_locks_though_its_executions_may_overlap(self):
        locked = trace_of(*self.FREE, "1s lock tick a", "2s end a; release a; unlock tick a")
        answers = flow("f", triggers=(after("g", trigger_id="tick"),))

        for overlaps in (self.OVERLAPS, answers):
            assert broken_in(locked, scene(overlaps)) == {"trigger_lock_has_live_holder"}
        assert broken_in(locked, scene(self.LOCKS)) == broken_in(locked) == set()

    def test_nothing_is_said_of_a_trigger_that_is_changed_on_the_way(self):
        changed = scene(self.LOCKS, edit("1s", self.OVERLAPS))
        two = trace_of(
            *self.FREE, "2s fire tick b; admit b trigger:tick", "3s end a; release a; end b; release b"
        )

        assert broken_in(two, changed) == set()
