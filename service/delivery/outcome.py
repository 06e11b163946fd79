"""What came of an attempt, as its channel reports it: one type for each outcome, no flags."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from service.store.lanes.verdict import Postponed


@dataclass(frozen=True, slots=True)
class Delivered:
    """The receiver has it."""


@dataclass(frozen=True, slots=True)
class Retry:
    """It did not arrive; a later attempt may succeed."""

    reason: str
    after: timedelta | None = None
    """How long the receiver wants no deliveries (Retry-After)."""


@dataclass(frozen=True, slots=True)
class Partly:
    """Some of its recipients have it. The others may get it later; the receiver itself is well."""

    reason: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The receiver will never accept it; with `disable`, nor anything else."""

    reason: str
    disable: bool = False


Outcome = Delivered | Retry | Partly | GiveUp | Postponed


@dataclass(frozen=True, slots=True)
class Report:
    """A channel's report of one attempt."""

    outcome: Outcome
    status: int | None = None
    """The receiver's status code; None where it did not answer."""
    response: str = ""
    """The first kilobyte of its answer, without the secrets of its own URL."""
