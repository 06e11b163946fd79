"""What it costs as there is more of it: watchlists from 1,000 to a million, articles from 100 to
50,000 words; and what knowing how common words are saves.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, median

from benchmarks.corpus.corpus import Corpus, article, corpus
from benchmarks.matching import memory
from benchmarks.matching.process import apart
from benchmarks.table import Column, Table
from service.articles.article import Article
from service.matching.engine.compile import compile_queries
from service.matching.engine.engine import Engine
from service.matching.query import Query
from service.matching.words.frequencies import Frequencies
from service.matching.words.inflection import lemma
from service.matching.words.text import words
from service.matching.words.wordform import fold

ROUNDS = 3
WATCHLISTS = (1_000, 10_000, 100_000, 1_000_000)
LENGTHS = (100, 500, 2_000, 10_000, 50_000)
QUERIES = 100_000
"""Watchlists that the long articles are matched against."""


@dataclass(frozen=True, slots=True)
class Load:
    """An engine and what it took to make it."""

    engine: Engine
    seconds: float
    """From the queries' trees on disk to ready."""
    peak: float
    """MiB at most meanwhile."""
    resident: float
    """MiB that are left."""


def load(news: Corpus, queries: int, frequencies: Frequencies | None = None) -> Load:
    """An engine with so many queries, none of which it keeps but in compiled form."""
    warming = article(0, "Warming up.\n\nBefore the clock starts.")
    Engine.from_queries(list(news.queries(1))).matching_queries(
        [warming]
    )  # the kernel is compiled once a machine
    memory.forget_peak()
    before = memory.resident()
    start = time.perf_counter()
    engine = Engine(compile_queries(news.queries(queries), frequencies), unread)
    engine.matching_queries([warming])
    seconds = time.perf_counter() - start
    return Load(engine, seconds, memory.peak() - before, memory.resident() - before)


def unread(number: int) -> Query:
    """For an engine that is asked for numbers only."""
    raise LookupError(f"query {number} was asked for, though only numbers are wanted")


def watchlists(queries: int, articles: int | None) -> tuple[str, ...]:
    """A line of the first table."""
    news = corpus()
    read = news.articles(articles)
    loaded = load(news, queries)
    found = loaded.engine.matching_queries(read)
    speed = len(read) / _seconds(loaded.engine, read)
    matches = fmean(len(numbers) for numbers in found)
    return (
        f"{queries:,}",
        f"{loaded.seconds:,.1f}",
        f"{loaded.peak:,.0f}",
        f"{loaded.resident:,.0f}",
        f"{speed:,.0f}",
        f"{1e6 / speed:,.1f}",
        f"{matches:,.1f}",
        f"{1e9 / speed / max(1.0, matches):,.0f}",
    )


WATCHLIST_COLUMNS = (
    Column("watchlists", 10),
    Column("load s", 8),
    Column("peak MiB", 9),
    Column("kept MiB", 9),
    Column("articles/s", 11),
    Column("µs/article", 11),
    Column("matches", 9),
    Column("ns/match", 9),
)


def lengths(queries: int, most: int) -> Iterator[tuple[str, ...]]:
    """The lines of the second table, up to articles of `most` words."""
    news = corpus()
    loaded = load(news, queries)
    read = news.articles()
    for length in LENGTHS:
        if length > most:
            return
        long = list(_articles(read, length, max(4, 200_000 // length)))
        found = loaded.engine.matching_queries(long)
        each = _seconds(loaded.engine, long) / len(long)
        matches = fmean(len(numbers) for numbers in found)
        yield (
            f"{length:,}",
            f"{len(long):,}",
            f"{1000 * each:,.3f}",
            f"{1e9 * each / length:,.0f}",
            f"{matches:,.1f}",
            f"{1e9 * each / max(1.0, matches):,.0f}",
        )


LENGTH_COLUMNS = (
    Column("words", 8),
    Column("articles", 9),
    Column("ms/article", 11),
    Column("ns/word", 9),
    Column("matches", 10),
    Column("ns/match", 9),
)


def _articles(read: Sequence[Article], length: int, number: int) -> Iterator[Article]:
    """Articles of about so many words, each of the news' paragraphs, one after the other."""
    paragraphs = (
        (text, len(words(text)))
        for _ in iter(int, 1)
        for each in read
        for text in (each.lead, *each.body.split("\n\n"))
        if text
    )
    for at in range(number):
        body: list[str] = []
        missing = length
        while missing > 0:
            text, count = next(paragraphs)
            body.append(text if count <= missing else " ".join(text.split()[:missing]))
            missing -= count
        yield replace(read[at % len(read)], title="", lead="", body="\n\n".join(body))


def _seconds(engine: Engine, read: Sequence[Article]) -> float:
    """The median of the seconds that a warm engine takes for these articles."""
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        engine.matching_queries(read)
        seconds.append(time.perf_counter() - start)
    return median(seconds)


def frequencies(queries: int, articles: int | None) -> list[tuple[str, ...]]:
    """The lines of the third table: queries filed by different opinions of what is rare."""
    news = corpus()
    read = news.articles(articles)
    shipped = Frequencies.shipped()
    opinions = {
        "the shipped table": shipped,
        "and all articles seen": shipped.with_seen(_seen(read), len(read)),
        "none: all words alike": Frequencies({}),
    }
    engines = {name: load(news, queries, each).engine for name, each in opinions.items()}
    for engine in engines.values():
        engine.matching_queries(read)
    return [
        (name, f"{len(read) / _seconds(engine, read):,.0f}") for name, engine in engines.items()
    ]


FREQUENCY_COLUMNS = (Column("frequencies", 22, left=True), Column("articles/s", 11))


def _seen(read: Sequence[Article]) -> Counter[str]:
    """The number of the articles that hold each word."""
    counts: Counter[str] = Counter()
    for each in read:
        forms = {form for _, text in each.zones() for form in words(text)}
        counts.update({fold(form) for form in forms} | {lemma(form, "en") for form in forms})
    return counts


def _lengths(queries: int, most: int) -> list[tuple[str, ...]]:
    return list(lengths(queries, most))


def main(arguments: Sequence[str] = ()) -> int:
    """Print the three tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks growth", description=__doc__)
    parser.add_argument("--watchlists", type=int, nargs="+", default=WATCHLISTS, metavar="N")
    parser.add_argument("--queries", type=int, default=QUERIES, metavar="N")
    parser.add_argument("--articles", type=int, metavar="N", help="only the first so many")
    parser.add_argument("--words", type=int, default=LENGTHS[-1], metavar="N")
    chosen = parser.parse_args(arguments)

    print("Watchlists (beyond 100,000: the same again, each widened or narrowed by one word)\n")
    table = Table(WATCHLIST_COLUMNS)
    table.head()
    for number in chosen.watchlists:
        table.row(*apart(watchlists, number, chosen.articles))
    print(f"\nWords an article, {chosen.queries:,} watchlists\n")
    table = Table(LENGTH_COLUMNS)
    table.head()
    for row in apart(_lengths, chosen.queries, chosen.words):
        table.row(*row)
    print(f"\nWhere queries are filed, {chosen.queries:,} watchlists\n")
    table = Table(FREQUENCY_COLUMNS)
    table.head()
    for row in apart(frequencies, chosen.queries, chosen.articles):
        table.row(*row)
    return 0
