"""Articles → what the rules say of them: first which watchlists match, then the alerts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.alerts.correction import Past
from service.alerts.create import alerts, retractions
from service.alerts.silence import Silence
from service.alerts.stories.fingerprint import fingerprint
from service.alerts.stories.story import source_of
from service.articles.article import Article
from service.matching.evaluation.judge import Match
from service.rules.rules import Rules
from service.store.commit.commit import After, Decided
from service.store.stories.stories import Known


@dataclass(frozen=True, slots=True)
class Judged:
    """An entry's article, and the watchlists that it matches."""

    entry_id: bytes
    article: Article
    matches: tuple[Match, ...]

    @property
    def known(self) -> Known:
        """The article as far as its relations to others go."""
        article = self.article
        if not self.matches:
            return Known(article.id, article.revision)
        print_ = fingerprint(article.title, article.lead, article.body)
        return Known(article.id, article.revision, source_of(article), print_)


def decide(
    judged: Sequence[Judged],
    past: Sequence[Past],
    rules: Rules,
    *,
    at: datetime,
    silences: Collection[Silence] = (),
) -> list[Decided]:
    """What becomes of each entry, now that the past of its article is known."""
    return [
        Decided(
            one.entry_id,
            alerts(one.article, one.matches, rules, before, at=at, silences=silences),
            retractions(one.article, one.matches, rules, before, at=at, silences=silences),
            After(one.article.id, one.article.revision, before.version),
        )
        for one, before in zip(judged, past, strict=True)
    ]
