"""A corpus by chance, always the same: for measurements where no news is at hand.

Words follow Zipf's law, articles are as long as news articles (most between 150 and 800 words), and
the queries have the mix of `queries-100k.jsonl.gz`: 55 % AND of 2-4 terms, 15 % with a phrase, 15 %
AND of OR groups, 10 % with NOT, 5 % within 10 words.
"""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Iterator
from itertools import accumulate, islice
from typing import Any

ARTICLES = 2_225
ASKED_ABOUT = 200
"""Articles whose words some queries take."""
RELATED = 0.05
"""Share of the queries whose words are all of one article: an article matches as many queries as
news does, near 2.6 of 1,000."""
VOCABULARY = 30_000
SEED = 20_261_123

_ONSETS = (
    *("b", "bl", "br", "c", "ch", "cr", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "l", "m"),
    *("n", "p", "pl", "pr", "qu", "r", "s", "sh", "sl", "st", "t", "th", "tr", "v", "w"),
)
_NUCLEI = ("a", "e", "i", "o", "u", "ai", "ea", "ee", "oo", "ou")
_CODAS = ("b", "ck", "d", "l", "m", "n", "nd", "nt", "p", "r", "rk", "rt", "ss", "st", "th", "x")


class Vocabulary:
    """Made-up words, the first the commonest: the n-th is drawn with weight 1/(n + 2)."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        made: dict[str, None] = {}
        while len(made) < VOCABULARY:
            made[self._word()] = None
        self.words = list(made)
        self._weights = list(accumulate(1 / (rank + 2) for rank in range(1, VOCABULARY + 1)))

    def _word(self) -> str:
        syllables = self._chance.choice((1, 2, 2, 3))
        parts = [
            self._chance.choice(_ONSETS) + self._chance.choice(_NUCLEI) for _ in range(syllables)
        ]
        return "".join(parts) + self._chance.choice(_CODAS)

    def draw(self) -> str:
        """A word as an article has it."""
        return self.words[bisect(self._weights, self._chance.random() * self._weights[-1])]


def texts() -> Iterator[str]:
    """The articles: a title and paragraphs of sentences, apart by blank lines."""
    chance = random.Random(SEED)
    vocabulary = Vocabulary(chance)
    for _ in range(ARTICLES):
        length = min(3_000, max(90, int(chance.lognormvariate(5.8, 0.5))))
        yield "\n\n".join(_paragraphs(chance, vocabulary, length))


def _paragraphs(chance: random.Random, vocabulary: Vocabulary, length: int) -> Iterator[str]:
    yield " ".join(vocabulary.draw() for _ in range(6)).capitalize()
    while length > 0:
        sentences = []
        for _ in range(chance.randint(2, 5)):
            words = [vocabulary.draw() for _ in range(chance.randint(8, 30))]
            sentences.append(" ".join(words).capitalize() + ".")
            length -= len(words)
        yield " ".join(sentences)


def trees() -> Iterator[dict[str, Any]]:
    """Queries without end; some take their words from one article, most from all words alike."""
    vocabulary = Vocabulary(random.Random(SEED))
    articles = [
        list(dict.fromkeys(text.lower().replace(".", "").split()))
        for text in islice(texts(), ASKED_ABOUT)
    ]
    chance = random.Random(SEED + 1)
    while True:
        words = chance.choice(articles) if chance.random() < RELATED else vocabulary.words
        yield _tree(chance, words)


def _tree(chance: random.Random, words: list[str]) -> dict[str, Any]:
    def term() -> dict[str, Any]:
        return {"op": "term", "v": chance.choice(words)}

    def some(least: int, most: int) -> list[dict[str, Any]]:
        return [term() for _ in range(chance.randint(least, most))]

    kind = chance.random()
    if kind < 0.55:
        return {"op": "and", "args": some(2, 4)}
    if kind < 0.70:
        at = chance.randrange(len(words) - 1)
        return {"op": "and", "args": [{"op": "phrase", "v": words[at : at + 2]}, *some(1, 2)]}
    if kind < 0.85:
        return {"op": "and", "args": [{"op": "or", "args": some(2, 5)} for _ in range(2)]}
    if kind < 0.95:
        return {"op": "and", "args": [*some(2, 3), {"op": "not", "arg": term()}]}
    return {"op": "near", "a": chance.choice(words), "b": chance.choice(words), "k": 10}
