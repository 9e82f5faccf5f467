"""`import flowconc`: cheap, and the same names whatever was imported before."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import flowconc

ROOT = Path(__file__).resolve().parent.parent
HEAVY = "{'yaml', 'numpy', 'pydantic', 'simpy', 'click', 'rich', 'importlib.metadata'}"


def python(code: str) -> str:
    """Return what a fresh interpreter prints."""
    command = [sys.executable, "-I", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_importing_it_imports_nothing_heavy() -> None:
    assert python(f"import flowconc; print({HEAVY} & set(sys.modules))") == "set()"


@pytest.mark.parametrize("name", flowconc.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(flowconc, name) is not None
    assert name in dir(flowconc)


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'rum'"):
        _ = flowconc.rum  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "first", ["import flowconc.runner", "from flowconc.runner import Result", "import flowconc.cli.run"]
)
def test_run_is_the_function_whatever_was_imported_before(first: str) -> None:
    assert python(f"{first}; import flowconc; print(callable(flowconc.run))") == "True"


def test_the_version_is_that_of_the_distribution() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert flowconc.__version__ == project["version"]
