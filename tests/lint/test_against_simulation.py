"""Findings are claims about runs: the simulation shows that they hold, and that nothing happens where there are none."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from flowconc.lint.linter import lint
from flowconc.lint.repository import Repository
from flowconc.protocol.events import Kind
from flowconc.protocol.states import FINAL
from flowconc.scenario.behaviour import Behaviours, TaskBehaviour
from flowconc.scenario.distributions import Constant
from flowconc.scenario.flow import Flow
from flowconc.scenario.kestra_flow.build import build_flow
from flowconc.scenario.model import Latency, Platform
from flowconc.trace.trace import Trace
from tests.flows import arrive, last, lives, trace_of_run
from tests.lint.files import LOG, call, files, findings, flow, group, read, rules, sleep, task, trigger

NO_TIME = Behaviours(default=TaskBehaviour(duration=Constant(0)))
NAMES = ("f0", "f1", "f2", "f3")
MANY = 5_000
"""Events that no run of so few executions has, unless they never end."""


def built(*texts: str) -> list[Flow]:
    """Return the flows as they are simulated; what their files do not say takes no time."""
    return [build_flow(read(text, f"{number}.yaml"), NO_TIME)[0] for number, text in enumerate(texts)]


def run(texts: Iterable[str], *flow_ids: str, **keys) -> Trace:
    """Run an execution of each of these flows, all arriving at once."""
    return trace_of_run(*built(*texts), *(arrive(flow_id) for flow_id in flow_ids), **keys)


def unended(trace: Trace) -> list[str]:
    return [name for name, life in lives(trace).items() if life.split()[-1].partition(":")[0] not in FINAL]


def most_running(trace: Trace, source: str) -> int:
    """Return how many executions from a source are RUNNING at once, at most."""
    running: set[str | None] = set()
    ours: set[str | None] = set()
    most = 0
    for event in trace.events():
        if event.kind is Kind.CREATED and event.detail == source:
            ours.add(event.execution)
        elif event.kind is Kind.STATE and event.execution in ours:
            (running.add if event.after == "RUNNING" else running.discard)(event.execution)
            most = max(most, len(running))
    return most


def states(trace: Trace) -> set[str]:
    return {event.after for event in trace.events() if event.kind is Kind.STATE}


@st.composite
def repositories(draw: st.DrawFn) -> list[str]:
    """Draw flows that sleep and call each other, some of them limited, all with QUEUE."""
    texts = []
    for name in NAMES:
        targets = draw(st.lists(st.sampled_from(NAMES), max_size=2, unique=True))
        calls = [
            call(
                '"{{ flow.id }}"' if target == name else target,
                task_id=f"to_{target}",
                more=draw(st.sampled_from(["", "", "wait: false"])),
            )
            for target in targets
        ]
        texts.append(flow(name, sleep("PT1S"), *calls, limit=draw(st.sampled_from([None, 1, 2]))))
    return texts


class TestDeadlocks:
    @pytest.mark.slow
    @given(repositories())
    @settings(max_examples=100, deadline=None)
    def test_without_findings_everything_ends(self, texts: list[str]) -> None:
        """However many arrive at once, no execution waits for ever."""
        found = {finding.rule for finding in findings(*texts)}
        assume(found.isdisjoint({"slot-deadlock", "deadlock-under-load", "endless-start"}))

        assert unended(run(texts, *NAMES * 4, max_events=MANY)) == []

    @pytest.mark.slow
    @given(repositories())
    @settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
    def test_a_slot_deadlock_needs_one_execution(self, texts: list[str]) -> None:
        """The first ancestor of the chain that the finding shows never ends, also where nobody else is there."""
        repository = Repository([file.flow for file in files(*texts)])
        assume(repository.reclaims and not any("endless" in found.rule for found in findings(*texts)))

        for reclaim in repository.reclaims:
            ancestor = reclaim.chain[0].removeprefix("n.")

            assert reclaim.is_certain
            assert f"{ancestor}#1" in unended(run(texts, ancestor, max_events=MANY))

    @pytest.mark.slow
    @given(repositories())
    @settings(max_examples=100, deadline=None)
    def test_executions_without_end_are_found(self, texts: list[str]) -> None:
        """They are there where they are found, unless a deadlock comes first."""
        found = {finding.rule for finding in findings(*texts)}
        is_endless = any(last(run(texts, name, max_events=MANY)).detail == "max_events" for name in NAMES)

        assert is_endless <= ("endless-start" in found)
        assert is_endless or "endless-start" not in found or "slot-deadlock" in found

    def test_parents_under_the_limit_of_a_namespace(self) -> None:
        """A flow that calls itself once, with as many executions as slots, stands for parents under one limit."""
        sometimes = group("If", call('"{{ flow.id }}"'), key="then", more='condition: "{{ inputs.again }}"')
        text = flow("f0", sleep("PT1S"), sometimes, limit=2)

        assert rules(text) == ["deadlock-under-load 1:6"]
        assert len(unended(run([text], "f0", "f0"))) >= 2


ONE, TWO, THREE = (call("child", task_id=name) for name in ("one", "two", "three"))


class TestFanOut:
    @pytest.mark.parametrize(
        "body",
        [
            [group("Parallel", ONE, TWO)],
            [group("Parallel", ONE, TWO, THREE)],
            [group("Parallel", ONE, TWO, THREE, more="concurrent: 2")],
            [ONE, TWO, THREE],
            [group("ForEach", ONE, more="values: [1, 2, 3], concurrencyLimit: 0")],
            [group("ForEach", ONE, more="values: [1, 2, 3], concurrencyLimit: 2")],
            [group("ForEach", ONE, more="values: [1, 2, 3]")],
            [group("ForEach", LOG, call("child", more="wait: false"), more="values: [1, 2, 3]")],
            [
                group(
                    "ForEach",
                    sleep("PT5S", task_id="nap"),
                    call("child", more="wait: false"),
                    more="values: [1, 2]",
                )
            ],
            [group("Parallel", group("Sequential", ONE, TWO, task_id="inner"), THREE)],
            [group("Dag", *(f"{{task: {each}}}" for each in (ONE, TWO, THREE)))],
            [
                group(
                    "Dag",
                    f"{{task: {ONE}}}",
                    *(f"{{task: {each}, dependsOn: [one]}}" for each in (TWO, THREE)),
                )
            ],
        ],
    )
    def test_a_finding_is_there_exactly_if_an_execution_has_to_queue(self, body: list[str]) -> None:
        texts = [flow("parent", *body), flow("child", sleep("PT5S"), limit=2)]

        assert ("fan-out-queued" in {found.rule for found in findings(*texts)}) == (
            "QUEUED" in states(run(texts, "parent"))
        )


class TestDurations:
    @pytest.mark.parametrize(
        "body",
        [
            [sleep("PT10S"), sleep("PT5S", task_id="again")],
            [group("Parallel", sleep("PT10S"), sleep("PT5S", task_id="again"), more="concurrent: 1")],
            [group("ForEach", sleep("PT1S"), more="values: [1, 2, 3], concurrencyLimit: 2")],
            [group("If", sleep("PT1S"), key="then", more='condition: "{{ inputs.x }}"')],
            [sleep("PT1H", more="timeout: PT1M")],
            [task("flow.Pause", more="pauseDuration: PT1M"), sleep("PT1S")],
            [sleep("PT1S"), task("execution.Fail"), sleep("PT1H", task_id="never")],
            [call("child"), sleep("PT1S")],
        ],
    )
    def test_no_execution_is_faster(self, body: list[str]) -> None:
        texts = [flow("a", *body), flow("child", sleep("PT7S"))]
        ended = [event.t_us for event in run(texts, "a").events() if event.after in FINAL]

        assert Repository([read(text) for text in texts]).least_us(read(texts[0])) <= max(ended)


class TestSchedules:
    def text(self, duration: str, more: str = "", **keys) -> str:
        schedule = trigger("Schedule", more=f'cron: "*/5 * * * * *", withSeconds: true{more}')
        return flow("a", sleep(duration), triggers=[schedule], **keys)

    @pytest.mark.parametrize("duration", ["PT4S", "PT6S", "PT12S"])
    def test_an_overrun_is_found_exactly_if_fires_are_skipped(self, duration: str) -> None:
        text = self.text(duration)
        skipped = [event for event in run([text], until="1m").events() if event.kind is Kind.FIRE_SKIPPED]

        assert bool(skipped) == (rules(text) == ["schedule-overrun 1:7"])

    @pytest.mark.parametrize(("duration", "grows"), [("PT9S", False), ("PT11S", True)])
    def test_a_queue_without_end_grows(self, duration: str, grows: bool) -> None:
        text = self.text(duration, ", allowConcurrent: true", limit=2)

        assert ("QUEUED" in states(run([text], until="2m"))) == grows
        assert (rules(text) == ["queue-without-end 1:7"]) == grows

    @pytest.mark.parametrize(("more", "acts"), [("", False), (", allowConcurrent: true", True)])
    def test_a_behavior_that_never_acts_never_does(self, more: str, acts: bool) -> None:
        text = self.text("PT12S", more, limit=1, behavior="CANCEL")

        assert ("CANCELLED" in states(run([text], until="2m"))) == acts
        assert ("behavior-never-acts 1:3" in rules(text)) == (not acts)


def test_the_linter_is_what_the_rules_are_tested_with() -> None:
    """The helpers above look at the same findings that users see."""
    texts = [flow("a", call("b"), limit=1), flow("b", call("a"))]

    assert findings(*texts) == lint(files(*texts))


class TestAsKestraHasIt:
    """What is only wrong with the engine, not with its documentation."""

    def run(self, text: str, *times: str) -> Trace:
        """Run executions of the flow `a` that arrive at these times; those of one time reach the gate together."""
        together = Platform(latency=Latency(arrival_us=1_000))
        return trace_of_run(
            *built(text), arrive("a", " ".join(times)), platform=together, semantics="kestra-2.0.0"
        )

    @pytest.mark.parametrize("limit", [1, 2, 3])
    @pytest.mark.parametrize("around", [None, "Sequential", "Parallel"])
    def test_a_loop_that_comes_first_never_ends(self, limit: int, around: str | None) -> None:
        """As many executions as there are slots are enough, if they come together."""
        loop = group("Loop", sleep("PT1S"), more="values: [1, 2]")
        text = flow("a", loop if around is None else group(around, loop, task_id="around"), limit=limit)
        (found,) = findings(text)

        assert "for ever" in found.what or "neither ever ends" in found.what
        assert len(unended(self.run(text, *["0s"] * limit))) >= limit

    @pytest.mark.parametrize("limit", [1, 2, 3])
    def test_a_loop_that_comes_later_frees_slots_that_it_never_took(self, limit: int) -> None:
        loop = group("Loop", sleep("PT1S"), more="values: [1, 2]")
        text = flow("a", sleep("PT1S", task_id="before"), loop, limit=limit)
        (found,) = findings(text)
        trace = self.run(text, *["0s"] * 2 * limit)

        assert "more run in the end than the limit says" in found.what
        assert unended(trace) == []
        assert most_running(trace, "api") > limit

    @pytest.mark.parametrize("after", [True, False])
    def test_with_after_execution_a_rejected_one_runs_tasks(self, after: bool) -> None:
        more = [f"afterExecution: [{sleep('PT1S', task_id='after')}]"] if after else []
        text = flow("a", sleep("PT10S"), limit=1, behavior="CANCEL", more=more)
        trace = self.run(text, "0s", "1s")
        ran = {event.execution for event in trace.events() if event.kind is Kind.TASK_STARTED}

        assert "CANCELLED" in states(trace)
        assert (len(ran) == 2) == after == (rules(text) == ["after-execution-of-rejected 1:6"])

    def test_a_longest_duration_ends_what_waits(self) -> None:
        level = "sla: [{id: late, type: MAX_DURATION, duration: PT5S, behavior: CANCEL}]"
        text = flow("a", sleep("PT4S"), limit=1, more=[level])

        assert rules(text) == ["sla-counts-queue 1:6"]
        assert "CANCELLED" in states(self.run(text, "0s", "0s", "0s"))
