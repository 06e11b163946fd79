"""The event about rules files: subscribers with `reports: true` receive it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from service.alerts.events.blocks import Sent, Time


class FaultFacts(TypedDict):
    """One mistake in a rules file."""

    file: str
    line: int
    """From 1; 0 where the mistake has no place."""
    column: int
    message: str
    hint: str
    """What to write instead."""


class FaultData(Sent):
    """The rules files have mistakes, or are not put in force."""

    message: str
    """What is wrong, for people. It ends with the command."""
    command: str
    """What to type to see all mistakes."""
    refused: str
    """Why the rules files are not put in force; empty: they are."""
    count: Annotated[int, Field(ge=0)]
    """How many mistakes there are; `faults` has at most 20 of them. 0: none, but see `refused`."""
    faults: list[FaultFacts]
    running_last_good: list[str]
    """Ids of faulty watchlists and subscribers whose last good version runs, at most 100."""
    left_out: list[str]
    """Ids of faulty watchlists that are not in force, at most 100."""


class RulesFault(TypedDict):
    """The rules files have mistakes; sent to subscribers with `reports: true`."""

    type: Literal["rules.fault"]
    timestamp: Time
    data: FaultData
