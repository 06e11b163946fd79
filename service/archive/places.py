"""Where the articles of a back-test are kept, so that some can be looked at again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from service.archive.kept.block import KeptFacts
from service.archive.kept.segment import SegmentFile, in_order, place
from service.articles.article import Article

_LOADED = 2
"""Segments that are held, of which one is decided on: a heir may be in an earlier one."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an article is kept."""

    segment: int
    block: int
    number: int


class Places:
    """The articles of one stream that matched, by their stream entries."""

    def __init__(self, segments: Sequence[SegmentFile]) -> None:
        self._segments = segments
        self._segment = lru_cache(_LOADED)(lambda number: segments[number].load())
        self._places: dict[str, Place] = {}
        self._last: dict[str, str] | None = None
        """By the digest of its fields, the last entry with them."""

    def note(self, entry_id: str, where: Place) -> None:
        """Remember an article."""
        self._places[entry_id] = where

    def note_again(self, entry_id: str, other: str) -> None:
        """Remember an article under another entry, too."""
        self._places[other] = self._places[entry_id]

    def article(self, entry_id: str) -> Article:
        """An article that matched. Raises KeyError for any other."""
        where = self._places[entry_id]
        return self._segments[where.segment].article(where.block, where.number)

    def kept(self, entry_id: str) -> tuple[KeptFacts, Article]:
        """The same with what is known of its entry."""
        return self.at(self._places[entry_id])

    def at(self, where: Place) -> tuple[KeptFacts, Article]:
        """An article, and what is known of its entry."""
        block = self._segment(where.segment).blocks[where.block]
        return block.facts[where.number], block.article(where.number)

    def comes_again(self, facts: KeptFacts, after: str) -> bool:
        """Whether an entry with the same fields comes after another one."""
        if self._last is None:
            self._last = {}
            for each in self._segments:
                for block, number in in_order(each.load()):
                    self._last[block.facts[number].fields] = block.facts[number].entry_id
        return place(self._last[facts.fields]) > place(after)
