"""Which watchlists find nothing in past articles that another one does not find."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from service.archive.kept.finder import Finder
from service.archive.kept.segment import Segment
from service.matching.engine.engine import Engine


@dataclass(frozen=True, slots=True)
class Cover:
    """A watchlist, and one that finds all that it finds; both by their numbers."""

    watchlist: int
    by: int
    articles: int
    """Those that the first one finds."""
    by_articles: int
    """Those that the other one finds."""

    @property
    def is_equal(self) -> bool:
        """Whether both find the same."""
        return self.articles == self.by_articles


class Overlap:
    """Reads segments, and knows of each watchlist which others it never differed from.

    It keeps no articles: the more of them are read, the fewer watchlists are left to keep.
    """

    def __init__(self, engine: Engine) -> None:
        self._finder = Finder(engine)
        self.articles = 0
        """Those that were looked at."""
        self.found = Counter[int]()
        """By watchlist, the articles for which it holds, whatever their score."""
        self._beside: dict[int, Collection[int]] = {}
        """By watchlist, those that held wherever it did."""

    def read(self, segment: Segment) -> None:
        """Look at the articles of one more segment."""
        for block in segment.blocks:
            self.articles += len(block.facts)
            for numbers in self._finder.find(block):
                if numbers:
                    self._note(frozenset(numbers))

    def _note(self, numbers: frozenset[int]) -> None:
        self.found.update(numbers)
        for number in numbers:
            before = self._beside.get(number)
            if before is None:
                self._beside[number] = numbers
            elif len(before) > 1:
                self._beside[number] = numbers.intersection(before)

    def covers(self, least: int) -> Iterator[Cover]:
        """Of each that finds so many articles at least, the watchlist that covers it most closely.

        Two that find the same are told once, of the later one.
        """
        for number, beside in sorted(self._beside.items()):
            articles = self.found[number]
            others = [
                each
                for each in beside
                if each != number and (self.found[each] > articles or each < number)
            ]
            if others and articles >= least:
                by = min(others, key=lambda each: (self.found[each], each))
                yield Cover(number, by, articles, self.found[by])
