"""The words of the rules, numbered. A key is the number of what one word of a term means.

Two words of two terms share a key only if they mean the same forms in every article. A list that is
looked for as a whole has a number of its own, too. A unit is a key or such a list.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from service.matching.syntax.tree import Node, Style, Term
from service.matching.words.frequencies import Frequencies
from service.matching.words.inflection import lemma
from service.matching.words.wildcard import is_pattern
from service.matching.words.wordform import fold, has_capital, spelling

_Name = TypeVar("_Name", bound=Hashable)
Array = npt.NDArray[Any]
KeysByString = dict[str, list[int]]
ALL_ZONES = 7
"""Bit 0 the title, bit 1 the lead, bit 2 the body."""
_ZONE_BITS = {"title": 1, "lead": 2, "body": 4}
_INFLECTED = Style.INFLECTED  # Python 3.11 looks up a global a dozen times as fast
_ONE_SPELLING = 0.5
"""Factor of a share if only one spelling of a word counts: a guess, used for choosing only."""


def zone_bits(zones: Iterable[str]) -> int:
    """The zones as bits."""
    return sum(_ZONE_BITS[zone] for zone in zones)


class RequiredWords(NamedTuple):
    """Units of which at least one occurs wherever a node holds."""

    units: tuple[int, ...]
    share: float
    """The estimated share of articles in which one of them occurs."""
    exact: bool
    """Whether the node also holds wherever one of them occurs."""


class InflectedWord(NamedTuple):
    """A word of a rule that finds its forms."""

    text: str
    language: str
    """A primary subtag."""
    capital: bool
    """Whether only forms with a capital count."""
    narrow: bool
    """Whether it is taken for a lemma: `caps(Banks)` does not find Bank."""


@dataclass(slots=True)
class Vocabulary:
    """Grows while queries are compiled."""

    frequencies: Frequencies
    shares: list[float] = field(default_factory=list)
    """The estimated share of articles in which each unit occurs."""
    inflected: dict[InflectedWord, int] = field(default_factory=dict)
    folded: dict[str, int] = field(default_factory=dict)
    spelled: dict[str, int] = field(default_factory=dict)
    patterns: dict[tuple[str, bool], int] = field(default_factory=dict)
    """By folded pattern and whether only forms with a capital count."""
    members: dict[int, tuple[int, ...]] = field(default_factory=dict)
    """The keys of each list that is a unit."""
    _bare: defaultdict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    """By language and word: the key of a bare word. Most words of rules are bare."""

    _required_words: defaultdict[str, dict[str, Sequence[RequiredWords]]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    """By the same language and word: what the word requires."""

    def keys(self, term: Term, language: str) -> list[int]:
        """The key of each word of a term; `language` is a primary subtag."""
        words, style = term.words, term.style
        if style is _INFLECTED:
            bare = self._bare[language]
            try:
                return [bare[word] for word in words]
            except KeyError:
                for word in words:
                    bare[word] = self._key(word, style, language, capital=False)
                return [bare[word] for word in words]
        # A phrase may have its capital in any word; only its program finds out.
        capital = style is Style.CAPITALISED and len(words) == 1
        return [self._key(word, style, language, capital=capital) for word in words]

    def bare_words(self, language: str) -> Mapping[str, int]:
        """The key of each bare word that was asked for before; it grows."""
        return self._bare[language]

    def bare_keys(self, nodes: Sequence[Node], language: str) -> list[int] | None:
        """The key of each node; None unless all are bare words that are written in one way."""
        known = self._bare[language]
        keys: list[int] = []
        for node in nodes:
            if type(node) is not Term or node.variants or node.style is not _INFLECTED:
                return None
            words = node.words
            if len(words) != 1:
                return None
            key = known.get(words[0])
            keys.append(self.keys(node, language)[0] if key is None else key)
        return keys

    def required_word(self, term: Term, language: str) -> Sequence[RequiredWords]:
        """What a term of one word requires: that word."""
        if term.style is not _INFLECTED:
            return self._new_required_word(term, language)
        known = self._required_words[language]
        found = known.get(term.words[0])
        if found is None:
            found = known[term.words[0]] = self._new_required_word(term, language)
        return found

    def required_bare_words(self, language: str) -> Mapping[str, Sequence[RequiredWords]]:
        """What bare words require that were asked for before; it grows."""
        return self._required_words[language]

    def _new_required_word(self, term: Term, language: str) -> Sequence[RequiredWords]:
        (key,) = self.keys(term, language)
        return (RequiredWords((key,), self.shares[key], exact=True),)

    def _key(self, word: str, style: Style, language: str, *, capital: bool) -> int:
        if is_pattern(word):
            pattern = (fold(word), capital)
            return self._number(self.patterns, pattern, word, capital=capital)
        match style:
            case Style.EXACT:
                return self._number(self.folded, fold(word), word)
            case Style.CASED:
                return self._number(self.spelled, spelling(word), word, capital=True)
            case Style.INFLECTED | Style.CAPITALISED:
                narrow = style is Style.CAPITALISED and has_capital(word)
                name = InflectedWord(word, language, capital, narrow)
                return self._number(self.inflected, name, word, capital=capital)

    def _number(
        self, among: dict[_Name, int], name: _Name, word: str, *, capital: bool = False
    ) -> int:
        number = among.get(name)
        if number is None:
            number = among[name] = len(self.shares)
            if is_pattern(word):
                share = self.frequencies.matching(fold(word))
            else:
                share = self.frequencies.share(lemma(word, "en"))
            self.shares.append(share * _ONE_SPELLING if capital else share)
        return number

    def add_list(self, keys: tuple[int, ...]) -> int:
        """A new unit that occurs where any of the keys occurs."""
        number = len(self.shares)
        self.members[number] = keys
        self.shares.append(min(1.0, sum(self.shares[key] for key in keys)))
        return number


def write_index(
    name: str, index: KeysByString, arrays: dict[str, Array], texts: dict[str, str]
) -> None:
    """Adds an index that `StringIndex` reads."""
    texts[name] = "\n".join(index)
    arrays[f"{name} start"] = np.cumsum([0, *map(len, index.values())], dtype=np.int32)
    arrays[name] = np.array([key for keys in index.values() for key in keys], np.int32)


class StringIndex:
    """Strings, each with its keys."""

    def __init__(self, name: str, arrays: Mapping[str, Array], texts: Mapping[str, str]) -> None:
        strings = texts[name].split("\n") if len(arrays[name]) else []
        self._place = dict(zip(strings, range(len(strings)), strict=True))
        # Slices of these take a third of the time that slices of numpy's arrays take.
        self._start = array("i", arrays[f"{name} start"].tobytes())
        self._keys = array("i", arrays[name].tobytes())

    def __iter__(self) -> Iterator[str]:
        return iter(self._place)

    def __len__(self) -> int:
        return len(self._place)

    def keys(self, string: str) -> Sequence[int]:
        """The keys of a string; none if it is not in the index."""
        place = self._place.get(string)
        if place is None:
            return ()
        return self._keys[self._start[place] : self._start[place + 1]].tolist()
