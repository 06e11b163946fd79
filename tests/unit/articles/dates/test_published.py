"""Times of publication: one spelling for all that can be read for certain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.articles.date_names import FILE, names
from service.articles.dates.published import published_time
from service.articles.dates.written import parse, written_time


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
        ("20260302T091500Z", "2026-03-02T09:15:00Z"),
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
        "02-03-2026 10:15",
        "12/11/2026",
        "11/12/2026",
        "March 2, 2026 10:15 PST +0500",
        "25 October 2014 12:15 MSK",
        "March 2026",
        "March 2, 2026 10:15 BST",
        "March 2, 2026 10:15 CST",
        "March 2, 2026 10:15 XYZ",
        "March 2, 2026 25:00",
        "8 October 2013 18:30 MSK",
        "March 32, 2026",
        "Tuesday, March 2, 2026",
        "2 March 2026, updated 3 March 2026",
        "About March 2, 2026",
        "2 listopada 2026",
        "1404-12-11",
        "20261130123",
        "20261130x1230",
        "202611301234",
        "2 มีนาคม 2569",
        "yesterday",
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


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("March 2, 2026", "2026-03-02T00:00:00Z"),
        ("Mon, 02 Mar 2026 10:15:00", "2026-03-02T10:15:00Z"),
        ("Mon, 02 Mar 2026 14:45:00 IST", "2026-03-02T09:15:00Z"),
        ("2026-03-02 10:15 CET", "2026-03-02T09:15:00Z"),
        ("2 July 2026 11:15 CEST", "2026-07-02T09:15:00Z"),
        ("Mar. 2, 2026, 1:15 a.m. PST", "2026-03-02T09:15:00Z"),
        ("2 March 2026 17:15 HKT", "2026-03-02T09:15:00Z"),
        ("March 2nd, 2026 at 6:30 PM", "2026-03-02T18:30:00Z"),
        ("Mar 2 2026 12:05 AM", "2026-03-02T00:05:00Z"),
        ("2 Mar 2026 11:15 UTC+2", "2026-03-02T09:15:00Z"),
        ("2 Mar 2026 04:15 UTC\u22125", "2026-03-02T09:15:00Z"),
        ("26 October 2014 12:15 MSK", "2014-10-26T09:15:00Z"),
        ("12/12/2026", "2026-12-12T00:00:00Z"),
        ("Mon Mar  2 09:15:00 UTC 2026", "2026-03-02T09:15:00Z"),
        ("2026/03/02 18:15:00 JST", "2026-03-02T09:15:00Z"),
        ("02.03.2026 09:15", "2026-03-02T09:15:00Z"),
        ("25/12/2026", "2026-12-25T00:00:00Z"),
        ("12/25/2026", "2026-12-25T00:00:00Z"),
        ("2. März 2026, 09:15 Uhr", "2026-03-02T09:15:00Z"),
        ("Publié le 2 mars 2026 à 9h15", "2026-03-02T09:15:00Z"),
        ("2 de marzo de 2026 - 09:15", "2026-03-02T09:15:00Z"),
        ("2 marzo 2026 alle ore 09:15", "2026-03-02T09:15:00Z"),
        ("2 de março de 2026 às 09:15", "2026-03-02T09:15:00Z"),
        ("2 Mart 2026 Pazartesi 09:15", "2026-03-02T09:15:00Z"),
        ("2 марта 2026 г., 12:15 МСК", "2026-03-02T09:15:00Z"),
        ("2 marca 2026, 09:15", "2026-03-02T09:15:00Z"),
        ("2 مارس 2026 09:15", "2026-03-02T09:15:00Z"),
        ("2 मार्च 2026, 09:15 बजे", "2026-03-02T09:15:00Z"),
        ("2026年3月2日 09:15", "2026-03-02T09:15:00Z"),
        ("2026年3月2日9時15分", "2026-03-02T09:15:00Z"),
        ("2026년 3월 2일 오후 6:30", "2026-03-02T18:30:00Z"),
    ],
)
def test_what_people_write_is_read_where_it_is_sure(written: str, expected: str) -> None:
    """Months in words of many languages, twelve hours, zones by name."""
    assert published_time(written) == expected


def test_a_long_text_is_no_date() -> None:
    """More than a hundred characters are none of a date."""
    said = "2 March 2026".ljust(100)
    assert written_time(said) == datetime(2026, 3, 2, tzinfo=UTC)
    assert written_time(f"{said} ") is None


@pytest.mark.parametrize(
    ("text", "told"),
    [("[rabbit]", "none of zone"), ("utc +00:00", "no kind"), ("[zone]\nutc noon", "no zone with")],
)
def test_a_word_that_says_nothing_is_refused(text: str, told: str) -> None:
    """With its line."""
    with pytest.raises(ValueError, match=told):
        parse(text)


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


def test_names_of_months_and_days_are_those_of_the_locales() -> None:
    """`python -m benchmarks.articles.date_names` writes the file where a release has others."""
    assert FILE.read_text(encoding="utf-8") == names()
