"""A story: one text and its near-copies, wherever they appeared (DESIGN.md §6)."""

from __future__ import annotations

from dataclasses import dataclass
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


def source_of(article: Article) -> str:
    """Who published the article: its source, else the host of its URL; "" when neither is known.

    Two spellings of one name count as one source only where they differ by case.
    """
    host = (urlsplit(article.url).hostname or "").removeprefix("www.")
    return (article.source or host)[:LONGEST_SOURCE]
