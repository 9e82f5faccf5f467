"""The protocol without a clock: one step at a time, in whatever order a test wants.

    hand = Hand(flow("f", limit=1))
    a = hand.create("f")
    hand.do("kill", a)

`do` takes one step and nothing that follows from it; `send` takes what follows too. Tasks that start go on until
`end_task`, timers and random choices are left to the test.
"""

from __future__ import annotations

from collections import deque

from flowconc.protocol.catalogue import STEPS
from flowconc.protocol.creation import Request
from flowconc.protocol.progress import Run
from flowconc.protocol.rules import DOCUMENTED_RULES, Rules
from flowconc.protocol.states import State
from flowconc.protocol.steps import Message, Next, Order, RowKey, RunTask, StepResult, StopTasks
from flowconc.protocol.tables import Execution, Tables
from flowconc.scenario.flow import Flow
from tests.flows import key_of


class Hand:
    """Tables, and who is at them. `orders` are those of the last `send` that nobody took."""

    def __init__(self, *flows: Flow, rules: Rules = DOCUMENTED_RULES) -> None:
        self.tables = Tables(rules)
        self.orders: list[Order] = []
        for saved in flows:
            self.tables.short_names[saved.key] = saved.id
            self.do("install_flow", None, (saved.key, saved))

    def do(
        self, step: str, execution: int | None = None, argument: object = None, now_us: int = 0
    ) -> StepResult:
        """Take one step."""
        result = STEPS[step].run(self.tables, Message(step, execution, argument), now_us)
        self.tables.apply(result.changes)
        return result

    def send(self, step: str, execution: int | None = None, argument: object = None, now_us: int = 0) -> None:
        """Take a step and all that follows from it at once; workers stop tasks at once."""
        self.orders = []
        ready = deque([Message(step, execution, argument)])
        while ready:
            message = ready.popleft()
            for order in self.do(message.step, message.execution, message.argument, now_us).orders:
                match order:
                    case Message():
                        ready.append(order)
                    case Next():
                        ready.appendleft(order.message)
                    case StopTasks():
                        ready.append(order.then)
                    case _:
                        self.orders.append(order)

    def create(self, flow_id: str, now_us: int = 0, **keys) -> int:
        """Create an execution of a flow, let it go as far as it goes by itself, and return its number."""
        number = len(self.tables.names)
        self.send("create", None, Request(key_of(flow_id), "api", **keys), now_us)
        return number

    def end_task(self, number: int, node: int = 1, outcome: Run = Run.SUCCESS, now_us: int = 0) -> None:
        """Let a task of an execution end, and all that follows."""
        self.send("task_ended", number, (node, outcome, 0), now_us)

    def locks(self, step: str, execution: int | None = None, argument: object = None) -> tuple[RowKey, ...]:
        """Return the rows that a step would lock."""
        return STEPS[step].locks(self.tables, Message(step, execution, argument))

    def row(self, number: int) -> Execution:
        """Return an execution's row."""
        return self.tables.executions[number]

    def state(self, number: int) -> State:
        """Return the state that an execution is in."""
        return self.row(number).state

    @property
    def started(self) -> list[RunTask]:
        """The tasks that the last `send` started."""
        return [order for order in self.orders if isinstance(order, RunTask)]
