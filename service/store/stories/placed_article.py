"""What `near.lua` returns → which story each article joins, as `history.lua` reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from service.alerts.stories.fingerprint import Fingerprint
from service.alerts.stories.placement import NearStory, Placement, Placer, UnplacedArticle
from service.alerts.stories.record import unpack
from service.alerts.stories.story import published_at
from service.alerts.stories.wording import why
from service.store.stories.query import StoryQuery


class PlacedArticle(NamedTuple):
    """An article with its story."""

    placement: Placement
    join: dict[str, Any]
    """The same as the script reads it."""


def place(
    queries: Mapping[int, StoryQuery], found: Sequence[Any], similarity: float, window: int
) -> dict[int, PlacedArticle]:
    """The story of each article that has a fingerprint; `found` is the script's reply.

    `similarity` and `window` (ms) are those of `Placer`.
    """
    now, rows, flat = found
    known = {
        story: NearStory(story.decode(), unpack(record), int(published), teller.decode())
        for story, record, published, teller in zip(*(flat[n::4] for n in range(4)), strict=True)
    }
    unplaced = [
        unplaced_article(
            query,
            now,
            known[present] if present else None,
            tuple(known[story] for story in near),
        )
        for query, (present, _, near) in zip(queries.values(), rows, strict=True)
    ]
    placements = Placer(similarity, window).place(unplaced)
    return {
        number: PlacedArticle(placement, _join(query, article.published, placement, row[1]))
        for (number, query), article, placement, row in zip(
            queries.items(), unplaced, placements, rows, strict=True
        )
    }


def unplaced_article(
    query: StoryQuery, now: int, known: NearStory | None, near: tuple[NearStory, ...]
) -> UnplacedArticle:
    """The article as it is placed; `known` and `near` are as `UnplacedArticle` has them.

    `now` is in ms.
    """
    return UnplacedArticle(
        query.fingerprint or Fingerprint(None, ()),
        query.own_story,
        published_at(query.published_at, now),
        known,
        near,
        teller(query),
    )


def teller(query: StoryQuery) -> str:
    """The article's source, if it says when it was published."""
    return query.source.casefold() if query.published_at else ""


def _why(placement: Placement) -> str:
    comparison = placement.comparison
    return "" if placement.begins or comparison is None else why(comparison)


def _join(
    query: StoryQuery, published: int, placement: Placement, version: bytes
) -> dict[str, Any]:
    join: dict[str, Any] = {
        "story": placement.story_id,
        "source": query.source.casefold(),
        "named": query.source,
        "copy": query.copy(_why(placement)),
    }
    if placement.begins:
        begun = {"version": version.decode(), "published": published, "teller": teller(query)}
        join |= {"keys": query.hex_keys} | begun
    return join
