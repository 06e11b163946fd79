"""The lines of a copied page, each with what it is as far as its form says."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from service.articles.page.also_read import ALSO_READ, headline_after_label
from service.articles.page.bylines import HEAD
from service.articles.page.chrome_phrases import (
    ALL,
    END,
    SHARE,
    first_rule,
)
from service.articles.page.phrases import MAX_CHARS
from service.articles.page.prose import Rule, ends_sentence, is_prose, is_statement, size

_LONG = 25
"""Words from which a paragraph is text although no mark ends it."""
_MOST_CAPITALS = 0.6
_QUESTION = ("?", "？", "؟")
_WAY = re.compile(" [>›»] ")
_MARKS, _LEAST_MARKS = "|•·▪", 3


class Kind(Enum):
    """What a line of a page is, as far as its form says."""

    PROSE = auto()
    SENTENCE = auto()
    """A short one: dialogue, the last line of a report."""
    LINE = auto()
    """No sentence: a headline, a subhead, a link."""
    AROUND = auto()
    """A date, a byline, a share bar: next to a headline."""
    INSIDE = auto()
    """Other chrome that stands inside articles, too."""
    END = auto()
    """Chrome below articles."""


SENTENCES = (Kind.PROSE, Kind.SENTENCE)
_PASSED = (Kind.AROUND, Kind.INSIDE)
_NEAR = 6


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of a page, in order."""

    texts: Sequence[str]
    rules: Sequence[Rule | None]
    """By which each is chrome, if by any."""
    kinds: Sequence[Kind]
    sizes: Sequence[int]
    """In words."""

    def __len__(self) -> int:
        return len(self.texts)

    def part(self, start: int, end: int | None = None) -> Lines:
        """Those from `start` to `end`."""
        span = slice(start, end)
        return Lines(self.texts[span], self.rules[span], self.kinds[span], self.sizes[span])

    def is_alone(self, at: int) -> bool:
        """Whether no sentence is next to this line, but for chrome: as a teaser stands.

        A question, or what somebody said, may be a headline, too.
        """
        above = range(at - 1, max(-1, at - 1 - _NEAR), -1)
        below = range(at + 1, min(len(self), at + 1 + _NEAR))
        return not (self._is_sentence_next(above) or self._is_sentence_next(below))

    def _is_sentence_next(self, places: range) -> bool:
        at = next((at for at in places if self.kinds[at] not in _PASSED), None)
        if at is None or self.kinds[at] not in SENTENCES:
            return False
        return self.kinds[at] is Kind.PROSE or not _may_be_headline(self.texts[at])

    def is_heading(self, at: int) -> bool:
        """Whether other stories are listed below this line."""
        if self.rules[at] is ALSO_READ:
            return headline_after_label(self.texts[at]) == ""
        return self.kinds[at] is Kind.END


def _may_be_headline(sentence: str) -> bool:
    return sentence.endswith(_QUESTION) or not ends_sentence(sentence)


def lines_of(paragraphs: Sequence[str]) -> Lines:
    """The lines of a page, told apart."""
    told = [
        _line_told_apart(each) if len(each) <= MAX_CHARS else _told_apart(each)
        for each in paragraphs
    ]
    rules, kinds, sizes = map(list, zip(*told, strict=True)) if told else ([], [], [])
    return Lines(paragraphs, rules, kinds, sizes)


def _told_apart(line: str) -> tuple[Rule | None, Kind, int]:
    rule, words = first_rule(ALL, line), size(line)
    if rule is not None:
        if rule in HEAD or rule is SHARE:
            return rule, Kind.AROUND, words
        return rule, Kind.END if rule in END else Kind.INSIDE, words
    if line.count(" > ") + line.count(" › ") > 1:
        return None, Kind.LINE, words
    if is_prose(line) or (words >= _LONG and not _is_menu_in_a_row(line)):
        return None, Kind.PROSE, words
    is_sentence = is_statement(line) or line.endswith(_QUESTION)
    return None, Kind.SENTENCE if is_sentence and words >= 3 else Kind.LINE, words


def is_way(line: str) -> bool:
    """Whether a line is the way from the first page to this one."""
    has_bars = " | " in line and line.count(" | ") > 1
    return has_bars or (_WAY.search(line) is not None and "«" not in line)


def _is_menu_in_a_row(line: str) -> bool:
    """Whether a long line is links of a menu: most words are capitalised, or marks part them."""
    words = line.split()
    if sum(map(words.count, _MARKS)) >= _LEAST_MARKS:
        return True
    return sum(word[0].isupper() for word in words) > _MOST_CAPITALS * len(words)


_line_told_apart = functools.lru_cache(4_096)(_told_apart)  # a menu is on every page of a site
