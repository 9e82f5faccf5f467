"""Which namespaces and tenants a flow belongs to, by the names that their limits go by (SEMANTICS 3.16)."""

from __future__ import annotations

from collections.abc import Iterator

from flowconc.protocol.tables import Tables
from flowconc.scenario.flow import Flow

DEFAULT_TENANT = "main"
"""The tenant of a flow that names none, as in the open-source engine."""


def scopes_of(tables: Tables, flow: str) -> tuple[str, ...]:
    """Return the limited scopes that a flow is in: namespaces from the innermost outwards, then the tenant."""
    if not tables.scopes:
        return ()
    return tuple(name for name in _names(tables.flows[flow].definition) if name in tables.scopes)


def _names(flow: Flow) -> Iterator[str]:
    namespace = flow.namespace
    while namespace:
        yield f"namespace:{namespace}"
        namespace = namespace.rpartition(".")[0]
    yield f"tenant:{flow.tenant or DEFAULT_TENANT}"
