"""Would a score that is damped by an article's length order articles better?

    python -m benchmarks.matching.damping

The articles are those of `../shared/data/bbc.jsonl.gz`. Relevance is judged in two ways, neither of
which the score knows: a word belongs to the section of most of its articles, and articles of other
sections are by the way; and two words of a headline, which is taken off, are about that article.
"""

from __future__ import annotations

import gzip
import json
import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from service.matching.evaluation.score import WEIGHTS, geometric_mean
from service.matching.words.inflection import lemma
from service.matching.words.text import words

ARTICLES = Path(__file__).parents[3] / "shared" / "data" / "bbc.jsonl.gz"
FEWEST, MOST = 20, 300
"""Articles that a word of a query occurs in."""
CLEAR = 0.5, 0.9
"""The share of them in one section that makes the word one of its words, but not of it alone."""
SEED, HEADLINES = 18, 1_000
K1, B = 1.2, 0.75
"""The usual constants of BM25."""


class Counted(NamedTuple):
    """An article: its section, how often each word is in the headline and in the text."""

    section: str
    title: Counter[str]
    body: Counter[str]
    length: int


Model = Callable[[Sequence[float], Sequence[float], float], float]
"""The masses of a query's words, their rarity (ln), and the length over the mean → a score."""


def damped(by: float) -> Model:
    """Our score; a mention in a long text counts less, the more the greater `by` is (0…1)."""

    def score(masses: Sequence[float], _: Sequence[float], length: float) -> float:
        return geometric_mean([mass / (mass + 1 - by + by * length) for mass in masses])

    return score


def bm25(masses: Sequence[float], rarity: Sequence[float], length: float) -> float:
    """Okapi BM25."""
    norm = K1 * (1 - B + B * length)
    return math.fsum(
        rare * mass * (K1 + 1) / (mass + norm) for mass, rare in zip(masses, rarity, strict=True)
    )


MODELS: dict[str, Model] = {
    "as it is": damped(0.0),
    **{f"damped by {by}": damped(by) for by in (0.01, 0.1, 0.25, 0.5, 0.75)},
    "BM25": bm25,
}


def read() -> list[Counted]:
    """The articles, their words by dictionary form."""
    found: list[Counted] = []
    with gzip.open(ARTICLES, "rt", encoding="utf-8") as lines:
        for line in lines:
            entry = json.loads(line)
            title, _, body = entry["text"].partition("\n")
            said = [lemma(word, "en") for word in words(body)]
            heads = Counter(lemma(word, "en") for word in words(title))
            found.append(Counted(entry["id"].partition("/")[0], heads, Counter(said), len(said)))
    return found


class Ranking:
    """The articles that hold all words of a query, ordered by a model."""

    def __init__(self, articles: Sequence[Counted]) -> None:
        self.articles = articles
        self._mean = sum(each.length for each in articles) / len(articles)
        self.holding: defaultdict[str, set[int]] = defaultdict(set)
        for number, article in enumerate(articles):
            for word in (*article.title, *article.body):
                self.holding[word].add(number)

    def ordered(self, query: Sequence[str], model: Model, *, untitled: int = -1) -> list[int]:
        """Numbers of articles, the best first; the headline of `untitled` does not count."""
        rarity = [math.log(len(self.articles) / len(self.holding[word])) for word in query]
        scores: dict[int, float] = {}
        for number in set.intersection(*(self.holding[word] for word in query)):
            article = self.articles[number]
            title: Counter[str] = Counter() if number == untitled else article.title
            masses = [
                float(WEIGHTS["title"] * title[word] + WEIGHTS["body"] * article.body[word])
                for word in query
            ]
            if all(masses):
                scores[number] = model(masses, rarity, article.length / self._mean)
        # Ties in an order that has nothing to do with the articles.
        return sorted(scores, key=lambda number: (-scores[number], hash((SEED, number))))


def by_section(ranking: Ranking) -> Iterator[tuple[str, set[int]]]:
    """Words, each with the articles of the section that it belongs to."""
    for word, holding in ranking.holding.items():
        if FEWEST <= len(holding) <= MOST and word.isalpha():
            sections = Counter(ranking.articles[number].section for number in holding)
            section, often = sections.most_common(1)[0]
            if CLEAR[0] <= often / len(holding) <= CLEAR[1]:
                yield word, {n for n in holding if ranking.articles[n].section == section}


def average_precision(order: Sequence[int], relevant: set[int]) -> float:
    """The mean precision at the places of the relevant articles."""
    hits, total = 0, 0.0
    for place, number in enumerate(order, 1):
        if number in relevant:
            hits += 1
            total += hits / place
    return total / hits


def headlines(ranking: Ranking) -> Iterator[tuple[int, tuple[str, str]]]:
    """Articles, each with the two rarest words of its headline that its text has, too."""
    numbers = random.Random(SEED).sample(range(len(ranking.articles)), HEADLINES)
    for number in numbers:
        article = ranking.articles[number]
        known = [w for w in article.title if article.body[w] and len(ranking.holding[w]) > 1]
        if len(known) > 1:
            first, second, *_ = sorted(known, key=lambda word: (len(ranking.holding[word]), word))
            yield number, (first, second)


def main() -> None:
    """Prints a table."""
    ranking = Ranking(read())
    judged, known = [*by_section(ranking)], [*headlines(ranking)]
    print(f"{len(judged):,} words of sections, {len(known):,} headlines")
    print(f"{'':16} mean average precision  reciprocal rank")
    for name, model in MODELS.items():
        precision = [average_precision(ranking.ordered([w], model), r) for w, r in judged]
        ranks = [
            1 / (1 + ranking.ordered(query, model, untitled=number).index(number))
            for number, query in known
        ]
        print(f"{name:16} {sum(precision) / len(precision):22.4f} {sum(ranks) / len(ranks):16.4f}")


if __name__ == "__main__":
    main()
