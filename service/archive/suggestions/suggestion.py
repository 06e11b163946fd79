"""What is suggested for a watchlist, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from service.alerts.people.verdict import VerdictWord


@dataclass(frozen=True, slots=True)
class KnownAlert:
    """An alert of the watchlist."""

    id: str
    at: str
    """When it was made (RFC 3339)."""
    verdict: VerdictWord | Literal["none"]
    """The last one; none: nobody has given one."""


@dataclass(frozen=True, slots=True)
class RemovedAlert:
    """An alert that would not have been made."""

    id: str
    at: str
    verdict: VerdictWord | Literal["none"]
    headline: str
    source: str
    url: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A change of the watchlist, and what it would have kept away."""

    id: str
    kind: Literal["exception", "match"]
    name: str
    """Of the exception."""
    written: str
    """The expression of the exception, or the whole of the new match."""
    instead_of: str
    """The part of the match that gets tighter."""
    becomes: str
    removed: tuple[RemovedAlert, ...]
    """Every one: first those that were useful, then those without a verdict."""
    noise: int
    """How many of them were noise."""
    useful: int
    lost: int
    """Those of the useful ones that are counted."""
    counted: int
    """Useful alerts that are counted."""
    bound: float
    """With 95 % confidence it loses no larger share of the useful alerts."""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What the verdicts on a watchlist's alerts suggest."""

    watchlist: str
    expression: str
    verdicts: Mapping[str, int]
    """How many alerts have each verdict, and how many none, of those that still match."""
    no_text: int
    """Alerts with a verdict whose text is not kept any more."""
    no_match: int
    """Alerts with a verdict that the watchlist does not find any more."""
    missing: Mapping[str, int]
    """Verdicts that there have to be more before anything is suggested."""
    needed: int
    """Useful verdicts with which a change that loses none has a bound of 10 %."""
    archive: int
    """Articles that say how common a phrase is."""
    suggestions: tuple[Suggestion, ...]
