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
from service.rules.schema.values import Sending
from service.rules.subscribers.subscriber import Subscriber

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
    unmet: tuple[str, ...] = ()
    """What is otherwise than expected though it matches: its score, whom it is sent to."""

    @property
    def passed(self) -> bool:
        """Whether the verdict is the expected one."""
        return self.has_verdict and not self.unmet

    @property
    def has_verdict(self) -> bool:
        """Whether the article matches, or does not, as expected."""
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
                judgement = judge(watchlist.query, ArticleIndex(article))
                unmet = tuple(_find_unmet(watchlist, check, judgement, rules))
                yield CheckResult(watchlist, check, judgement, unmet=unmet)


def _find_unmet(
    watchlist: Watchlist, check: Check, judgement: Judgement, rules: Rules
) -> Iterator[str]:
    if judgement.verdict is not Verdict.MATCHED or judgement.score is None:
        return
    score = judgement.score.value
    if check.score and not check.score.low <= score <= check.score.high:
        yield f"it scores {score:g}; {check.score} is expected"
    for name, expected in check.notify.items():
        sending = _sending(watchlist, rules.subscribers.get(name), name, score)
        if sending != expected:
            yield f"{name}: {sending}; {expected} is expected"


def _sending(
    watchlist: Watchlist, subscriber: Subscriber | None, name: str, score: float
) -> Sending:
    """How a subscriber is sent the alert, but for quiet hours and silences, which come and go."""
    if subscriber is None or name not in watchlist.notify:
        return "not"
    if not subscriber.terms.accepts(watchlist.severity, score):
        return "not"
    return "digest" if subscriber.digest else "at once"


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
