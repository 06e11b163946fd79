"""Subscribers as a rules file writes them, but for their channels.

`service.rules.subscribers.channel` adds a field for each kind of channel.
"""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, model_validator

from service.rules.schema.hours import DigestTimes, QuietHours
from service.rules.schema.spec import Example, Hint, Spec, mistake
from service.rules.schema.values import Clock, Duration, Id, Percent, Rate, Severity, Zone

_UTC = ZoneInfo("UTC")
_DIGEST_EXAMPLE = 'digest: {at: "08:00", timezone: Europe/London}'
_QUIET_EXAMPLE = 'quiet: {from: "22:00", to: "07:00", timezone: Europe/London}'


class DigestSpec(Spec):
    """`{every: 1h}`, or `{at: "08:00", timezone: Europe/London}`; `at` may be a list."""

    every: Duration | None = None
    at: Annotated[
        tuple[Clock, ...],
        BeforeValidator(lambda given: given if isinstance(given, list) else [given]),
    ] = ()
    timezone: Zone = _UTC

    @model_validator(mode="after")
    def _one_of_two(self) -> DigestSpec:
        if (self.every is None) == (not self.at):
            message = "a digest has either `every:` or `at:`"
            raise mistake(message, f"Write, for example, `{_DIGEST_EXAMPLE}`.")
        return self

    @property
    def times(self) -> DigestTimes:
        """When it is sent."""
        return DigestTimes(self.every, self.at, self.timezone)


class QuietSpec(Spec):
    """`{from: "22:00", to: "07:00", timezone: Europe/London, except: [critical]}`."""

    begin: Annotated[Clock, Field(alias="from"), Example('from: "22:00"')]
    end: Annotated[Clock, Field(alias="to"), Example('to: "07:00"')]
    timezone: Zone = _UTC
    through: Annotated[
        list[Severity],
        Field(alias="except", default_factory=lambda: ["critical"]),
        Example("except: [critical]"),
    ]

    @model_validator(mode="after")
    def _some_time(self) -> QuietSpec:
        if self.begin == self.end:
            message = "quiet hours begin and end at the same time"
            raise mistake(message, f"Write, for example, `{_QUIET_EXAMPLE}`.")
        return self

    @property
    def hours(self) -> QuietHours:
        """When nothing is sent."""
        return QuietHours(self.begin, self.end, self.timezone, frozenset(self.through))


class SubscriberSpec(Spec):
    """One item under `subscribers:`, without its channel."""

    id: Annotated[Id, Example("id: desk")]
    min_score: Percent = 0.0
    severities: Annotated[list[Severity], Field(default_factory=list)]
    concurrency: Annotated[
        int, Field(ge=1, le=100), Hint("Write a number from 1 to 100, without decimals.")
    ] = 4
    rate: Rate | None = None
    digest: Annotated[DigestSpec | None, Example(_DIGEST_EXAMPLE)] = None
    quiet: Annotated[QuietSpec | None, Example(_QUIET_EXAMPLE)] = None
    reports: bool = False
    enabled: bool = True
