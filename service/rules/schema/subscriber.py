"""Subscribers as a rules file writes them, but for their channels.

`service.rules.subscribers.channel` adds a field for each kind of channel.
"""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, model_validator

from service.rules.schema.hours import DigestTimes, QuietHours
from service.rules.schema.spec import Example, Hint, Meaning, Spec, mistake
from service.rules.schema.values import Clock, Duration, Id, Percent, Rate, Severity, Zone

_UTC = ZoneInfo("UTC")
_DIGEST_EXAMPLE = 'digest: {at: "08:00", timezone: Europe/London}'
_QUIET_EXAMPLE = 'quiet: {from: "22:00", to: "07:00", timezone: Europe/London}'


class DigestSpec(Spec):
    """`{every: 1h}`, or `{at: "08:00", timezone: Europe/London}`; `at` may be a list."""

    every: Annotated[Duration | None, Meaning("The time between two digests, such as 1h.")] = None
    at: Annotated[
        tuple[Clock, ...],
        BeforeValidator(
            lambda given: given if isinstance(given, list) else [given],
            json_schema_input_type=list[Clock] | Clock,
        ),
        Meaning("The time of day of a digest, in quotes, or a list of such times."),
    ] = ()
    timezone: Annotated[Zone, Meaning("By whose clock, such as Europe/London.")] = _UTC

    @model_validator(mode="after")
    def _one_of_two(self) -> DigestSpec:
        if (self.every is None) == (not self.at):
            message = "a digest has either `every:` or `at:`"
            raise mistake(message, f"Write, for example, `{_DIGEST_EXAMPLE}`.", code="T106")
        return self

    @property
    def times(self) -> DigestTimes:
        """When it is sent."""
        return DigestTimes(self.every, self.at, self.timezone)


class QuietSpec(Spec):
    """`{from: "22:00", to: "07:00", timezone: Europe/London, except: [critical]}`."""

    begin: Annotated[
        Clock,
        Field(alias="from"),
        Example('from: "22:00"'),
        Meaning("The time of day, in quotes, from which nothing is sent."),
    ]
    end: Annotated[
        Clock,
        Field(alias="to"),
        Example('to: "07:00"'),
        Meaning("The time of day, in quotes, from which it is sent again."),
    ]
    timezone: Annotated[Zone, Meaning("By whose clock, such as Europe/London.")] = _UTC
    through: Annotated[
        list[Severity],
        Field(alias="except", default_factory=lambda: ["critical"]),
        Example("except: [critical]"),
        Meaning("Severities that are sent nevertheless."),
    ]

    @model_validator(mode="after")
    def _some_time(self) -> QuietSpec:
        if self.begin == self.end:
            message = "quiet hours begin and end at the same time"
            raise mistake(message, f"Write, for example, `{_QUIET_EXAMPLE}`.", code="T107")
        return self

    @property
    def hours(self) -> QuietHours:
        """When nothing is sent."""
        return QuietHours(self.begin, self.end, self.timezone, frozenset(self.through))


class SubscriberSpec(Spec):
    """One item under `subscribers:`, without its channel."""

    id: Annotated[
        Id,
        Example("id: desk"),
        Meaning("Its name for programs; watchlists name it under `notify:`."),
    ]
    min_score: Annotated[Percent, Meaning("Alerts with a lower score are not sent to it.")] = 0.0
    severities: Annotated[
        list[Severity],
        Field(default_factory=list),
        Meaning("Only alerts of these severities are sent to it. Without it: all."),
    ]
    concurrency: Annotated[
        int,
        Field(ge=1, le=100),
        Hint("Write a number from 1 to 100, without decimals."),
        Meaning("How many deliveries are under way at once."),
    ] = 4
    rate: Annotated[
        Rate | None, Meaning("How many deliveries at most, such as 10/s, 100/m or 1000/h.")
    ] = None
    digest: Annotated[
        DigestSpec | None,
        Example(_DIGEST_EXAMPLE),
        Meaning("Alerts are collected, and sent in one message."),
    ] = None
    quiet: Annotated[
        QuietSpec | None, Example(_QUIET_EXAMPLE), Meaning("Hours in which nothing is sent.")
    ] = None
    reports: Annotated[bool, Meaning("true: it hears of faults in the rules that are in use.")] = (
        False
    )
    enabled: Annotated[bool, Meaning("false: nothing is sent to it.")] = True
