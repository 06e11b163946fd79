"""What may stand in a rules file."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from service.rules.channel import Format
from service.rules.durations import UNITS, seconds
from service.rules.hours import Digest, Quiet

Severity = Literal["info", "low", "medium", "high", "critical"]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=100)]
Text = Annotated[str, Field(min_length=1)]
Points = Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False)]
Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class Spec(BaseModel):
    """A block of `key: value` lines."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class BoostSpec(Spec):
    """`{when: expression, points: number}`."""

    when: Text
    points: Points


ARTICLE_FIELDS = (
    *("title", "summary", "body", "html"),
    *("id", "url", "source", "author", "language", "country", "published_at", "tags"),
)
"""What an article may be given by, as entries name it (`service.entry`)."""


def _only_fields(article: str | dict[str, Any]) -> str | dict[str, Any]:
    """An article without a field that no entry has: a `titel` would make any `no_match` hold."""
    for name in article if isinstance(article, dict) else ():
        if name not in ARTICLE_FIELDS:
            raise PydanticCustomError("article_field", "no field of an article", {"name": name})
    return article


Sample = Annotated[Text | dict[str, Any], AfterValidator(_only_fields)]


class CheckSpec(Spec):
    """One of a watchlist's own tests: a file beside the rules, or an article's fields."""

    match: Sample | None = None
    no_match: Sample | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> CheckSpec:
        if (self.match is None) == (self.no_match is None):
            raise ValueError("a test holds either `match:` or `no_match:`")
        return self


def _seconds(text: object) -> int:
    """`20m` as seconds. Raises PydanticCustomError."""
    found = seconds(text) if isinstance(text, str) else None
    if found is None or found > LONGEST_SPAN:
        raise PydanticCustomError("span", "not a length of time")
    return found


def _written_seconds(seconds: int) -> str:
    """A span as a rules file may write it.

    Not `"{}s".format`: pydantic reads its signature, and in Python 3.13 it finds two arguments.
    """
    return f"{seconds}s"


LONGEST_SPAN = 30 * 86400
"""Seconds."""
Span = Annotated[int, PlainValidator(_seconds), PlainSerializer(_written_seconds)]
"""A length of time, written `90s`, `20m`, `6h` or `2d`; kept in seconds."""


def _gap(text: object) -> float:
    """`10/s` as the seconds between two. Raises PydanticCustomError."""
    found = re.fullmatch(r"([1-9][0-9]{0,5}) ?/ ?([smh])", text) if isinstance(text, str) else None
    if found is None:
        raise PydanticCustomError("rate", "not a rate")
    return UNITS[found[2]] / int(found[1])


Rate = Annotated[float, PlainValidator(_gap)]
"""So many in a second, minute or hour, written `10/s`; kept as the seconds between two."""


def _clock(text: object) -> time:
    """`08:00` as a time of day. Raises PydanticCustomError."""
    found = (
        re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", text) if isinstance(text, str) else None
    )
    if found is None:
        raise PydanticCustomError("clock", "not a time of day")
    return time(int(found[1]), int(found[2]))


def _zone(text: object) -> ZoneInfo:
    """`Europe/London` as a time zone. Raises PydanticCustomError."""
    try:
        return ZoneInfo(str(text))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # a path, a folder, a NUL
        raise PydanticCustomError("zone", "not a time zone") from error


Clock = Annotated[time, PlainValidator(_clock)]
Zone = Annotated[ZoneInfo, PlainValidator(_zone)]
_UTC = ZoneInfo("UTC")


class DigestSpec(Spec):
    """`{every: 1h}`, or `{at: "08:00", timezone: Europe/London}`; `at` may be a list."""

    every: Span | None = None
    at: Annotated[
        tuple[Clock, ...],
        BeforeValidator(lambda given: given if isinstance(given, list) else [given]),
    ] = ()
    timezone: Zone = _UTC

    @model_validator(mode="after")
    def _one_of_two(self) -> DigestSpec:
        if (self.every is None) == (not self.at):
            raise ValueError("a digest has either `every:` or `at:`")
        return self

    @property
    def digest(self) -> Digest:
        """When it goes out."""
        return Digest(self.every or 0, self.at, self.timezone)


class QuietSpec(Spec):
    """`{from: "22:00", to: "07:00", timezone: Europe/London, except: [critical]}`."""

    begin: Annotated[Clock, Field(alias="from")]
    end: Annotated[Clock, Field(alias="to")]
    timezone: Zone = _UTC
    through: Annotated[list[Severity], Field(alias="except")] = ["critical"]

    @model_validator(mode="after")
    def _some_time(self) -> QuietSpec:
        if self.begin == self.end:
            raise ValueError("quiet hours that begin and end at one time are none")
        return self

    @property
    def quiet(self) -> Quiet:
        """When they are."""
        return Quiet(self.begin, self.end, self.timezone, frozenset(self.through))


class ThrottleSpec(Spec):
    """`{max: 20, per: 1h}`: the alerts beyond `max` are held, and told of in one message."""

    max: Annotated[int, Field(ge=1, le=100_000)]
    per: Span


class WatchlistSpec(Spec):
    """One item under `watchlists:`."""

    # Lists and blocks are made anew each time: pydantic copies a default at four times the cost.
    id: Id
    name: Text | None = None
    match: Text
    exceptions: Annotated[dict[str, Text], Field(alias="except", default_factory=dict)]
    severity: Severity = "medium"
    threshold: Percent = 0.0
    boost: Annotated[list[BoostSpec], Field(default_factory=list)]
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = "en"
    repeat: Literal["story", "article"] = "story"
    throttle: ThrottleSpec | None = None
    tags: Annotated[list[Text], Field(default_factory=list)]
    notify: Annotated[list[Text], Field(default_factory=list)]
    tests: Annotated[list[CheckSpec], Field(default_factory=list)]
    enabled: bool = True


class ListSpec(Spec):
    """One entry under `lists:`: expressions, any of which may stand where `$name` stands."""

    items: Annotated[list[Text], Field(min_length=1)]
    enabled: bool = True


class WebhookSpec(Spec):
    """Where a webhook goes; `secret` is one `whsec_…` or `whsk_…` or, while rotating, a list.

    `ca`, `certificate` and `key` are paths of PEM files.
    """

    url: Text
    secret: Text | list[Text]
    headers: Annotated[dict[str, Text], Field(default_factory=dict)]
    format: Format = "standard"
    ca: Text | None = None
    certificate: Text | None = None
    key: Text | None = None


class SlackSpec(Spec):
    """A Slack channel: `webhook_url`, or a bot's `token` and the `channel` that it posts to."""

    webhook_url: Text | None = None
    token: Text | None = None
    channel: Text | None = None


class MailSpec(Spec):
    """Who gets e-mail, and from which address; `unsubscribe` is a URL for one-click headers."""

    to: Annotated[list[Text], Field(min_length=1, max_length=100)]  # RFC 5321's least limit
    sender: Annotated[Text, Field(alias="from")]
    unsubscribe: Text | None = None


class SubscriberSpec(Spec):
    """One item under `subscribers:`; of the four channels it has one (`service.channelfile`)."""

    id: Id
    webhook: WebhookSpec | None = None
    slack: SlackSpec | None = None
    email: MailSpec | None = None
    relay: Text | None = None
    min_score: Percent = 0.0
    severities: list[Severity] = []
    concurrency: Annotated[int, Field(ge=1, le=100)] = 4
    rate: Rate | None = None
    digest: DigestSpec | None = None
    quiet: QuietSpec | None = None
    reports: bool = False
    enabled: bool = True
