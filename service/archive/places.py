"""Where the articles of a back-test are kept, so that some can be looked at again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.archive.kept.block import KeptFacts
from service.archive.kept.segment import Segment, SegmentFile, in_order, place
from service.articles.article import Article


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
        self._places: dict[str, Place] = {}
        self._loaded: tuple[int, Segment] | None = None
        self._last: dict[str, str] | None = None
        """By the digest of its fields, the last entry with them."""

    def hold(self, number: int, segment: Segment) -> None:
        """Use a segment that is loaded."""
        self._loaded = number, segment

    def note(self, entry_id: str, where: Place) -> None:
        """Remember an article."""
        self._places[entry_id] = where

    def note_again(self, entry_id: str, other: str) -> None:
        """Remember an article under another entry, too."""
        self._places[other] = self._places[entry_id]

    def article(self, entry_id: str) -> Article:
        """An article that matched. Raises KeyError for any other."""
        return self.kept(entry_id)[1]

    def kept(self, entry_id: str) -> tuple[KeptFacts, Article]:
        """The same with what is known of its entry."""
        where = self._places[entry_id]
        if self._loaded is None or self._loaded[0] != where.segment:
            self._loaded = where.segment, self._segments[where.segment].load()
        block = self._loaded[1].blocks[where.block]
        return block.facts[where.number], block.article(where.number)

    def comes_again(self, facts: KeptFacts, after: str) -> bool:
        """Whether an entry with the same fields comes after another one."""
        if self._last is None:
            self._last = {}
            for each in self._segments:
                for block, number in in_order(each.load()):
                    self._last[block.facts[number].fields] = block.facts[number].entry_id
        return place(self._last[facts.fields]) > place(after)
