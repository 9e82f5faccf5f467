"""Try mutants in fresh interpreters, for what acts at the import: tables, defaults of fields, decorators."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence

from benchmarks.mutation.fate import Fate
from benchmarks.mutation.mutant import ROOT, Mutant

FOLDER = ROOT / "build" / "mutation"
BESIDE_THE_SOURCES = ("scenarios", "engine")
"""What the sources read and find by their own place."""
LIMIT_S = 600


def try_cold(
    mutants: Iterable[Mutant], arguments: Sequence[str], told: Callable[[Mutant, Fate], None]
) -> dict[Mutant, Fate]:
    """Run pytest with these arguments for each mutant, on a copy of the sources with the mutant in it."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    shutil.copytree(ROOT / "sim", FOLDER / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    for name in BESIDE_THE_SOURCES:
        (FOLDER / name).symlink_to(ROOT / name)
    if _fate(arguments) is not Fate.SURVIVED:
        sys.exit("the tests fail on a copy of the sources without any mutant")
    fates: dict[Mutant, Fate] = {}
    for mutant in mutants:
        copy = FOLDER / mutant.path.relative_to(ROOT)
        text = copy.read_text(encoding="utf-8")
        copy.write_text(mutant.applied(text), encoding="utf-8")
        fates[mutant] = _fate(arguments)
        copy.write_text(text, encoding="utf-8")
        told(mutant, fates[mutant])
    return fates


def _fate(arguments: Sequence[str]) -> Fate:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", *arguments],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(FOLDER / "sim"), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            check=False,
            timeout=LIMIT_S,
        )
    except subprocess.TimeoutExpired:
        return Fate.TIMEOUT
    return Fate.SURVIVED if done.returncode == 0 else Fate.KILLED
