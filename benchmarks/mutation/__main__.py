"""`make mutants`: draw mutants, put each to the tests, keep what came out in docs/mutants.json."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pytest

from benchmarks.mutation.cold import try_cold
from benchmarks.mutation.fate import Fate
from benchmarks.mutation.figures import SOURCES, Results, Survivor, read, stratum
from benchmarks.mutation.modules import MutableModule, modules_of
from benchmarks.mutation.mutant import ROOT, Mutant
from benchmarks.mutation.trial import Trial

PACKAGES = ("protocol", "check")
SEED = 7
SHARES = {"inside functions": 0.06, "outside functions": 0.025}
"""How many of the mutants are drawn. One outside of functions needs an interpreter of its own."""
TESTS = ("protocol", "check", "test_library.py", "zoo")
"""The tests of the packages, and the scenarios, which run both."""
SHOWN = ("checks", "semantics", "trace")
"""The pages of the reference that show tables of the packages."""
COLD_TESTS = (
    *(
        f"docs/test_generated.py::test_generated_sections_are_up_to_date[docs/reference/{page}.md]"
        for page in SHOWN
    ),
    *("protocol", "check", "test_library.py", "zoo", "cli/test_semantics.py"),
)
OPTIONS = ("-q", "-s", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not slow and not browser")


@dataclass(frozen=True)
class Draw:
    """The mutants drawn from one stratum, of so many."""

    package: str
    where: str
    of: int
    mutants: tuple[Mutant, ...]


def draws(seed: int) -> tuple[Draw, ...]:
    """Draw from every package, inside and outside of functions."""
    return tuple(
        _draw(package, modules, where, seed)
        for package, modules in ((package, modules_of(package)) for package in PACKAGES)
        for where in SHARES
    )


def _draw(package: str, modules: Sequence[MutableModule], where: str, seed: int) -> Draw:
    inside = where.startswith("inside")
    of = sum(len(each.inside if inside else each.outside) for each in modules)
    mutants = [mutant for each in modules for mutant in each.drawn(SHARES[where], seed, inside=inside)]
    return Draw(package, where, of, tuple(mutants))


def survivors_of(results: Results) -> list[Mutant]:
    """Return the mutants that are kept as survivors, as far as the code still has them."""
    functions: dict[str, set[str | None]] = {}
    for survivor in results.survivors:
        functions.setdefault(survivor.file, set()).add(survivor.function or None)
    kept = set(results.survivors)
    return [
        mutant
        for file, names in functions.items()
        for mutant in MutableModule(SOURCES / file).all_in(names)
        if Survivor.of(mutant) in kept
    ]


def tried(mutants: Iterable[Mutant], jobs: int) -> dict[Mutant, Fate]:
    """Return what becomes of each mutant."""
    mutants = list(dict.fromkeys(mutants))
    fates: dict[Mutant, Fate] = {}
    inside = [mutant for mutant in mutants if mutant.function is not None]
    if inside:
        trial = Trial(inside, jobs, tell)
        status = pytest.main([*OPTIONS, *_paths(TESTS)], plugins=[trial])
        if status != pytest.ExitCode.OK:
            sys.exit(status)
        fates |= trial.fates
    cold = [mutant for mutant in mutants if fates.get(mutant, Fate.UNREACHED) is Fate.UNREACHED]
    if cold:
        fates |= try_cold(cold, [*OPTIONS, *_paths(COLD_TESTS)], tell)
    return fates


def _paths(tests: Iterable[str]) -> list[str]:
    return [str(ROOT / "tests" / each) for each in tests]


def tell(mutant: Mutant, fate: Fate) -> None:
    """Name a survivor as soon as it is known."""
    if fate is Fate.SURVIVED:
        survivor = Survivor.of(mutant)
        where = f"{survivor.file}:{mutant.line} {survivor.function}"
        sys.stdout.write(f"\n{where}\n  - {survivor.was}\n  + {survivor.becomes}\n")
        sys.stdout.flush()


def main() -> int:
    """Draw, try, keep."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutation", description=__doc__)
    parser.add_argument(
        "files", nargs="*", help="modules to try all mutants of, such as check/view.py; nothing is kept"
    )
    parser.add_argument("--again", action="store_true", help="try only those that survived last time")
    parser.add_argument("--seed", type=int, default=SEED, help=f"of the draw (default: {SEED})")
    parser.add_argument("--jobs", type=int, default=1, help="mutants tried at the same time (default: 1)")
    options = parser.parse_args()
    if options.files:
        modules = [MutableModule(SOURCES / file) for file in options.files]
        tried((mutant for each in modules for mutant in each.all_in(each.functions)), options.jobs)
    elif options.again:
        results = read()
        mutants = survivors_of(results)
        fates = tried(mutants, options.jobs)
        results.again(Survivor.of(each) for each in mutants if fates[each] is Fate.SURVIVED).write()
    else:
        drawn = draws(options.seed)
        fates = tried((mutant for each in drawn for mutant in each.mutants), options.jobs)
        Results(
            options.seed,
            tuple(
                stratum(each.package, each.where, each.of, [fates[mutant] for mutant in each.mutants])
                for each in drawn
            ),
            tuple(
                Survivor.of(mutant)
                for each in drawn
                for mutant in each.mutants
                if fates[mutant] is Fate.SURVIVED
            ),
        ).write()
    return 0


if __name__ == "__main__":
    sys.exit(main())
