"""Scenarios in Python code, through the same reader as files.

    from flowconc.scenario.builder import flow, scenario

    queueing = (
        scenario("the second execution waits")
        .flow(flow("inline", limit=1, duration="10s"))
        .arrive("inline", at=["0s", "0s"], names=["a", "b"])
        .act(at="3s", kill="a")
        .expect(execution="b", started_at="3s")
        .build()
    )

A builder is immutable: each method returns a new one, so that a common beginning can be shared. Keys and values
are those of the file format; a key that Python reserves has an underscore behind it (`except_`, `from_`, `as_`, `for_`).
Problems are reported at `<builder>` and the place in the document, such as `<builder>.arrivals[0].at`.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from flowconc.scenario.document.validation import Loc
from flowconc.scenario.model import Scenario
from flowconc.scenario.names import flow_key
from flowconc.scenario.problems import Position
from flowconc.scenario.resolve.flow_files import FlowFiles
from flowconc.scenario.resolve.scenario import resolve

DEFAULT_NAMESPACE: Final = "company.team"
TASK: Final = "work"
"""The id of the task that `flow` gives a flow without tasks of its own."""

_WORK_TYPE: Final = "io.kestra.plugin.scripts.shell.Commands"
_INSTANT_TYPE: Final = "io.kestra.plugin.core.log.Log"


@dataclass(frozen=True)
class FlowDraft:
    """A flow as Kestra's YAML would have it, and the behaviour of its tasks."""

    definition: Mapping[str, Any]
    tasks: Mapping[str, Any] = field(default_factory=dict)


def flow(
    flow_id: str,
    *,
    limit: int | str | None = None,
    behavior: str | None = None,
    duration: str | None = None,
    fails: str | list[int] | None = None,
    namespace: str = DEFAULT_NAMESPACE,
    **keys: object,
) -> FlowDraft:
    """Return a flow with one task, `work`, that takes `duration`: a time or a distribution; None is instantly.

    `limit` and `behavior` make its `concurrency`. `keys` are further top-level keys of the flow; with `tasks`
    among them they replace `work`, and `duration` and `fails` have nothing to speak of.
    """
    definition: dict[str, Any] = {"id": flow_id, "namespace": namespace}
    if limit is not None:
        definition["concurrency"] = {"limit": limit} | ({} if behavior is None else {"behavior": behavior})
    if duration is None:
        definition["tasks"] = [{"id": TASK, "type": _INSTANT_TYPE, "message": "done"}]
    else:
        definition["tasks"] = [{"id": TASK, "type": _WORK_TYPE, "commands": ["./work"]}]
    given = {"duration": duration, "fails": fails}
    behaviour = {key: value for key, value in given.items() if value is not None}
    return FlowDraft(definition | _written(keys), {TASK: behaviour} if behaviour else {})


def scenario(name: str) -> ScenarioBuilder:
    """Return a scenario of that name in which nothing happens yet."""
    return ScenarioBuilder({"scenario": name, "flows": []})


