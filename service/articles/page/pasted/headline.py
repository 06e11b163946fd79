"""Which line above an article's text is its headline."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import accumulate, pairwise

from service.articles.page.phrases import MAX_CHARS, words_of
from service.articles.page.prose import is_prose, size

MAX_TITLE_CHARS = 150
_MAX_ABOVE = 160
"""Lines above an article's text among which its headline is looked for."""
_MAX_BELOW_TITLE = 15
"""Lines between a title and its text."""
_MAX_TEXT_LINES = 100
_OPEN_END = re.compile(r"[,;:،、—–]$")
_FULL_STOP = (".", "。", "।", "۔")
_GLUED = re.compile("[a-zß-öø-ÿа-яё][.!?][\"'”’»)]*[A-ZÀ-ÖØ-ÞА-ЯЁ][a-zß-öø-ÿа-яё]")
"""A sentence with a credit right behind it, as captions have."""
_STEM = 5

# What a line's score is made of, beside the share of its words that the text has, too.
_SHARED_WORD, _MOST_SHARED = 0.12, 6
_ABOVE_DATE = 0.5
_BELOW_DATE = 0.3
_DISTANCE = 0.012
"""For each line that it is further up, but for those that are in no case a headline."""
_SHORT = 0.3
_REPEATED = 0.3
_MOST_LOOKED_UP, _LEAST_REPEATED = 4, 4
_LONG = 0.8
"""For a line that is as long as standfirsts and captions are."""
_LABEL = 0.4
"""For a line that ends with another one: a crumb, "Share: …"."""
_LEAST = 0.4
_LEAST_ABOVE_DATE = 0.2
_MAX_LABEL = 3
_MAX_LABELS = 2
"""Words alone between a headline and its date: "By", "Published"."""
_MAX_MASTHEAD = 14
_DECK_CHARS = 55
_LEAST_SHARED, _LEAST_SHARED_WORDS = 0.4, 2
"""Of its words, what a headline has in common with a long line below it and with the text."""
_STANDFIRST = 0.5
"""Of a line's score, what the line above needs to be the headline, and the line its standfirst."""


def known_title(lines: Sequence[str], is_title: Callable[[str], bool]) -> int | None:
    """The last line that is the title, and has running text below it; None if there is none."""
    places = [at for at, line in enumerate(lines) if is_title(line)]
    above_text = (
        at for at in reversed(places) if any(map(is_prose, lines[at + 1 : at + _MAX_BELOW_TITLE]))
    )
    return next(above_text, None)


def headline_above(
    lines: Sequence[str], around: Sequence[bool], start: int, body: Sequence[str]
) -> int | None:
    """The line that is the headline of the text that begins at `start`; None if none may be.

    `around` says of each line whether it is a date, a byline or the like; chrome of another kind is
    "" among the lines, and `body` the text's sentences: a headline inside it may be another
    story's. A headline has the words of its text, those that no other line has before others, and
    is next to its date. A teaser above it has none of this.
    """
    near = range(max(0, start - _MAX_BELOW_TITLE), start)
    prose = [
        lines[at]
        for at in near
        if is_prose(lines[at]) and not _may_be_headline(lines[at], around[at])
    ]
    text = {stem for line in (*prose, *body[:_MAX_TEXT_LINES]) for stem in stems(line)}
    above = range(max(0, start - _MAX_ABOVE), start)
    words = {at: stems(lines[at]) for at in above if _may_be_headline(lines[at], around[at])}
    often = Counter(stem for each in {*words.values()} for stem in each)
    shown = [0, *accumulate(bool(line) for line in lines[:start])]
    scores = {
        at: _overlap(words[at], text, often)
        + _place(lines, around, at)
        - _DISTANCE * (shown[start] - shown[at])
        - _SHORT * (_size_of_line(lines[at]) < 4)
        - _LONG * _is_caption(lines[at])
        for at in words
    }
    for at in sorted(scores, key=scores.__getitem__, reverse=True)[:_MOST_LOOKED_UP]:
        scores[at] += _REPEATED * _is_in_another(lines, at) - _LABEL * _ends_with_another(lines, at)
    best = max(scores, key=lambda at: (scores[at], at), default=None)
    is_dated = best is not None and _place(lines, around, best) == _ABOVE_DATE
    if best is None or scores[best] < (_LEAST_ABOVE_DATE if is_dated else _LEAST):
        best = _nearest(lines, around, start, scores)
    if best is None:
        return None
    return _Choice(lines, around, words, scores, text, best).upper()


