"""Try mutants: a pytest plugin that collects the tests once and forks for each mutant.

Which test files reach which function is found out first, in a fork of its own, so that every mutant meets the same
untouched process. A mutant is put to all test files that reach it: the mirrored one first, then the fast ones.
The first test that fails kills it; so does one that takes far longer than without it.
"""

from __future__ import annotations

import functools
import gc
import os
import pickle
import resource
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import pytest

from benchmarks.mutation.exchange import Live, NotExchangeable, innermost_changes
from benchmarks.mutation.fate import Fate
from benchmarks.mutation.mutant import ROOT, Mutant

_FAILED, _NOT_EXCHANGEABLE, _BROKEN = 1, 2, 3
"""Exit codes of a fork: a test failed, the mutant can only be imported, or what is wrong is here and not in the tests."""
_LEAST_S, _TIMES = 2.0, 4.0
"""How long a test may take with a mutant: so much processor time, or so many times what it takes without, watched."""
_MEMORY = 2 << 30
"""How many bytes more than without it a mutant may take."""


@dataclass
class Reach:
    """What a test file does without mutants: how long it takes, in seconds, and which functions it runs."""

    seconds: float
    functions: set[tuple[Path, str]]


class Trial:
    """The plugin. `fates` is filled while pytest runs; `told` hears of each as soon as it is known."""

    def __init__(self, mutants: Sequence[Mutant], jobs: int, told: Callable[[Mutant, Fate], None]) -> None:
        self.fates: dict[Mutant, Fate] = {}
        self._mutants = mutants
        self._jobs = jobs
        self._told = told
        self._texts = {each.path: each.path.read_text(encoding="utf-8") for each in mutants}
        self._budgets_s: dict[str, float] = {}
        self._surveys = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        files: dict[Path, list[pytest.Item]] = defaultdict(list)
        for item in session.items:
            files[item.path].append(item)
        live = Live(set(self._texts))
        gc.collect()
        gc.freeze()
        reaches = self._survey(files, live)
        running: dict[int, int] = {}
        for number, mutant in enumerate(self._mutants):
            changed = innermost_changes(mutant, self._texts[mutant.path])
            order = _in_order(mutant, changed, reaches)
            if not order:
                self._over(number, Fate.UNREACHED)
                continue
            while len(running) >= self._jobs:
                self._wait(running)
            items = [item for path in order for item in files[path]]
            running[_forked(lambda: self._try(mutant, live, items))] = number  # noqa: B023 - runs at once
        while running:
            self._wait(running)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            if self._surveys:
                sys.stderr.write(f"{report.nodeid} fails without any mutant\n{report.longreprtext}\n")
            os._exit(_FAILED)

    # --- without mutants

    def _survey(self, files: dict[Path, list[pytest.Item]], live: Live) -> dict[Path, Reach]:
        reading, writing = os.pipe()

        def survey() -> None:
            self._surveys = True
            found = _reaches(files, live.names_by_id())
            with os.fdopen(writing, "wb") as stream:
                pickle.dump(found, stream)

        child = _forked(survey, silent=False)
        os.close(writing)
        with os.fdopen(reading, "rb") as stream:
            data = stream.read()
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
            pytest.exit("a test fails without any mutant", returncode=2)
        reaches, self._budgets_s = pickle.loads(data)
        found: dict[Path, Reach] = reaches
        return found

    # --- with one

    def _try(self, mutant: Mutant, live: Live, items: Sequence[pytest.Item]) -> None:
        try:
            live.exchange(mutant, self._texts[mutant.path])
        except NotExchangeable:
            os._exit(_NOT_EXCHANGEABLE)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + _MEMORY, used + _MEMORY))
        try:
            for item, following in zip(items, (*items[1:], None), strict=True):
                signal.setitimer(signal.ITIMER_PROF, _LEAST_S + _TIMES * self._budgets_s[item.nodeid])
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        except BaseException:
            os._exit(_FAILED)

    def _wait(self, running: dict[int, int]) -> None:
        child, status = os.wait()
        number = running.pop(child)
        match os.waitstatus_to_exitcode(status):
            case 0:
                fate = Fate.SURVIVED
            case code if code == _NOT_EXCHANGEABLE:
                fate = Fate.UNREACHED
            case code if code == -signal.SIGPROF:
                fate = Fate.TIMEOUT
            case code if code == _BROKEN:
                pytest.exit(f"cannot try {self._mutants[number]}", returncode=_BROKEN)
            case _:
                fate = Fate.KILLED
        self._over(number, fate)

    def _over(self, number: int, fate: Fate) -> None:
        mutant = self._mutants[number]
        self.fates[mutant] = fate
        self._told(mutant, fate)


def _forked(work: Callable[[], None], *, silent: bool = True) -> int:
    """Do some work in a process of its own, and return its id."""
    child = os.fork()
    if child:
        return child
    code = _BROKEN
    try:
        if silent:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
        work()
        code = 0
    finally:
        os._exit(code)


def _reaches(
    files: dict[Path, list[pytest.Item]], names: dict[int, tuple[Path, str]]
) -> tuple[dict[Path, Reach], dict[str, float]]:
    """Run every test and note which functions run, by test file, and how long each test takes."""
    reaches, budgets_s = {}, {}
    caches = [each for each in gc.get_objects() if isinstance(each, functools._lru_cache_wrapper)]
    for path, items in files.items():
        for cache in caches:  # what one file has computed, another would only look up
            if (getattr(cache, "__module__", None) or "").partition(".")[0] in ("flowconc", "tests", "docs"):
                cache.cache_clear()
        seen: set[int] = set()

        def note(frame: FrameType, event: str, argument: object, seen: set[int] = seen) -> None:
            if event == "call":
                seen.add(id(frame.f_code))

        began = time.process_time()
        sys.setprofile(note)
        for item, following in zip(items, (*items[1:], None), strict=True):
            begun = time.process_time()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            budgets_s[item.nodeid] = time.process_time() - begun
        sys.setprofile(None)
        reaches[path] = Reach(time.process_time() - began, {names[each] for each in seen if each in names})
    return reaches, budgets_s


def _in_order(mutant: Mutant, changed: Iterable[str], reaches: dict[Path, Reach]) -> list[Path]:
    """Return the test files that reach what a mutant changes: the mirrored one first, then the fast ones."""
    mirrored = ROOT / "tests" / mutant.path.relative_to(ROOT / "sim" / "flowconc")
    mirrored = mirrored.with_name(f"test_{mirrored.name}")
    wanted = {(mutant.path, name) for name in changed}
    found = [path for path, reach in reaches.items() if wanted & reach.functions]
    return sorted(
        found, key=lambda path: (path != mirrored, path.parent != mirrored.parent, reaches[path].seconds)
    )
