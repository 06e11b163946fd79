"""Articles judged on the spot, without a stream: for `test`, `explain` and the demo."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from service.article import Article, compose, read_entry
from service.errors import BadEntry
from service.extract import from_html
from service.matching.evaluate import Reading
from service.matching.judgement import Judgement, Verdict, judge
from service.publishing import Fields, Source, UnreadableError, entries
from service.watchlist import Check, Rules, Watchlist


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


def article_of(fields: Fields, *, max_bytes: int) -> Article:
    """The article of one entry, its HTML read right here. Raises BadEntry."""
    encoded = {name.encode(): value.encode() for name, value in fields.items()}
    draft = read_entry(encoded, max_bytes=max_bytes)
    if draft.needs_html:
        return compose(draft, from_html(draft.html, url=draft.url))
    return compose(draft)


def articles_in(
    source: Source, *, max_bytes: int
) -> Iterator[Article | BadEntry | UnreadableError]:
    """The articles of a file; of one that cannot be read, where it stands and why."""
    for found in entries(source):
        if isinstance(found, UnreadableError):
            yield found
            continue
        try:
            yield article_of(found, max_bytes=max_bytes)
        except BadEntry as error:
            yield BadEntry(f"{source.name}: {error}")


def run_checks(rules: Rules, *, max_bytes: int) -> Iterator[Tried]:
    """Every watchlist's own tests, in the order of the rules."""
    for watchlist in rules.watchlists.values():
        for check in watchlist.checks:
            try:
                articles = _articles(watchlist, check, max_bytes)
            except (BadEntry, UnreadableError, OSError) as error:
                yield Tried(watchlist, check, None, _said(error))
                continue
            for article in articles:
                yield Tried(watchlist, check, judge(watchlist.query, Reading(article)))


def _said(error: Exception) -> str:
    return f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)


def _raised(error: Exception) -> NoReturn:
    raise error


def _articles(watchlist: Watchlist, check: Check, max_bytes: int) -> list[Article]:
    if isinstance(check.article, str):
        path = Path(watchlist.file).parent / check.article
        return [
            each if isinstance(each, Article) else _raised(each)
            for each in articles_in(Source(str(path), path.read_bytes()), max_bytes=max_bytes)
        ]
    return [article_of(_inline(check.article), max_bytes=max_bytes)]


def _inline(article: Mapping[str, Any]) -> Fields:
    return {"article": json.dumps(article)}
