"""The command line: `flowconc VERB ...`, one thin module per verb, imported when that verb is used.

Exit status: 0 all is well, 1 a scenario does not pass, a flow has findings or semantics part, 2 bad input or an output
that cannot be written, 130 interrupted. Whatever goes wrong with a file is said in a sentence, never in a traceback.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from keyword import iskeyword

import click

from flowconc.cli.words import say_error
from flowconc.scenario.problems import BadInput, nearest

BAD_INPUT = 2
INTERRUPTED = 130

_VERBS = {
    "run": "Run scenarios and judge them.",
    "explore": "Judge a scenario in every order of its events.",
    "plan": "Say which limit is enough for a flow, with a confidence.",
    "merge": "Put stores of plans together.",
    "import": "Make recorded arrivals of executions that Kestra has exported.",
    "check": "Check flow files and scenario files without running them.",
    "init": "Write a first scenario for flow files; it passes as it is.",
    "fires": "Print when a cron expression fires.",
    "schema": "Print the JSON Schema of scenario files.",
    "report": "Make the HTML report of a recorded trace.",
    "semantics": "Print the known semantics, and the rules in which they differ.",
    "compare": "Run a scenario under several semantics and show where they part.",
    "verify": "Compare recordings of the real engine with the simulation.",
    "zoo": "Run the known bugs of Kestra, and say what catches each.",
}


class _Verbs(click.Group):
    """A group whose commands are the `command` of modules named like them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _VERBS:
            close = nearest(cmd_name, _VERBS)
            hint = f", did you mean {close!r}?" if close else f", expected one of {', '.join(_VERBS)}"
            raise click.UsageError(f"there is no command {cmd_name!r}{hint}", ctx)
        module = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command: click.Command = importlib.import_module(f"flowconc.cli.{module}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_VERBS.items()))


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pytest-flowconc", prog_name="flowconc", message="%(prog)s %(version)s")
def verbs() -> None:
    """Test and plan the concurrency limits of Kestra flows."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may not know every letter of a name
    try:
        with verbs.make_context(
            "flowconc", list(sys.argv[1:] if arguments is None else arguments)
        ) as context:
            status: int | None = verbs.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as done:  # of --help and --version
        return done.exit_code
    except click.ClickException as error:
        error.show()
        return BAD_INPUT
    except BadInput as bad:
        for problem in bad.problems:
            click.echo(problem, err=True)
        return BAD_INPUT
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # the interpreter flushes once more at its exit, and would say so
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        say_error("standard output was closed before everything was written")
        return BAD_INPUT
    except OSError as error:
        say_error(f"{error.filename or 'standard output'}: {error.strerror or error}")
        return BAD_INPUT
    return status or 0
