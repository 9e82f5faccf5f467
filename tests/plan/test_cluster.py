"""Jobs on a Dask cluster: the same results as here, whoever is killed; all that goes wrong is said in a sentence."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from concurrent.futures import CancelledError, Future
from dataclasses import replace
from pathlib import Path

import pytest
from distributed import KilledWorker

from flowconc.plan import cluster as module
from flowconc.plan.cluster import ClusterFailed, DaskFarm, cluster
from flowconc.plan.evaluation import Statistic
from flowconc.plan.handing import WorkersDied
from flowconc.plan.jobs import Job, OtherVersions, alone, versions
from flowconc.plan.planner import plan_scenario
from flowconc.plan.store import Store
from flowconc.scenario.problems import BadInput
from tests.flows import arrive, flow, scene
from tests.plan.clusters import ROOT, dask, installed, wait_until
from tests.plan.evaluators import counting, dying, dying_once, modelled, refusing, slowly
from tests.plan.executors import Busy, Desk
from tests.plan.plans import plan, scenario

SCENARIO = scene(flow("f"), arrive("f", "0s"))
ADDRESS = "tcp://scheduler:8786"
HERE = dict(versions("distributed"))


def jobs(count=8, made=SCENARIO):
    return [Job(made, 1, replication, (Statistic("queue_wait", "mean"),)) for replication in range(count)]


class Known:
    """What is asked of a client, answered from lists: `threads` of the workers at each look, `packages` of each."""

    def __init__(self, *threads, executors=(), packages=None):
        self.threads = list(threads)
        self.executors = iter(executors or [Desk()])
        self.packages = packages or {}

    def nthreads(self):
        found = self.threads.pop(0) if len(self.threads) > 1 else self.threads[0]
        if isinstance(found, Exception):
            raise found
        return found

    def get_executor(self, *, pure):
        assert not pure
        return next(self.executors)

    def get_versions(self, packages):
        python = f"{HERE['Python']}.0.final.0"
        return {
            "workers": {w: {"packages": HERE | {"python": python} | self.packages} for w in self.nthreads()}
        }


def done(client, evaluate=counting, *, patience_s=60.0, told=None, count=8):
    say = [].append if told is None else told.append
    return dict(DaskFarm(client, ADDRESS, say, patience_s)(jobs(count), evaluate))


class Ending(Desk):
    """Ends every turn in the same error."""

    def __init__(self, error):
        super().__init__()
        self.error = error

    def submit(self, function, /, *arguments, **keys):
        future = Future()
        future.set_exception(self.error)
        return future


@pytest.fixture
def impatient(monkeypatch):
    """Look at once, every time."""
    for name in ("cluster.LOOK_EVERY_S", "cluster.SAY_AFTER_S", "handing.LOOK_EVERY_S"):
        monkeypatch.setattr(f"flowconc.plan.{name}", 0.0)


# --- what the farm makes of what Dask says


def test_the_workers_do_every_job():
    assert done(Known({"w": 2})) == dict(alone(jobs(), counting))


@pytest.mark.parametrize(
    ("package", "version", "said"),
    [
        ("pytest-flowconc", "0.0.1", r"pytest-flowconc 0\.0\.1"),
        ("pytest-flowconc", None, "no pytest-flowconc"),
        ("numpy", "1.0", r"numpy 1\.0"),
        ("distributed", "2020.1", r"distributed 2020\.1"),
        ("python", "3.9.1.final.0", r"Python 3\.9"),
    ],
)
def test_workers_that_would_compute_something_else_get_no_job(package, version, said):
    desk = Desk()
    client = Known({"w": 1}, executors=[desk], packages={package: version})

    with pytest.raises(OtherVersions, match=rf"^w has .*{said}.*; expected as here "):
        done(client)
    assert desk.given == []


def test_a_worker_that_fails_in_some_way_may_have_another_version():
    client = Known({}, {"w": 1}, executors=[Ending(AttributeError("take_turn"))], packages={"numpy": None})

    with pytest.raises(OtherVersions, match="no numpy"):
        done(client)


def test_what_is_our_own_fault_is_not_covered_up():
    with pytest.raises(AttributeError, match="take_turn"):
        done(Known({"w": 1}, executors=[Ending(AttributeError("take_turn"))]))


@pytest.mark.usefixtures("impatient")
def test_no_worker_is_told_and_waited_for():
    told = []
    late = Known({}, {}, {}, {"w": 1}, executors=[Desk()])

    assert len(done(late, told=told, count=80)) == 80
    assert told == ["tcp://scheduler:8786 has no worker; waiting 60 s for one"]


@pytest.mark.usefixtures("impatient")
def test_no_worker_for_long_is_given_up():
    busy = Busy()
    with pytest.raises(
        ClusterFailed,
        match="had no worker for 0 s, expected some: `dask worker tcp://scheduler:8786` starts one",
    ):
        done(Known({}, executors=[busy]), patience_s=0.0)


@pytest.mark.usefixtures("impatient")
def test_a_scheduler_that_is_gone_is_told():
    with pytest.raises(ClusterFailed, match="tcp://scheduler:8786: the scheduler does not answer any more"):
        done(Known({"w": 1}, {"w": 1}, OSError("timed out"), executors=[Busy()]))
    with pytest.raises(ClusterFailed, match="does not answer any more"):
        done(Known({"w": 1}, executors=[Ending(CancelledError())]))


def test_jobs_that_were_with_killed_workers_are_done_again():
    killed = Ending(KilledWorker("task", None, 3))

    assert done(Known({"w": 1}, executors=[killed, killed, Desk()])) == dict(alone(jobs(), counting))
    with pytest.raises(WorkersDied, match="died again and again: is there enough memory on them"):
        done(Known({"w": 1}, executors=[killed] * 9))


# --- addresses, and what is installed


@pytest.mark.parametrize(
    "address",
    [
        "",
        "localhost",
        "localhost:8786",
        "http://localhost:8786",
        "tcp://localhost",
        "tcp://h:0",
        "tcp://h:65536",
    ],
)
def test_what_is_no_address_is_told(address):
    with (
        pytest.raises(
            ClusterFailed, match="is not the address of a scheduler, expected for instance tcp://localhost"
        ),
        cluster(address),
    ):
        pass


def test_without_the_extra_it_is_told_how_to_install_it(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)

    with pytest.raises(ClusterFailed, match=r"pip install 'pytest-flowconc\[cluster\]'"), cluster(ADDRESS):
        pass


@pytest.mark.slow
@pytest.mark.parametrize("listens", [True, False])
def test_nobody_there_or_somebody_else(listens, monkeypatch):
    monkeypatch.setattr(module, "ANSWER_S", 1.0)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        if listens:
            other.listen()
        address = f"tcp://127.0.0.1:{other.getsockname()[1]}"

        with (
            pytest.raises(ClusterFailed, match=rf"^{address}: no scheduler answered within 1 s$"),
            cluster(address),
        ):
            pass


@pytest.mark.slow
def test_certificates_that_are_missing_are_told():
    with (
        pytest.raises(ClusterFailed, match="cannot be connected to: TLS"),
        cluster("tls://127.0.0.1:9"),
    ):
        pass


# --- on a real cluster


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """Give a cluster of three workers that nobody kills."""
    with dask(tmp_path_factory.mktemp("dask"), workers=3) as started:
        yield started


@pytest.mark.slow
def test_the_plan_is_the_same_as_here(three):
    made = scenario(plan())

    assert plan_scenario(made, cluster=three.address, evaluate=modelled) == plan_scenario(
        made, evaluate=modelled
    )


@pytest.mark.slow
def test_what_is_wrong_with_the_input_comes_back_as_such(three):
    with cluster(three.address) as farm, pytest.raises(BadInput, match="no such run"):
        dict(farm(jobs(), refusing))


@pytest.mark.slow
def test_the_work_of_a_killed_worker_is_done_by_others(tmp_path):
    made = replace(SCENARIO, description=str(tmp_path / "died"))
    with dask(tmp_path, workers=2) as started, cluster(started.address) as farm:
        found = dict(farm(jobs(made=made), dying_once))

        assert (tmp_path / "died").exists()
        assert found == dict(alone(jobs(), counting))


@pytest.mark.slow
def test_without_any_worker_left_it_is_given_up(tmp_path):
    told = []
    with (
        dask(tmp_path, workers=1) as started,
        cluster(started.address, announce=told.append, patience_s=4.0) as farm,
        pytest.raises(ClusterFailed, match="had no worker for 4 s"),
    ):
        dict(farm(jobs(), dying))
    assert told == [f"{started.address} has no worker; waiting 4 s for one"]


@pytest.mark.slow
def test_a_worker_of_another_version_that_joins_later_ends_it(tmp_path):
    other = installed(tmp_path / "other", "pytest-flowconc", "0.0.1")
    with dask(tmp_path, workers=1) as started, cluster(started.address) as farm:
        found = farm(jobs(1_000), slowly)
        next(found)
        started.add_worker(other)

        with pytest.raises(OtherVersions, match=r"pytest-flowconc 0\.0\.1"):
            dict(found)


@pytest.mark.slow
def test_a_scheduler_that_vanishes_ends_it_and_is_told(tmp_path):
    with dask(tmp_path, workers=1) as started, cluster(started.address) as farm:
        found = farm(jobs(100), slowly)
        next(found)
        started.scheduler.kill()

        with pytest.raises(ClusterFailed, match="the scheduler does not answer any more"):
            dict(found)


FLOW = """\
id: calls
namespace: company.team
concurrency: {limit: 1}
tasks:
  - {id: call, type: io.kestra.plugin.core.http.Request, uri: "https://example.com"}
