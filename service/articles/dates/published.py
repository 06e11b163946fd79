"""When an article was published, in the formats that feeds use → RFC 3339 in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from service.articles.dates.written import FIRST_YEAR, LAST_YEAR, written_time

# Unix time: ten digits are seconds and thirteen milliseconds, from 2001 to 2286.
_SECONDS = re.compile(r"\d{10}(?:\.\d{1,9})?")
_MILLISECONDS = re.compile(r"\d{13}")
# Python reads any character between day and time, and so an 11-digit number as a day and an hour.
_ISO = re.compile(r"(?:\d{4}-\d\d-\d\d|\d{8}|\d{4}-?W\d\d-?\d?)(?:[T ].+)?")
# RFC 2822 as feeds write it; only with a zone that the standard names or an offset.
_MAIL_DATE = re.compile(
    r"(?:[A-Za-z]{3}, ?)?\d{1,2} [A-Za-z]{3} \d{4} \d\d:\d\d(?::\d\d)?"
    r" (?:[+-]\d{4}|UTC?|GMT|Z|E[SD]T|C[SD]T|M[SD]T|P[SD]T)"
)
_ZONE_APART = re.compile(r" (?=[+-]\d\d:?\d\d$)| ?(?:UTC|GMT)$")


def published_time(text: str) -> str:
    """The moment that the text names, like 2026-03-02T09:15:00Z; "" when it names none surely.

    Reads RFC 3339 and its ISO 8601 relatives (a day alone is its first moment, a time without zone
    is UTC), RFC 2822, Unix time in seconds or milliseconds, and what people write.
    """
    text = " ".join(text.split())
    try:
        moment = _moment(text) or written_time(text)
        if moment is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
            return ""
        return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except ValueError:
        return ""


def _moment(text: str) -> datetime | None:
    """The moment in a format of machines; None if it is in none of them."""
    if _SECONDS.fullmatch(text):
        return datetime.fromtimestamp(float(text), UTC)
    if _MILLISECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    if _MAIL_DATE.fullmatch(text):
        return parsedate_to_datetime(text)
    if not _ISO.fullmatch(text.upper()):
        return None
    try:
        found = datetime.fromisoformat(_ZONE_APART.sub(_zone, text.upper()))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _zone(match: re.Match[str]) -> str:
    return "Z" if match[0].strip() else ""
