"""The invariants of waiting in circles, each with a run that it accepts and one that it catches."""

from __future__ import annotations

from flowconc.protocol.events import Kind
from tests.check.watching import broken, broken_by_engine, broken_in, first_break, watched
from tests.traces import trace_of


class TestNoSelfDeadlock:
    def test_a_child_behind_its_own_parent(self):
        """BUGS, #19705: a pass of a Loop is an execution of the same flow."""
        lines = (
            "0s flow f limit=1",
            "0s create p; gate p admit; claim p; state p RUNNING",
            "0s queue c loop:p",
        )

        assert broken(*lines) == {"no_self_deadlock", "no_stranded_execution"}
        assert first_break("no_self_deadlock", *lines) == (
            "c (QUEUED since 0s) waits for a slot of f, and p for it\n"
            "at 0s, f: limit 1 QUEUE, counter 1\n"
            "holding a slot: p (RUNNING since 0s)\n"
            "waiting: c (QUEUED since 0s)"
        )

    def test_a_grandchild(self):
        """A calls B, which calls A."""
        assert "no_self_deadlock" in broken(
            "0s flow a limit=1",
            "0s flow b",
            "0s create p of=a; gate p admit; claim p; state p RUNNING",
            "0s create q subflow:p of=b; gate q admit; claim q; state q RUNNING",
            "0s queue r subflow:q of=a",
        )

    def test_two_parents_that_block_each_other(self):
        """Each holds the slot that the other's child needs."""
        lines = (
            "0s flow a limit=1",
            "0s flow b limit=1",
            "0s create p of=a; gate p admit; claim p; state p RUNNING",
            "0s create q of=b; gate q admit; claim q; state q RUNNING",
            "0s queue c subflow:p of=b",
            "0s queue d subflow:q of=a",
        )

        assert "no_self_deadlock" in broken(*lines)

    def test_a_holder_that_goes_on_will_make_room(self):
        assert (
            broken(
                "0s flow f limit=2",
                "0s create p; gate p admit; claim p; state p RUNNING",
                "0s admit other",
                "0s queue c subflow:p",
                "5s end other; release other; pop c",
                "6s end c; release c",
                "6s state p SUCCESS; release p",
            )
            == set()
        )

    def test_who_only_waits_behind_the_circle_is_not_in_it(self):
        trace = trace_of(
            "0s flow f limit=1",
            "0s create p; gate p admit; claim p; state p RUNNING",
            "0s queue c subflow:p",
            "1s queue stranger",
        )
        invariant = watched(trace)["no_self_deadlock"]

        assert invariant.breaks == 1
        assert invariant.first is not None
        assert invariant.first.sentence.startswith("c ")

    def test_nor_is_a_whole_row_behind_it(self):
        """`x` waits for the slot of `q`, which waits for `s`, which waits behind the circle of `p` and `c`."""
        trace = trace_of(
            "0s flow f limit=1",
            "0s flow g limit=1",
            "0s create p of=f; gate p admit; claim p; state p RUNNING",
            "0s create q of=g; gate q admit; claim q; state q RUNNING",
            "0s queue c subflow:p of=f",
            "1s queue s subflow:q of=f",
            "1s queue x of=g",
        )

        assert watched(trace)["no_self_deadlock"].breaks == 1

    def test_a_holder_that_a_person_may_let_go_on(self):
        """One slot of two is enough for the child."""
        assert "no_self_deadlock" not in broken(
            "0s flow f limit=2",
            "0s create p; gate p admit; claim p; state p RUNNING",
            "0s admit other; finish other; state other PAUSED pause",
            "1s queue c subflow:p",
        )

    def test_a_parent_that_is_at_work_does_not_wait(self):
        """Its slot comes free when its task ends: nothing says that it waits for the child."""
        assert "no_self_deadlock" not in broken(
            "0s flow f limit=1", "0s admit p", "0s queue c subflow:p", "1s over until"
        )

    def test_a_parent_that_waits_for_a_person(self):
        assert (
            broken(
                "0s flow f limit=1",
                "0s admit p; finish p; state p PAUSED pause",
                "1s queue c subflow:p",
            )
            == set()
        )

    def test_a_circle_that_a_kill_breaks(self):
        """Nobody is left waiting at the end, and yet they did."""
        lines = (
            "0s flow f limit=1",
            "0s create p; gate p admit; claim p; state p RUNNING",
            "0s queue c loop:p",
        )
        killed = ("{t} kill c", "{t} kill p; release p")

        late = [line.format(t="9s") for line in killed]
        just = [line.format(t="1s") for line in killed]
        soon = [line.format(t="999ms") for line in killed]
        assert broken(*lines, *late) == {"no_self_deadlock"}
        assert broken(*lines, *just) == {"no_self_deadlock"}
        begun_late = [line.replace("0s", "5s") for line in lines]
        shortly = [line.format(t="5.9s") for line in killed]
        assert broken(*begun_late, *shortly) == set()
        assert broken(*lines, *soon) == set()  # perhaps it does not wait, and would have gone on

    def test_or_a_forced_run_or_a_new_limit(self):
        lines = (
            "0s flow f limit=1",
            "0s create p; gate p admit; claim p; state p RUNNING",
            "0s queue c loop:p",
        )

        assert broken(
            *lines, "9s forced c; state c RUNNING", "10s state c SUCCESS; state p SUCCESS; release p"
        ) == {"no_self_deadlock"}
        assert broken(
            *lines, "9s flow f limit=2; pop c", "10s end c; release c; state p SUCCESS; release p"
        ) == {"no_self_deadlock"}

    def test_the_slots_of_a_namespace(self):
        """BUGS, probe 10: parent and child in two flows of one namespace."""
        lines = (
            "0s flow company.a; scope namespace:company limit=1",
            "0s flow company.b",
            "0s create p of=company.a; gate p admit; claim p; claim p scope=namespace:company; state p RUNNING",
            "0s create c subflow:p of=company.b; gate c queue before=1 after=1; state c QUEUED",
        )

        assert broken(*lines) == {"no_self_deadlock", "no_stranded_execution"}


