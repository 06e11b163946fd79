"""Different articles that are alike: pairs of a corpus, and reports made from one pattern."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
import numpy.typing as npt

from benchmarks.corpus.edits import WORD, Paragraphs, shared
from service.alerts.stories.similarity import PAIRS, Fingerprint, near_copies, similarity

NEAREST = 10
"""Articles about the same subject: so many that have the most telling words in common with one."""
SAME_REPORT = 0.5
"""Two articles of the corpus are one report, sent again, when they share half of their neighbouring
words. Of the news 170 pairs do: 155 share nine tenths. The other 15 were read: 12 are the same
news, 3 an update with news in it, which no measure of shared words can tell from an edit."""


def compared(a: Fingerprint, b: Fingerprint) -> float:
    """Their similarity, when it comes to comparing them and they have the same facts."""
    meet = not set(a.bands).isdisjoint(b.bands)
    return similarity(a, b) if meet and near_copies(a, b, 0.0) else 0.0


Marks = Sequence[Fingerprint]
Numbered = tuple[int, int]


def strangers(articles: Sequence[Paragraphs], marks: Marks) -> dict[Numbered, float]:
    """Pairs of different articles that are compared at all, with their similarity."""
    bytes_ = np.array([np.frombuffer(each.signature[:PAIRS], np.uint8) for each in marks])
    found = {}
    for one, row in enumerate(bytes_):
        near = np.flatnonzero((bytes_[:one] == row).mean(axis=1) > 0.05)
        for other in map(int, near):
            value = compared(marks[one], marks[other])
            same = value > 0.25 and shared(articles[one], articles[other], 2) >= SAME_REPORT
            if value and not same:
                found[other, one] = value
    return found


def subjects(articles: Sequence[Paragraphs]) -> set[Numbered]:
    """Pairs of articles about the same subject: near each other by tf-idf."""
    counts = [Counter(WORD.findall("\n".join(each).casefold())) for each in articles]
    documents = Counter(word for each in counts for word in each)
    numbers = {word: at for at, word in enumerate(sorted(documents))}
    dimensions = 8_192  # words share them, which makes little difference to the nearest
    vectors: npt.NDArray[np.float32] = np.zeros((len(articles), dimensions), np.float32)
    for row, each in zip(vectors, counts, strict=True):
        for word, count in each.items():
            rarity = np.log(len(articles) / documents[word])
            row[numbers[word] * 2_654_435_761 % dimensions] += (1 + np.log(count)) * rarity
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -1)
    nearest = np.argpartition(-cosines, NEAREST, axis=1)[:, :NEAREST]
    return {
        (min(one, int(other)), max(one, int(other)))
        for one, row in enumerate(nearest)
        for other in row
    }


@dataclass(frozen=True, slots=True)
class Wrong:
    """Pairs of different articles that would join, with their similarity; the later joins."""

    pairs: dict[Numbered, float]
    near: set[Numbered]
    """The pairs of the corpus that are about one subject."""
    number: int
    """Articles of the corpus."""

    def at(self, threshold: float) -> set[Numbered]:
        """Those that join at this threshold."""
        return {pair for pair, value in self.pairs.items() if value >= threshold}

    def articles(self, threshold: float) -> float:
        """The share of the articles that would join another's story, were all there at once."""
        return len({late for _, late in self.at(threshold)}) / self.number

    def hard(self, threshold: float) -> float:
        """The share of the pairs about one subject."""
        return len(self.at(threshold) & self.near) / len(self.near)


def patterns(chance: Random, names: Sequence[str], number: int) -> list[Paragraphs]:
    """Reports on shares made from one pattern: they differ in names and numbers only."""

    def name() -> str:
        return chance.choice(names)

    def sum_() -> str:
        return f"{chance.uniform(1, 300):.2f}"

    def report() -> Paragraphs:
        who = f"{name()} {name()}"
        return (
            f"{who} shares close at {sum_()}",
            f"Shares of {who} moved {sum_()} per cent to {sum_()} dollars in late trading after "
            f"the company reported quarterly earnings of {sum_()} cents a share, compared with "
            f"{sum_()} cents a year earlier. Analysts on average had expected {sum_()} cents a "
            f"share, according to {name()} data.",
            f"Revenue was {sum_()} million dollars, from {sum_()} million in the same quarter last "
            f"year. For the full year the company expects earnings between {sum_()} and {sum_()} "
            f"a share on revenue of about {sum_()} million dollars.",
            f"The stock has moved {sum_()} per cent since the beginning of the year, while the "
            f"{name()} index has moved {sum_()} per cent over the same period. {who} has a market "
            f"value of {sum_()} million dollars, and its shares have traded between {sum_()} and "
            f"{sum_()} over the past year.",
        )

    return [report() for _ in range(number)]
