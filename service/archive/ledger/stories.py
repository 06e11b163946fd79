"""The stories of a replay: the same as `near.lua` and `history.lua` keep in Redis, in memory.

A test compares the two. All times are ms, by the clock of the replay.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from service.alerts.alert import rfc3339
from service.alerts.history import StoryReach
from service.alerts.stories.placement import MAX_COMPARED, NearStory, Placement, Placer
from service.alerts.stories.story import SHOWN_SOURCES, Story
from service.archive.moments import from_ms
from service.store.stories.placed_article import teller, unplaced_article
from service.store.stories.query import StoryQuery

MAX_STORIES = 16
"""Newest ones that are kept at a key."""
MAX_COPIES = 50
"""Articles of a story that are kept with it, the first ones."""
MAX_SOURCES = 300
"""Of a story: more than any milestone needs."""


class Copy(NamedTuple):
    """A copy of a story."""

    entry_id: str
    """Of the stream."""
    place: str
    """The entry that this one repeats, else itself."""


@dataclass(slots=True)
class StoredStory:
    """A story that lives."""

    near: NearStory
    """As new texts are compared with it."""
    first: int
    """When it began."""
    ends: int
    articles: int = 0
    sources: dict[str, str] = field(default_factory=dict)
    """By their names without case."""
    copies: dict[str, Copy] = field(default_factory=dict)
    """By the digest of each article."""
    reach: defaultdict[str, StoryReach] = field(
        default_factory=lambda: defaultdict[str, StoryReach](StoryReach)
    )
    """By watchlist."""

    def give_up(self, watchlist: str, names: Sequence[str]) -> None:
        """Copies may reach these subscribers again; "" is the first alert."""
        reach = self.reach[watchlist]
        by_subscriber = {**reach.by_subscriber, **{name: "" for name in names if name}}
        first = "" if "" in names else reach.first
        self.reach[watchlist] = replace(reach, first=first, by_subscriber=by_subscriber)

    def shown(self) -> Story:
        """The story as an event has it."""
        named = sorted(self.sources.values())
        return Story(
            id=self.near.story_id,
            first_seen=rfc3339(from_ms(self.first)),
            articles=self.articles,
            source_count=len(named),
            sources=tuple(named[:SHOWN_SOURCES]),
        )


class ReplayedStories:
    """The stories of one stream; each lives for `window` ms from when it began."""

    def __init__(self, window: int, similarity: float) -> None:
        self._window = window
        self._similarity = similarity
        self._stories: dict[str, StoredStory] = {}
        self._at_key: dict[bytes, tuple[str, ...]] = {}
        self._key_ends: dict[bytes, int] = {}
        self._story_of: dict[str, str] = {}
        """By the digest of an article."""

    def of_article(self, article: str, now: int) -> StoredStory | None:
        """The story that the article with this digest is in, while it lives."""
        return self.alive(self._story_of.get(article, ""), now)

    def alive(self, story: str, now: int) -> StoredStory | None:
        """The story with this id, while it lives."""
        found = self._stories.get(story)
        return found if found is not None and found.ends > now else None

    def has(self, article: str) -> bool:
        """Whether the article has been in a story."""
        return article in self._story_of

    def join(self, query: StoryQuery, now: int) -> Placement:
        """Have an article that matched join its story."""
        article = query.article.digest
        present = self.of_article(article, now)
        bands = query.fingerprint.bands if query.fingerprint else ()
        lists = [self._at(key, now) for key in bands]
        near = tuple(story.near for story in self._most_telling(lists, now))
        unplaced = unplaced_article(query, now, present.near if present else None, near)
        (placement,) = Placer(self._similarity, self._window).place([unplaced])
        if present and present.near.story_id == placement.story_id:
            self._keep_copy(present, query)
            return placement
        if placement.begins:
            record = unplaced.fingerprint.record
            begun = NearStory(placement.story_id, record, unplaced.published, teller(query))
            self._begin(begun, list(zip(bands, lists, strict=True)), now)
        former = self._stories.get(self._story_of.get(article, ""))
        if former:
            former.copies.pop(article, None)
        story = self._stories[placement.story_id]
        story.articles += 1
        if query.source and len(story.sources) < MAX_SOURCES:
            story.sources.setdefault(query.source.casefold(), query.source)
        self._story_of[article] = placement.story_id
        self._keep_copy(story, query)
        return placement

    def leave_copies(self, article: str, now: int) -> StoredStory | None:
        """The story of an article whose text matches nothing now: it can tell the story no more."""
        story = self.of_article(article, now)
        if story:
            story.copies.pop(article, None)
        return story

    def _at(self, key: bytes, now: int) -> tuple[str, ...]:
        return self._at_key.get(key, ()) if self._key_ends.get(key, 0) > now else ()

    def _begin(
        self, begun: NearStory, at: Sequence[tuple[bytes, tuple[str, ...]]], now: int
    ) -> None:
        ends = now + self._window
        self._stories[begun.story_id] = StoredStory(begun, now, ends)
        for key, stories in at:
            self._at_key[key] = (*stories[1 - MAX_STORIES :], begun.story_id)
            self._key_ends[key] = ends

    @staticmethod
    def _keep_copy(story: StoredStory, query: StoryQuery) -> None:
        article = query.article.digest
        if article in story.copies or len(story.copies) < MAX_COPIES:
            story.copies[article] = Copy(query.entry_id, query.place)

    def _most_telling(self, lists: Sequence[tuple[str, ...]], now: int) -> Iterator[StoredStory]:
        """The stories that share the most telling keys: those that few stories have."""
        weights: dict[str, float] = {}
        for found, times in Counter(lists).items():
            for id_ in found:
                weights[id_] = weights.get(id_, 0) + times / len(found)
        left = MAX_COMPARED
        for id_ in sorted(weights, key=lambda id_: -weights[id_]):
            story = self.alive(id_, now)
            if story and left:
                left -= 1
                yield story