@dataclass(frozen=True)
class ScenarioBuilder:
    """A scenario document that grows; see the module."""

    _document: Mapping[str, Any]

    def flow(self, *flows: FlowDraft | Mapping[str, Any] | str) -> ScenarioBuilder:
        """Add flows: drafts, mappings as in Kestra's YAML, or paths to flow files."""
        builder = self
        for each in flows:
            if isinstance(each, FlowDraft):
                definition = each.definition
                key = flow_key(definition.get("tenant"), f"{definition['namespace']}.{definition['id']}")
                builder = builder._more("flows", dict(definition))
                if each.tasks:
                    builder = builder.tasks(key, **each.tasks)
            else:
                builder = builder._more("flows", each if isinstance(each, str) else dict(each))
        return builder

    def tasks(self, flow: str, **behaviours: Mapping[str, Any]) -> ScenarioBuilder:
        """Say how tasks of a flow behave: `tasks("inline", work={"duration": "10s"})`."""
        known = self._document.get("tasks", {})
        return self._with("tasks", {**known, flow: {**known.get(flow, {}), **behaviours}})

    def default_task(self, **behaviour: object) -> ScenarioBuilder:
        """Say how tasks behave of which nothing else is said: `default_task(duration="1s")`."""
        return self._with("tasks", {**self._document.get("tasks", {}), "default": behaviour})

    def triggers(self, flow: str, **triggers: Mapping[str, Any]) -> ScenarioBuilder:
        """Say how often polling triggers find something: `triggers("inline", poll={"finds": "30%"})`."""
        known = self._document.get("triggers", {})
        return self._with("triggers", {**known, flow: {**known.get(flow, {}), **triggers}})

    def sla(self, flow: str, **assertions: bool) -> ScenarioBuilder:
        """Say whether assertions of a flow's `sla` hold: `sla("inline", never=False)`."""
        known = self._document.get("sla", {})
        return self._with("sla", {**known, flow: {**known.get(flow, {}), **assertions}})

    def limit(
        self,
        limit: int | str,
        *,
        namespace: str | None = None,
        tenant: str | None = None,
        behavior: str | None = None,
    ) -> ScenarioBuilder:
        """Limit all flows of a namespace, or of a tenant: `limit(10, namespace="company", behavior="FAIL")`."""
        given = {"namespace": namespace, "tenant": tenant, "limit": limit, "behavior": behavior}
        return self._more("limits", {key: value for key, value in given.items() if value is not None})

    def arrive(self, flow: str, **keys: object) -> ScenarioBuilder:
        """Add an entry of `arrivals`: `arrive("inline", poisson="30/min", until="1h")`."""
        return self._more("arrivals", {"flow": flow, **_written(keys)})

    def act(self, at: str | None = None, **keys: object) -> ScenarioBuilder:
        """Add an action: `act(at="3s", kill="a")`. Only a crash at a step needs no time."""
        time = {} if at is None else {"at": at}
        return self._more("actions", {**time, **_written(keys)})

    def fault(self, **keys: object) -> ScenarioBuilder:
        """Let something go wrong: `fault(error="gate", nth=1)`, `fault(crash="executor", at="9s", for_="30s")`."""
        return self._more("faults", _written(keys))

    def heal(self, at: str) -> ScenarioBuilder:
        """Let nothing go wrong from a time on: `heal("5m")`."""
        return self._with("heal_at", at)

    def expect(self, **keys: object) -> ScenarioBuilder:
        """Add an expectation: `expect(at="1s", flow="inline", running=1)`."""
        return self._more("expect", _written(keys))

    def threshold(self, metric: str, *conditions: str | Mapping[str, Any]) -> ScenarioBuilder:
        """Add conditions of a metric: `threshold("queue_wait", "p95 < 30s")`."""
        known = self._document.get("thresholds", {})
        return self._with("thresholds", {**known, metric: [*known.get(metric, []), *conditions]})

    def run(self, **keys: object) -> ScenarioBuilder:
        """Set keys of `run`: `run(until="10m", seed=7)`."""
        return self._with("run", {**self._document.get("run", {}), **keys})

    def backend(self, name: str) -> ScenarioBuilder:
        """Set what computes replications after the first, and plans: `backend("auto")`."""
        return self._with("backend", name)

    def platform(self, **keys: object) -> ScenarioBuilder:
        """Set keys of `platform`: `platform(worker_threads=8)`."""
        return self._with("platform", {**self._document.get("platform", {}), **keys})

    def clock(self, start: str) -> ScenarioBuilder:
        """Set the date of t = 0."""
        return self._with("clock", {"start": start})

    def invariants(self, **keys: object) -> ScenarioBuilder:
        """Choose invariants: `invariants(except_=["fifo"])`."""
        return self._with("invariants", _written(keys))

    def vary(self, **keys: object) -> ScenarioBuilder:
        """Set keys of `vary`: `vary(within="30s", arrivals={"count": "0..20"}, kills="0..3")`."""
        return self._with("vary", {**self._document.get("vary", {}), **keys})

    def plan(self, **keys: object) -> ScenarioBuilder:
        """Set keys of `plan`: `plan(vary={"limit": "1..12"}, goals=["queue_wait p95 < 60s"])`."""
        return self._with("plan", {**self._document.get("plan", {}), **keys})

    def sometimes(self, *conditions: str | Mapping[str, Any]) -> ScenarioBuilder:
        """Add conditions that one run has to meet: `sometimes("queue_not_empty", {"flow": "f", "queued": ">= 2"})`."""
        return self._with("sometimes", [*self._document.get("sometimes", []), *conditions])

    def parametrize(self, **values: list[Any]) -> ScenarioBuilder:
        """Add parameters: `parametrize(limit=[1, 2, 5])`, used anywhere as `"${limit}"`."""
        return self._with("parametrize", {**self._document.get("parametrize", {}), **values})

    def mark(self, *names: str) -> ScenarioBuilder:
        """Add pytest marks."""
        return self._with("marks", [*self._document.get("marks", []), *names])

    def semantics(self, name: str) -> ScenarioBuilder:
        """Set whose rules apply: `semantics("kestra-2.0")`."""
        return self._with("semantics", name)

    def describe(self, description: str) -> ScenarioBuilder:
        """Set the description."""
        return self._with("description", description)

    @property
    def document(self) -> dict[str, Any]:
        """Return the document as plain data, as a file would have it."""
        return copy.deepcopy(dict(self._document))

    def build(self, *, folder: str | Path = ".") -> Scenario:
        """Return the scenario; with several sets of parameters, the first. `folder` is where paths begin.

        Raises BadInput with every problem.
        """
        return self.build_all(folder=folder)[0]

    def build_all(self, *, folder: str | Path = ".") -> tuple[Scenario, ...]:
        """Return the scenarios, one for each set of parameters. Raises BadInput with every problem."""
        return resolve(self.document, _locate, FlowFiles(Path(folder)), is_plain=_never_plain)

    def _with(self, key: str, value: object) -> ScenarioBuilder:
        return ScenarioBuilder({**self._document, key: value})

    def _more(self, key: str, entry: object) -> ScenarioBuilder:
        return self._with(key, [*self._document.get(key, []), entry])


def _written(keys: Mapping[str, object]) -> dict[str, object]:
    return {key.removesuffix("_"): value for key, value in keys.items()}


def _locate(loc: Loc, *, key: bool = False) -> Position:
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc)
    return Position(f"<builder>{''.join(steps)}")


def _never_plain(loc: Loc) -> bool:
    return False  # a Python text is a text
