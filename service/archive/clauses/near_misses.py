"""The kept articles that one clause of a watchlist keeps out, by clause."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from service.alerts.alert import rfc3339
from service.archive.clauses.relaxations import Relaxation, relaxations
from service.archive.kept.finder import Finder
from service.archive.kept.segment import Segment, SegmentFile
from service.archive.moments import from_ms, ms_of
from service.articles.article import Article
from service.matching.engine.engine import Engine
from service.matching.evaluation.article_index import ArticleIndex
from service.matching.evaluation.judge import judge
from service.matching.query import Query
from service.rules.checks.explanation import reasons

LONGEST_REASON = 300
"""Characters of what stands in an article instead of a clause."""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """An article that matches but for one clause."""

    title: str
    url: str
    source: str
    at: str
    """When it was added, RFC 3339."""
    instead: str
    """What it has instead of the clause."""


@dataclass(slots=True)
class KeptOut:
    """What one clause keeps out."""

    clause: str
    change: str
    """What stands in its place in the query that finds these articles; empty: nothing."""
    articles: int = 0
    examples: list[NearMiss] = field(default_factory=list)
    """The newest ones, the newest last."""


class NearMisses:
    """The near misses of one watchlist; segments are read in the order of their entries."""

    def __init__(self, query: Query, *, since: int = 0, examples: int = 3) -> None:
        """What was added before `since`, in ms, is left out."""
        self._query = query
        self._since = since
        self._examples = examples
        self._looser: list[Relaxation] = list(relaxations(query))
        engine = Engine.from_queries([query, *(each.query for each in self._looser)])
        self._finder = Finder(engine)
        self.articles = 0
        """Those that were looked at."""
        self.matches = 0
        """Those for which the query holds, whatever their score."""
        self.kept_out = [KeptOut(each.clause, each.change) for each in self._looser]

    def ranked(self) -> list[KeptOut]:
        """By clause, those that keep out the most first."""
        return sorted(self.kept_out, key=lambda each: -each.articles)

    def read(self, files: Sequence[SegmentFile], threads: ThreadPoolExecutor) -> None:
        """Look at the articles of some segments."""
        for segment in threads.map(SegmentFile.load, files):
            self._read(segment)

    def _read(self, segment: Segment) -> None:
        for block in segment.blocks:
            for at, numbers in enumerate(self._finder.find(block)):
                moment = ms_of(block.facts[at].entry_id)
                if moment < self._since:
                    continue
                self.articles += 1
                if not numbers:
                    continue
                if numbers[0] == 0:
                    self.matches += 1
                    continue
                article = block.article(at)
                for number in numbers:
                    self._note(self.kept_out[number - 1], article, moment)

    def _note(self, kept_out: KeptOut, article: Article, moment: int) -> None:
        kept_out.articles += 1
        if not self._examples:
            return
        judgement = judge(self._query, ArticleIndex(article))
        held = f"the exception {', '.join(judgement.exceptions)} holds"
        instead = held if judgement.exceptions else "; ".join(reasons(judgement))
        title = article.title or article.lead[:100]
        at = rfc3339(from_ms(moment))
        miss = NearMiss(title, article.url, article.source, at, instead[:LONGEST_REASON])
        kept_out.examples = [*kept_out.examples, miss][-self._examples :]
