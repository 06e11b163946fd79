"""Articles of one language, as arrays; and the text of each, compressed.

Whatever rules come, the words of an article are the same: their forms are numbered once, by the
block's own list, and only what the forms mean is looked up anew.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson

from service.articles.article import Article

SHOUTED = "\t"
"""Before a form that was read in a zone all in capitals."""
GAP_SHIFT = 28
"""A word is a number of 32 bits: from this bit on the gap before it, below that its form."""
FORM_MASK = (1 << GAP_SHIFT) - 1


class KeptFacts(NamedTuple):
    """What is known of a kept article without its text."""

    entry_id: str
    digest: str
    """Of its id alone, without regard to its text: `Identity.digest`."""
    size: int
    """Characters of the entry's names and values."""
    fields: str
    """A digest of the entry's names and values; an entry that repeats another has its digest."""
    url: str
    source: str
    author: str
    language: str
    country: str
    tags: tuple[str, ...]
    origin: str = ""
    """The entry that its entry repeats; "" for any other."""

    def article(self) -> Article:
        """An article of which only the metadata are known."""
        return Article(
            "", "", "", "", "", self.url, self.source, self.author, self.language, self.country,
            "", tuple(self.tags),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Block:
    """Articles of one language, in the order in which they were read."""

    language: str
    """A primary subtag."""
    forms: Sequence[str]
    """By their numbers; SHOUTED stands before some."""
    words: npt.NDArray[np.uint32]
    """Those of all articles, one zone after the other."""
    zone_start: npt.NDArray[np.int64]
    """Where each zone begins, three zones an article; and the end."""
    facts: Sequence[KeptFacts]
    texts: npt.NDArray[np.uint8]
    """What `packed_text` made of each article, one after the other."""
    text_start: npt.NDArray[np.int64]

    def article(self, number: int) -> Article:
        """One of the articles, as it was read."""
        low, high = self.text_start[number : number + 2].tolist()
        return unpacked_text(self.texts[low:high].tobytes())


def packed_text(article: Article) -> bytes:
    """An article, but for what was cut from it."""
    fields = [getattr(article, name) for name in _FIELDS]
    return zlib.compress(orjson.dumps(fields), 1)


def unpacked_text(packed: bytes) -> Article:
    """The reverse."""
    values: dict[str, Any] = dict(zip(_FIELDS, orjson.loads(zlib.decompress(packed)), strict=True))
    return Article(**values | {"tags": tuple(values["tags"])})


_FIELDS = tuple(name for name in Article.__slots__ if name != "cuts")


def joined(blocks: Sequence[Block]) -> list[Block]:
    """The same articles with one block for each language."""
    by_language: dict[str, list[Block]] = {}
    for block in blocks:
        by_language.setdefault(block.language, []).append(block)
    return [_one_block(some) if len(some) > 1 else some[0] for some in by_language.values()]


def _one_block(blocks: Sequence[Block]) -> Block:
    numbers: dict[str, int] = {}
    words = []
    for block in blocks:
        table = np.array(
            [numbers.setdefault(form, len(numbers)) for form in block.forms], np.uint32
        )
        words.append(renumbered(block.words, table))
    return Block(
        blocks[0].language,
        [*numbers],
        np.concatenate(words),
        _one_after_another([block.zone_start for block in blocks]),
        [facts for block in blocks for facts in block.facts],
        np.concatenate([block.texts for block in blocks]),
        _one_after_another([block.text_start for block in blocks]),
    )


def renumbered(
    words: npt.NDArray[np.uint32], table: npt.NDArray[np.uint32]
) -> npt.NDArray[np.uint32]:
    """The words with other numbers for their forms."""
    form = np.uint32(FORM_MASK)
    numbered: npt.NDArray[np.uint32] = (words & ~form) | table[words & form]
    return numbered


def _one_after_another(starts: Sequence[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    ends = np.cumsum([0, *(int(each[-1]) for each in starts)])
    parts = [each[:-1] + end for each, end in zip(starts, ends[:-1], strict=True)]
    return np.concatenate([*parts, ends[-1:]])
