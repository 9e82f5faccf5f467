"""The `flowconc` fixture, for tests written in Python."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.plugin.conftest import BAD, FAILS, PASSES, SWEEP

Write = Callable[..., None]


def test_it_works_without_the_option(project: pytest.Pytester, write: Write) -> None:
    write(queue=PASSES)
    project.makepyfile(
        """
        def test_queueing(flowconc):
            assert flowconc.run("queue.flowconc.yaml").passed
        """
    )

    project.runpytest().assert_outcomes(passed=1)


def test_paths_start_from_the_test(project: pytest.Pytester) -> None:
    folder = project.mkdir("deep")
    (folder / "queue.flowconc.yaml").write_text(PASSES)
    (folder / "test_deep.py").write_text(
        "def test_it(flowconc): assert flowconc.run('queue.flowconc.yaml').passed"
    )

    project.runpytest().assert_outcomes(passed=1)


def test_a_failed_assertion_shows_why(project: pytest.Pytester, write: Write) -> None:
    write(wrong=FAILS)
    project.makepyfile(
        """
        def test_queueing(flowconc):
            result = flowconc.run("wrong.flowconc.yaml")
            assert result.passed
        """
    )
    result = project.runpytest()

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["wrong.flowconc.yaml:7: *must be 2*", "> 7 | *", "repeat: flowconc run *"])


def test_several_scenarios_of_a_file(project: pytest.Pytester, write: Write) -> None:
    write(sweep=SWEEP)
    project.makepyfile(
        """
        import pytest

        def test_all(flowconc):
            results = flowconc.run_all("sweep.flowconc.yaml")
            assert ["the limit holds[limit=1]", "the limit holds[limit=2]"] == [r.scenario.id for r in results]

        def test_one_of_them(flowconc):
            assert flowconc.run(flowconc.load("sweep.flowconc.yaml")[1]).passed

        def test_the_one(flowconc):
            with pytest.raises(ValueError, match="holds 2 scenarios"):
                flowconc.run("sweep.flowconc.yaml")
        """
    )

    project.runpytest().assert_outcomes(passed=3)


def test_a_scenario_in_python(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        from flowconc.builder import flow

        def test_built(flowconc):
            built = (
                flowconc.scenario("the second waits")
                .flow(flow("one", limit=1, duration="10s"))
                .arrive("one", at=["0s", "0s"], names=["a", "b"])
                .expect(execution="b", started_at="10s")
                .build()
            )
            assert flowconc.run(built).passed
        """.replace("flowconc.builder import", "flowconc.scenario.builder import")
    )

    project.runpytest().assert_outcomes(passed=1)


def test_the_test_s_own_seed_wins_over_the_option(project: pytest.Pytester, write: Write) -> None:
    write(queue=PASSES)
    project.makepyfile(
        """
        def test_option(flowconc):
            assert 7 == flowconc.run("queue.flowconc.yaml").seed

        def test_own(flowconc):
            assert 3 == flowconc.run("queue.flowconc.yaml", seed=3).seed
        """
    )

    project.runpytest("--flowconc-seed=7").assert_outcomes(passed=2)


def test_the_scenario_s_seed_otherwise(project: pytest.Pytester, write: Write) -> None:
    write(queue=f"{PASSES}run: {{seed: 5}}\n")
    project.makepyfile("def test_it(flowconc): assert 5 == flowconc.run('queue.flowconc.yaml').seed")

    project.runpytest().assert_outcomes(passed=1)


def test_bad_input_is_raised(project: pytest.Pytester, write: Write) -> None:
    write(bad=BAD)
    project.makepyfile(
        """
        import flowconc as library
        import pytest

        def test_it(flowconc):
            with pytest.raises(library.BadInput, match="limitt"):
                flowconc.run("bad.flowconc.yaml")
        """
    )

    project.runpytest().assert_outcomes(passed=1)


def test_another_semantics(project: pytest.Pytester, write: Write) -> None:
    write(queue=PASSES)
    project.makepyfile(
        """
        def test_it(flowconc):
            names = ["documented", "kestra-1.3"]
            found = [flowconc.run("queue.flowconc.yaml", semantics=name) for name in names]

            assert [each.trace.header.semantics for each in found] == ["documented", "kestra-1.3.31"]

        def test_all(flowconc):
            (result,) = flowconc.run_all("queue.flowconc.yaml", semantics="kestra-2.0.0")

            assert result.scenario.semantics == "kestra-2.0.0"
        """
    )

    project.runpytest().assert_outcomes(passed=2)
