"""Silences: for a time, the alerts of a watchlist, of a tag or to a subscriber are not sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Target = Literal["watchlist", "tag", "subscriber"]


@dataclass(frozen=True, slots=True)
class Silence:
    """One silence; what it holds back is recorded, and not sent later."""

    id: str
    target: Target
    name: str
    """The watchlist's id, the tag, or the subscriber's id."""
    until: str
    """RFC 3339 in UTC; it ends by itself."""
    reason: str
    at: str
    """When it began."""


def silenced(
    silences: Iterable[Silence], watchlist: str, tags: Iterable[str], subscriber: str
) -> bool:
    """Whether any of them holds back what the watchlist would tell the subscriber."""
    given = {("watchlist", watchlist), ("subscriber", subscriber), *(("tag", tag) for tag in tags)}
    return any((each.target, each.name) in given for each in silences)
