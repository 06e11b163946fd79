"""Dates as people write them: "Oct. 8, 2013, 6:30 PM PST", "8. Oktober 2013", "2013年10月8日".

Every word must be known: a month or a day of the week in one of many languages, a zone, or what is
usual around a date. What may be two moments is none: 02/03/2026, or a zone whose name two parts of
the world have.
"""

from __future__ import annotations

import functools
import pkgutil
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

from service.articles.dates.names import names

FIRST_YEAR, LAST_YEAR = 1800, 2200
"""A year outside is of another calendar, or none."""
MAX_CHARS = 100

_HALF = re.compile(r"\b([ap])\.? ?m\b\.?")
_LETTERS = r"[^\W\d_](?:[^\W\d_]|[\u0900-\u0963\u064b-\u0652])*"
_MONTH = rf"(?P<month>{_LETTERS})\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|\.)?"
_YEAR = r"(?P<year>\d{4})(?!\d)"
_NAMED = (
    re.compile(rf"(?<!\d){_DAY},?[ -]?(?:de |of )?{_MONTH},?[ -]?(?:de |del )?{_YEAR}"),
    re.compile(rf"(?<![^\W\d_]){_MONTH} ?{_DAY},? {_YEAR}"),
    re.compile(rf"{_YEAR}\.? {_MONTH} {_DAY}(?!\d)"),
)
# As the C library writes it: "Tue Oct  8 18:30:00 UTC 2013".
_YEAR_APART = re.compile(r"(?P<day>[^\W\d_]{3} +\d{1,2}) (?P<clock>\d\d:\d\d.*) (?P<year>\d{4})$")
_YEAR_FIRST = re.compile(
    r"(?<!\d)(\d{4})(?:[年년] ?|([-/.]) ?)(\d{1,2})(?:[月월] ?|\2 ?)(\d{1,2})(?:[日일]|(?!\d))"
)
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)")
_OFFSET = re.compile(r"(?:\b(?:utc|gmt) ?|(?<=[\d ]))([+\u2212-])(\d{1,2})(?::?([0-5]\d))?(?!\d)")
_CLOCK = re.compile(
    r"(?<!\d)(\d{1,2}) ?"
    r"(?:[:.h時时시] ?([0-5]\d)(?:[:.分분] ?([0-5]\d)(?:[.,]\d+)?)?(?!\d)|(?=[ap]m\b))"
)
_WORD = re.compile(_LETTERS)
_A_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class _Words(NamedTuple):
    """The words of `words.txt`."""

    zones: dict[str, list[timedelta]]
    since: dict[str, str]
    """The day from which a zone has its offset."""
    morning: frozenset[str]
    evening: frozenset[str]
    around: frozenset[str]


def written_time(text: str) -> datetime | None:
    """The moment that a text names, in UTC where it names no zone; None if it is not sure."""
    if len(text) > MAX_CHARS:
        return None
    said = _HALF.sub(r"\1m ", text.casefold().replace("i\u0307", "i"))
    day, rest = _day(_YEAR_APART.sub(r"\g<day> \g<year> \g<clock>", said))
    clock = _CLOCK.search(rest)
    rest = _without(rest, clock)
    offset = _OFFSET.search(rest) if clock else None
    rest = _without(rest, offset)
    words = {*words_of(rest)}
    known, weekdays = _words(), names().weekdays
    zones = [known.zones[word] for word in words if word in known.zones]
    evening, morning = bool(words & known.evening), bool(words & known.morning)
    unknown = words - known.morning - known.evening - known.around
    unknown -= known.zones.keys() | weekdays.keys()
    one_zone = len(zones) + bool(offset) <= 1 and all(len(each) == 1 for each in zones)
    if day is None or unknown or re.search(r"\d", rest) or not one_zone or (evening and morning):
        return None
    delta = _offset(offset) if offset else zones[0][0] if zones else timedelta()
    try:
        hour, minute, second = (int(part or 0) for part in clock.groups()) if clock else (0, 0, 0)
        if clock and (evening or morning) and hour <= 12:
            hour = hour % 12 + 12 * evening
        moment = datetime(*day, hour, minute, second, tzinfo=timezone(delta))
        if any(moment.date().isoformat() < known.since.get(word, "") for word in words):
            return None
        days = [weekdays[word] for word in words if word in weekdays]
        return moment.astimezone(UTC) if all(moment.weekday() in day for day in days) else None
    except (ValueError, OverflowError):
        return None


def _day(said: str) -> tuple[tuple[int, int, int] | None, str]:
    """The day that a text names, if it names one for certain, and the rest of the text."""
    if found := _YEAR_FIRST.search(said):
        year, month, day = int(found[1]), int(found[3]), int(found[4])
    elif found := _YEAR_LAST.search(said):
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        # Dots are between day and month everywhere; where there is a slash, half of the world has
        # the month first.
        if found[2] != "." and first <= 12 and second <= 12 and first != second:
            return None, said
        day, month = (second, first) if found[2] != "." and second > 12 else (first, second)
    else:
        months = names().months
        named = (each.search(said) for each in _NAMED)
        found = next((each for each in named if each and each["month"] in months), None)
        if found is None:
            return None, said
        year, month, day = int(found["year"]), months[found["month"]], int(found["day"])
    is_usual = FIRST_YEAR <= year <= LAST_YEAR
    return (year, month, day) if is_usual else None, _without(said, found)


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, such as the names of days."""
    return _WORD.findall(text)


def _without(text: str, found: re.Match[str] | None) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}" if found else text


def _offset(found: re.Match[str]) -> timedelta:
    size = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return size if found[1] == "+" else -size


@functools.cache
def _words() -> _Words:
    data = pkgutil.get_data("service.articles.dates", "words.txt")
    if data is None:
        raise FileNotFoundError("words.txt")
    return parse(data.decode())


def parse(text: str) -> _Words:
    """The words of a file. Raises ValueError for a line that cannot be read, with its number."""
    zones: dict[str, list[timedelta]] = {}
    since: dict[str, str] = {}
    others: dict[str, set[str]] = {"morning": set(), "evening": set(), "around": set()}
    kind = ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.split("#")[0].strip()
        if line.startswith("["):
            kind = line.strip("[]")
            if kind != "zone" and kind not in others:
                raise ValueError(f"line {number}: [{kind}] is none of zone, {', '.join(others)}")
        elif line and kind == "zone":
            name, *offsets = line.split()
            if offsets and _A_DAY.fullmatch(offsets[-1]):
                since[name] = offsets.pop()
            found = [_OFFSET.fullmatch(f" {each}", 1) for each in offsets]
            if not found or None in found:
                raise ValueError(f"line {number}: {line!r} is no zone with its offset from UTC")
            zones[name] = [_offset(each) for each in found if each]
        elif line and not kind:
            raise ValueError(f"line {number}: {line!r} has no kind above it")
        elif line:
            others[kind] |= {word for each in line.split(",") for word in words_of(each)}
    return _Words(zones, since, *(frozenset(each) for each in others.values()))
