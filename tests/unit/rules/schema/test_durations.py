"""Durations as people write them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.rules.schema.durations import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("90s", timedelta(seconds=90)),
        ("20m", timedelta(minutes=20)),
        ("6 h", timedelta(hours=6)),
        ("2d", timedelta(days=2)),
        ("0s", None),
        ("-1s", None),
        ("1.5h", None),
        ("1h 30m", None),
        ("20", None),
        ("20M", None),
        ("", None),
    ],
)
def test_durations_are_whole_numbers_with_a_unit(text: str, duration: timedelta | None) -> None:
    """From one second on; anything else is not a duration."""
    assert parse_duration(text) == duration


@given(st.integers(1, 9_999_999))
def test_a_written_duration_is_read_again(seconds: int) -> None:
    """As the same."""
    duration = timedelta(seconds=seconds)
    assert parse_duration(format_duration(duration)) == duration
