"""`flowconc fires`: when a cron expression fires, as Kestra's Schedule trigger has it."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from itertools import islice
from zoneinfo import ZoneInfo

import click

from flowconc.scenario.literals.cron import CronError, format_fire, parse

DEFAULT_START = datetime(2026, 1, 1, tzinfo=UTC)
"""Where the clock of a scenario starts, too: the same command prints the same dates on every day."""


def _read_zone(_context: click.Context, _option: click.Parameter, value: str | None) -> tzinfo | None:
    """Read a zone of the IANA database."""
    try:
        return None if value is None else ZoneInfo(value)
    except (ValueError, OSError, LookupError):
        raise click.BadParameter(
            f"{value!r} is not a zone, expected a name such as Europe/Berlin or UTC"
        ) from None


def _read_instant(_context: click.Context, _option: click.Parameter, value: str | None) -> datetime | None:
    """Read an ISO-8601 date, with or without time and offset."""
    try:
        return None if value is None else datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is not an ISO date such as 2026-01-01T00:00:00") from None


# an expression that begins with a minus sign is a wrong expression, not an option
@click.command("fires", context_settings={"ignore_unknown_options": True})
@click.argument("cron")
@click.option("--with-seconds", is_flag=True, help="CRON has six fields, the first of them seconds.")
@click.option(
    "--timezone",
    metavar="ZONE",
    callback=_read_zone,
    help="Zone that CRON is read in.  [default: that of --from, or UTC]",
)
@click.option(
    "--from",
    "start",
    metavar="DATETIME",
    callback=_read_instant,
    help="The fires are strictly after this; without an offset it is in --timezone.  "
    "[default: 2026-01-01T00:00, where the clock of a scenario starts]",
)
@click.option("-n", "count", type=click.IntRange(min=0), default=10, show_default=True, help="How many.")
def command(
    cron: str, with_seconds: bool, timezone: tzinfo | None, start: datetime | None, count: int
) -> None:
    """Print when CRON fires, one date with offset a line; fewer than -n if it never fires again."""
    try:
        expression = parse(cron, with_seconds=with_seconds)
    except CronError as error:
        raise click.UsageError(str(error)) from None
    for warning in expression.warnings:
        click.echo(f"warning: {warning}", err=True)
    for fire in islice(expression.fires(_after(start, timezone)), count):
        click.echo(format_fire(fire))


def _after(start: datetime | None, zone: tzinfo | None) -> datetime:
    """Return the instant to start from, in the zone that the expression is read in."""
    if start is None:
        return DEFAULT_START.replace(tzinfo=zone or UTC)
    if start.tzinfo is None:
        return start.replace(tzinfo=zone or UTC)
    return start if zone is None else start.astimezone(zone)
