"""Silences: they mute the alerts of a watchlist, a tag or a subscriber for a time."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
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


def silencing(
    silences: Collection[Silence], watchlist: str, tags: Iterable[str], subscriber: str
) -> Silence | None:
    """The silence that mutes alerts of this watchlist to this subscriber; the one that ends last.

    None: there is none.
    """
    if not silences:
        return None
    given = {("watchlist", watchlist), ("subscriber", subscriber), *(("tag", tag) for tag in tags)}
    muting = (each for each in silences if (each.target, each.name) in given)
    return max(muting, key=lambda each: each.until, default=None)


@dataclass(frozen=True, slots=True)
class Muting:
    """What the record of an event says of the silence that kept it from a subscriber."""

    silence: str
    """Its id."""
    until: str
    reason: str


def muted_text(silence: Silence) -> str:
    """A `Muting` as it is kept: JSON."""
    facts = Muting(silence.id, silence.until, silence.reason)
    return json.dumps(asdict(facts), ensure_ascii=False)


def parse_muted(text: str) -> Muting:
    """The reverse; of a text that nobody can read, the text."""
    try:
        return Muting(**json.loads(text))
    except (ValueError, TypeError):
        return Muting("", "", text)
