"""Flows that cannot be told apart."""

from __future__ import annotations

from collections.abc import Iterator

from flowconc.lint.repository import Repository
from flowconc.lint.rule import Remark, rule
from flowconc.scenario.problems import Position, Severity


@rule("duplicate-flow", Severity.WARNING)
def duplicate_flow(repository: Repository) -> Iterator[Remark]:
    """Find a flow that another file of the same check defines, too.

    Which one counts depends on which is saved last.
    The rules that follow calls across files follow them to the first.
    """
    first: dict[str, Position] = {}
    for flow in repository.flows:
        position = flow.locate(("id",), key=True)
        earlier = first.setdefault(flow.key, position)
        if earlier is not position:
            yield Remark(
                position,
                f"the flow {flow.key} is also defined in {earlier}; calls are followed to that one",
                "each flow once, or a check of its own for each set of flows",
            )
