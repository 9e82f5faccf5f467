"""Cycles and ways in directed graphs."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from flowconc.lint.graph import components, leading_to, shortest_way

names = st.sampled_from("abcdef")
graphs = st.dictionaries(names, st.lists(names, max_size=4), max_size=6)


def reachable(graph: dict[str, list[str]], start: str) -> set[str]:
    """Return what can be reached from `start` in one step or more."""
    found: set[str] = set()
    todo = list(graph.get(start, []))
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += graph.get(name, [])
    return found


@given(graphs)
def test_a_component_holds_the_names_that_lead_to_each_other(graph: dict[str, list[str]]) -> None:
    every = set(graph) | {name for successors in graph.values() for name in successors}
    expected = {
        frozenset({name} | {other for other in reachable(graph, name) if name in reachable(graph, other)})
        for name in every
    }

    assert expected == set(map(frozenset, components(graph)))


@given(graphs)
def test_successors_come_first(graph: dict[str, list[str]]) -> None:
    number = {name: index for index, group in enumerate(components(graph)) for name in group}

    assert all(number[end] <= number[start] for start, ends in graph.items() for end in ends)


@given(graphs, names, st.sets(names))
def test_the_shortest_way_is_a_way_and_none_is_shorter(
    graph: dict[str, list[str]], start: str, goals: set[str]
) -> None:
    way = shortest_way(start, goals, graph)
    layer, steps = {start}, 0
    while layer and not (steps and layer & goals) and steps <= len(names.elements):
        layer = {end for name in layer for end in graph.get(name, [])}
        steps += 1

    if way is None:
        assert not layer & goals or not steps
    else:
        assert (len(way) - 1, way[0]) == (steps, start)
        assert way[-1] in goals
        assert all(end in graph[name] for name, end in pairwise(way))


@given(graphs, st.sets(names))
def test_what_leads_to_a_goal(graph: dict[str, list[str]], goals: set[str]) -> None:
    expected = goals | {name for name in graph if reachable(graph, name) & goals}

    assert expected == leading_to(goals, graph)


def test_a_chain_of_any_length() -> None:
    """A repository may have more flows than Python has stack."""
    graph = {str(number): [str(number + 1)] for number in range(20_000)}

    assert len(components(graph)) == 20_001
    assert len(shortest_way("0", {"20000"}, graph) or ()) == 20_001
