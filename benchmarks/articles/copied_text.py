"""How much of an article, and how little else, is taken from text copied off whole pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from benchmarks.articles.copied_pages import SECOND, THIRD, CopiedPage, later_pages, pages
from benchmarks.articles.extraction import shingles, text_of
from benchmarks.table import Column, Table
from service.articles.article import Article, compose
from service.articles.entry import Draft
from service.articles.paragraphs import line
from service.errors import BadEntry
from service.matching.words.text import words


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken from a page."""

    f1: float
    """Of title and paragraphs, by four words in a row."""
    title: bool
    """Whether the title is the article's."""
    firing: float
    """The share of the words that stand only around the article that are in it now."""
    lost: float
    """Of the first and the last paragraph, the share that is missing."""


def article_of(page: CopiedPage, *, with_title: bool) -> Article | None:
    """The article as the service composes it; None where it refuses the page."""
    try:
        return compose(Draft(title=line(page.title) if with_title else "", body=page.text))
    except BadEntry:
        return None


def taken(page: CopiedPage, article: Article | None) -> Taken:
    """What was taken from the page, beside what a careful reader would take."""
    found = text_of(article)
    own = "\n".join([page.title, *page.article])
    expected, got = shingles(own), shingles(found)
    common = (expected & got).total()
    around = {*words("\n".join(page.around).casefold())} - {*words(own.casefold())}
    firing = around & {*words(found.casefold())}
    ends = (page.article[0], page.article[-1])
    body = f"{article.lead}\n{article.body}" if article else ""
    return Taken(
        f1=2 * common / max(1, expected.total() + got.total()),
        title=article is not None and article.title == line(page.title),
        firing=len(firing) / max(1, len(around)),
        lost=fmean(each not in body for each in ends),
    )


def means(found: Iterable[Taken]) -> tuple[float, float, float, float]:
    """The mean of each figure."""
    every = [*found]
    return (
        fmean(each.f1 for each in every),
        fmean(each.title for each in every),
        fmean(each.firing for each in every),
        fmean(each.lost for each in every),
    )


COLUMNS = (
    Column("copied text of whole pages", 28, left=True),
    Column("pages", 26, left=True),
    Column("F1", 7),
    Column("title", 7),
    Column("firing", 7),
    Column("lost", 7),
)


def report(names: Sequence[str] = ()) -> None:
    """Print the figures of the pages tuned with, of those held out at first, and of those written
    later; by name, each page's.
    """
    table = Table(COLUMNS)
    print()
    table.head()
    every = pages()
    for with_title in (False, True):
        way = "its title is known" if with_title else "nothing is known"
        parts = {
            "those tuned with": [page for page in every if not page.layout.is_held_out],
            "those held out once": [page for page in every if page.layout.is_held_out],
            "those written later": later_pages(),
            "by another author": later_pages(SECOND),
            "those written last": later_pages(THIRD),
        }
        for name, part in parts.items():
            found = [taken(page, article_of(page, with_title=with_title)) for page in part]
            table.row(way, f"{name} ({len(part)})", *(f"{each:.3f}" for each in means(found)))
            for page, one in zip(part, found, strict=True):
                if page.name in names:
                    table.row("", page.name, *(f"{each:.3f}" for each in means([one])))
