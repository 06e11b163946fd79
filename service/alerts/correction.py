"""A corrected article (same id, new text): what of it was told before, and what has changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.alerts.stories.story import Story

Data = Mapping[str, Any]
"""The `data` object of an event."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a watchlist told of an earlier revision of an article."""

    alert_id: str
    revision: str
    data: Data
    """Of the latest event about it."""
    subscribers: tuple[str, ...]
    retracted: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of an article when its alerts are made."""

    story: Story | None = None
    """None where no watchlist matched."""
    told: Mapping[str, Told] = field(default_factory=dict)
    """By watchlist; only where the revision was another one."""
    version: str = ""
    """Of what was told, in a word; empty: nothing was."""


def changes(before: Data, after: Data) -> list[dict[str, Any]]:
    """What a subscriber sees change: `{"field": …, "from": …, "to": …}` for each such thing.

    The fields are `title`, `summary`, `score`, and `evidence`: the sentences that are shown. What
    was told shortened is not compared: nobody could tell what of it has changed.
    """
    found: list[dict[str, Any]] = []
    if not before:  # its record is gone
        return found
    for name in ("title", "summary"):
        found += _change(name, before["article"][name], after["article"][name])
    found += _change("score", _score(before), _score(after))
    found += _change("evidence", _sentences(before), _sentences(after))
    return [change for change in found if change["field"] not in before.get("shortened", ())]


def _change(name: str, before: Any, after: Any) -> list[dict[str, Any]]:
    return [] if before == after else [{"field": name, "from": before, "to": after}]


# What was retracted has neither.
def _score(data: Data) -> float:
    return data["score"]["value"] if "score" in data else 0


def _sentences(data: Data) -> Sequence[str]:
    return list(dict.fromkeys(one["sentence"] for one in data.get("evidence", ())))
