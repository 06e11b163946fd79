"""Times of publication: one spelling for all that can be read for certain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.articles.timestamp import published_time


@pytest.mark.parametrize(
    ("given_time", "expected"),
    [
        ("2026-03-02T09:15:00Z", "2026-03-02T09:15:00Z"),
        ("2026-03-02t09:15:00z", "2026-03-02T09:15:00Z"),
        ("2026-03-02 10:15:00+01:00", "2026-03-02T09:15:00Z"),
        ("2026-03-02T09:15:00.123456Z", "2026-03-02T09:15:00Z"),
        ("2026-03-02T10:15:00+0100", "2026-03-02T09:15:00Z"),
        ("2026-03-02 10:15:00 +0100", "2026-03-02T09:15:00Z"),
        ("2026-03-02 09:15 UTC", "2026-03-02T09:15:00Z"),
        ("2026-03-02T09:15:00", "2026-03-02T09:15:00Z"),
        ("2026-03-02", "2026-03-02T00:00:00Z"),
        ("Mon, 02 Mar 2026 10:15:00 +0100", "2026-03-02T09:15:00Z"),
        ("Mon, 2 Mar 2026 09:15:00 GMT", "2026-03-02T09:15:00Z"),
        ("2 Mar 2026 04:15 EST", "2026-03-02T09:15:00Z"),
        ("1772442900", "2026-03-02T09:15:00Z"),
        ("1772442900.25", "2026-03-02T09:15:00Z"),
        ("1772442900123", "2026-03-02T09:15:00Z"),
        ("  2026-03-02T09:15:00Z\n", "2026-03-02T09:15:00Z"),
    ],
)
def test_unambiguous_times_become_rfc_3339_in_utc(given_time: str, expected: str) -> None:
    """Feeds write RFC 3339, its ISO 8601 relatives, RFC 2822 and Unix time."""
    assert published_time(given_time) == expected


@pytest.mark.parametrize(
    "unclear",
    [
        "",
        "02/03/2026",
        "March 2, 2026",
        "yesterday",
        "Mon, 02 Mar 2026 10:15:00",
        "Mon, 02 Mar 2026 10:15:00 IST",
        "2026-13-02",
        "2026-02-30T00:00:00Z",
        "99 Mar 2026 10:15:00 GMT",
        "12345",
        "-1772442900",
        "1e10",
        "0001-01-01T00:00:00+14:00",
    ],
)
def test_what_could_mean_two_moments_or_none_is_left_empty(unclear: str) -> None:
    """Neither the order of day and month nor a nameless zone is guessed."""
    assert published_time(unclear) == ""


moments = st.datetimes(
    min_value=datetime(1970, 1, 2),  # noqa: DTZ001 (hypothesis adds the zone)
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m))),
).map(lambda moment: moment.replace(microsecond=0))


@given(moments)
def test_every_spelling_of_a_moment_gives_the_same_text(moment: datetime) -> None:
    """ISO, mail and what this function itself wrote all name one moment."""
    expected = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert published_time(moment.isoformat()) == expected
    assert published_time(format_datetime(moment)) == expected
    assert published_time(expected) == expected


@given(st.text(max_size=40))
def test_any_text_gives_a_time_or_nothing(text: str) -> None:
    """No text is an error here."""
    found = published_time(text)
    assert found == "" or published_time(found) == found
