"""Scenarios are items like any other: selected, ordered, marked and named as pytest does it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.plugin.conftest import FAILS, PASSES, SWEEP

Write = Callable[..., None]

REGISTERED = "[pytest]\nmarkers = slow: takes long\n"
UNREGISTERED = SWEEP.replace("slow", "nightly")


def test_one_item_for_each_scenario_and_set_of_parameters(project: pytest.Pytester, write: Write) -> None:
    project.makeini(REGISTERED)
    write(queue=f"{PASSES}---\n{SWEEP}")
    result = project.runpytest("--flowconc", "--co", "-q")

    assert result.outlines[:3] == [
        "queue.flowconc.yaml::the third execution waits",
        "queue.flowconc.yaml::the limit holds[limit=1]",
        "queue.flowconc.yaml::the limit holds[limit=2]",
    ]


def test_they_run_beside_python_tests(project: pytest.Pytester, write: Write) -> None:
    write(queue=PASSES)
    project.makepyfile("def test_python(): pass")

    project.runpytest("--flowconc").assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("options", "passed"),
    [
        (["queue.flowconc.yaml::the third execution waits"], 1),
        (["queue.flowconc.yaml::the limit holds[limit=2]"], 1),
        (["queue.flowconc.yaml::the limit holds"], 2),
        (["-k", "third"], 1),
        (["-k", "queue"], 3),
        (["-m", "slow"], 2),
        (["-m", "not slow"], 1),
        (["-p", "no:cacheprovider"], 3),
        (["-p", "no:terminal"], None),
        (["-W", "error"], 3),
        (["--strict-markers"], 3),
    ],
)
def test_selection(project: pytest.Pytester, write: Write, options: list[str], passed: int | None) -> None:
    project.makeini(REGISTERED)
    write(queue=f"{PASSES}---\n{SWEEP}")
    result = project.runpytest("--flowconc", *options)

    assert result.ret == pytest.ExitCode.OK
    if passed is not None:
        assert passed == result.parseoutcomes()["passed"]


def test_a_name_that_looks_like_a_node_id_can_be_selected(project: pytest.Pytester, write: Write) -> None:
    write(queue=PASSES.replace("the third", '"a::b [2]: the third').replace("waits", 'waits"'))

    project.runpytest(
        "--flowconc", "queue.flowconc.yaml::a:b [2]: the third execution waits"
    ).assert_outcomes(passed=1)


def test_last_failed(project: pytest.Pytester, write: Write) -> None:
    write(good=PASSES, wrong=FAILS)
    project.runpytest("--flowconc").assert_outcomes(passed=1, failed=1)

    project.runpytest("--flowconc", "--lf").assert_outcomes(failed=1)


def test_stop_at_the_first_failure(project: pytest.Pytester, write: Write) -> None:
    write(a=FAILS, b=PASSES)

    project.runpytest("--flowconc", "-x").assert_outcomes(failed=1)


def test_which_files_are_scenarios_is_a_setting(project: pytest.Pytester, write: Write) -> None:
    project.makeini("[pytest]\nflowconc_files = *.kestra-test.yml load/*.yaml\n")
    write(ignored=PASSES)
    (project.path / "x.kestra-test.yml").write_text(PASSES)
    project.mkdir("load").joinpath("y.yaml").write_text(PASSES)

    project.runpytest("--flowconc").assert_outcomes(passed=2)


class TestMarks:
    """`marks:` are pytest's own marks, with pytest's own opinion of unknown ones."""

    def test_an_unknown_mark_warns_at_the_scenario(self, project: pytest.Pytester, write: Write) -> None:
        write(sweep=UNREGISTERED)
        result = project.runpytest_subprocess("--flowconc")

        result.assert_outcomes(passed=2, warnings=2)
        result.stdout.fnmatch_lines(["*sweep.flowconc.yaml:1: *Unknown pytest.mark.nightly*"])

    @pytest.mark.parametrize("options", [["--strict-markers"], ["-W", "error"]])
    def test_where_pytest_is_strict_it_is_bad_input(
        self, project: pytest.Pytester, write: Write, options: list[str]
    ) -> None:
        write(sweep=UNREGISTERED, other=PASSES)
        result = project.runpytest("--flowconc", *options)

        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.assert_outcomes(passed=1, failed=1)
        result.stdout.fnmatch_lines(["sweep.flowconc.yaml:1:*marks:*nightly*"])

    def test_skip_and_xfail_mean_what_they_mean(self, project: pytest.Pytester, write: Write) -> None:
        write(a=f"{PASSES}marks: [skip]\n", b=f"{FAILS}marks: [xfail]\n")

        project.runpytest("--flowconc").assert_outcomes(skipped=1, xfailed=1)
