"""Times and durations as people write and read them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from service.views.times import parse_duration, parse_past, parse_time, short_duration

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23T12:00:00Z", NOON),
        (" 2026-11-23T17:00:00+05:00 ", NOON),
        ("2026-11-23T12:00:00", NOON),
        ("2026-11-23", NOON.replace(hour=0)),
    ],
)
def test_a_time_is_rfc_3339_or_a_day(text: str, expected: datetime) -> None:
    """A day is its first moment; without a zone it is UTC."""
    assert parse_time(text) == parse_past(text, NOON) == expected


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("90s", timedelta(seconds=90)),
        ("20m", timedelta(minutes=20)),
        ("2h", timedelta(hours=2)),
        ("3d", timedelta(days=3)),
        ("366d", timedelta(days=366)),
    ],
)
def test_a_duration_is_a_time_that_long_ago(text: str, ago: timedelta) -> None:
    """For options such as `--since 2h`."""
    assert parse_past(text, NOON) == NOON - ago
    assert parse_duration(text) == ago


@pytest.mark.parametrize(
    ("parse", "text", "advice"),
    [
        (parse_time, "soon", "'soon' is not a time; use 2026-11-23 or"),
        (parse_time, "2h", "'2h' is not a time; use 2026-11-23 or"),
        (parse_time, "0001-01-01T00:00:00+23:00", "is not a time"),
        (lambda text: parse_past(text, NOON), "yesterday", "use 2h or 3d (ago), 2026-11-23 or"),
        (lambda text: parse_past(text, NOON), "9999999d", "is not a time"),
        (parse_duration, "2y", "'2y' is not a duration; use 90s, 20m, 2h or 3d"),
        (parse_duration, "367d", "at most 366d"),
        (parse_duration, "2026-11-23", "is not a duration"),
    ],
)
def test_another_text_is_refused_with_what_to_write_instead(
    parse: Callable[[str], object], text: str, advice: str
) -> None:
    """The message names the text and shows examples."""
    with pytest.raises(ValueError, match=r"is not a") as caught:
        parse(text)
    assert advice in str(caught.value)


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        (timedelta(seconds=-5), "0s"),
        (timedelta(), "0s"),
        (timedelta(seconds=59), "59s"),
        (timedelta(seconds=60), "1m"),
        (timedelta(minutes=59, seconds=59), "59m"),
        (timedelta(hours=23, minutes=59), "23h"),
        (timedelta(days=41, hours=12), "41d"),
    ],
)
def test_a_duration_is_written_in_its_largest_unit(duration: timedelta, expected: str) -> None:
    """To be read at a glance."""
    assert short_duration(duration) == expected
