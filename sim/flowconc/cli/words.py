"""How every command speaks: errors to stderr, one sentence each, colour only for people."""

from __future__ import annotations

import os
from pathlib import Path

import click

from flowconc.report.html import MissingExtra, check_extra


class CannotWrite(click.ClickException):
    """An output that cannot be written, found before any work was done."""

    exit_code = 2

    def show(self, file: object = None) -> None:
        """Say it in one line."""
        say_error(self.message)


def say_error(sentence: str) -> None:
    """Print a sentence to stderr, as the program's own."""
    click.echo(f"flowconc: {sentence}", err=True)


def styled(text: str, **style: bool | str) -> str:
    """Return the text in colour, unless the user does not want any; `click.echo` drops it where it is no terminal."""
    return text if "NO_COLOR" in os.environ else click.style(text, **style)  # type: ignore[arg-type]


def check_writable(path: Path) -> None:
    """Make sure that a file can be written at `path`, before the work whose result goes there. Raises CannotWrite."""
    if path.is_dir():
        raise CannotWrite(f"{path}: is a directory, expected a file")
    if not path.parent.is_dir():
        raise CannotWrite(f"{path}: there is no directory {path.parent}")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise CannotWrite(f"{path}: not writable")


def check_report(path: Path) -> None:
    """Make sure that a report can be written into the directory `path`, making it. Raises CannotWrite."""
    try:
        check_extra()
    except MissingExtra as missing:
        raise CannotWrite(str(missing)) from None
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(f"{path}: {error.strerror}") from None
    if not os.access(path, os.W_OK):
        raise CannotWrite(f"{path}: not writable")
