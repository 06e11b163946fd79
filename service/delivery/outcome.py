"""What came of an attempt, and what becomes of its delivery: one type for each, no flags."""

from __future__ import annotations

from dataclasses import dataclass


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


@dataclass(frozen=True, slots=True)
class Postponed:
    """Nothing was sent, so no attempt is used up; the delivery is due again later."""

    after: float
    reason: str


Outcome = Delivered | Retry | GiveUp | Postponed


@dataclass(frozen=True, slots=True)
class Report:
    """A channel's account of one attempt."""

    outcome: Outcome
    status: int | None = None
    """The receiver's status code; None when there was no answer."""
    response: str = ""
    """The first kilobyte of what it said, without the secrets of its own URL."""


@dataclass(frozen=True, slots=True)
class Done:
    """The delivery is delivered."""


@dataclass(frozen=True, slots=True)
class Again:
    """The delivery is due again after so many seconds."""

    after: float
    rest: float = 0.0
    """Seconds for which its subscriber asked to be left alone altogether."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The delivery is failed: kept, listed, sent again only when somebody asks."""

    disable: str = ""
    """Why its subscriber gets nothing more until a delivery to it succeeds."""
    alone: bool = False
    """Whether only this one could not be delivered: it does not count against its lane."""


Next = Done | Again | Failed | Postponed
