"""How common a word is: the estimated share of English news articles that contain it.

The engine uses it to choose the words that a query is indexed under; it never changes what matches.
"""

from __future__ import annotations

import pkgutil
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from functools import cache, cached_property

from service.matching.words.wildcard import stem, word_pattern

PRIOR_ARTICLES = 1_000
"""The shipped table counts as so many articles when it is combined with what was seen."""
UNKNOWN_SHARE = 2e-5
"""The share of a word that the table lacks: a quarter of the smallest share in it."""
_LAST_CHARACTER = chr(0x10FFFF)
"""Sorts after every character of a word."""


class Frequencies:
    """The estimated share of articles that contain each word; immutable.

    A word is a folded form or a folded lemma (`wordform`): the shares of `missile`
    and of `missiles` are those of the articles with any form, and with that form.
    """

    def __init__(self, shares: Mapping[str, float], unknown: float = UNKNOWN_SHARE) -> None:
        self._shares = dict(shares)
        self._unknown = unknown

    @staticmethod
    def shipped() -> Frequencies:
        """The shares of the table that ships; its first lines say how it was made."""
        return _shipped()

    def share(self, word: str) -> float:
        """The share of articles that contain `word`, in 0…1 and never 0."""
        return self._shares.get(word, self._unknown)

    def counts(self, word: str) -> bool:
        """Whether the table has the word."""
        return word in self._shares

    def words(self) -> list[str]:
        """All known words, the commonest first."""
        return sorted(self._shares, key=self._shares.__getitem__, reverse=True)

    def matching(self, pattern: str) -> float:
        """The share of articles that contain a word of this pattern (`missil*`, `wom?n`).

        Words are assumed to occur independently. A share for unknown words that fit is added, so a
        pattern is never rarer than a word.
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
        end = bisect_left(self._alphabetical, prefix + _LAST_CHARACTER, start)
        return self._alphabetical[start:end]

    @cached_property
    def _alphabetical(self) -> list[str]:
        return sorted(self._shares)

    def with_seen(self, counts: Mapping[str, int], articles: int) -> Frequencies:
        """These shares combined with what was seen: how many of `articles` contained each word.

        The shares here count as `PRIOR_ARTICLES`, so each article changes them a little less; after
        many, only what was seen matters. Words that were not counted keep their share.
        """
        shares = dict(self._shares)
        for word, count in counts.items():
            shares[word] = (self.share(word) * PRIOR_ARTICLES + count) / (PRIOR_ARTICLES + articles)
        return Frequencies(shares, self._unknown)


@cache
def _shipped() -> Frequencies:
    text = pkgutil.get_data("service.matching.words", "frequencies.txt")
    if text is None:
        raise FileNotFoundError("frequencies.txt is missing from the package; install it again")
    shares: dict[str, float] = {}
    for line in text.decode().splitlines():
        if not line.startswith("#"):
            share, *words = line.split()
            shares.update(dict.fromkeys(words, float(share)))
    return Frequencies(shares)
