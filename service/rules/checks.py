"""The tests that watchlists bring along: each article judged as the service would."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from service.articles.article import Article
from service.articles.feeds import Fields
from service.articles.files import Source, UnreadableError, article_of, articles_in
from service.errors import BadEntry
from service.matching.evaluation.article_index import ArticleIndex
from service.matching.evaluation.judge import Judgement, Verdict, judge
from service.rules.rules import Check, Rules, Watchlist


@dataclass(frozen=True, slots=True)
class Tried:
    """One of a watchlist's own tests, and how it went."""

    watchlist: Watchlist
    check: Check
    judgement: Judgement | None
    error: str = ""
    """Why it could not be run: its article cannot be read."""

    @property
    def passed(self) -> bool:
        """Whether the verdict is the one that the test asks for."""
        if self.judgement is None:
            return False
        return (self.judgement.verdict is Verdict.MATCHED) is self.check.matches


def run_checks(rules: Rules, *, read: Callable[[Path], bytes], max_bytes: int) -> Iterator[Tried]:
    """Every watchlist's own tests, in the order of the rules; `read` reads an article's file."""
    for watchlist in rules.watchlists.values():
        for check in watchlist.checks:
            try:
                articles = _articles(watchlist, check, read, max_bytes)
            except (BadEntry, UnreadableError, OSError) as error:
                yield Tried(watchlist, check, None, _said(error))
                continue
            for article in articles:
                yield Tried(watchlist, check, judge(watchlist.query, ArticleIndex(article)))


def _said(error: Exception) -> str:
    return f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)


def _raised(error: Exception) -> NoReturn:
    raise error


def _articles(
    watchlist: Watchlist, check: Check, read: Callable[[Path], bytes], max_bytes: int
) -> list[Article]:
    if isinstance(check.article, str):
        path = Path(watchlist.file).parent / check.article
        return [
            each if isinstance(each, Article) else _raised(each)
            for each in articles_in(Source(str(path), read(path)), max_bytes=max_bytes)
        ]
    return [article_of(_inline(check.article), max_bytes=max_bytes)]


def _inline(article: Mapping[str, Any]) -> Fields:
    return {"article": json.dumps(article)}
