"""Runs the tests of watchlists: their articles are judged as the service judges them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from service.articles.article import Article
from service.articles.files.entries import Source, UnreadableError, article_of
from service.errors import BadEntry
from service.matching.evaluation.article_index import ArticleIndex
from service.matching.evaluation.judge import Judgement, Verdict, judge
from service.rules.rules import Check, Rules, Watchlist

ReadArticles = Callable[..., Iterator[Article | BadEntry | UnreadableError]]
"""Called as `files.articles_in` is."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one of a watchlist's own tests for one article."""

    watchlist: Watchlist
    check: Check
    judgement: Judgement | None
    """None if the article cannot be read."""
    error: str = ""
    """Why the article cannot be read."""

    @property
    def passed(self) -> bool:
        """Whether the verdict is the expected one."""
        if self.judgement is None:
            return False
        return (self.judgement.verdict is Verdict.MATCHED) is self.check.matches


def run_checks(
    rules: Rules, *, read: Callable[[Path], bytes], articles_in: ReadArticles, max_bytes: int
) -> Iterator[CheckResult]:
    """The results of all watchlists' own tests, in the order of the rules.

    `read` reads an article's file, `articles_in` what it holds; `max_bytes` is the largest article.
    """
    for watchlist in rules.watchlists.values():
        for check in watchlist.checks:
            try:
                articles = _read_articles(watchlist, check, read, articles_in, max_bytes)
            except (BadEntry, UnreadableError, OSError) as error:
                yield CheckResult(watchlist, check, None, _describe_error(error))
                continue
            for article in articles:
                yield CheckResult(watchlist, check, judge(watchlist.query, ArticleIndex(article)))


def _describe_error(error: Exception) -> str:
    return f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)


def _read_articles(
    watchlist: Watchlist,
    check: Check,
    read: Callable[[Path], bytes],
    articles_in: ReadArticles,
    max_bytes: int,
) -> list[Article]:
    """The articles of a test. Raises BadEntry, UnreadableError, OSError."""
    if not isinstance(check.article, str):
        return [article_of({"article": json.dumps(check.article)}, max_bytes=max_bytes)]
    path = Path(watchlist.file).parent / check.article
    articles: list[Article] = []
    for found in articles_in(Source(str(path), read(path)), max_bytes=max_bytes):
        if not isinstance(found, Article):
            raise found
        articles.append(found)
    return articles
