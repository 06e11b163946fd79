"""The sentences of an article whose words are already known, as evidence shows them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from service.matching.evaluation.evidence import MAX_SENTENCE_CHARS, Evidence, around
from service.matching.words.text import sentence_gap

ZONE_NAMES = ("title", "lead", "body")


class WordPlaces(NamedTuple):
    """Where the words of an article are in a longer text, in code points of that."""

    sentences: Sequence[int]
    """The number of each word's sentence; it never falls."""
    starts: npt.NDArray[np.int32]
    ends: npt.NDArray[np.int32]
    zones: tuple[int, int, int, int]
    """The number of each zone's first word, and how many words there are."""
    base: int
    """Where the article begins."""


class ArticleSentences:
    """The sentences of one article; `texts` are its zones."""

    def __init__(self, id_: str, texts: tuple[str, str, str], words: WordPlaces) -> None:
        title, lead, _ = map(len, texts)
        self.id = id_
        self._texts = texts
        self._bases = (words.base, words.base + title, words.base + title + lead)
        self._words = words
        self._bounds: dict[int, tuple[int, int]] = {}
        self._shown: dict[tuple[int, int], str] = {}

    def evidence(self, place: Sequence[int], term: str, terms: tuple[str, ...]) -> Evidence:
        """A piece of evidence.

        Its place: the number of the zone, the first and the last word, the first character and the
        one after the last.
        """
        zone, first, last, begin, stop = place
        text, base = self._texts[zone], self._bases[zone]
        start, end = begin - base, stop - base
        sentences = self._words.sentences
        one, other = sentences[first], sentences[last]
        shown = self._shown.get((one, other))
        if shown is None:
            low, high = self._bounds_of(one, zone)[0], self._bounds_of(other, zone)[1]
            shown = around(text, start, end, low, high)
            if high - low <= MAX_SENTENCE_CHARS:  # it is not cut around the words
                self._shown[one, other] = shown
        return Evidence(term, ZONE_NAMES[zone], start, end, text[start:end], shown, terms)

    def _bounds_of(self, sentence: int, zone: int) -> tuple[int, int]:
        """Where a sentence begins and ends, in code points of its zone."""
        found = self._bounds.get(sentence)
        if found is None:
            found = self._bounds[sentence] = self._read_bounds(sentence, zone)
        return found

    def _read_bounds(self, sentence: int, zone: int) -> tuple[int, int]:
        text, words = self._texts[zone], self._words
        first = bisect_left(words.sentences, sentence)
        after = bisect_right(words.sentences, sentence, first)
        begin, end = 0, len(text)
        if zone and first > words.zones[zone]:  # the title is one sentence
            begin = self._gap(first, zone)[1]
        if zone and after < words.zones[zone + 1]:
            end = self._gap(after, zone)[0]
        return begin, end

    def _gap(self, word: int, zone: int) -> tuple[int, int]:
        """The border of two sentences before a word."""
        text, base = self._texts[zone], self._bases[zone]
        low, high = int(self._words.ends[word - 1]) - base, int(self._words.starts[word]) - base
        return sentence_gap(text, low, high, dotted=text[low - 1] == ".")
