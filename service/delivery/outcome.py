"""What came of an attempt, and what becomes of its delivery: one type for each, no flags."""

from __future__ import annotations

from dataclasses import dataclass

from service.store.lanes.verdict import Postponed


@dataclass(frozen=True, slots=True)
class Delivered:
    """The receiver has it."""


@dataclass(frozen=True, slots=True)
class Retry:
    """It did not arrive, and may later."""

    reason: str
    after: float | None = None
    """Seconds that the receiver asked to be left alone (Retry-After)."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The receiver will never take it; with `disable`, nor anything else."""

    reason: str
    disable: bool = False


Outcome = Delivered | Retry | GiveUp | Postponed


@dataclass(frozen=True, slots=True)
class Report:
    """A channel's account of one attempt."""

    outcome: Outcome
    status: int | None = None
    """The receiver's status code; None when there was no answer."""
    response: str = ""
    """The first kilobyte of what it said, without the secrets of its own URL."""
