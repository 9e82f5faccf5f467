"""The protocol driven by hand, operation by operation, beside the limiter: what one says, the other must."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from flowconc.protocol.catalogue import STEPS
from flowconc.protocol.creation import Request
from flowconc.protocol.progress import Run
from flowconc.protocol.states import FINAL, State
from flowconc.protocol.steps import Message, RunTask, StopTasks
from flowconc.protocol.tables import Tables
from tests.flows import flow
from tests.properties.limiter import Limiter

FLOW = "n.f"
LIMITS = st.sampled_from([1, 2, 3, None])
BEHAVIORS = st.sampled_from(["QUEUE", "QUEUE", "CANCEL", "FAIL"])
PICK = st.integers(0, 2**16)


class ProtocolMachine(RuleBasedStateMachine):
    """Executions of one flow with one task; `tasks` are the orders of those that run."""

    @initialize(limit=LIMITS, count=st.integers(1, 6))
    def begin(self, limit, count):
        self.tables = Tables()
        self.tables.short_names[FLOW] = "f"
        self.limiter = Limiter()
        self.tasks = {}
        self.ended_in_pause = set()
        self.save(limit, "QUEUE")
        self.create(count)

    # --- operations

    @rule(limit=LIMITS, behavior=BEHAVIORS)
    def save(self, limit, behavior):
        self.send(Message("save_flow", None, (FLOW, flow("f", limit=limit, behavior=behavior))))
        self.limiter.save(limit, behavior if limit else "QUEUE")

    @rule(count=st.integers(1, 4))
    def create(self, count):
        for _ in range(count):
            number = len(self.tables.names)
            self.send(Message("create", None, Request(FLOW, "api")))

            assert self.state(number).value == self.limiter.arrive(number)

    @precondition(lambda self: self.tasks)
    @rule(pick=PICK, outcome=st.sampled_from([Run.SUCCESS, Run.FAILED]))
    def end_task(self, pick, outcome):
        number = self.one_of(self.tasks, pick)
        order = self.tasks.pop(number)
        paused = number in self.tables.executions and self.state(number) is State.PAUSED
        self.send(Message("task_ended", number, (order.node, outcome, 0)))
        if paused:
            self.ended_in_pause.add(number)
        elif number in self.tables.executions:
            self.limiter.leave(number)

    @precondition(lambda self: self.in_states(*(set(State) - FINAL)))
    @rule(pick=PICK)
    def kill(self, pick):
        number = self.one_of(self.in_states(*(set(State) - FINAL)), pick)
        self.send(Message("kill", number))
        self.limiter.give_up(number)
        self.limiter.leave(number)

        assert self.state(number) is State.KILLED

    @precondition(lambda self: self.tables.executions)
    @rule(pick=PICK)
    def kill_again_changes_nothing(self, pick):
        ended = self.in_states(*FINAL)
        if ended:
            self.send(Message("kill", self.one_of(ended, pick)))

    @precondition(lambda self: self.in_states(State.QUEUED))
    @rule(pick=PICK)
    def force_run(self, pick):
        number = self.one_of(self.in_states(State.QUEUED), pick)
        self.send(Message("force_run", number))
        self.limiter.force(number)

    @precondition(lambda self: self.in_states(State.RUNNING))
    @rule(pick=PICK)
    def pause(self, pick):
        self.send(Message("pause", self.one_of(self.in_states(State.RUNNING), pick)))

    @precondition(lambda self: self.in_states(State.PAUSED))
    @rule(pick=PICK)
    def resume(self, pick):
        number = self.one_of(self.in_states(State.PAUSED), pick)
        self.send(Message("resume", number))
        if number in self.ended_in_pause:
            self.ended_in_pause.remove(number)
            self.limiter.leave(number)

    @precondition(lambda self: self.in_states(State.FAILED))
    @rule(pick=PICK)
    def restart(self, pick):
        number = self.one_of(self.in_states(State.FAILED), pick)
        if self.tables.executions[number].progress:  # it has run: the gate failed it not, or only later
            self.send(Message("restart", number))

            assert self.state(number).value == self.limiter.arrive(number)

    @precondition(lambda self: self.tables.executions)
    @rule(pick=PICK)
    def delete(self, pick):
        number = self.one_of(self.tables.executions, pick)
        self.send(Message("delete", number))
        self.limiter.delete(number)

    # --- what must hold after each

    @invariant()
    def both_say_the_same(self):
        tables, limiter = self.tables, self.limiter

        assert tables.counters.get(FLOW, 0) == limiter.taken
        assert list(tables.queued.oldest(FLOW)) == limiter.line == self.in_order(State.QUEUED)
        assert {n for n, row in tables.executions.items() if row.holds_slot} == set(limiter.holders)

    @invariant()
    def a_copy_of_the_tables_is_equal_and_independent(self):
        twin = self.tables.copy()
        twin.executions.clear()

        assert twin.counters == self.tables.counters

    # --- driving

    def send(self, message):
        """Run a step and all that follows from it. Workers kill at once; what runs goes on until `end_task`."""
        ready = deque([message])
        while ready:
            message = ready.popleft()
            result = STEPS[message.step].run(self.tables, message, 0)
            self.tables.apply(result.changes)
            for order in result.orders:
                if isinstance(order, Message):
                    ready.append(order)
                elif isinstance(order, RunTask):
                    self.tasks[order.execution] = order
                elif isinstance(order, StopTasks):
                    self.tasks.pop(order.execution, None)
                    ready.append(order.then)

    def state(self, number):
        return self.tables.executions[number].state

    def in_states(self, *states):
        return [number for number, row in self.tables.executions.items() if row.state in states]

    def in_order(self, state):
        """Return the executions in a state, in the order of the limiter's line."""
        return sorted(self.in_states(state), key=self.limiter.line.index)

    @staticmethod
    def one_of(numbers, pick):
        ordered = sorted(numbers)
        return ordered[pick % len(ordered)]


TestProtocol = ProtocolMachine.TestCase
TestProtocol.settings = settings(max_examples=150, stateful_step_count=40)


@pytest.mark.slow
class TestProtocolDeeper(ProtocolMachine.TestCase):
    settings = settings(max_examples=500, stateful_step_count=80)
