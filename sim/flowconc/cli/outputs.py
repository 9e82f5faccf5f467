"""What a command is to write: looked at before the work whose result goes there, and written the same everywhere."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from flowconc.cli.words import CannotGoOn
from flowconc.report.html import MissingExtra, check_extra

STDOUT: Final = Path("-")
"""What an option says for the standard output."""


class CannotWrite(CannotGoOn):
    """An output that cannot be written, found before any work was done."""


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


def write(path: Path, text: str) -> None:
    """Write a text to a file, or to the standard output; lines end in a line feed, whatever the platform."""
    if path == STDOUT:
        sys.stdout.write(text)
    else:
        path.write_text(text, encoding="utf-8", newline="\n")
