"""Texts and expressions made to be slow, each at doubled sizes: what is not linear shows."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from benchmarks.articles import whole_way
from benchmarks.corpus.corpus import NOTHING, corpus
from benchmarks.corpus.hostile_inputs import ENTRIES, EXPRESSIONS, TEXTS
from benchmarks.matching import memory
from benchmarks.matching.process import apart
from benchmarks.table import Column, Table
from service.articles.article import Article
from service.errors import QueryError
from service.matching.engine.engine import Engine
from service.matching.query import Query
from service.matching.syntax.parser import parse

STORED = 10_000
"""Queries of the corpus that are loaded beside those that a text is made for."""
MADE_FOR_TEXTS = (
    "alpha",
    "alpha alpha",
    "alph*",
    "caps(alpha)",
    "alpha NEAR/5 alpha",
    "alpha NEAR/1000 beta",
    "alpha ONEAR/0 alpha ONEAR/0 alpha",
    "(alpha OR beta) NEAR/1000 (alpha OR beta) NEAR/1000 (beta OR gamma)",
    "alpha NEAR/s beta",
    "alpha NEAR/p beta",
    "alpha NEAR/1000 gamma",
    "atleast1000(alpha)",
    "atleast1000(alpha NEAR/1000 beta)",
    "atleast1000(alpha alpha OR alpha beta alpha)",
    "any2(alpha, beta, gamma)",
    "导 NEAR/3 弹",
    "导导",
)
TEXT_SIZES = (250_000, 500_000, 1_000_000)
"""Words, or signs where there are no words: more than an entry may hold (1 MiB)."""

TEXT_COLUMNS = (
    Column("text", 26, left=True),
    Column("size", 10),
    Column("cold s", 8),
    Column("warm s", 8),
    Column("ns each", 8),
    Column("×", 5),
    Column("peak MiB", 9),
    Column("matches", 8),
)


def on_text(name: str, sizes: Sequence[int]) -> list[tuple[str, ...]]:
    """The lines of one text: matched when first seen, and again."""
    queries = [*corpus().queries(STORED), *made(MADE_FOR_TEXTS)]
    engine = Engine.from_queries(queries)
    engine.matching_queries([replace(NOTHING, body="Warming up.")])
    lines: list[tuple[str, ...]] = []
    last = 0.0
    for size in sizes:
        article = replace(NOTHING, body=TEXTS[name](size))
        memory.forget_peak()
        before = memory.resident()
        cold, _ = timed(engine, article)
        warm, matches = timed(engine, article)
        lines.append(
            (
                name,
                f"{size:,}",
                f"{cold:,.3f}",
                f"{warm:,.3f}",
                f"{1e9 * warm / size:,.0f}",
                f"{warm / last:.1f}" if last else "",
                f"{memory.peak() - before:,.0f}",
                f"{matches:,}",
            )
        )
        last = warm
    return lines


def made(expressions: Sequence[str]) -> Iterator[Query]:
    """Queries of expressions."""
    for expression in expressions:
        yield Query(id=expression[:40], node=parse(expression), language="en")


def timed(engine: Engine, article: Article) -> tuple[float, int]:
    """The seconds that one article takes, and its matches."""
    start = time.perf_counter()
    (found,) = engine.matching_queries([article])
    return time.perf_counter() - start, len(found)


SCORED = "queries that all match"

EXPRESSION_COLUMNS = (
    Column("expressions", 28, left=True),
    Column("size", 8),
    Column("parse s", 8),
    Column("load s", 8),
    Column("×", 5),
    Column("peak MiB", 9),
    Column("ms/article", 10),
    Column("×", 5),
    Column("matches", 8),
)


def on_expressions(name: str, articles: int) -> list[tuple[str, ...]]:
    """The lines of one family of expressions, on the news: parsed, loaded, matched."""
    sizes, make = EXPRESSIONS[name]
    read = corpus().articles(articles)
    Engine.from_queries(list(made(["the"]))).matching_queries(read)
    lines: list[tuple[str, ...]] = []
    last_load = last_match = 0.0
    for size in sizes:
        expressions = make(size)
        memory.forget_peak()
        before = memory.resident()
        start = time.perf_counter()
        try:
            queries = list(made(expressions))
        except QueryError as refused:
            lines.append((name, f"{size:,}", f"refused: {refused}"))
            continue
        parsed = time.perf_counter()
        engine = Engine.from_queries(queries)
        loaded = time.perf_counter()
        engine.matching_queries(read)
        peak = memory.peak() - before
        begin = time.perf_counter()
        found = engine.matching_queries(read)
        each = (time.perf_counter() - begin) / len(read)
        lines.append(
            (
                name,
                f"{size:,}",
                f"{parsed - start:,.3f}",
                f"{loaded - parsed:,.3f}",
                f"{(loaded - parsed) / last_load:.1f}" if last_load else "",
                f"{peak:,.0f}",
                f"{1000 * each:,.3f}",
                f"{each / last_match:.1f}" if last_match else "",
                f"{sum(map(len, found)) / len(read):,.1f}",
            )
        )
        last_load, last_match = loaded - parsed, each
        if name == SCORED:
            lines.append(("… scored, with evidence", *[""] * 5, f"{scoring(engine, read[0]):,.0f}"))
    return lines


def scoring(engine: Engine, article: Article) -> float:
    """The milliseconds that an article's matches take with their scores and evidence."""
    start = time.perf_counter()
    engine.match(article, max_evidence=5)
    return 1000 * (time.perf_counter() - start)


def main(arguments: Sequence[str] = ()) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks hostile", description=__doc__)
    parser.add_argument("--texts", nargs="*", default=list(TEXTS), metavar="NAME")
    parser.add_argument("--expressions", nargs="*", default=list(EXPRESSIONS), metavar="NAME")
    parser.add_argument("--largest", type=int, default=TEXT_SIZES[-1], metavar="N")
    parser.add_argument("--entries", nargs="*", default=list(ENTRIES), metavar="NAME")
    parser.add_argument("--articles", type=int, default=200, metavar="N")
    chosen = parser.parse_args(arguments)

    sizes = [size for size in TEXT_SIZES if size <= chosen.largest] or [chosen.largest]
    if chosen.texts:
        print(f"Texts, against {STORED + len(MADE_FOR_TEXTS):,} queries (×: of the line above)\n")
        table = Table(TEXT_COLUMNS)
        table.head()
        for name in chosen.texts:
            for line in apart(on_text, name, sizes):
                table.row(*line)
    if chosen.expressions:
        print(f"\nExpressions, on {chosen.articles:,} news articles\n")
        table = Table(EXPRESSION_COLUMNS)
        table.head()
        for name in chosen.expressions:
            for line in apart(on_expressions, name, chosen.articles):
                table.row(*line)
    if chosen.entries:
        print("\nEntries, the whole way: ms of CPU of each step\n")
        table = Table(whole_way.COLUMNS)
        table.head()
        for name in chosen.entries:
            for line in apart(whole_way.on_entry, name, whole_way.SIZES):
                table.row(*line)
    return 0
