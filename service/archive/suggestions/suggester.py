"""A watchlist's alerts with verdicts, and what changes of it are suggested by them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from service.alerts.people.verdict import VERDICTS, VerdictWord
from service.archive.kept.block import Block
from service.archive.suggestions.article_words import Background, phrases
from service.archive.suggestions.changes import Change, exception, tighter_matches
from service.archive.suggestions.log_odds import Sample, noise_odds
from service.archive.suggestions.suggestion import (
    KnownAlert,
    RemovedAlert,
    Suggestion,
    Suggestions,
)
from service.archive.suggestions.trial import (
    LEAST_REMOVED,
    Trial,
    halves,
    missing,
    needed_for,
    try_changes,
)
from service.articles.article import Article
from service.matching.engine.engine import Engine
from service.matching.query import Query

LEAST_Z = 1.28
"""A phrase speaks for noise with a confidence of 90 %; alerts decide what is suggested."""
MOST_PHRASES = 40
GOOD_BOUND = 0.1
"""For which the number of verdicts is told that would allow it."""
_HEADLINE_CHARS = 200


class Suggester:
    """One watchlist; blocks of the archive are read before anything is suggested."""

    def __init__(
        self,
        query: Query,
        alerts: Mapping[str, KnownAlert],
        kept: Sequence[tuple[str, Block, int]],
        no_text: int = 0,
    ) -> None:
        """`kept`: of each alert with its text its id, a block, and the number in that.

        `no_text` is how many alerts with a verdict have none.
        """
        self._query = query
        self._no_text = no_text
        articles = {id_: block.article(number) for id_, block, number in kept}
        holds = _holding([query], articles)[0]
        self._articles = {id_: articles[id_] for id_ in articles if id_ in holds}
        self._alerts = {id_: alerts[id_] for id_ in self._articles}
        gone = [alerts[id_] for id_ in articles if id_ not in holds]
        self._no_match = sum(one.verdict != "none" for one in gone)
        known = self._alerts.items()
        verdicts = {id_: one.verdict for id_, one in known if one.verdict != "none"}
        self._missing = missing(verdicts)
        self._halves = halves(verdicts)
        proposing = self._halves.proposing
        found: dict[VerdictWord, Counter[str]] = {word: Counter() for word in VERDICTS}
        for id_, block, number in kept:
            for word in VERDICTS:
                if id_ in proposing[word]:
                    found[word].update(phrases(block, number))
        wanted = [each for each, count in found["noise"].items() if count >= LEAST_REMOVED]
        self._counts = {word: {each: found[word][each] for each in wanted} for word in VERDICTS}
        self._background = Background(wanted)

    @property
    def is_ready(self) -> bool:
        """Whether there are verdicts enough: only then the archive need be read."""
        return not any(self._missing.values())

    def read(self, blocks: Sequence[Block]) -> None:
        """Count the phrases of articles of the archive."""
        for block in blocks:
            self._background.add(block)

    def _changes(self) -> list[tuple[Change, float]]:
        """Those that are tried, each with how much its phrase speaks for noise."""
        halved = self._halves.proposing
        noise, useful = (
            Sample(self._counts[word], len(halved[word])) for word in ("noise", "useful")
        )
        archive = Sample(self._background.counts(), self._background.articles)
        odds = noise_odds(noise, useful, archive)
        speaking = [phrase for phrase, each in odds.items() if each.z >= LEAST_Z]
        speaking.sort(key=lambda phrase: (-odds[phrase].z, phrase))
        tried = (
            (exception(self._query, each), odds[each].difference)
            for each in speaking[:MOST_PHRASES]
        )
        found = [(change, preference) for change, preference in tried if change is not None]
        return [*found, *((change, 0.0) for change in tighter_matches(self._query))]

    def suggestions(self, expression: str) -> Suggestions:
        """What is suggested; `expression` is the match as the analyst wrote it."""
        tried = [self._suggestion(*each) for each in self._tried()]
        counts = Counter(one.verdict for one in self._alerts.values())
        return Suggestions(
            self._query.id,
            expression,
            {word: counts[word] for word in VERDICTS} | {"none": counts["none"]},
            self._no_text,
            self._no_match,
            {word: number for word, number in self._missing.items() if number},
            needed_for(GOOD_BOUND, max(1, len(tried))),
            self._background.articles,
            tuple(tried),
        )

    def change(self, id_: str) -> Change | None:
        """The change of a suggestion; None: nothing of that id is suggested now."""
        return next((change for change, _ in self._tried() if change.id == id_), None)

    def _tried(self) -> list[tuple[Change, Trial]]:
        if not self.is_ready:
            return []
        changes = self._changes()
        kept = _holding([change.query for change, _ in changes], self._articles)
        every = frozenset(self._articles)
        removed = [every - each for each in kept]
        found = try_changes(removed, self._halves, [preference for _, preference in changes])
        return [(changes[each.number][0], each) for each in found]

    def _suggestion(self, change: Change, trial: Trial) -> Suggestion:
        removed = [self._removed(id_) for id_ in trial.removed]
        order = ("useful", "none", "noise")
        removed.sort(key=lambda one: (order.index(one.verdict), one.at))
        return Suggestion(
            change.id,
            change.kind,
            change.name,
            change.written,
            change.instead_of,
            change.becomes,
            tuple(removed),
            sum(one.verdict == "noise" for one in removed),
            sum(one.verdict == "useful" for one in removed),
            trial.lost,
            trial.counted,
            trial.bound,
        )

    def _removed(self, id_: str) -> RemovedAlert:
        alert, article = self._alerts[id_], self._articles[id_]
        headline = article.title or article.lead[:_HEADLINE_CHARS]
        return RemovedAlert(id_, alert.at, alert.verdict, headline, article.source, article.url)


def _holding(queries: Sequence[Query], articles: Mapping[str, Article]) -> list[frozenset[str]]:
    """For each query the ids of the articles that it alerts, as the live engine has it."""
    numbered = [replace(query, id=str(number)) for number, query in enumerate(queries)]
    engine = Engine.from_queries(numbered)
    texts = [*articles.values()]
    found = engine.score_batch(texts, engine.matching_queries(texts), max_evidence=1)
    holding: list[set[str]] = [set() for _ in queries]
    for id_, matches in zip(articles, found, strict=True):
        for match in matches:
            holding[int(match.query_id)].add(id_)
    return [frozenset(ids) for ids in holding]
