"""A story: which alerts told it, and the articles that were counted into it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from service.alerts.stories.comparison import compare
from service.alerts.stories.fingerprint import fingerprint, read_zones
from service.alerts.stories.wording import place_texts, why
from service.articles.article import Article
from service.store.outbox import Outbox
from service.store.stories.stories import StoredStory, StoryArticle


@dataclass(frozen=True, slots=True)
class StoryView:
    """A story of one input stream."""

    id: str
    stream: str
    first_seen: datetime
    articles: int
    sources: tuple[str, ...]
    told_by: Mapping[str, str]
    """By watchlist, the alert that told the story first."""
    copies: tuple[StoryArticle, ...]
    """Its first articles, the one that began it included."""


async def find_story(outboxes: Iterable[Outbox], id_: str) -> StoryView | None:
    """The story of this id, or that of the alert with it; None where no stream has one."""
    for outbox in outboxes:
        found = await outbox.stories.find(id_)
        if found:
            return _view(found, outbox.stream)
    return None


def _view(story: StoredStory, stream: str) -> StoryView:
    return StoryView(
        id=story.id,
        stream=stream,
        first_seen=story.first_seen,
        articles=story.articles,
        sources=story.sources,
        told_by=story.told_by,
        copies=story.copies,
    )


@dataclass(frozen=True, slots=True)
class SameStory:
    """Whether two articles would be one story."""

    same: bool
    why: str
    similarity: float
    """Of their wording, 0…1."""
    places: int
    """Places in both with numbers and names that can be compared."""
    differing: int


def same_story(article: Article, other: Article, similarity: float) -> SameStory:
    """The comparison of two articles; `similarity` is that of TOCSIN_STORY_SIMILARITY."""
    texts = [(each.title, each.lead, each.body, each.language) for each in (article, other)]
    ours, theirs = (
        fingerprint(title, lead, body, language=language).record
        for title, lead, body, language in texts
    )
    found = compare(ours, theirs, similarity)
    places = [
        place_texts(read_zones(title, lead, body, language=language), found, theirs=bool(number))
        for number, (title, lead, body, language) in enumerate(texts)
    ]
    return SameStory(
        same=found.same,
        why=why(found, *places),
        similarity=round(found.similarity, 3),
        places=found.places,
        differing=len(found.differing),
    )
