"""`flowconc schema`: the JSON Schema of scenario files, for editors."""

from __future__ import annotations

import click

from flowconc.scenario.schema import schema_text


@click.command("schema")
def command() -> None:
    """Print the JSON Schema of scenario files.

    Save it as flowconc.schema.json and name it in a file's first line:
    `# yaml-language-server: $schema=flowconc.schema.json`.
    """
    click.echo(schema_text(), nl=False)
