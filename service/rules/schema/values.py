"""The values of single fields: ids, numbers, durations, rates, times of day."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Annotated, Literal, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from service.rules.schema.durations import UNITS, format_duration, parse_duration
from service.rules.schema.spec import Hint

Text = Annotated[str, Field(min_length=1)]

Id = Annotated[
    str,
    Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=100),
    Hint(
        "Use lower-case letters, digits and hyphens only: pak-turk-jets.",
        "{value} cannot be an id",
    ),
]

Language = Annotated[
    str,
    Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"),
    Hint("Write a code such as en or pt-BR.", "{value} is not a language"),
]

Severity = Annotated[
    Literal["info", "low", "medium", "high", "critical"],
    Hint("Write info, low, medium, high or critical.", "{value} is not a severity"),
]

Points = Annotated[
    float,
    Field(ge=-100, le=100, allow_inf_nan=False),
    Hint("Write a number from -100 to 100."),
]

Percent = Annotated[
    float, Field(ge=0, le=100, allow_inf_nan=False), Hint("Write a number from 0 to 100.")
]


class ScoreRange(NamedTuple):
    """Scores from `low` to `high`, both included."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.low:g}..{self.high:g}"


def _read_scores(text: object) -> ScoreRange:
    """`40..60` as a range. Raises PydanticCustomError."""
    number = r"([0-9]{1,3}(?:\.[0-9])?)"
    found = re.fullmatch(rf"{number}\.\.{number}", text) if isinstance(text, str) else None
    scores = ScoreRange(float(found[1]), float(found[2])) if found else ScoreRange(1, 0)
    if not scores.low <= scores.high <= MAX_SCORE:
        raise PydanticCustomError("scores", "not a range of scores")
    return scores


MAX_SCORE = 100.0

Scores = Annotated[
    ScoreRange,
    PlainValidator(_read_scores),
    PlainSerializer(str),
    WithJsonSchema(
        {"type": "string", "pattern": r"^[0-9]{1,3}(\.[0-9])?\.\.[0-9]{1,3}(\.[0-9])?$"}
    ),
    Hint("Write the least and the most, from 0 to 100: 40..60, or 55..55 for one score."),
]
"""Written `40..60`."""

Sending = Literal["at once", "digest", "not"]
"""How a subscriber is sent an alert, but for quiet hours and silences, which come and go."""

ExpectedSending = Annotated[
    Literal[
        "at once",
        "digest",
        "not",
        "not, score",
        "not, info",
        "not, low",
        "not, medium",
        "not, high",
        "not, critical",
    ],
    Hint(
        "Write at once, digest or not; with the reason: `not, score`, or the severity that is "
        "left out, as `not, medium`.",
        "{value} is no way in which an alert is sent",
    ),
]
"""What a test expects: after `not` may stand the filter that leaves the alert out."""

MAX_DURATION = timedelta(days=30)
"""The longest duration in a rules file."""


def _read_duration(text: object) -> timedelta:
    """`20m` as a duration. Raises PydanticCustomError."""
    found = parse_duration(text) if isinstance(text, str) else None
    if found is None or found > MAX_DURATION:
        raise PydanticCustomError("duration", "not a duration")
    return found


Duration = Annotated[
    timedelta,
    PlainValidator(_read_duration),
    PlainSerializer(format_duration),
    WithJsonSchema({"type": "string", "pattern": r"^[1-9][0-9]{0,6} ?[smhd]$"}),
    Hint("Write a duration such as 90s, 20m, 6h or 2d; 30d is the longest."),
]
"""Written `90s`, `20m`, `6h` or `2d`."""


def _read_rate(text: object) -> timedelta:
    """`10/s` as the time between two. Raises PydanticCustomError."""
    found = re.fullmatch(r"([1-9][0-9]{0,5}) ?/ ?([smh])", text) if isinstance(text, str) else None
    if found is None:
        raise PydanticCustomError("rate", "not a rate")
    return UNITS[found[2]] / int(found[1])


Rate = Annotated[
    timedelta,
    PlainValidator(_read_rate),
    WithJsonSchema({"type": "string", "pattern": r"^[1-9][0-9]{0,5} ?/ ?[smh]$"}),
    Hint("Write how many in a second, a minute or an hour: 10/s, 100/m or 1000/h."),
]
"""How many in a second, minute or hour, written `10/s`; kept as the time between two."""


def _read_clock(text: object) -> time:
    """`08:00` as a time of day. Raises PydanticCustomError."""
    found = (
        re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", text) if isinstance(text, str) else None
    )
    if found is None:
        raise PydanticCustomError("clock", "not a time of day")
    return time(int(found[1]), int(found[2]))


Clock = Annotated[
    time,
    PlainValidator(_read_clock),
    WithJsonSchema({"type": "string", "pattern": r"^([01]?[0-9]|2[0-3]):[0-5][0-9]$"}),
    Hint(
        'Write a time of day in quotes, by a clock of 24 hours: "08:00".',
        "{value} is not a time of day",
    ),
]


def _read_zone(text: object) -> ZoneInfo:
    """`Europe/London` as a time zone. Raises PydanticCustomError."""
    try:
        return ZoneInfo(str(text))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # a path, a folder, a NUL
        raise PydanticCustomError("zone", "not a time zone") from error


Zone = Annotated[
    ZoneInfo,
    PlainValidator(_read_zone),
    WithJsonSchema({"type": "string", "examples": ["Europe/London", "UTC"]}),
    Hint("Write a name such as Europe/London or UTC.", "{value} is not a time zone"),
]
