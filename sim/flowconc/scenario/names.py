"""Which flow, trigger or execution a name in a scenario means.

A flow is called by its id, by `namespace.id` where several namespaces have the id, or by `tenant/namespace.id` where
several tenants have that. A trigger is called `FLOW.trigger`. An execution has the name that the scenario gives it, or
`FLOW#N`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Final, NamedTuple

from flowconc.scenario.problems import excerpt, nearest
from flowconc.scenario.wording import one_of

MOST_LISTED: Final = 12
"""Names that a message lists; of more it says how many there are."""

DEFAULT_TENANT: Final = "main"
"""The tenant of a flow that names none, as in the open-source engine."""

MOST_COMPARED: Final = 200
"""Names among which a similar one is looked for."""

AUTOMATIC: Final = re.compile(r"(?P<flow>.+)#(?P<number>[1-9][0-9]{0,8})")
"""What names of the form `FLOW#N` look like."""


class UnknownName(Exception):  # noqa: N818 - it says what it is
    """A name that means nothing, or more than one thing."""

    def __init__(self, what: str, expected: str | None = None, suggestion: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.expected = expected
        self.suggestion = suggestion


def automatic_name(flow: str, number: int) -> str:
    """Return the name of an execution that was given none: `FLOW#N`, N from 1 (`flow` as FlowNames.short has it)."""
    return f"{flow}#{number}"


class FlowId(NamedTuple):
    """What a flow is called in full."""

    namespace: str
    id: str
    tenant: str | None = None

    @property
    def key(self) -> str:
        """The name that means this flow and no other."""
        return flow_key(self.tenant, f"{self.namespace}.{self.id}")

    @property
    def names(self) -> tuple[str, ...]:
        """What the flow may be called, the shortest first."""
        return tuple(dict.fromkeys((self.id, f"{self.namespace}.{self.id}", self.key)))


AnyFlowId = tuple[str, str] | tuple[str, str, str | None]
"""A flow as (namespace, id), or as (namespace, id, tenant)."""


def flow_key(tenant: str | None, name: str) -> str:
    """Return the key of the flow that its tenant knows as `namespace.id`."""
    return name if tenant is None else f"{tenant}/{name}"


def short_names(flows: Iterable[AnyFlowId]) -> dict[str, str]:
    """Return what each flow is called: the shortest of its names that no other flow could be called.

    The result goes from key to name. Automatic names of executions begin with it.
    """
    known = list(dict.fromkeys(FlowId(*flow) for flow in flows))
    times = Counter(name for flow in known for name in flow.names)
    return {flow.key: next((name for name in flow.names if times[name] == 1), flow.key) for flow in known}


class FlowNames:
    """The flows that a scenario knows, each with the ids of its triggers.

    `complete` is False when some flow could not be read: then nobody is told that a flow does not exist.
    """

    def __init__(self, triggers: Mapping[AnyFlowId, Iterable[str]], *, complete: bool = True) -> None:
        self.complete = complete
        self.short = short_names(triggers)
        self._triggers = {FlowId(*flow).key: sorted(ids) for flow, ids in triggers.items()}
        self._keys: dict[str, list[str]] = {}
        for flow in (FlowId(*each) for each in triggers):
            for name in flow.names:
                self._keys.setdefault(name, []).append(flow.key)

    def flow(self, name: str) -> str | None:
        """Return the key of the flow called `name`; None when it may be one that could not be read.

        Raises UnknownName.
        """
        if name in self._triggers:
            return name
        keys = self._keys.get(name, [])
        if len(keys) == 1:
            return keys[0]
        if keys:
            raise UnknownName(f"several flows are called {excerpt(name)}", one_of(sorted(keys)))
        if not self.complete:
            return None
        known = self.short.values()
        raise UnknownName(
            f"there is no flow {excerpt(name)}", listed(known), like(name, [*known, *self._triggers])
        )

    def trigger(self, name: str) -> str | None:
        """Return `namespace.flow.trigger`, in full, for a trigger's name; None when its flow could not be read.

        Raises UnknownName.
        """
        flow, dot, trigger = name.rpartition(".")
        if not dot:
            every = [f"{self.short[key]}.{one}" for key, ids in self._triggers.items() for one in ids]
            suggestion = next((each for each in every if each.rpartition(".")[2] == name), like(name, every))
            raise UnknownName(f"{excerpt(name)} names no flow", "FLOW.TRIGGER", suggestion)
        key = self.flow(flow)
        if key is None:
            return None
        ids = self._triggers[key]
        if trigger in ids:
            return f"{key}.{trigger}"
        if not ids:
            raise UnknownName(f"the flow {key} has no triggers")
        suggestion = like(trigger, ids)
        raise UnknownName(
            f"the flow {key} has no trigger {excerpt(trigger)}",
            listed(ids),
            None if suggestion is None else f"{flow}.{suggestion}",
        )


class ExecutionNames:
    """The executions that a scenario knows by name."""

    def __init__(self, given: Iterable[str], flows: FlowNames) -> None:
        self._given = frozenset(given)
        self._flows = flows

    def execution(self, name: str) -> str:
        """Return the name of an execution as the run gives it: as written, or `FLOW#N` with FLOW's short name.

        Raises UnknownName.
        """
        if name in self._given:
            return name
        automatic = AUTOMATIC.fullmatch(name)
        if automatic is None:
            expected = (
                f"{listed(self._given)}, or FLOW#N" if self._given else "FLOW#N, or a name under `names`"
            )
            raise UnknownName(f"no execution is called {excerpt(name)}", expected, like(name, self._given))
        key = self._flows.flow(automatic["flow"])
        return name if key is None else automatic_name(self._flows.short[key], int(automatic["number"]))


def like(word: str, known: Collection[str]) -> str | None:
    """Return the known word most like `word`; among very many none is looked for."""
    return nearest(word, sorted(known)) if len(known) <= MOST_COMPARED else None


def listed(words: Iterable[str]) -> str | None:
    """Return what a message says was expected: one of the words, or how many there are."""
    known = sorted(words)
    if not known:
        return None
    return one_of(known) if len(known) <= MOST_LISTED else f"one of {len(known):,} names"
