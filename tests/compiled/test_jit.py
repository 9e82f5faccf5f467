"""Where the kernel is compiled, where its machine code is kept, and what is said about it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flowconc.compiled import jit, kernel
from flowconc.compiled.fields import STATE_CODES_USED
from flowconc.trace.trace import STATES

RUN = """
from flowconc import compiled
from tests.flows import arrive, flow, scene
print(len(compiled.run(scene(flow("f"), arrive("f", "0s 1s")), announce=lambda text: print("said", text))))
"""


def python(code: str, **environment: str) -> str:
    """Return what a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{code}"],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    return done.stdout.strip()


def test_numba_is_imported_only_to_compile() -> None:
    code = "from flowconc import compiled; compiled.is_available(); print('numba' in sys.modules)"

    assert python(code) == "False"


def test_states_are_numbered_as_in_the_trace() -> None:
    assert {name: STATES[code].value for name, code in STATE_CODES_USED.items()} == {
        name: name for name in STATE_CODES_USED
    }


def test_it_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")

    assert not jit.is_available()
    assert jit.kernel_of() is jit.kernel_of(compiled=False)


def test_the_plain_kernel_is_the_same_source() -> None:
    assert jit._MODULES[-1] is kernel


def test_machine_code_is_kept_where_numba_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))

    folder = jit.cache_folder()

    assert folder is not None
    assert folder.parent == tmp_path / "flowconc"


def test_machine_code_is_kept_in_the_users_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    folder = jit.cache_folder()

    assert folder is not None
    assert folder.parent == tmp_path / "flowconc"


def test_nothing_is_kept_where_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))

    assert jit.cache_folder() is None


@pytest.mark.slow
def test_a_first_use_says_that_it_compiles_and_a_second_does_not(tmp_path: Path) -> None:
    first, second = (python(RUN, NUMBA_CACHE_DIR=str(tmp_path)) for _ in range(2))

    assert first.splitlines()[0].startswith("said compiling the simulation for this machine")
    assert first.splitlines()[-1] == second == "2"


@pytest.mark.slow
def test_it_compiles_without_a_place_to_keep_the_code(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    assert python(RUN, NUMBA_CACHE_DIR=str(tmp_path / "file")).splitlines()[-1] == "2"
