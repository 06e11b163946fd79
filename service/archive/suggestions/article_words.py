"""The words and pairs of words of kept articles: in how many articles each stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from service.archive.kept.block import FORM_MASK, GAP_SHIFT, SHOUTED, Block
from service.matching.engine.kernel.word_ends import PLAIN
from service.matching.words.wordform import POSSESSIVE_MARKS

LEAST_CHARS = 3
"""Of a word that speaks for something by itself; of two words one is enough that has so many."""
ZONES = 3
"""Of an article."""

Phrase = str
"""One word, or two with a space between them, in small letters."""


def phrases(block: Block, number: int) -> set[Phrase]:
    """The words of an article, and the pairs of words that follow one another in a sentence."""
    low, high = block.zone_start[[ZONES * number, ZONES * (number + 1)]].tolist()
    words = block.words[low:high]
    names = [_small(block.forms[at]) for at in (words & np.uint32(FORM_MASK)).tolist()]
    gaps = (words >> np.uint32(GAP_SHIFT)).tolist()
    found = {name for name in names if _speaks(name)}
    for before, name, gap in zip(names, names[1:], gaps[1:], strict=False):
        if gap == PLAIN and before and name and (_speaks(before) or _speaks(name)):
            found.add(f"{before} {name}")
    return found


class Background:
    """In how many articles of an archive some phrases stand."""

    def __init__(self, wanted: Iterable[Phrase]) -> None:
        self._phrases = sorted(wanted)
        self._numbers = {phrase: at for at, phrase in enumerate(self._phrases)}
        words = {word for phrase in self._phrases for word in phrase.split()}
        self._words = {word: at for at, word in enumerate(sorted(words), 1)}  # 0: any other word
        self._counts = np.zeros(len(self._phrases), np.int64)
        self._pairs, self._pair_numbers = self._known_pairs()
        self._single = np.full(len(self._words) + 1, -1, np.int64)
        for word, at in self._words.items():
            self._single[at] = self._numbers.get(word, -1)
        self.articles = 0

    def _known_pairs(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        found = sorted(
            (self._code(*phrase.split()), at)
            for phrase, at in self._numbers.items()
            if " " in phrase
        )
        table = np.array(found, np.int64).reshape(-1, 2)
        return table[:, 0], table[:, 1]

    def _code(self, first: str, second: str) -> int:
        return self._words[first] * (len(self._words) + 1) + self._words[second]

    def add(self, block: Block) -> None:
        """Count the articles of a block."""
        count = len(block.facts)
        self.articles += count
        table = np.array([self._words.get(_small(form), 0) for form in block.forms], np.int64)
        if not len(table) or not self._phrases:
            return
        word = table[block.words & np.uint32(FORM_MASK)]
        article = np.repeat(np.arange(count), np.diff(block.zone_start[::ZONES]))
        self._note(article, self._single[word])
        before, after = word[:-1], word[1:]
        plain = (block.words >> np.uint32(GAP_SHIFT))[1:] == PLAIN
        joined = plain & (before > 0) & (after > 0)
        codes = (before * (len(self._words) + 1) + after)[joined]
        self._note(article[1:][joined], self._pairs_of(codes))

    def _pairs_of(self, codes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The numbers of the phrases with these codes; -1 for those that nobody asks about."""
        if not len(self._pairs):
            return np.full(len(codes), -1)
        at = np.minimum(np.searchsorted(self._pairs, codes), len(self._pairs) - 1)
        return np.where(self._pairs[at] == codes, self._pair_numbers[at], -1)

    def _note(self, article: npt.NDArray[np.int64], phrase: npt.NDArray[np.int64]) -> None:
        """Count each phrase once for each article in which it stands."""
        is_one = phrase >= 0
        once = np.unique(article[is_one] * len(self._phrases) + phrase[is_one])
        self._counts += np.bincount(once % len(self._phrases), minlength=len(self._phrases))

    def counts(self) -> Mapping[Phrase, int]:
        """How many articles have each."""
        return dict(zip(self._phrases, self._counts.tolist(), strict=True))


def _small(form: str) -> str:
    """A form as a phrase has it; empty where it is none: it holds no letter."""
    word = form.removeprefix(SHOUTED).casefold()
    if word[-2:-1] and word[-2] in POSSESSIVE_MARKS and word[-1] == "s":
        word = word[:-2]
    return word if any(map(str.isalpha, word)) else ""


def _speaks(word: str) -> bool:
    return len(word) >= LEAST_CHARS


def by_article(blocks: Sequence[Block]) -> Iterator[tuple[str, Block, int]]:
    """The articles of some blocks: the id of the entry, the block, and the number in it."""
    for block in blocks:
        for number, facts in enumerate(block.facts):
            yield facts.entry_id, block, number
