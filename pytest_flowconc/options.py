"""What a user can set: each option on the command line, with a twin in the ini file. The command line wins."""

from __future__ import annotations

from argparse import ArgumentTypeError
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

DEFAULT_FILES = "*.flowconc.yaml"


@dataclass(frozen=True, slots=True)
class Settings:
    """The options of this session, with their precedence resolved. None: left to each scenario, or not wanted."""

    enabled: bool
    files: tuple[str, ...]
    seed: int | None
    replications: int | None
    semantics: tuple[str, ...]  # full names; empty leaves each scenario its own
    report: Path | None
    json: Path | None
    save_failures: bool = False


SETTINGS = pytest.StashKey[Settings]()


def seed_number(written: str) -> int:
    """Read a seed: an integer from 0 on. Raises ArgumentTypeError."""
    return _integer(written, at_least=0)


def replication_count(written: str) -> int:
    """Read a number of replications: an integer from 1 on. Raises ArgumentTypeError."""
    return _integer(written, at_least=1)


def _integer(written: str, *, at_least: int) -> int:
    try:
        value = int(written)
    except ValueError:
        value = at_least - 1
    if value < at_least:
        raise ArgumentTypeError(f"{written!r} is not an integer of at least {at_least}")
    return value


def add_options(parser: pytest.Parser) -> None:
    """Declare every option and its ini twin."""
    group = parser.getgroup("flowconc", "scenarios of Kestra flow concurrency (pytest-flowconc)")
    group.addoption("--flowconc", action="store_true", default=False, help="Collect and run scenario files.")
    group.addoption(
        "--flowconc-seed",
        type=seed_number,
        metavar="N",
        help="Root of all random streams, in place of each scenario's own seed.",
    )
    group.addoption(
        "--flowconc-replications",
        type=replication_count,
        metavar="N",
        help="Runs per scenario to begin with, in place of each scenario's own number.",
    )
    group.addoption(
        "--flowconc-semantics",
        metavar="NAME,...",
        help="Run each scenario once under each of these semantics, in place of its own; all is every one.",
    )
    group.addoption(
        "--flowconc-save-failures",
        action="store_true",
        default=False,
        help="Write the smallest variation that fails (`vary:`) beside its scenario's file.",
    )
    group.addoption("--flowconc-report", metavar="DIR", help="Write the HTML report into DIR.")
    group.addoption("--flowconc-json", metavar="FILE", help="Write the verdicts to FILE, for machines.")

    # pytest 8.4 and later read integers natively, which the typed tables of pytest 9 insist on
    integer: Literal["int", "string"] = "int" if pytest.version_tuple >= (8, 4) else "string"
    parser.addini("flowconc", "Collect and run scenario files.", type="bool", default=False)
    parser.addini("flowconc_files", "Which files are scenarios.", type="args", default=[DEFAULT_FILES])
    parser.addini("flowconc_seed", "See --flowconc-seed.", type=integer, default=None)
    parser.addini("flowconc_replications", "See --flowconc-replications.", type=integer, default=None)
    parser.addini("flowconc_semantics", "See --flowconc-semantics.", default=None)
    parser.addini("flowconc_save_failures", "See --flowconc-save-failures.", type="bool", default=False)
    parser.addini("flowconc_report", "See --flowconc-report; relative to the ini file.", default=None)
    parser.addini("flowconc_json", "See --flowconc-json; relative to the ini file.", default=None)


def read_settings(config: pytest.Config) -> Settings:
    """Resolve every option: command line, then ini file, then default. Raises UsageError."""
    return Settings(
        enabled=config.getoption("flowconc") or config.getini("flowconc"),
        files=tuple(config.getini("flowconc_files")),
        seed=_number(config, "flowconc_seed", at_least=0),
        replications=_number(config, "flowconc_replications", at_least=1),
        semantics=_semantics(config),
        report=_path(config, "flowconc_report"),
        json=_path(config, "flowconc_json"),
        save_failures=config.getoption("flowconc_save_failures") or config.getini("flowconc_save_failures"),
    )


def _number(config: pytest.Config, name: str, *, at_least: int) -> int | None:
    given: int | None = config.getoption(name)
    if given is not None:
        return given
    written = config.getini(name)
    if written in (None, ""):
        return None
    try:
        return _integer(str(written), at_least=at_least)
    except ArgumentTypeError as error:
        raise pytest.UsageError(f"{config.inipath}: {name}: {error}") from None


def _semantics(config: pytest.Config) -> tuple[str, ...]:
    """Return the full names of the semantics to run under. Raises UsageError for one that is not known."""
    written = config.getoption("flowconc_semantics") or config.getini("flowconc_semantics")
    if not written:
        return ()
    from flowconc.compare.choice import chosen_semantics  # noqa: PLC0415 - only if asked for
    from flowconc.scenario.names import UnknownName  # noqa: PLC0415 - as above

    try:
        return chosen_semantics(written)
    except UnknownName as error:
        near = f", did you mean {error.suggestion!r}?" if error.suggestion else ""
        expected = f"expected {error.expected}, all, versions"
        raise pytest.UsageError(f"--flowconc-semantics: {error.what}, {expected}{near}") from None


def _path(config: pytest.Config, name: str) -> Path | None:
    """Return the path: given on the command line, relative to where pytest was started; in the ini file, to that."""
    given: str | None = config.getoption(name)
    if given:
        return config.invocation_params.dir / given
    written: str | None = config.getini(name)
    if not written:
        return None
    base = config.rootpath if config.inipath is None else config.inipath.parent
    return base / written
