"""From a flow's source and what a scenario says of its tasks to the flow that is simulated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from flowconc.scenario.behaviour import Behaviours, TaskBehaviour
from flowconc.scenario.flow import Branch, Call, Flow, Sla, Task, TaskKind
from flowconc.scenario.kestra_flow.sla import SlaSource
from flowconc.scenario.kestra_flow.task_source import OWN_ID, OWN_NAMESPACE, TaskSource
from flowconc.scenario.names import flow_key
from flowconc.scenario.problems import BadInput, Problem, excerpt, nearest
from flowconc.scenario.wording import one_of

if TYPE_CHECKING:
    from flowconc.scenario.kestra_flow.flow_file import FlowSource

MOST_TASKS: Final = 10_000
"""Tasks of a loop with all its passes written out."""

_STEERING: Final = frozenset(
    {TaskKind.SEQUENCE, TaskKind.PARALLEL, TaskKind.GRAPH, TaskKind.CHOICE, TaskKind.PAUSE, TaskKind.SUBFLOW}
)
_NOTHING_SAID: Final = TaskBehaviour()
_NOTHING_GIVEN: Final = Behaviours()


def build_flow(
    source: FlowSource, behaviours: Behaviours = _NOTHING_GIVEN
) -> tuple[Flow, tuple[Problem, ...]]:
    """Return the flow that is simulated, and what building it adds to `source.notices`.

    Raises BadInput: for a work task without a duration, for behaviour that its task cannot have, for one of a
    task that the flow does not have, and for a loop with more than 10,000 tasks in all its passes.
    """
    builder = _Builder(source, behaviours)
    flow = Flow(
        namespace=source.namespace,
        id=source.id,
        tasks=builder.all(source.tasks),
        position=source.position,
        concurrency=source.concurrency,
        errors=builder.all(source.errors),
        finally_=builder.all(source.finally_),
        after_execution=builder.all(source.after_execution),
        triggers=source.triggers,
        retry=source.retry,
        disabled=source.disabled,
        sla=builder.sla(source.sla),
        tenant=source.tenant,
        source=dict(source.data),
    )
    if builder.errors:
        raise BadInput(builder.errors)
    return flow, ()


class _Builder:
    """Builds tasks; what is wrong is collected in `errors`."""

    def __init__(self, source: FlowSource, behaviours: Behaviours) -> None:
        self._source = source
        self._behaviours = behaviours
        self.errors: list[Problem] = []
        self._check_names(source, behaviours.tasks)

    def _check_names(self, source: FlowSource, tasks: Mapping[str, TaskBehaviour]) -> None:
        known = dict.fromkeys(task.task.id for task in source.walk())
        for task_id, behaviour in tasks.items():
            if task_id not in known:
                what = f"the flow {source.key} has no task {excerpt(task_id)}"
                suggestion = nearest(task_id, known)
                expected = one_of(known) if suggestion is None and known else None
                self.errors.append(Problem(behaviour.position or source.position, what, expected, suggestion))

    def all(self, sources: Iterable[TaskSource]) -> tuple[Task, ...]:
        """Build tasks, without those that are disabled."""
        return tuple(self._build(source) for source in sources if not source.disabled)

    def sla(self, sources: Iterable[SlaSource]) -> tuple[Sla, ...]:
        """Build the service levels; what the scenario says of an assertion counts."""
        said = self._behaviours.assertions
        return tuple(replace(each.sla, holds=said.get(each.sla.id, each.sla.holds)) for each in sources)

    def _build(self, source: TaskSource) -> Task:
        behaviour = self._behaviours.tasks.get(source.task.id, _NOTHING_SAID)
        self._check_fit(source, behaviour)
        task = replace(
            source.task,
            call=None if source.task.call is None else self._called(source.task.call, source.inputs),
            children=self.all(source.children),
            errors=self.all(source.errors),
            finally_=self.all(source.finally_),
            branches=self._branches(source, behaviour),
        )
        if source.loop is not None:
            task = self._unrolled(source, task, behaviour)
        return task if task.kind in _STEERING else self._timed(source, task, behaviour)

    def _called(self, call: Call, inputs: Mapping[str, object] | None) -> Call:
        """Name the flow that is called by its key, one of the same tenant, and say what the inputs decide in it."""
        name = call.flow.replace(OWN_NAMESPACE, self._source.namespace).replace(OWN_ID, self._source.id)
        flow, decide = flow_key(self._source.tenant, name), self._behaviours.decide
        if decide is None or inputs is None:
            return replace(call, flow=flow)
        fails, takes = decide(flow, inputs)
        return replace(call, flow=flow, fails=fails, takes=takes)

    def _check_fit(self, source: TaskSource, behaviour: TaskBehaviour) -> None:
        """Report behaviour that a task of this kind cannot have."""
        kind = source.task.type.rpartition(".")[2]
        steers = source.task.kind in _STEERING
        for given, fits, what in (
            (behaviour.duration, not steers, f"takes no duration: {kind} only steers"),
            (behaviour.failures, not steers, f"cannot fail by itself: {kind} only steers"),
            (behaviour.takes, bool(source.branches), f"takes no branch: {kind} has none"),
            (behaviour.items, source.loop is not None, f"has no `items`: {kind} is no loop"),
        ):
            if given is not None and not fits:
                self._error(source, behaviour, f"the task {excerpt(source.task.id)} {what}")

    def _error(
        self, source: TaskSource, behaviour: TaskBehaviour, what: str, expected: str | None = None
    ) -> None:
        self.errors.append(Problem(behaviour.position or source.task.position, what, expected))

    def _timed(self, source: TaskSource, task: Task, behaviour: TaskBehaviour) -> Task:
        """Give a task its duration and failures. An instant task that is given a duration does work."""
        default = self._behaviours.default
        if behaviour.duration is not None:
            kind = TaskKind.WORK if task.kind is TaskKind.INSTANT else task.kind
            task = replace(task, kind=kind, duration=behaviour.duration)
        elif task.kind is TaskKind.WORK and task.duration is None:
            task = replace(task, duration=default.duration)
            if task.duration is None:
                self._missing_duration(source)
        failures = behaviour.failures
        if failures is None:
            failures = default.failures if task.kind is TaskKind.WORK else task.failures
        return replace(task, failures=failures)

    def _missing_duration(self, source: TaskSource) -> None:
        task_id = source.task.id
        self.errors.append(
            Problem(
                source.task.position,
                f"nothing says how long the task {excerpt(task_id)} ({source.task.type}) takes",
                f"in the scenario, `tasks: {{{self._source.id}: {{{task_id}: {{duration: 10s}}}}}}`"
                " or `tasks: {default: {duration: 10s}}`",
            )
        )

    def _branches(self, source: TaskSource, behaviour: TaskBehaviour) -> tuple[Branch, ...]:
        names = [name for name, _ in source.branches]
        weights = dict(behaviour.takes or {source.taken or "": 1.0})
        for name in weights if names else ():
            if name not in names:
                what = f"the task {excerpt(source.task.id)} has no branch {excerpt(name)}"
                position = behaviour.position or source.task.position
                self.errors.append(Problem(position, what, one_of(names), nearest(name, names)))
        return tuple(Branch(name, self.all(tasks), weights.get(name, 0.0)) for name, tasks in source.branches)

    def _unrolled(self, source: TaskSource, task: Task, behaviour: TaskBehaviour) -> Task:
        """Write out the passes of a loop. They share their tasks, so this costs little."""
        loop = source.loop
        assert loop is not None  # the caller has looked
        passes = behaviour.items if behaviour.items is not None else 1 if loop.passes is None else loop.passes
        if task.call is not None:
            return replace(task, call=replace(task.call, count=passes))
        size = passes * (1 + sum(map(_size, task.children)))
        if size > MOST_TASKS:
            self._error(
                source,
                behaviour,
                f"the loop {excerpt(task.id)} has {size:,} tasks in all its passes",
                f"at most {MOST_TASKS:,}",
            )
            return task
        one = Task(task.id, task.type, loop.body, task.position, children=task.children)
        return replace(task, width=loop.width, children=(one,) * passes)


def _size(task: Task) -> int:
    inside = [*task.children, *task.errors, *task.finally_]
    inside += [inner for branch in task.branches for inner in branch.tasks]
    return 1 + sum(map(_size, inside))
