"""What reading an entry with clean text costs, beside matching it: the first thing that happens to
every article, whether it matches or not.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import TypeVar

from benchmarks.articles.copied_pages import pages
from benchmarks.corpus.corpus import corpus
from benchmarks.goals import Goal, told
from benchmarks.table import Column, Table
from service.articles.article import Article, read_article
from service.matching.engine.engine import Engine

MAX_BYTES = 1 << 20
ARTICLES = 300
QUERIES = 10_000
LINES = range(130, 171)
"""Of the copied pages that are read."""
ROUNDS = 7
MATCHING = "matching, 10,000 watchlists"
MOST = (("reading fields", 2.1), ("reading JSON", 2.1), ("reading a copied page", 26.3))
"""The most, in times of matching: 120 µs of CPU and 1,500 on a machine where matching takes 57."""
COLUMNS = (
    Column("what", 34, left=True),
    Column("µs", 8),
    Column("of matching", 12),
)

Given = TypeVar("Given")
Entry = dict[bytes, bytes]


def flat(article: Article) -> Entry:
    """The article as an entry with a field for each text."""
    return {
        b"id": article.id.encode(),
        b"title": article.title.encode(),
        b"body": f"{article.lead}\n\n{article.body}".encode(),
    }


def enveloped(article: Article) -> Entry:
    """The article as an entry with one field of JSON."""
    texts = {name.decode(): value.decode() for name, value in flat(article).items()}
    return {b"article": json.dumps(texts, ensure_ascii=False).encode()}


def read(entry: Entry) -> Article:
    """The article of an entry, as the service reads it."""
    return read_article(entry, max_bytes=MAX_BYTES)


def microseconds(work: Callable[[Given], object], given: Sequence[Given]) -> float:
    """The CPU time of the work on one, on average."""
    start = time.process_time()
    for each in given:
        work(each)
    return (time.process_time() - start) / len(given) * 1e6


def rounds(works: dict[str, Callable[[], float]], number: int) -> list[dict[str, float]]:
    """What each work takes, in turn, so many times: what else the machine does slows all alike."""
    return [{name: work() for name, work in works.items()} for _ in range(number)]


def main(arguments: Sequence[str] = ()) -> int:
    """Print the table; 1 when the goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks reading", description=__doc__)
    parser.add_argument("--articles", type=int, default=ARTICLES)
    chosen = parser.parse_args(arguments)
    news = corpus()
    articles = news.articles(chosen.articles)
    engine = Engine.from_queries(list(news.queries(QUERIES)))
    fields, envelopes = [*map(flat, articles)], [*map(enveloped, articles)]
    copied = [{b"body": page.text.encode()} for page in pages() if len(page.lines) in LINES]
    works = {
        MATCHING: lambda: microseconds(lambda one: engine.matching_queries([one]), articles),
        "reading fields": lambda: microseconds(read, fields),
        "reading JSON": lambda: microseconds(read, envelopes),
        "reading a copied page": lambda: microseconds(read, copied),
    }
    rounds(works, 1)  # what is remembered is remembered then
    taken = rounds(works, ROUNDS)
    words = sum(len(f"{each.lead} {each.body}".split()) for each in articles) / len(articles)
    print(f"{len(articles)} articles of {words:.0f} words on average, one after the other\n")
    table = Table(COLUMNS)
    table.head()
    ratios = {name: median(each[name] / each[MATCHING] for each in taken) for name in works}
    for name, ratio in ratios.items():
        table.row(name, f"{median(each[name] for each in taken):,.0f}", f"{ratio:.2f}")
    return told([Goal(f"{name} / matching", most, ratios[name], most=True) for name, most in MOST])
