"""Times and durations as options take them; a wrong one is a usage error."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import typer

from service.views.times import parse_duration, parse_past, parse_time

Parsed = TypeVar("Parsed")


def time_option(text: str) -> datetime:
    """RFC 3339 or a day. Raises BadParameter."""
    return _or_usage_error(parse_time, text)


def past_option(text: str) -> datetime:
    """A time, or a duration such as 2h: that long ago. Raises BadParameter."""
    return _or_usage_error(lambda each: parse_past(each, datetime.now(UTC)), text)


def duration_option(text: str) -> timedelta:
    """A duration such as 2h. Raises BadParameter."""
    return _or_usage_error(parse_duration, text)


def _or_usage_error(parse: Callable[[str], Parsed], text: str) -> Parsed:
    try:
        return parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
