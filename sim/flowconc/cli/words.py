"""How every command speaks: errors to stderr, one sentence each, colour only for people."""

from __future__ import annotations

import os

import click


def say_error(sentence: str) -> None:
    """Print a sentence to stderr, as the program's own."""
    click.echo(f"flowconc: {sentence}", err=True)


def styled(text: str, **style: bool | str) -> str:
    """Return the text in colour, unless the user does not want any; `click.echo` drops it where it is no terminal."""
    return text if "NO_COLOR" in os.environ else click.style(text, **style)  # type: ignore[arg-type]
