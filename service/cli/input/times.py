"""Moments as people give them to a command: RFC 3339, a day, or how long ago."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import typer

from service.rules import durations as span

EXAMPLES = "2h, 3d, 2026-11-23 or 2026-11-23T09:00:00Z"


def moment(text: str) -> datetime:
    """RFC 3339, or a day as its first moment; UTC where no zone stands. Raises BadParameter."""
    try:
        found = datetime.fromisoformat(text.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(
            f"{text!r} is no moment: write 2026-11-23 or 2026-11-23T09:00:00Z"
        ) from error


def past(text: str) -> datetime:
    """A moment, or a span such as 2h: so long ago. Raises BadParameter."""
    seconds = span.seconds(text.strip())
    try:
        if seconds is not None:
            return datetime.now(UTC) - timedelta(seconds=seconds)
        return moment(text)
    except (OverflowError, typer.BadParameter) as error:
        raise typer.BadParameter(f"{text!r} is no moment: write {EXAMPLES}") from error


def length(text: str) -> timedelta:
    """A span such as 2h; a year at most. Raises BadParameter."""
    seconds = span.seconds(text.strip())
    if seconds is None or seconds > 366 * 86400:
        raise typer.BadParameter(f"{text!r} is no length of time: write 90s, 20m, 2h or 3d")
    return timedelta(seconds=seconds)
