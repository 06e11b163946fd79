"""Which story an article belongs to: one that it is a copy of, or one that it begins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from service.alerts.stories.comparison import Comparison, Reason, compare, worded_alike
from service.alerts.stories.fingerprint import Fingerprint
from service.alerts.stories.record import Record

SAID_AGAIN = 3_600_000
"""ms between two times at which a source publishes the same few words, such as "Service is down",
from which they are two events. In less, it lists one article twice."""
MAX_COMPARED = 16
"""Stories that a text is compared with: those that share the most telling keys with it."""


@dataclass(frozen=True, slots=True)
class NearStory:
    """A story that shares keys with a text."""

    story_id: str
    record: Record | None
    """Of its first article: were it any article's, a story could wander off step by step."""
    published: int = 0
    """ms: when that was published."""
    teller: str = ""
    """Who published it; empty where it does not say when."""


@dataclass(frozen=True, slots=True)
class UnplacedArticle:
    """An article whose story is to be found."""

    fingerprint: Fingerprint
    own_story: str
    """The id of the story that it would begin."""
    published: int = 0
    """ms."""
    known: NearStory | None = None
    """The story that it is in already, while that lives."""
    near: tuple[NearStory, ...] = ()
    """The stories that share the most telling keys with it, the best first."""
    teller: str = ""
    """As that of a story."""


@dataclass(frozen=True, slots=True)
class Placement:
    """The story of an article."""

    story_id: str
    begins: bool
    """Whether the article is its first one."""
    compared_story: str = ""
    """The story that it was compared with last: its own, or where it begins one, the one that is
    worded most alike; empty: none is."""
    comparison: Comparison | None = None
    """With that one's first article."""


class Placer:
    """Places articles in order: a later one may join what an earlier one begins.

    `similarity` is the share of word pairs that makes two texts copies; what was published more
    than `window` ms apart is not one story.
    """

    def __init__(self, similarity: float, window: int) -> None:
        self._similarity = similarity
        self._window = window
        self._begun: list[NearStory] = []
        self._by_key: defaultdict[bytes, list[int]] = defaultdict(list)

    def place(self, articles: Sequence[UnplacedArticle]) -> Iterator[Placement]:
        """The story of each article."""
        for article in articles:
            placement = self._place(article)
            if placement.begins:
                self._begin(article)
            yield placement

    def _begin(self, article: UnplacedArticle) -> None:
        for key in article.fingerprint.bands:
            self._by_key[key].append(len(self._begun))
        record = article.fingerprint.record
        story = NearStory(article.own_story, record, article.published, article.teller)
        self._begun.append(story)

    def _place(self, article: UnplacedArticle) -> Placement:
        known, ours = article.known, article.fingerprint.record
        # A page may get another text: then the article leaves its story. Corrected facts do not
        # take it out.
        if known and (
            known.story_id == article.own_story
            or worded_alike(ours, known.record, self._similarity)
        ):
            return Placement(known.story_id, begins=False)
        compared = [
            (self._compare(article, story), story.story_id)
            for story in (*article.near[:MAX_COMPARED], *self._near_begun(article))
            if abs(story.published - article.published) <= self._window
        ]
        same = [each for each in compared if each[0].same]
        if same:
            # Of equal ones the first, so that two workers choose the same.
            best = max(same, key=lambda each: _closeness(each[0]))
            if not _is_near_two(best[0], same):
                return Placement(best[1], False, best[1], best[0])
            comparison = replace(best[0], reason=Reason.TWO_STORIES)
            return Placement(article.own_story, True, best[1], comparison)
        alike = [each for each in compared if each[0].alike]
        if not alike:
            return Placement(article.own_story, begins=True)
        comparison, story_id = max(alike, key=lambda each: _closeness(each[0]))
        return Placement(article.own_story, True, story_id, comparison)

    def _compare(self, article: UnplacedArticle, story: NearStory) -> Comparison:
        """The comparison of the texts; few words that their source says again are news again."""
        ours = article.fingerprint.record
        found = compare(ours, story.record, self._similarity)
        is_brief = ours is not None and not ours.signature
        if (
            found.reason is Reason.SAME_WORDS
            and is_brief
            and article.teller == story.teller != ""
            and abs(story.published - article.published) >= SAID_AGAIN
        ):
            return replace(found, reason=Reason.SAID_AGAIN)
        return found

    def _near_begun(self, article: UnplacedArticle) -> list[NearStory]:
        """The stories of this batch that share keys; a key that few of them have tells most."""
        weights: defaultdict[int, float] = defaultdict(float)
        for key in article.fingerprint.bands:
            having = self._by_key.get(key, ())
            for number in having:
                weights[number] += 1 / len(having)
        best = sorted(weights, key=lambda number: (-weights[number], number))[:MAX_COMPARED]
        return [self._begun[number] for number in best]


def _closeness(comparison: Comparison) -> tuple[float, int, float]:
    return comparison.key_facts, comparison.common, comparison.similarity


def _is_near_two(best: Comparison, same: Sequence[tuple[Comparison, str]]) -> bool:
    """Whether a short text is as much a copy of two stories, which differ in what it leaves out."""
    if best.reason is Reason.SAME_WORDS or not best.common:
        return False
    near = {story for each, story in same if _closeness(each)[:2] == _closeness(best)[:2]}
    return len(near) > 1
