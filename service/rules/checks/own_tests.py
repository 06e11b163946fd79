"""Runs the tests of watchlists: their articles are judged as the service judges them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from service.articles.article import Article
from service.articles.files.entries import Source, UnreadableError, article_of
from service.articles.identity import is_url
from service.errors import BadEntry
from service.matching.evaluation.article_index import ArticleIndex
from service.matching.evaluation.judge import Judgement, Verdict, judge
from service.matching.evaluation.score import positive_mentions
from service.rules.checks.routes import find_route
from service.rules.rules import Check, Rules, Watchlist

ReadArticles = Callable[..., Iterator[Article | BadEntry | UnreadableError]]
"""Called as `files.articles_in` is."""
MAX_SHOWN_WORDS = 8
"""Of the words that prove a match, where others are expected."""


@dataclass(frozen=True, slots=True)
class Samples:
    """Where the articles of tests come from."""

    read: Callable[[Path], bytes]
    """Reads a file of the rules."""
    articles_in: ReadArticles
    """What a file holds."""
    article_at: Callable[[str, Path], Article]
    """The article of a URL, for the rules file that names it. Raises UnreadableError."""
    max_bytes: int
    """Of the largest article."""


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


def run_checks(rules: Rules, samples: Samples) -> Iterator[CheckResult]:
    """The results of all watchlists' own tests, in the order of the rules."""
    for watchlist in rules.watchlists.values():
        for check in watchlist.checks:
            try:
                articles = _read_articles(watchlist, check, samples)
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
    words = _proof(judgement) if check.evidence else ()
    for text in check.evidence:
        if _plain(text) not in map(_plain, words):
            shown = ", ".join(words[:MAX_SHOWN_WORDS]) + ", …" * (len(words) > MAX_SHOWN_WORDS)
            yield f"“{text}” does not prove it; these words do: {shown or 'none'}"
    for name, expected in check.notify.items():
        found = find_route(watchlist, rules.terms, name, score)
        if not found.is_as(expected):
            yield f"{name}: {found}; {expected} is expected"


def _proof(judgement: Judgement) -> tuple[str, ...]:
    """The words that make it match, each once, in the order of the text."""
    texts = dict(judgement.index.article.zones())
    mentions = {one for some in positive_mentions(judgement.result).values() for one in some}
    found = sorted(mentions, key=lambda one: one.first)
    return tuple(dict.fromkeys(" ".join(texts[m.zone][m.start : m.end].split()) for m in found))


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _describe_error(error: Exception) -> str:
    return f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)


def _read_articles(watchlist: Watchlist, check: Check, samples: Samples) -> list[Article]:
    """The articles of a test. Raises BadEntry, UnreadableError, OSError."""
    if not isinstance(check.article, str):
        fields = {"article": json.dumps(check.article)}
        return [article_of(fields, max_bytes=samples.max_bytes)]
    if is_url(check.article):
        return [samples.article_at(check.article, Path(watchlist.file))]
    path = Path(watchlist.file).parent / check.article
    articles: list[Article] = []
    source = Source(str(path), samples.read(path))
    for found in samples.articles_in(source, max_bytes=samples.max_bytes):
        if not isinstance(found, Article):
            raise found
        articles.append(found)
    return articles
