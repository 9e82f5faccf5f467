"""`make mutants`: draw mutants, put each to the tests, write docs/mutants.json."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from benchmarks.mutation.cold import try_cold
from benchmarks.mutation.fate import Fate
from benchmarks.mutation.figures import Results, Survivor, read, stratum
from benchmarks.mutation.modules import modules_of
from benchmarks.mutation.mutant import ROOT, Mutant
from benchmarks.mutation.trial import Trial

PACKAGES = ("protocol", "check")
SHARES = {True: 0.15, False: 0.1}
"""How many of the mutants inside functions are drawn, and of those outside, which need an interpreter each."""
TESTS = ("protocol", "check", "properties", "simulation", "test_library.py", "zoo")
"""The tests that reach the packages and are fast."""
COLD_TESTS = (
    "protocol",
    "check",
    "test_library.py",
    "zoo",
    "cli/test_semantics.py",
    *(
        f"docs/test_generated.py::test_generated_sections_are_up_to_date[docs/reference/{page}.md]"
        for page in ("checks", "semantics", "trace")
    ),
)
"""The same without those that are slow in each new interpreter, and the pages that show the tables of the packages."""
OPTIONS = ("-q", "-s", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not slow and not browser")


@dataclass(frozen=True)
class Drawn:
    """The mutants drawn from one stratum, of so many."""

    package: str
    where: str
    of: int
    mutants: tuple[Mutant, ...]


def drawn(seed: int) -> Iterator[Drawn]:
    """Draw from every package, inside and outside of functions."""
    for package in PACKAGES:
        modules = modules_of(package)
        for inside, share in SHARES.items():
            mutants = [mutant for each in modules for mutant in each.drawn(share, seed, inside=inside)]
            of = sum(len(each.inside if inside else each.outside) for each in modules)
            yield Drawn(package, "inside functions" if inside else "outside", of, tuple(mutants))


def tell(mutant: Mutant, fate: Fate) -> None:
    """Say what became of a mutant that was not killed."""
    if fate is Fate.SURVIVED:
        survivor = Survivor.of(mutant)
        where = f"{survivor.file}:{mutant.line} {survivor.function}"
        print(f"{where}\n  - {survivor.was}\n  + {survivor.becomes}", flush=True)


def main() -> int:
    """Draw, try, keep."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutation", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the draw (default: 1)")
    parser.add_argument("--jobs", type=int, default=1, help="mutants tried at the same time (default: 1)")
    parser.add_argument("--again", action="store_true", help="only those that survived; nothing is written")
    options = parser.parse_args()
    strata = list(drawn(options.seed))
    mutants = [mutant for each in strata for mutant in each.mutants]
    if options.again:
        survived = set(read().survivors)
        mutants = [mutant for mutant in mutants if Survivor.of(mutant) in survived]
    fates = tried(mutants, options.jobs)
    if not options.again:
        Results(
            options.seed,
            tuple(
                stratum(each.package, each.where, each.of, (fates[mutant] for mutant in each.mutants))
                for each in strata
            ),
            tuple(Survivor.of(mutant) for mutant in mutants if fates[mutant] is Fate.SURVIVED),
        ).write()
    return 0


def tried(mutants: list[Mutant], jobs: int) -> dict[Mutant, Fate]:
    """Return what becomes of each mutant."""
    fates: dict[Mutant, Fate] = {}
    inside = [mutant for mutant in mutants if mutant.function is not None]
    if inside:
        trial = Trial(inside, jobs, tell)
        status = pytest.main([*OPTIONS, *paths(TESTS)], plugins=[trial])
        if status != pytest.ExitCode.OK:
            sys.exit(status)
        fates |= trial.fates
    cold = [mutant for mutant in mutants if fates.get(mutant, Fate.UNREACHED) is Fate.UNREACHED]
    if cold:
        fates |= try_cold(cold, [*OPTIONS, *paths(COLD_TESTS)], tell)
    return fates


def paths(tests: tuple[str, ...]) -> list[str]:
    """Return where some tests are."""
    return [str(ROOT / "tests" / each) for each in tests]


if __name__ == "__main__":
    sys.exit(main())
