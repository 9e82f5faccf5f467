"""From files to scenarios: names, times, edits and bounds, resolved."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowconc.scenario.load import find, load, load_apart, load_many
from flowconc.scenario.model import AtTimes, Every, PoissonProcess, Recorded, Selection, Verb
from flowconc.scenario.problems import BadInput, Severity

DATA = Path(__file__).parent / "data"
SECOND_US = 1_000_000
LOG = "tasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: hi}]"
FLOW = f"{{id: f, namespace: company.team, concurrency: {{limit: 1}}, {LOG}}}"


# --- the whole ----------------------------------------------------------------------------------------------


def test_every_key_of_the_format_is_read():
    first, second = load(DATA / "everything.flowconc.yaml")

    assert first.id == "every key of the format[limit=1,unused=a]"
    assert second.id == "every key of the format[limit=2,unused=a]"
    assert [flow.key for flow in first.flows] == [
        "company.team.concurrency_example",
        "company.team.inline",
        "main/company.team.inline",
    ]
    assert [scenario.flows[1].concurrency.limit for scenario in (first, second)] == [1, 2]
    assert (len(first.arrivals), len(first.actions), len(first.expectations)) == (10, 22, 8)
    assert (len(first.limits), len(first.faults), first.heal_at_us) == (2, 9, 300 * SECOND_US)


def test_the_same_file_gives_the_same_scenarios():
    path = DATA / "everything.flowconc.yaml"

    assert load(path) == load(path)


def test_a_file_may_hold_several_scenarios_and_empty_documents(write):
    document = f"scenario: {{}}\nflows: [{FLOW}]\n"
    path = write("---\n".join([document.replace("{}", name, 1) for name in "ab"]) + "---\n")

    assert [scenario.name for scenario in load(path)] == ["a", "b"]


def test_the_first_parameter_varies_slowest(write):
    text = f"scenario: s\nflows: [{FLOW}]\nrun: {{seed: '${{a}}', replications: '${{b}}'}}\n"
    path = write(text + "parametrize: {a: [1, 2], b: [3, 4]}\n")

    assert [scenario.id for scenario in load(path)] == [
        "s[a=1,b=3]",
        "s[a=1,b=4]",
        "s[a=2,b=3]",
        "s[a=2,b=4]",
    ]
    assert [scenario.run.replications for scenario in load(path)] == [3, 4, 3, 4]


def test_a_plain_text_is_read_again_after_a_parameter_was_put_in_and_a_quoted_one_is_not(write):
    text = f"scenario: s\nflows: [{FLOW}]\nrun:\n  seed: 1${{n}}\ndescription: '1${{n}}'\nparametrize: {{n: [5]}}\n"
    (scenario,) = load(write(text))

    assert (scenario.run.seed, scenario.description) == (15, "15")


def test_all_problems_come_at_once_those_of_flow_files_included(write):
    write("id: g\nnamespace: company.team\nconcurrency: {limit: 0}\n" + LOG, "flows/g.yaml")
    path = write(
        "scenario: s\nflows: [flows/g.yaml]\narrivals:\n  - {flow: g, at: 5}\n  - {flow: g, at: 5s, fails: [x]}\n"
        "actions: [{at: 1s, kill: nobody}]\nrun: {sed: 1}\n"
    )

    with pytest.raises(BadInput) as caught:
        load(path)

    assert [str(problem.position) for problem in caught.value.problems] == [
        "flows/g.yaml:3:22",
        "x.flowconc.yaml:4:19",
        "x.flowconc.yaml:6:26",
        "x.flowconc.yaml:7:7",
    ]


# --- flows --------------------------------------------------------------------------------------------------


def test_paths_are_relative_to_the_scenario_and_patterns_are_sorted(write):
    for name in ("b", "a"):
        write(f"id: {name}\nnamespace: n\n{LOG}\n", f"flows/deep/{name}.yaml")
    path = write("scenario: s\nflows: ['../flows/**/*.yaml']\n", "scenarios/x.flowconc.yaml")

    assert [flow.key for flow in load(path)[0].flows] == ["n.a", "n.b"]


def test_patterns_do_not_follow_loops_of_links(write, tmp_path):
    write(f"id: a\nnamespace: n\n{LOG}\n", "flows/a.yaml")
    (tmp_path / "flows" / "loop").symlink_to(tmp_path / "flows", target_is_directory=True)
    path = write("scenario: s\nflows: ['flows/**/*.yaml']\n")

    assert [flow.key for flow in load(path)[0].flows] == ["n.a"]


def test_a_flow_is_known_by_its_id_and_by_its_key(one):
    scenario = one("arrivals: [{flow: f, at: 0s}, {flow: company.team.f, at: 0s}]\n")

    assert [arrivals.flow for arrivals in scenario.arrivals] == ["company.team.f"] * 2


def test_an_id_that_two_namespaces_have_needs_its_namespace(problems, one):
    flows = f"[{FLOW}, {FLOW.replace('company.team', 'other')}]"

    assert problems("arrivals: [{flow: f, at: 0s}]\n", flows) == [
        "x.flowconc.yaml:3:19: several flows are called 'f', expected one of company.team.f, other.f"
    ]
    assert one("actions: [{at: 0s, kill: 'other.f#1'}]\n", flows).actions[0].target == "other.f#1"


def test_durations_and_failures_reach_the_tasks(one):
    flow = "{id: f, namespace: n, tasks: [{id: t, type: io.kestra.plugin.scripts.shell.Commands, commands: [x]}]}"
    task = one("tasks: {f: {t: {duration: 3s, fails: [2]}}}\n", f"[{flow}]").flows[0].tasks[0]

    assert (task.duration.value_us, task.failures.runs) == (3 * SECOND_US, {2})


def test_the_share_of_polls_that_find_something_reaches_the_trigger(one):
    poll = "triggers: [{id: poll, type: io.kestra.plugin.jdbc.postgresql.Trigger, interval: PT1M}]"
    flow = f"[{{id: f, namespace: n, {LOG}, {poll}}}]"
    scenario = one("triggers: {f: {poll: {finds: 30%}}}\nrun: {until: 1h}\n", flow)

    assert scenario.flows[0].triggers[0].finds == 0.3


def test_a_trigger_that_does_not_poll_finds_nothing(problems):
    schedule = "triggers: [{id: tick, type: io.kestra.plugin.core.trigger.Schedule, cron: '* * * * *'}]"
    flow = f"[{{id: f, namespace: n, {LOG}, {schedule}}}]"

    assert problems("triggers: {f: {tick: {finds: 30%}}}\nrun: {until: 1h}\n", flow) == [
        "x.flowconc.yaml:3:16: a schedule trigger does not poll, expected a polling trigger"
    ]


# --- edits --------------------------------------------------------------------------------------------------


def test_an_edit_carries_all_earlier_edits_of_the_flow_in_order_of_time(one):
    scenario = one(
        "actions:\n"
        "  - {at: 3s, edit: f, concurrency: {limit: 5, behavior: FAIL}}\n"
        "  - {at: 1s, edit: f, flow: {disabled: true}}\n"
        "  - {at: 4s, edit: f, concurrency: null}\n"
    )
    third, first, fourth = (action.flow for action in scenario.actions)

    assert (first.disabled, first.concurrency.limit) == (True, 1)
    assert (third.disabled, third.concurrency.limit, third.concurrency.behavior.value) == (True, 5, "FAIL")
    assert (fourth.disabled, fourth.concurrency) == (True, None)
    assert scenario.flows[0].disabled is False


def test_a_deleted_flow_is_created_again_as_it_was_last(one):
    scenario = one(
        "actions:\n"
        "  - {at: 1s, edit: f, concurrency: {limit: 5}}\n"
        "  - {at: 2s, delete_flow: f}\n"
        "  - {at: 3s, create_flow: f}\n"
    )

    assert [action.target for action in scenario.actions] == ["company.team.f"] * 3
    assert scenario.actions[2].flow.concurrency.limit == 5


def test_a_new_flow_can_be_created_from_a_file_or_inline_and_is_known_everywhere(one, write):
    write(f"id: g\nnamespace: n\n{LOG}\n", "g.yaml")
    scenario = one(
        "actions:\n"
        "  - {at: 1s, create_flow: g.yaml}\n"
        f"  - {{at: 1s, create_flow: {{id: h, namespace: n, {LOG}}}}}\n"
        "arrivals: [{flow: g, at: 2s}, {flow: h, at: 2s}]\n"
    )

    assert [arrivals.flow for arrivals in scenario.arrivals] == ["n.g", "n.h"]
    assert [flow.key for flow in scenario.flows] == ["company.team.f"]


def test_a_task_that_only_a_later_revision_has_can_behave(one):
    new = "[{id: later, type: io.kestra.plugin.scripts.shell.Commands, commands: [x]}]"
    scenario = one(
        f"tasks: {{f: {{later: {{duration: 3s}}}}}}\nactions: [{{at: 1s, edit: f, flow: {{tasks: {new}}}}}]\n"
        "arrivals: [{flow: f, at: 0s, fails: [t, later]}]\n"
    )

    assert scenario.actions[0].flow.tasks[0].duration.value_us == 3 * SECOND_US


# --- arrivals -----------------------------------------------------------------------------------------------


def test_arrivals_end_with_the_run_unless_they_end_before(one):
    scenario = one(
        "run: {until: 10s}\n"
        "arrivals: [{flow: f, every: 5s}, {flow: f, every: 5s, until: 7s}, {flow: f, poisson: 1/s, count: 3}]\n"
    )

    assert [arrivals.pattern for arrivals in scenario.arrivals] == [
        Every(5 * SECOND_US, 0, None, 10 * SECOND_US),
        Every(5 * SECOND_US, 0, None, 7 * SECOND_US),
        PoissonProcess(1.0, 0, 3, 10 * SECOND_US),
    ]


def test_an_arrival_after_the_end_is_pointed_out(one):
    scenario = one("run: {until: 10s}\narrivals: [{flow: f, at: [1s, 11s]}]\n")

    assert scenario.arrivals[0].pattern == AtTimes((SECOND_US, 11 * SECOND_US))
    assert [str(notice) for notice in scenario.notices] == [
        "x.flowconc.yaml:4:26: warning: some of these are after `run.until` and never happen"
    ]


def test_recorded_arrivals_are_in_order_of_time_whatever_the_order_of_lines_and_columns(one, write):
    write('source,at_s,duration_s\r\n"ui, new",12.5,1\r\n,3,\r\n\r\napi,7,.25\r\n', "a.csv")

    assert one("arrivals: [{flow: f, replay: a.csv}]\n").arrivals[0].pattern == Recorded(
        times_us=(3 * SECOND_US, 7 * SECOND_US, 12_500_000),
        durations_us=(None, 250_000, SECOND_US),
        sources=(None, "api", "ui, new"),
    )


def test_an_empirical_duration_has_the_values_of_its_file(one, write):
    write("1\n2.5\n", "sample.csv")
    scenario = one("tasks: {default: {duration: empirical(sample.csv)}}\n", f"[{WORK}]")

    assert scenario.flows[0].tasks[0].duration.values_us == (SECOND_US, 2_500_000)


def test_or_those_that_a_file_of_arrivals_knows(one, write):
    write("at_s,duration_s\n1,2\n3,\n4,2.5\n", "past.csv")
    scenario = one("tasks: {default: {duration: empirical(past.csv)}}\n", f"[{WORK}]")

    assert scenario.flows[0].tasks[0].duration.values_us == (2 * SECOND_US, 2_500_000)


def test_recorded_arrivals_after_the_end_are_counted(one, write):
    write("at_s\n1\n11\n12\n", "a.csv")
    scenario = one("run: {until: 10s}\narrivals: [{flow: f, replay: a.csv}]\n")

    assert [str(notice) for notice in scenario.notices] == [
        "x.flowconc.yaml:4:30: warning: 2 of 3 arrivals are after `run.until` and never happen"
    ]


WORK = "{id: f, namespace: n, tasks: [{id: t, type: io.kestra.plugin.scripts.shell.Commands, commands: [x]}]}"


@pytest.mark.parametrize("kind", ["Schedule, cron: '* * * * *'", "Schedule, cron: '@hourly'"])
def test_a_schedule_needs_an_end_of_the_run_unless_it_is_disabled(kind, problems, one):
    def flow(more=""):
        return f"[{{id: f, namespace: n, {LOG}, triggers: [{{id: x, type: io.kestra.plugin.core.trigger.{kind}{more}}}]}}]"

    assert problems("run: {seed: 1}\n", flow()) == [
        "x.flowconc.yaml:3:6: the trigger n.f.x fires for ever, expected an end: `run: {until: ...}`"
    ]
    assert one("", flow(", disabled: true"))
    assert len(problems("actions: [{at: 1s, enable_trigger: f.x}]\n", flow(", disabled: true"))) == 1


# --- executions and triggers by name ------------------------------------------------------------------------


def test_an_execution_has_the_name_it_is_given_or_its_number(one):
    scenario = one(
        "arrivals: [{flow: f, at: [0s, 0s], names: [a]}]\n"
        "actions: [{at: 1s, kill: a}, {at: 1s, kill: f#1}, {at: 1s, kill: 'company.team.f#2'}]\n"
    )

    assert [action.target for action in scenario.actions] == ["a", "f#1", "f#2"]


def test_actions_in_bulk_select_by_flow_and_states(one):
    scenario = one(
        "actions:\n  - {at: 1s, kill: {flow: f, state: QUEUED}}\n"
        "  - {at: 1s, restart: {flow: f, state: [FAILED, KILLED]}}\n  - {at: 1s, purge: {flow: f}}\n"
    )

    assert [action.target for action in scenario.actions] == [
        Selection("company.team.f", frozenset({"QUEUED"})),
        Selection("company.team.f", frozenset({"FAILED", "KILLED"})),
        Selection("company.team.f"),
    ]


def test_a_trigger_is_known_by_flow_and_id(one):
    schedule = "triggers: [{id: tick, type: io.kestra.plugin.core.trigger.Schedule, cron: '* * * * *'}]"
    scenario = one(
        "run: {until: 1h}\nactions: [{at: 1s, disable_trigger: f.tick}]\nexpect: [{trigger: n.f.tick, fired: 0}]\n",
        f"[{{id: f, namespace: n, {LOG}, {schedule}}}]",
    )

    assert (scenario.actions[0].verb, scenario.actions[0].target) == (Verb.DISABLE_TRIGGER, "n.f.tick")
    assert scenario.expectations[0].name == "n.f.tick"


def test_names_of_a_broken_entry_are_still_known(problems):
    lines = problems("arrivals: [{flow: f, at: 5, names: [a]}]\nactions: [{at: 1s, kill: a}]\n")

    assert [line.split(": ")[0] for line in lines] == ["x.flowconc.yaml:3:26"]


def test_selectors_of_thresholds_have_full_names(one):
    scenario = one("thresholds: {'queue_wait{flow=f,source=api}': p95 < 30s}\n")

    assert scenario.thresholds[0].selectors == (("flow", "company.team.f"), ("source", "api"))
    assert scenario.thresholds[0].written == "queue_wait{flow=f,source=api}: p95 < 30s"


# --- finding files ------------------------------------------------------------------------------------------


def test_files_are_found_in_folders_sorted_and_each_once(write):
    for name in ("b/z.flowconc.yaml", "b/a.flowconc.yaml", "b/other.yaml", "a.flowconc.yaml"):
        write("", name)

    assert [str(path) for path in find(["b", "a.flowconc.yaml", "b/z.flowconc.yaml"])] == [
        "b/a.flowconc.yaml",
        "b/z.flowconc.yaml",
        "a.flowconc.yaml",
    ]


def test_loops_of_links_are_harmless(write, tmp_path):
    write("", "a/x.flowconc.yaml")
    (tmp_path / "a" / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "a" / "self").symlink_to("self")

    assert [str(path) for path in find(["."])] == ["a/x.flowconc.yaml"]


def test_what_is_not_there_is_said(write):
    write("")

    with pytest.raises(BadInput, match=r"^nowhere:1:1: there is no such file or folder$"):
        find([".", "nowhere"])


def test_problems_of_all_files_come_at_once(write):
    write("- 1\n", "a.flowconc.yaml")
    write("- 2\n", "b.flowconc.yaml")

    with pytest.raises(BadInput) as caught:
        load_many(["."])

    assert [problem.position.path for problem in caught.value.problems] == [
        "a.flowconc.yaml",
        "b.flowconc.yaml",
    ]


def test_what_flows_have_that_is_not_simulated_is_a_notice(one):
    scenario = one(
        "",
        f"[{{id: f, namespace: n, {LOG}, checks: [{{condition: '{{{{ x }}}}', message: m}}]}}]",
    )

    assert Severity.NOTICE in {notice.severity for notice in scenario.notices}


# --- under another semantics --------------------------------------------------------------------------------


def test_another_semantics_takes_the_place_of_the_scenarios_own(write):
    path = write(f"scenario: s\nsemantics: kestra-2.0.0\nflows: [{FLOW}]\n")

    assert [scenario.semantics for scenario in load(path, semantics="kestra-1.3")] == ["kestra-1.3.31"]


def test_flows_are_read_as_that_version_reads_them(write):
    later = FLOW.replace("tasks:", "workerSelector: {}, tasks:")
    path = write(f"scenario: s\nflows: [{later}]\n")

    assert load(path)
    with pytest.raises(BadInput, match=r"Kestra 1\.3"):
        load(path, semantics="kestra-1.3")


def test_what_one_document_lacks_does_not_touch_another(write):
    later = FLOW.replace("tasks:", "workerSelector: {}, tasks:")
    path = write(f"scenario: a\nflows: [{later}]\n---\nscenario: b\nflows: [{FLOW}]\n")
    refused, read = load_apart(path, semantics="kestra-1.3")

    assert isinstance(refused, BadInput)
    assert [scenario.name for scenario in read] == ["b"]


def test_an_unknown_semantics_is_bad_input(write):
    with pytest.raises(BadInput, match="there is no semantics 'kestra-3'"):
        load(write(f"scenario: s\nflows: [{FLOW}]\n"), semantics="kestra-3")
