"""Do the bounds of `tocsin suggest` hold? Watchlists whose noise is known, on news of the BBC.

    python -m benchmarks.alerts.suggestions

A watchlist is a word, its useful articles are those of one section, and all others are noise. What
a suggestion loses of all useful articles is then known, and is compared with the bound that a few
verdicts, drawn by chance, have it state.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchmarks.corpus.corpus import NEWS, article
from service.alerts.people.verdict import VerdictWord
from service.archive.kept.block import Block
from service.archive.kept.packer import Packer, UnpackedArticle
from service.archive.suggestions.article_words import by_article, phrases
from service.archive.suggestions.suggester import Suggester
from service.archive.suggestions.suggestion import KnownAlert, Suggestion
from service.archive.suggestions.trial import ERROR
from service.articles.article import Article
from service.matching.engine.engine import Engine
from service.matching.query import Query, Suppressor
from service.matching.syntax.parser import parse, parse_item

LEAST_USEFUL, LEAST_NOISE, MOST = 60, 30, 500
"""Articles of a watchlist, of which verdicts are drawn."""
WATCHLISTS = 40
"""So many are drawn, and then one of them for each case."""
DAY = "2026-11-23"
Case = tuple[int, list[tuple[Suggestion, float]]]
"""A number of verdicts, and suggestions, each with the share that it truly loses."""


@dataclass(frozen=True, slots=True)
class News:
    """The articles, the section of each, and what is kept of them."""

    articles: dict[str, Article]
    sections: dict[str, str]
    blocks: list[Block]
    places: dict[str, tuple[Block, int]]


@dataclass(frozen=True, slots=True)
class Desk:
    """A watchlist, and its articles by whether its desk wants them."""

    word: str
    ids: dict[VerdictWord, list[str]]


@dataclass(slots=True)
class Sums:
    """What the cases with a suggestion came to; of several suggestions the first."""

    cases: int = 0
    held: int = 0
    stated: float = 0.0
    lost: float = 0.0
    removed: float = 0.0

    def add(self, noise: int, found: Sequence[tuple[Suggestion, float]]) -> None:
        """Count a case."""
        first, lost = found[0]
        self.cases += 1
        self.held += all(true <= one.bound for one, true in found)
        self.stated += first.bound
        self.lost += lost
        self.removed += first.noise / noise


def main(arguments: Sequence[str] = ()) -> int:
    """Draw the cases; 1 where the bounds hold in fewer than 95 of 100."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--seed", type=int, default=22)
    given = parser.parse_args(arguments)
    if not (NEWS / "bbc.jsonl.gz").exists():
        print(f"there are no articles at {NEWS}: nothing is measured")
        return 0
    news, chance = read(), random.Random(given.seed)
    desks = drawn_desks(news, chance)
    sums, draws = Sums(), 0
    while sums.cases < given.cases:
        draws += 1
        noise, found = case(news, chance.choice(desks), chance)
        if found:
            sums.add(noise, found)
    count = sums.cases
    print(f"{draws} draws of verdicts on {len(desks)} watchlists, {count} with a suggestion")
    print(f"all bounds of a draw hold in {sums.held} of them ({sums.held / count:.1%})")
    print(f"of the noise with a verdict the first suggestion removes {sums.removed / count:.1%};")
    lost, stated = sums.lost / count, sums.stated / count
    print(f"of all useful articles it loses {lost:.2%}, and states {stated:.1%}")
    return int(sums.held < (1 - ERROR) * count)


def read() -> News:
    """The articles with their sections."""
    articles, sections, unpacked = {}, {}, []
    with gzip.open(NEWS / "bbc.jsonl.gz", "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            each = json.loads(line)
            id_ = f"{number}-0"
            articles[id_] = article(number, each["text"])
            sections[id_] = each["id"].partition("/")[0]
            unpacked.append(UnpackedArticle(id_, 1, "", articles[id_]))
    blocks = Packer().pack(unpacked)
    places = {id_: (block, number) for id_, block, number in by_article(blocks)}
    return News(articles, sections, blocks, places)


def drawn_desks(news: News, chance: random.Random) -> list[Desk]:
    """Words that have enough articles of one section, and enough of the others."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for id_, place in news.places.items():
        for word in phrases(*place):
            if word.isascii() and word.isalpha():
                counts[word][news.sections[id_]] += 1
    known = [
        (word, section)
        for word, sections in sorted(counts.items())
        for section, useful in sections.items()
        if sections.total() <= MOST
        and useful >= LEAST_USEFUL
        and sections.total() - useful >= LEAST_NOISE
    ]
    drawn = chance.sample(known, WATCHLISTS)
    found = holding([query(word) for word, _ in drawn], news, [*news.articles])
    return [
        Desk(
            word,
            {
                "useful": [id_ for id_ in ids if news.sections[id_] == section],
                "noise": [id_ for id_ in ids if news.sections[id_] != section],
            },
        )
        for (word, section), ids in zip(drawn, found, strict=True)
    ]


def case(news: News, desk: Desk, chance: random.Random) -> Case:
    """Verdicts that are drawn: how many say noise, and what they suggest."""
    numbers = {"useful": chance.randint(20, 80), "noise": chance.randint(6, 40)}
    alerts, kept = {}, []
    for word, ids in desk.ids.items():
        for number in range(numbers[word]):
            id_, drawn = f"alr_{word}{number}", chance.choice(ids)  # the same one may come twice
            alerts[id_] = KnownAlert(id_, DAY, word)
            kept.append((id_, *news.places[drawn]))
    suggester = Suggester(query(desk.word), alerts, kept)
    suggester.read(news.blocks)
    found = suggester.suggestions(desk.word).suggestions
    if not found:
        return numbers["noise"], []
    useful = desk.ids["useful"]
    left = holding([changed_query(desk.word, one) for one in found], news, useful)
    losses = [1 - len(ids) / len(useful) for ids in left]
    return numbers["noise"], [*zip(found, losses, strict=True)]


def query(word: str) -> Query:
    """The watchlist of a word."""
    return Query("desk", parse(word), "en")


def changed_query(word: str, one: Suggestion) -> Query:
    """The same as a suggestion has it, read from what it would write."""
    if one.kind == "match":
        return query(one.written)
    return Query("desk", parse(word), "en", (Suppressor(one.name, parse_item(one.written)),))


def holding(wanted: Sequence[Query], news: News, ids: Sequence[str]) -> list[list[str]]:
    """For each query those of these articles that it finds."""
    numbered = [replace(each, id=str(number)) for number, each in enumerate(wanted)]
    engine = Engine.from_queries(numbered)
    found = engine.matching_queries([news.articles[id_] for id_ in ids])
    holds: list[list[str]] = [[] for _ in wanted]
    for id_, numbers in zip(ids, found, strict=True):
        for number in numbers:
            holds[number].append(id_)
    return holds


if __name__ == "__main__":
    raise SystemExit(main())
