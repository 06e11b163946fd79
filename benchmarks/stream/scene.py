"""Watchlists that match as often as is asked for, and articles as a feed brings them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from benchmarks.corpus.corpus import Corpus, Tree, node, query
from service.articles.article import Article
from service.matching.engine.engine import Engine
from service.matching.syntax.notation import unparse

SECRET = "whsec_" + "QUJD" * 8
"""Nothing is sent: no process of the benchmark delivers."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A set of watchlists, and how many of them match an article."""

    trees: Sequence[Tree]
    matches: float

    def rules(self) -> str:
        """The watchlists as a rules file, each with one subscriber."""
        lines = ["watchlists:"]
        for number, tree in enumerate(self.trees):
            said = json.dumps(unparse(node(tree)))
            lines.append(f"- {{id: w-{number}, match: {said}, notify: [desk]}}")
        hook = f"{{url: 'https://desk.example/hook', secret: {SECRET}}}"
        lines.append(f"subscribers:\n- {{id: desk, webhook: {hook}}}")
        return "\n".join(lines) + "\n"


def scene(
    corpus: Corpus, articles: Sequence[Article], watchlists: int, matches: float | None
) -> Scene:
    """So many watchlists that match these articles so often; None: as often as the corpus has it.

    The queries that match least come first, and as many of the others as it takes. Where even these
    match too often, the commonest of them ask for a word more, which no article has.
    """
    if matches is None:
        trees = [*corpus.trees(watchlists)]
        return Scene(trees, float(_counts(trees, articles).sum()) / len(articles))
    known = [*islice(corpus.trees(100_000), 10 * watchlists)]
    counts = _counts(known, articles)
    order = np.argsort(counts, kind="stable")
    chosen = [*order[:watchlists]]
    wanted = matches * len(articles)
    for number in order[watchlists:]:
        if counts[chosen].sum() >= wanted:
            break
        chosen = [*chosen[1:], number]
    trees = [known[number] for number in chosen]
    total = int(counts[chosen].sum())
    for place in range(len(chosen) - 1, -1, -1):
        if total <= wanted + counts[chosen[place]] / 2:
            break
        total -= int(counts[chosen[place]])
        trees[place] = {"op": "and", "args": [trees[place], {"op": "term", "v": f"qx{place}"}]}
    return Scene(trees, total / len(articles))


def _counts(
    trees: Sequence[Tree], articles: Sequence[Article]
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """In how many of the articles each query holds."""
    engine = Engine.from_queries([query(at, tree) for at, tree in enumerate(trees)])
    counts = np.zeros(len(trees), np.int64)
    for found in engine.matching_queries(articles):
        counts[list(found)] += 1
    return counts


def distinct(corpus: Corpus, count: int) -> list[Article]:
    """So many articles, no two with one text, and the longest first.

    Beyond those of the corpus they are made of them, with the words of each paragraph in another
    order: whole sentences would make copies, which are counted and not alerted. The longest is for
    the process that reads long texts, which starts with the first one.
    """
    found = corpus.articles(count)
    longest = max(range(len(found)), key=lambda number: len(found[number].body))
    found.insert(0, found.pop(longest))
    known, chance = len(found), np.random.default_rng(20)
    while len(found) < count:
        one = found[len(found) - known]
        paragraphs = (chance.permutation(text.split()) for text in one.body.split("\n\n"))
        found.append(replace(one, body="\n\n".join(" ".join(words) for words in paragraphs)))
    return found


def entry(number: int, article: Article, html_share: float = 0.0) -> dict[str, str]:
    """An article as a feed writes it to the stream; one in so many is a page."""
    fields = {"id": f"bench-{number}", "source": "bench", "language": "en"}
    if html_share and number % round(1 / html_share) == 0:
        blocks = "".join(f"<p>{text}</p>" for text in (article.lead, *article.body.split("\n\n")))
        return fields | {"html": f"<article><h1>{article.title}</h1>{blocks}</article>"}
    return fields | {"title": article.title, "summary": article.lead, "body": article.body}
