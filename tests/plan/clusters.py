"""Dask clusters on this machine for tests: a scheduler and workers, each a process of its own that can be killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0


class Dask:
    """A scheduler and its workers. Ports are whatever is free; what they log is in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workers: list[subprocess.Popen[bytes]] = []
        at = folder / "scheduler.json"
        self.scheduler = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(at)
        )
        wait_until(at.exists)
        wait_until(lambda: at.read_text().endswith("}"))
        self.address = str(json.loads(at.read_text())["address"])

    def add_worker(self, *first_on_path: Path) -> subprocess.Popen[bytes]:
        """Start one more worker, without a nanny that would start it again."""
        local = ("--local-directory", str(self.folder))
        worker = self._start(
            "worker", self.address, "--nthreads", "1", "--no-nanny", *local, first_on_path=first_on_path
        )
        self.workers.append(worker)
        return worker

    def end(self) -> None:
        """Kill whoever is left."""
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()

    def _start(
        self, what: str, *arguments: str, first_on_path: tuple[Path, ...] = ()
    ) -> subprocess.Popen[bytes]:
        path = os.pathsep.join(map(str, (*first_on_path, ROOT, *filter(None, sys.path))))
        with (self.folder / f"{what}{len(self.workers)}.log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", what, *arguments, "--no-dashboard"],
                cwd=self.folder,
                env=os.environ | {"PYTHONPATH": path},
                stdout=log,
                stderr=log,
            )


@contextmanager
def dask(folder: Path, *, workers: int) -> Iterator[Dask]:
    """Give a cluster whose workers have all come."""
    started = Dask(folder)
    try:
        for _ in range(workers):
            started.add_worker()
        wait_until(lambda: all(b"Registered to" in log.read_bytes() for log in logs(started)))
        yield started
    finally:
        started.end()


def logs(started: Dask) -> list[Path]:
    return [started.folder / f"worker{number}.log" for number in range(len(started.workers))]


def wait_until(holds) -> None:
    """Wait for something to happen, but not for ever."""
    given_up_s = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < given_up_s
        time.sleep(0.05)


def installed(folder: Path, package: str, version: str) -> Path:
    """Make a directory that has another version of a package, as far as its metadata say."""
    information = folder / f"{package.replace('-', '_')}-{version}.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
    return folder
