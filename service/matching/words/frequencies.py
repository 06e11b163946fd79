"""How common a word is: the share of English news articles that hold it, estimated.

The estimate chooses the words under which the engine files a query; it never changes what matches.
"""

from __future__ import annotations

import pkgutil
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from functools import cache, cached_property

from service.matching.words.wildcard import stem, word_pattern

PRIOR = 1_000
"""Articles that the shipped table is worth when it is blended with those that were seen."""
UNKNOWN = 2e-5
"""Share of a word that the table lacks: a quarter of the least share in it."""
LAST = chr(0x10FFFF)
"""Sorts after every character that a word can hold."""


class Frequencies:
    """The estimated share of articles that hold each word; immutable.

    A word is a folded form or a folded lemma (`matching.wordform`): the shares of `missile`
    and of `missiles` are those of the articles with any form, and with that form.
    """

    def __init__(self, shares: Mapping[str, float], unknown: float = UNKNOWN) -> None:
        self._shares = dict(shares)
        self._unknown = unknown

    @staticmethod
    def shipped() -> Frequencies:
        """Those of the table that ships; how it was made is told in its first lines."""
        return _shipped()

    def share(self, word: str) -> float:
        """The share of articles that hold `word`, in 0…1 and never 0."""
        return self._shares.get(word, self._unknown)

    def words(self) -> list[str]:
        """All known words, the commonest first."""
        return sorted(self._shares, key=self._shares.__getitem__, reverse=True)

    def matching(self, pattern: str) -> float:
        """The share of articles that hold a word of this pattern (`missil*`, `wom?n`).

        Words are taken to occur independently of one another, and a share of unknown words that
        fit is added, so that a pattern is never rarer than a word.
        """
        prefix = stem(pattern)
        fitting = self._beginning(prefix)
        if len(pattern) != len(prefix) + 1 or pattern[-1] != "*":
            fitting = filter(word_pattern(pattern).fullmatch, fitting)
        none = 1.0 - self._unknown
        for word in fitting:
            none *= 1.0 - self._shares[word]
        return 1.0 - none

    def _beginning(self, prefix: str) -> Iterable[str]:
        start = bisect_left(self._alphabetical, prefix)
        end = bisect_left(self._alphabetical, prefix + LAST, start)
        return self._alphabetical[start:end]

    @cached_property
    def _alphabetical(self) -> list[str]:
        return sorted(self._shares)

    def with_seen(self, counts: Mapping[str, int], articles: int) -> Frequencies:
        """These blended with what was seen: of `articles`, how many held each word.

        The shares here count as much as PRIOR articles, so each article seen moves them a little
        less; after many, what was seen is all that matters. What was not counted stays.
        """
        shares = dict(self._shares)
        for word, count in counts.items():
            shares[word] = (self.share(word) * PRIOR + count) / (PRIOR + articles)
        return Frequencies(shares, self._unknown)


@cache
def _shipped() -> Frequencies:
    text = pkgutil.get_data("service.matching.words", "frequencies.txt")
    if text is None:
        raise FileNotFoundError("frequencies.txt is missing from the package; install it anew")
    shares: dict[str, float] = {}
    for line in text.decode().splitlines():
        if not line.startswith("#"):
            share, *words = line.split()
            shares.update(dict.fromkeys(words, float(share)))
    return Frequencies(shares)
