"""How every command speaks: errors to stderr, one sentence each, colour only for people."""

from __future__ import annotations

import os

import click


def say_error(sentence: str) -> None:
    """Print a sentence to stderr, as the program's own."""
    click.echo(f"flowconc: {sentence}", err=True)


class CannotGoOn(click.ClickException):
    """Ends a command, with exit status 2 and a sentence that says why."""

    exit_code = 2

    def show(self, file: object = None) -> None:
        """Say it in one line."""
        say_error(self.message)


def styled(text: str, **style: bool | str) -> str:
    """Return the text in colour, unless the user does not want any; `click.echo` drops it where it is no terminal."""
    return text if "NO_COLOR" in os.environ else click.style(text, **style)  # type: ignore[arg-type]
