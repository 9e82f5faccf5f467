"""The explorer once more, as plainly as it can be written: tables that are copied, every order followed, nothing clever.

It knows messages, passes, timers, tasks that succeed, and kills; no crashes, no choices.
"""

from __future__ import annotations

from flowconc.explore.script import script_of
from flowconc.protocol.progress import Run
from flowconc.protocol.semantics import semantics_of
from flowconc.protocol.steps import Message, Next, RunTask, StopTasks, Wake
from flowconc.protocol.tables import QueueTable, Tables
from flowconc.scenario.model import Scenario
from flowconc.simulation.simulate import short_names_of

Frozen = tuple[object, ...]


class Naive:
    """All states of a scenario: `states` as (tables, what is under way), `finals` the tables when nothing is."""

    def __init__(self, scenario: Scenario, executors: int) -> None:
        self._semantics = semantics_of(scenario.semantics)
        self._executors = executors
        script = script_of(scenario)
        self._cues = [*script.arrivals, script.actions]
        self.states: set[Frozen] = set()
        self.finals: set[Frozen] = set()
        tables = Tables(self._semantics.rules)
        tables.short_names = short_names_of(scenario)
        for flow in scenario.flows:
            self._run(tables, Message("install_flow", None, (flow.key, flow)))
        self._explore(tables, (), (), (0,) * len(self._cues))

    def _explore(self, tables: Tables, flight: tuple, passes: tuple, ahead: tuple) -> None:
        waiting = [(tables, flight, passes, ahead)]
        while waiting:
            tables, flight, passes, ahead = waiting.pop()
            state = (
                frozen(tables),
                tuple(sorted(map(repr, flight))),
                tuple(sorted(map(repr, passes))),
                ahead,
            )
            if state in self.states:
                continue
            self.states.add(state)
            following = list(self._following(tables, flight, passes, ahead))
            if not following:
                self.finals.add(frozen(tables))
            waiting += following

    def _following(self, tables, flight, passes, ahead):
        for place, number in enumerate(ahead):
            if number < len(self._cues[place]):
                twin = tables.copy()
                sent, _ = self._run(twin, self._cues[place][number].message)
                later = (*ahead[:place], number + 1, *ahead[place + 1 :])
                yield twin, flight + sent, passes, later
        if len(passes) < self._executors:
            for place, item in enumerate(flight):
                rest = flight[:place] + flight[place + 1 :]
                for message, left in self._delivered(item, rest):
                    twin = tables.copy()
                    sent, following = self._run(twin, message)
                    yield twin, left + sent, passes + ((following,) if following else ()), ahead
        for place, going in enumerate(passes):
            twin = tables.copy()
            sent, following = self._run(twin, going[0])
            rest = going[1:] + following
            others = passes[:place] + passes[place + 1 :]
            yield twin, flight + sent, others + ((rest,) if rest else ()), ahead

    def _delivered(self, item, rest):
        """Yield each message that comes of what is in flight, and what then is."""
        if isinstance(item, RunTask):
            yield result(item), rest
        elif isinstance(item, StopTasks):
            running = [
                each
                for each in rest
                if isinstance(each, RunTask) and each.execution == item.execution and each.node in item.nodes
            ]
            assert len(running) <= 1, "tasks side by side are beyond this"
            others = tuple(each for each in rest if each not in running)
            yield item.then, others
            if running:
                yield item.then, (*others, result(running[0]))
        else:
            yield item, rest

    def _run(self, tables: Tables, message: Message) -> tuple[tuple, tuple]:
        """Run a step; return what it sends and what follows in its pass. What it asks of flows is done at once."""
        done = self._semantics.steps[message.step].run(tables, message, 0)
        tables.apply(done.changes)
        sent, following = [], []
        for order in done.orders:
            match order:
                case Next(message):
                    following.append(message)
                case Wake(message=message):
                    sent.append(message)
                case Message("save_flow"):
                    more, _ = self._run(tables, order)
                    sent += more
                case Message() | RunTask() | StopTasks():
                    sent.append(order)
        return tuple(sent), tuple(following)


def result(order: RunTask) -> Message:
    return Message("task_ended", order.execution, (order.node, Run.SUCCESS, 0))


def frozen(tables: Tables) -> Frozen:
    """Return all rows of tables that can change, as a value."""
    found = []
    for name, table in vars(tables).items():
        if isinstance(table, QueueTable):
            found += [(name, flow, tuple(table.oldest(flow))) for flow in sorted(tables.flows)]
        elif isinstance(table, dict) and name not in ("plans", "listeners", "short_names"):
            found += [(name, key, row) for key, row in sorted(table.items(), key=repr)]
    return tuple(found)
