"""Silences: they mute the alerts of a watchlist, a tag or a subscriber for a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Target = Literal["watchlist", "tag", "subscriber"]


@dataclass(frozen=True, slots=True)
class Silence:
    """One silence. Muted alerts are recorded, and not sent later."""

    id: str
    target: Target
    name: str
    """The watchlist's id, the tag, or the subscriber's id."""
    until: str
    """When it ends (RFC 3339 in UTC)."""
    reason: str
    at: str
    """When it began (RFC 3339 in UTC)."""


def silenced(
    silences: Iterable[Silence], watchlist: str, tags: Iterable[str], subscriber: str
) -> bool:
    """Whether one of the silences mutes alerts of this watchlist to this subscriber."""
    given = {("watchlist", watchlist), ("subscriber", subscriber), *(("tag", tag) for tag in tags)}
    return any((each.target, each.name) in given for each in silences)
