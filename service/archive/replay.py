"""A set of rules on articles in the order of their stream: what the live service would decide.

It runs the live decisions on a ledger in memory. The clock is that of the stream: an article is
decided at the moment at which it was added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from service.alerts.decide import left_story, left_story_id, released_names
from service.alerts.decision import Outcome, Retracted, Withdrawn
from service.alerts.people.silence import Silence
from service.archive.ledger.ledger import Ledger
from service.archive.moments import from_ms, ms_of, to_ms
from service.articles.article import Article
from service.matching.evaluation.judge import Match
from service.rules.rules import Rules
from service.store.commit.commit import Decided
from service.store.stories.query import StoryQuery
from service.store.stories.reply import ReadHistory
from service.store.stories.version import JudgedVersion
from service.stream.decisions import TextMarks, decide_entries, matched_article, story_query


class UntoldStory(NamedTuple):
    """A story that an article told which is gone: a copy may tell it."""

    story_id: str
    article: str
    """The digest of the article's identity."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of one article."""

    entry_id: str
    decided: Decided
    story_id: str
    untold: tuple[UntoldStory, ...] = ()


class Replay:
    """One stream and one set of rules; articles are to be given in the order of their entries."""

    def __init__(
        self, rules: Rules, *, window: int, similarity: float, silences: Sequence[Silence] = ()
    ) -> None:
        """`window` (ms) and `similarity` are those of stories."""
        self.rules = rules
        self.ledger = Ledger(window, similarity)
        self._silences = silences

    def decide(
        self,
        entry_id: str,
        article: Article,
        matches: Sequence[Match],
        origin: str = "",
        marks: TextMarks | None = None,
    ) -> Replayed:
        """What becomes of an article, and of the alerts that it had.

        `origin` is the entry that this one repeats; "" for any other. `marks` are those of its
        text, where they were made before.
        """
        now = ms_of(entry_id)
        at = from_ms(now)
        self.ledger.release(now)
        matched = matched_article(entry_id.encode(), article, matches, origin=origin)
        query = self.ledger.identified(story_query(matched, self.rules, marks))
        history, placement = self.ledger.read(query, now)
        version = JudgedVersion(query.article, (), origin=origin)
        read = ReadHistory(history, version, query.text, placement)
        silences = [one for one in self._silences if _is_in_force(one, now)]
        (decided,) = decide_entries([matched], [read], self.rules, at=at, silences=silences)
        outcomes = tuple(self._recorded(query, each, now) for each in decided.outcomes)
        untold = tuple(dict.fromkeys(story for each in outcomes for story in _untold(each)))
        return Replayed(entry_id, replace(decided, outcomes=outcomes), history.story_id, untold)

    def copies(self, story: UntoldStory, now: int) -> list[str]:
        """The stream entries of the other copies of a story."""
        alive = self.ledger.stories.alive(story.story_id, now)
        copies = alive.copies if alive else {}
        return [copy.entry_id for article, copy in copies.items() if article != story.article]

    def _recorded(self, query: StoryQuery, outcome: Outcome, now: int) -> Outcome:
        outcome = self._with_left(self.ledger.waiting.cancelled(outcome, now), now)
        self.ledger.record(query, outcome, now)
        return outcome

    def _with_left(self, outcome: Outcome, now: int) -> Outcome:
        """As `StoryCopies.with_left`."""
        story = self.ledger.stories.alive(left_story_id(outcome), now)
        if story is None:
            return outcome
        reach = story.reach[outcome.draft.watchlist_id]
        return replace(outcome, left=left_story(outcome, reach))


def _untold(outcome: Outcome) -> list[UntoldStory]:
    draft = outcome.draft
    if outcome.left:
        return [UntoldStory(outcome.left.story_id, draft.article.digest)]
    is_gone = isinstance(outcome.decision, Retracted | Withdrawn)
    if is_gone and draft.story_id and released_names(draft, outcome.before):
        return [UntoldStory(draft.story_id, draft.article.digest)]
    return []


def _is_in_force(silence: Silence, now: int) -> bool:
    begins, ends = map(datetime.fromisoformat, (silence.at, silence.until))
    return to_ms(begins) <= now < to_ms(ends)