@dataclass(frozen=True, slots=True)
class _Choice:
    """The best line, and those above it of which it may be the standfirst, or the caption."""

    lines: Sequence[str]
    around: Sequence[bool]
    words: Mapping[int, AbstractSet[str]]
    scores: Mapping[int, float]
    text: AbstractSet[str]
    best: int

    def upper(self) -> int:
        """The headline."""
        lines, best = self.lines, self.best
        is_deck = best > 0 and not self.around[best - 1] and self._is_own(best - 1)
        if _place(lines, self.around, best) < _ABOVE_DATE and not is_deck:
            masthead = range(best - _MAX_MASTHEAD, best)
            dated = [at for at in masthead if any(self.around[at + 1 : best]) and self._is_own(at)]
            if dated:
                return dated[-1]
        upper = best - 1
        while upper >= 0 and (self.around[upper] or not lines[upper]):
            upper -= 1
        if upper not in self.scores or size(lines[upper]) < 3:
            return best
        if len(lines[upper]) >= len(lines[best]):
            return upper if upper == best - 1 and self._is_own(upper) else best
        return upper if self._is_standfirst_below(upper) else best

    def _is_near(self, at: int) -> bool:
        return at in self.scores and self.scores[at] >= _STANDFIRST * self.scores[self.best]

    def _is_own(self, at: int) -> bool:
        return self._is_near(at) and len(self.words[at] & self.text) >= _LEAST_SHARED_WORDS

    def _is_standfirst_below(self, upper: int) -> bool:
        words, lines, best = self.words[upper], self.lines, self.best
        shared = len(words & (self.text | self.words[best]))
        shares = shared >= _LEAST_SHARED * len(words) and size(lines[upper]) >= 4
        is_first = _is_first(lines, self.around, upper, best)
        if len(lines[best]) >= _DECK_CHARS and (shares or is_first):
            # What the page has in a list, too, is more likely a teaser.
            return is_first or self._is_near(upper) or lines.count(lines[upper]) == 1
        is_better = self._is_near(upper) and self.scores[upper] >= _LEAST
        return is_better and (shared >= _LEAST_SHARED_WORDS or is_first)


def _is_in_another(lines: Sequence[str], at: int) -> bool:
    """Whether a line is said inside another that is no text: a crumb, "Comments on …"."""
    own = lines[at]
    if size(own) < _LEAST_REPEATED or "\n".join(lines).count(own) == lines.count(own):
        return False  # no other line has it, as is quickly counted
    return any(own in line and own != line and not is_prose(line) for line in lines)


def _ends_with_another(lines: Sequence[str], at: int) -> bool:
    """Whether a line ends with another that is long enough for a headline."""
    own = lines[at]
    ends = [line for line in lines if line and own.endswith(line) and own != line]
    return any(_size_of_line(line) >= _LEAST_REPEATED for line in ends)


def _is_caption(line: str) -> bool:
    return len(line) > MAX_TITLE_CHARS or _GLUED.search(line) is not None


def _is_first(lines: Sequence[str], around: Sequence[bool], upper: int, best: int) -> bool:
    """Whether a line stands right above another and is no headline of a list: above it is nothing
    but a date, chrome, or the label of a section.
    """
    if upper == 0:
        return all(lines[1:best])
    if upper == best - 1 and around[upper - 1]:
        return True
    is_labelled = upper == best - 1 and size(lines[upper - 1]) <= _MAX_LABEL
    return is_labelled and size(lines[upper]) > _MAX_LABEL


def _overlap(words: AbstractSet[str], text: AbstractSet[str], often: Counter[str]) -> float:
    """How much of a line the text says, too; a word counts less if other lines have it."""
    weights = {word: 1 / often[word] for word in words}
    shared = sum(weight for word, weight in weights.items() if word in text)
    return shared / (sum(weights.values()) + 1) + _SHARED_WORD * min(shared, _MOST_SHARED)


def _place(lines: Sequence[str], around: Sequence[bool], at: int) -> float:
    """What it says that a line stands above a date or a byline, with its standfirst, or below."""
    below, labels = at + 1, 0
    most = _MAX_LABELS if _size_of_line(lines[at]) >= _LEAST_REPEATED else 0
    while below < min(at + 3 + labels, len(lines)) and not around[below]:
        # Lines that are in no case a headline are passed below a label: the name of a picture.
        is_label = labels < most and (" " not in lines[below] if lines[below] else labels > 0)
        if not is_label and len(lines[below]) <= len(lines[at]):
            break
        labels += is_label
        below += 1
    if below < len(around) and around[below]:
        return _ABOVE_DATE
    return _BELOW_DATE if at and around[at - 1] else 0.0


def _nearest(
    lines: Sequence[str], around: Sequence[bool], start: int, scores: dict[int, float]
) -> int | None:
    """The line right above the text, or above its date, that may be a headline by its form."""
    at = start - 1
    while at >= 0 and (around[at] or not lines[at]):
        at -= 1
    return at if at in scores and size(lines[at]) >= 4 else None


def _may_be_headline(line: str, is_around: bool) -> bool:
    if (
        is_around
        or not line
        or len(line) > 2 * MAX_TITLE_CHARS
        or not 2 <= _size_of_line(line) <= 40
        or _OPEN_END.search(line)
    ):
        return False
    return not line.endswith(_FULL_STOP)


def stems(text: str) -> frozenset[str]:
    """The beginnings of longer words, so that inflected forms are one; in Chinese, pairs."""
    return _stems_of_line(text) if len(text) <= MAX_CHARS else _stems(text)


def _stems(text: str) -> frozenset[str]:
    words = words_of(text)
    found = {word[:_STEM] for word in words if len(word) >= 4}
    if not text.isascii():
        pairs = pairwise(words)
        found |= {one + two for one, two in pairs if len(one) == len(two) == 1 and one > "\u3000"}
    return frozenset(found)


# Each line is compared several times, and a menu is on every page of a site.
_stems_of_line = functools.lru_cache(4_096)(_stems)
_size_of_line = functools.lru_cache(4_096)(size)
