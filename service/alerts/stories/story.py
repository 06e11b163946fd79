"""A story: one text and its near-copies, wherever they appeared (DESIGN.md §6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from service.articles.article import Article

MILESTONES = (3, 10, 30, 100)
"""Numbers of sources; a story that reaches one is told of once more, as `story.updated`."""
SHOWN_SOURCES = 50
"""Most sources that an event names."""
LONGEST_SOURCE = 200
"""Code points of a source's name; a longer one is no name."""

NEAR_COPY = 0.38
"""Similarity of pairs of words from which a text is worded like a copy."""
FIRST_DATE = datetime(1990, 1, 1, tzinfo=UTC)
"""An article that says it was published before does not know when: 1970-01-01 is a clock's zero."""


@dataclass(frozen=True, slots=True)
class Story:
    """The story that an article belongs to, as it stood when the article joined it."""

    id: str
    first_seen: str
    """RFC 3339; when its first article was read."""
    articles: int
    """How many articles belong to it, this one included."""
    source_count: int
    sources: tuple[str, ...]
    """SHOWN_SOURCES of them at most, in the order of the alphabet."""

    @property
    def milestone(self) -> int:
        """The greatest of MILESTONES that its sources have reached; 0 for none."""
        return max((each for each in MILESTONES if each <= self.source_count), default=0)


@dataclass(frozen=True, slots=True)
class StoryNote:
    """How an article came to its story, for the log."""

    story_id: str
    like: str
    """The story that its text was compared with: its own, unless it begins one."""
    why: str
    """Why that is the same story, or another."""


def source_of(article: Article) -> str:
    """Who published the article: its source, else the host of its URL; "" when neither is known.

    Two spellings of one name count as one source only where they differ by case.
    """
    host = (urlsplit(article.url).hostname or "").removeprefix("www.")
    return (article.source or host)[:LONGEST_SOURCE]


def published_at(text: str, now: int) -> int:
    """When an article was published, in ms as Redis keeps time; `now` is when it was read.

    A story's window counts from here. An article without a date, with one before FIRST_DATE, or
    with one that is still to come is taken as published now: a wrong clock neither ends nor
    lengthens the window of others.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return now
    if at.tzinfo is None or at < FIRST_DATE:
        return now
    return min(now, round(at.timestamp() * 1000))