"""
COMMAND = (
    *(sys.executable, "-m", "flowconc", "plan", "calls.yaml", "--rate", "1/s", "--duration"),
    *("exponential(mean 3s)", "--goal", "queue_wait p95 < 5s", "--limit", "3..6", "--horizon", "20m"),
    *("--no-sensitivity", "--max-replications", "10", "--backend", "simulation"),
)


@pytest.mark.slow
def test_a_plan_whose_worker_is_killed_is_complete_and_the_same_to_the_byte(tmp_path):
    (tmp_path / "calls.yaml").write_text(FLOW, encoding="utf-8")
    here = planning(tmp_path, "--workers", "1", "--json", "here.json")
    with dask(tmp_path, workers=3) as started:
        there = planning(tmp_path, "--cluster", started.address, "--store", "s.db", "--json", "there.json")
        wait_until(lambda: known(tmp_path / "s.db") > 50)
        started.workers[1].kill()
        known_then = known(tmp_path / "s.db")
        wait_until(lambda: there.poll() is not None)
        last = started.workers[1].poll(), started.workers[0].poll(), started.workers[2].poll()
    said, complained = there.communicate()
    expected, _ = here.communicate(timeout=60)

    assert last == (-9, None, None)
    assert 50 < known_then < known(tmp_path / "s.db")
    assert (there.returncode, complained, said) == (0, "", expected)
    assert (tmp_path / "there.json").read_bytes() == (tmp_path / "here.json").read_bytes()


@pytest.mark.slow
def test_an_interrupted_plan_goes_on(tmp_path, three):
    (tmp_path / "calls.yaml").write_text(FLOW, encoding="utf-8")
    on_three = ("--cluster", three.address, "--store", "s.db")
    interrupted = planning(tmp_path, *on_three)
    wait_until(lambda: known(tmp_path / "s.db") > 50)
    interrupted.send_signal(2)
    _, complained = interrupted.communicate(timeout=60)
    resumed = planning(tmp_path, *on_three)
    resumed.communicate(timeout=60)

    assert (interrupted.returncode, resumed.returncode) == (130, 0)
    assert complained.count("\n") == 1
    assert "s.db keeps them, and the same command goes on" in complained


def planning(folder: Path, *more: str) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]), "NO_COLOR": "1"}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [*COMMAND, *more], cwd=folder, env=environment, stdout=pipe, stderr=pipe, text=True
    )


def known(path: Path) -> int:
    if not path.exists():
        return 0
    with Store(path) as store:
        return len(store)
