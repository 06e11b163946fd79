"""What can be known of the articles of a segment before any of them is decided.

Which queries hold, and what is made of a text to tell its copies: no past changes it, so it is made
for many articles at once, and in other processes.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from service.archive.kept.block import Block, KeptFacts
from service.archive.kept.finder import Finder
from service.archive.kept.segment import Segment, SegmentFile, in_order
from service.archive.moments import ms_of
from service.articles.article import Article
from service.matching.engine.engine import Engine
from service.matching.engine.layers import LayeredEngine, only_engine
from service.matching.evaluation.judge import Match
from service.stream.decisions import TextMarks, text_marks

MAX_EVIDENCE = 1
"""Mentions that a match shows: a decision needs none, and events hold one."""


@dataclass(slots=True)
class Coverage:
    """What of the archive a back-test has read."""

    articles: int = 0
    letters: Counter[str] = field(default_factory=Counter)
    """Entries that are no articles, by kind."""
    first: int | None = None
    """When the first of them was added, ms; None: there is none."""
    last: int | None = None
    languages: Counter[str] = field(default_factory=Counter)

    def add(self, later: Coverage) -> None:
        """What was read after it."""
        self.articles += later.articles
        self.letters.update(later.letters)
        self.languages.update(later.languages)
        self.first = later.first if self.first is None else self.first
        self.last = self.last if later.last is None else later.last


class KeptMatch(NamedTuple):
    """An article for which queries hold."""

    facts: KeptFacts
    article: Article
    numbers: array[int]
    """Those of the queries."""
    matches: Sequence[Match]
    """Without those below the threshold."""
    marks: TextMarks | None
    """None where nothing matches."""


class MatchedSegment(NamedTuple):
    """The articles of a segment by their rows: their places in the order of their entries."""

    entries: int
    digests: Sequence[str]
    """Of each article's id alone."""
    places: npt.NDArray[np.int32]
    """Of each its block, and its number in that."""
    found: Sequence[Mapping[int, KeptMatch]]
    """For each set of queries the articles for which some hold."""
    coverage: Coverage


class SegmentMatcher:
    """Matches segments with some sets of queries; what was added before `since` is not counted."""

    def __init__(self, engines: Sequence[Engine | LayeredEngine], since: int) -> None:
        self._engines = [(engine, Finder(only_engine(engine))) for engine in engines]
        self._since = since

    def __call__(self, file: SegmentFile) -> MatchedSegment:
        """What there is of a segment. Raises TocsinError where the file is damaged."""
        segment = file.load()
        numbered = {id(block): number for number, block in enumerate(segment.blocks)}
        rows = [(block, numbered[id(block)], at) for block, at in in_order(segment)]
        made: dict[tuple[int, int], tuple[Article, TextMarks]] = {}
        found = []
        for engine, finder in self._engines:
            matches = [
                dict(_matches(engine, block, finder.find(block))) for block in segment.blocks
            ]
            found.append(
                {
                    row: _whole(matches[number][at], block, number, at, made)
                    for row, (block, number, at) in enumerate(rows)
                    if at in matches[number]
                }
            )
        return MatchedSegment(
            len(segment),
            [block.facts[at].digest for block, _, at in rows],
            np.array([(number, at) for _, number, at in rows], np.int32).reshape(-1, 2),
            found,
            _coverage(segment, self._since),
        )


def _matches(
    engine: Engine | LayeredEngine, block: Block, numbers: Sequence[array[int]]
) -> Iterator[tuple[int, tuple[Article, array[int], Sequence[Match]]]]:
    """Those of a block's articles for which some query holds, made for all at once."""
    articles = {at: block.article(at) for at, each in enumerate(numbers) if each}
    made = engine.score_batch(
        [*articles.values()], [numbers[at] for at in articles], max_evidence=MAX_EVIDENCE
    )
    for (at, article), matches in zip(articles.items(), made, strict=True):
        yield at, (article, numbers[at], matches)


def _whole(
    found: tuple[Article, array[int], Sequence[Match]],
    block: Block,
    number: int,
    at: int,
    made: dict[tuple[int, int], tuple[Article, TextMarks]],
) -> KeptMatch:
    """The match with what is made of its text; for several sets once."""
    article, numbers, matches = found
    marks = None
    if matches:
        article, marks = made.setdefault((number, at), (article, text_marks(article)))
    return KeptMatch(block.facts[at], article, numbers, matches, marks)


def _coverage(segment: Segment, since: int) -> Coverage:
    cover = Coverage()
    moments = []
    for block in segment.blocks:
        counted = [ms for each in block.facts if (ms := ms_of(each.entry_id)) >= since]
        cover.articles += len(counted)
        cover.languages[block.language] += len(counted)
        moments += counted
    for letter in segment.letters:
        if ms_of(letter.entry_id) >= since:
            cover.letters[letter.kind] += 1
    if moments:
        cover.first, cover.last = min(moments), max(moments)
    return cover
