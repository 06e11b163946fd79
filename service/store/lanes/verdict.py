"""What becomes of a delivery after an attempt: one type for each, no flags."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Postponed:
    """Nothing was sent, so no attempt is used up; the delivery is due again later."""

    after: float
    reason: str


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
