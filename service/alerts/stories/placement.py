"""Which story an article belongs to: one that it is a near-copy of, or one that it begins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from service.alerts.stories.similarity import Fingerprint, near_copies, similarity

MAX_COMPARED = 8
"""Stories that a text is compared with: those that share the most keys with it."""


@dataclass(frozen=True, slots=True)
class NearStory:
    """A story that shares keys with a text."""

    story_id: str
    fingerprint: Fingerprint
    """Of its first article: were it any article's, a story could wander off step by step."""
    shared_keys: int = 0


@dataclass(frozen=True, slots=True)
class UnplacedArticle:
    """An article whose story is to be found."""

    fingerprint: Fingerprint
    own_story: str
    """The id of the story that it would begin."""
    known: NearStory | None = None
    """The story that it is in already, while that lives."""
    near: tuple[NearStory, ...] = ()
    """The stories that share the most keys with it; the first found comes first."""


@dataclass(frozen=True, slots=True)
class Placement:
    """The story of an article."""

    story_id: str
    begins: bool
    """Whether the article is its first one."""


def place_articles(articles: Sequence[UnplacedArticle], threshold: float) -> Iterator[Placement]:
    """The story of each article, in order: a later one may join what an earlier one begins."""
    begun: list[NearStory] = []
    for article in articles:
        placement = _place(article, begun, threshold)
        if placement.begins:
            begun.append(NearStory(article.own_story, article.fingerprint))
        yield placement


def _place(article: UnplacedArticle, begun: Sequence[NearStory], threshold: float) -> Placement:
    known, ours = article.known, article.fingerprint
    # A page may get another text: then the article leaves its story.
    if known and (
        known.story_id == article.own_story or near_copies(ours, known.fingerprint, threshold)
    ):
        return Placement(known.story_id, begins=False)
    best = max(
        (
            story
            for story in _most_shared(article, begun)
            if near_copies(ours, story.fingerprint, threshold)
        ),
        key=lambda story: similarity(ours, story.fingerprint),
        default=None,
    )
    if best is None:
        return Placement(article.own_story, begins=True)
    return Placement(best.story_id, begins=False)


def _most_shared(article: UnplacedArticle, begun: Sequence[NearStory]) -> Sequence[NearStory]:
    keys = set(article.fingerprint.bands)
    found = list(article.near)
    for story in begun:
        shared = len(keys.intersection(story.fingerprint.bands))
        if shared:
            found.append(NearStory(story.story_id, story.fingerprint, shared))
    return sorted(found, key=lambda story: -story.shared_keys)[:MAX_COMPARED]
