"""The articles and the stored queries that are measured: news when it is there, else generated.

A query is a prefix tree as its file holds it, `{"op": "not", "arg": {"op": "term", "v": "jet"}}`;
`node` makes an expression of it, and each peer makes of it what it has.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.corpus import generated
from service.articles.article import Article
from service.matching.query import Query
from service.matching.syntax.tree import And, Joint, Near, Node, Not, Or, Style, Term, Unit

NEWS = Path(__file__).parents[3] / "shared" / "data"
"""Beside the repository: bbc.jsonl.gz and queries-100k.jsonl.gz, where somebody put them."""

Tree = dict[str, Any]
Numbers = Sequence[Sequence[int]]
"""For each article the numbers of the queries that hold."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Articles, and up to a million queries over their words."""

    name: str
    directory: Path | None
    """Where the two files are; None for a generated corpus."""

    def articles(self, most: int | None = None) -> list[Article]:
        """The articles, each with its title, its first paragraph as lead, and the rest."""
        if self.directory is None:
            texts: Iterator[str] = generated.texts()
        else:
            texts = (each["text"] for each in _lines(self.directory / "bbc.jsonl.gz"))
        return [article(number, text) for number, text in enumerate(islice(texts, most))]

    def trees(self, number: int) -> Iterator[Tree]:
        """So many queries. Those beyond the file's 100,000 are its own again, varied."""
        known: list[Tree] = []
        for tree in islice(self._trees(), number):
            if number > QUERIES:
                known.append(tree)
            yield tree
        if known:
            yield from islice(_varied(known), number - len(known))

    def _trees(self) -> Iterator[Tree]:
        if self.directory is None:
            return islice(generated.trees(), QUERIES)
        return (each["q"] for each in _lines(self.directory / "queries-100k.jsonl.gz"))

    def queries(self, number: int) -> Iterator[Query]:
        """The same queries as the engine takes them."""
        for at, tree in enumerate(self.trees(number)):
            yield query(at, tree)


QUERIES = 100_000
"""Queries of the file, and of a generated corpus."""


def corpus() -> Corpus:
    """The news beside the repository, else the generated corpus."""
    if (NEWS / "bbc.jsonl.gz").exists() and (NEWS / "queries-100k.jsonl.gz").exists():
        return Corpus("BBC news 2004-2005", NEWS)
    return Corpus("generated", None)


def article(number: int, text: str) -> Article:
    """The article of a text whose paragraphs stand apart by blank lines, the first its title."""
    title, lead, *body = [*text.split("\n\n"), ""][: max(2, text.count("\n\n") + 1)]
    return replace(NOTHING, id=f"art-{number}", title=title, lead=lead, body="\n\n".join(body))


NOTHING = Article(
    id="",
    revision="0" * 16,
    title="",
    lead="",
    body="",
    url="",
    source="",
    author="",
    language="en",
    country="",
    published_at="",
    tags=(),
)


def query(number: int, tree: Tree) -> Query:
    """A stored query as the engine takes it; its id is its number."""
    return Query(id=str(number), node=node(tree), language="en")


def node(tree: Tree) -> Node:
    """The expression that a prefix tree stands for."""
    match tree:
        case {"op": "and", "args": list(below)}:
            return And(tuple(node(each) for each in below))
        case {"op": "or", "args": list(below)}:
            return Or(tuple(node(each) for each in below))
        case {"op": "not", "arg": below}:
            return Not(node(below))
        case {"op": "term", "v": str(word)}:
            return _term(word)
        case {"op": "phrase", "v": list(words)}:
            return _term(*words)
        case {"op": "near", "a": str(one), "b": str(other), "k": int(most)}:
            return Near((_term(one), _term(other)), (Joint(Unit.WORDS, most),))
        case _:
            raise ValueError(f"a query that no peer is measured with: {tree}")


def _term(*words: str) -> Term:
    return Term(tuple(words), Style.INFLECTED, " ".join(words))


def leaves(tree: Tree) -> Iterator[Tree]:
    """The terms, phrases and nears of a tree, from left to right."""
    match tree:
        case {"args": list(below)}:
            for each in below:
                yield from leaves(each)
        case {"op": "not", "arg": below}:
            yield from leaves(below)
        case _:
            yield tree


def _varied(known: list[Tree]) -> Iterator[Tree]:
    """`known` again and again, each time a little wider or narrower by another word.

    The first clause of an AND gets the word as an alternative, a NEAR may not stand beside it. So
    matches grow with the queries as they do within the file, and hardly two queries are the same.
    """
    chance = random.Random(2_000)
    words = sorted({leaf["v"] for tree in known for leaf in leaves(tree) if leaf["op"] == "term"})
    while True:
        for tree in known:
            word: Tree = {"op": "term", "v": chance.choice(words)}
            if tree["op"] != "and":
                yield {"op": "and", "args": [tree, {"op": "not", "arg": word}]}
                continue
            first, *rest = tree["args"]
            below = first["args"] if first["op"] == "or" else [first]
            yield {"op": "and", "args": [{"op": "or", "args": [*below, word]}, *rest]}


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
