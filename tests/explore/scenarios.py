"""Small scenarios drawn at random, for laws that must hold of every one."""

from __future__ import annotations

from hypothesis import strategies as st

from flowconc.scenario.model import Scenario
from tests.flows import (
    act,
    after,
    arrive,
    call,
    edit,
    every_one,
    failing,
    flow,
    pause,
    retry,
    scene,
    schedule,
    work,
)

SEMANTICS = (
    "documented",
    "kestra-2.0.2",
    "kestra-1.3.31",
    "kestra-1.1.10",
    "kestra-0.22.0",
    "documented+unlocked_admission",
    "documented+release_in_two_transactions",
    "documented+emitted_after_commit",
    "documented+kill_queued_keeps_row",
)

_TASKS = (
    (work("w"),),
    (failing("w"),),
    (work("w", retry=retry("1s", max_attempts=2)),),
    (pause("p", "1s"),),
)
_ACTIONS = (
    act("1s", "kill", "a"),
    act("1s", "kill", "b"),
    act("1s", "kill", every_one("f", "RUNNING")),
    act("2s", "force_run", "b"),
    act("2s", "restart", "a"),
    act("2s", "resume", "a"),
    act("2s", "delete", "a"),
    edit("1s", flow("f", limit=2)),
    edit("1s", flow("f", limit=1, behavior="CANCEL")),
    edit("1s", flow("f")),
)


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Draw one or two flows, two or three arrivals, at most one action, and a semantics.

    The second flow has nothing to do with the first, is called by it, listens to it, or has a schedule.
    """
    limit, behavior = (
        draw(st.sampled_from([1, 2])),
        draw(st.sampled_from(["QUEUE", "QUEUE", "CANCEL", "FAIL"])),
    )
    flows = [flow("f", *draw(st.sampled_from(_TASKS)), limit=limit, behavior=behavior)]
    arrivals = [arrive("f", "0s 0s", names="a b")]
    until = None
    match draw(st.sampled_from(["alone", "beside", "called", "listens", "scheduled"])):
        case "beside":
            flows.append(flow("g", limit=1))
            arrivals.append(arrive("g", "0s 0s"))
        case "called":
            flows.append(flow("g", call("c", "f"), limit=1))
            arrivals = [arrive("g", "0s"), arrive("f", "0s", names="a")]
        case "listens":
            flows.append(flow("g", limit=1, triggers=(after("f"),)))
        case "scheduled":
            flows.append(flow("g", limit=1, triggers=(schedule(),)))
            until = "2s"
    actions = draw(st.lists(st.sampled_from(_ACTIONS), max_size=1))
    return scene(*flows, *arrivals, *actions, until=until, semantics=draw(st.sampled_from(SEMANTICS)))