class TestNoLockCycle:
    def test_one_order(self):
        trace = trace_of(
            "0s flow f limit=2",
            "0s create a; create b",
            "1s lock_wait a 1ms execution cause=1; lock_wait a 2ms counter cause=1; transaction a 5ms gate",
            "1s lock_wait b 1ms execution cause=2; lock_wait b 2ms counter cause=2; transaction b 5ms gate",
            "2s over until",
            connections=5,
        )

        assert broken_in(trace) == set()

    def test_two_orders(self):
        """BUGS, #17574: it is a deadlock as soon as the two meet."""
        lines = (
            "0s flow f limit=2",
            "0s create a; create b",
            "1s lock_wait a 1ms execution cause=1; lock_wait a 2ms counter cause=1; transaction a 5ms gate",
            "1s lock_wait b 1ms counter cause=2; lock_wait b 2ms execution cause=2; transaction b 5ms kill",
            "2s over until",
        )

        assert broken(*lines) == {"no_lock_cycle"}
        assert first_break("no_lock_cycle", *lines).splitlines()[0] == (
            "b waited for the lock of a row of kind execution after that of one of kind counter, and another "
            "transaction in the opposite order"
        )

    def test_two_transactions_of_one_execution(self):
        """What the next one waits for is not what the first one held: it commits in between."""
        lines = (
            "0s flow f limit=2",
            "0s create a",
            "1s lock_wait a 1ms counter cause=1; transaction a 5ms gate",
            "1s lock_wait a 1ms execution cause=1; lock_wait a 1ms counter cause=1; transaction a 5ms kill",
            "2s over until",
        )

        assert broken(*lines) == set()

    def test_a_deadlock(self):
        lines = ("0s flow f limit=2", "0s create a", "1s deadlock a 2 execution:a counter:f", "2s over until")

        assert broken(*lines) == {"no_lock_cycle"}
        assert first_break("no_lock_cycle", *lines).splitlines()[0] == (
            "2 transactions waited for each other: execution:a, counter:f; that of a was rolled back"
        )

    def test_the_story_is_that_of_the_flow(self):
        stands = "at 1s, f: limit 2 QUEUE, counter 0"
        deadlock = (
            "0s flow f limit=2",
            "0s create a",
            "1s deadlock a 2 execution:a counter:f",
            "2s over until",
        )
        orders = (
            "0s flow f limit=2",
            "0s create a; create b",
            "1s lock_wait a 1ms execution cause=1; lock_wait a 2ms counter cause=1",
            "1s lock_wait b 1ms counter cause=2; lock_wait b 2ms execution cause=2",
        )

        assert first_break("no_lock_cycle", *deadlock).splitlines()[1] == stands
        assert first_break("no_lock_cycle", *orders).splitlines()[1] == stands

    def test_each_lock_that_came_before_is_looked_at(self):
        """Not only the first one: `b` waits for the trigger's row after the counter's, `a` before it."""
        assert broken(
            "0s flow f limit=2",
            "0s create a; create b",
            "1s lock_wait a 1ms trigger cause=1; lock_wait a 1ms counter cause=1",
            "1s lock_wait b 1ms execution cause=2; lock_wait b 1ms counter cause=2; lock_wait b 1ms trigger cause=2",
            "2s over until",
        ) == {"no_lock_cycle"}

    def test_a_deadlock_of_nobody_in_particular(self):
        """Not every transaction is one of an execution."""
        trace = trace_of("0s flow f limit=2", "1s deadlock none 3 x y z", "2s over until")
        number = int((trace.records["kind"] == Kind.DEADLOCK).argmax())
        trace.records["execution"][number] = -1

        first = watched(trace)["no_lock_cycle"].first
        assert first is not None
        assert (first.sentence, first.flow, first.story) == (
            "3 transactions waited for each other: x, y, z; none was rolled back",
            None,
            (),
        )


def test_engines_are_judged_alike():
    assert "no_self_deadlock" in broken_by_engine(
        "0s flow f limit=1",
        "0s create p; gate p admit; claim p; state p RUNNING",
        "0s queue c loop:p",
    )
