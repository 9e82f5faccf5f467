"""Mutants put to tests, in a session of its own."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from benchmarks.mutation.mutant import ROOT

SESSION = """
import json, sys
import pytest
from benchmarks.mutation.figures import SOURCES
from benchmarks.mutation.mutant import Mutant
from benchmarks.mutation.trial import Trial

def mutant(file, function, was, becomes):
    path = SOURCES / file
    lines = path.read_text().splitlines()
    number = next(n for n, line in enumerate(lines, 1) if line.strip() == was)
    line = lines[number - 1]
    return Mutant(path, function, number, (line,), (line.replace(was, becomes),))

shown = "shown = list(islice(items, SHOWN_AT_MOST))"
mutants = [
    mutant("check/wording.py", "listing", shown, "shown = list(islice(items, 1 + SHOWN_AT_MOST))"),
    mutant("check/wording.py", "listing", shown, "shown = [*islice(items, SHOWN_AT_MOST)]"),
    mutant("check/wording.py", "listing", "if not shown:", "while not shown:"),
    mutant("check/wording.py", "listing", 'return "nobody"', "pass"),
    mutant("check/verdict.py", "Verdict.passed", "return self.outcome is Outcome.PASS", "return False"),
]
mutants[2] = Mutant(mutants[2].path, "listing", mutants[2].line, (*mutants[2].was, mutants[3].was[0]),
                    (*mutants[2].becomes, *mutants[3].becomes))
trial = Trial(mutants, 2, lambda mutant, fate: None)
options = ("-q", "-s", "-p", "no:cacheprovider", "-p", "no:xdist")
status = pytest.main([*options, "tests/check/test_wording.py"], plugins=[trial])
sys.stderr.write(json.dumps([int(status), *(trial.fates[each] for each in mutants)]))
"""


@pytest.mark.slow
def test_what_becomes_of_mutants():
    """One is noticed, one is the same in other words, one never ends, one says nothing, one is in another module."""
    done = subprocess.run(
        [sys.executable, "-c", SESSION], cwd=ROOT, check=True, capture_output=True, text=True
    )

    assert json.loads(done.stderr) == [0, "killed", "survived", "timeout", "killed", "unreached"]
