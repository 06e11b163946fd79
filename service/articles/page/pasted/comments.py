"""Comments of readers below a text.

Each has a line that says who wrote it, on which day and at which time. So has each entry of a live
report, and each case of a police report: the article is these, and above the first is little. Where
a heading is known, no names are needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from service.articles.page.bylines import words_beside_date
from service.articles.page.chrome_phrases import COMMENTS
from service.articles.page.pasted.lines import SENTENCES, Kind, Lines

_TIME = re.compile(r"(?<!\d)\d{1,2} ?[:.hH] ?\d\d(?!\d)")
_MAY_BE_TIME = re.compile(r"\d ?[:.hH] ?\d\d")
_LEAST = 3
"""Comments, each by another reader: fewer may be notes of the article's own."""
_LEAST_TEXT = 60
"""Words of running text above the first one."""
_LONG_COMMENT, _TIMES_LONGER = 200, 4
"""Words that a comment may have, and how many times those of most others."""
_TIMES_ABOVE = 2
"""The same for what is above the first one."""
_SIGNED = (Kind.LINE, Kind.AROUND)
_MAX_NAME, _MAX_BESIDE, _NEAR = 4, 6, 2


def with_comments(lines: Lines) -> Lines:
    """The lines with comments told apart: below their heading, or from first to last signature."""
    heading = _heading(lines)
    if heading is not None:
        kinds = [*lines.kinds[:heading], *_no_text(lines.kinds[heading:])]
        return Lines(lines.texts, lines.rules, kinds, lines.sizes)
    found = dict(_signatures(lines))
    if len({*found.values()}) < _LEAST:
        return lines
    rules, kinds = [*lines.rules], [*lines.kinds]
    span = slice(0, 0)
    for group in _groups(lines, [*found]):
        if len({found[at] for at in group}) >= _LEAST:
            for at in group:
                rules[at] = COMMENTS
            span = slice(group[0] - bool(_name_above(lines, group[0])), group[-1] + 1)
            kinds[span] = [Kind.END] * len(kinds[span])
    if _running(lines, span.stop) < _running(lines, 0, span.start):
        kinds[span.stop :] = _no_text(kinds[span.stop :])
    return Lines(lines.texts, rules, kinds, lines.sizes)


def _no_text(kinds: Sequence[Kind]) -> list[Kind]:
    """The same without sentences: a page has none of its article below comments."""
    return [Kind.END if kind in SENTENCES else kind for kind in kinds]


def _heading(lines: Lines) -> int | None:
    """The heading of comments below an article, "27 comments": lines with a day and a time follow,
    and what is above is longer than what is between most of these.
    """
    heading, above = None, 0
    for at, (rule, kind) in enumerate(zip(lines.rules, lines.kinds, strict=True)):
        above += lines.sizes[at] if kind is Kind.PROSE else 0
        if rule is COMMENTS and above >= _LEAST_TEXT:
            heading = at
            break
    if heading is None:
        return None
    below = range(heading, len(lines))
    dated = [at for at in below if _beside_time(lines, at) is not None]
    words = [_running(lines, *each) for each in pairwise(dated)]
    is_below = len(dated) >= _LEAST and above >= _TIMES_ABOVE * median(words)
    return heading if is_below else None


def _groups(lines: Lines, places: list[int]) -> Iterator[list[int]]:
    """The places in groups, each below an article, which is much longer than most comments."""
    above, *words = [_running(lines, *each) for each in pairwise([0, *places])]
    usual = median(words)
    longest = max(_LONG_COMMENT, _TIMES_LONGER * usual)
    is_below = above >= _TIMES_ABOVE * usual
    group = places[:1]
    for at, between in zip(places[1:], words, strict=True):
        if between > longest:
            yield group if is_below else []
            group, is_below = [], True
        group.append(at)
    yield group if is_below else []


def _running(lines: Lines, start: int, end: int | None = None) -> int:
    """The words of running text between two lines."""
    part = lines.part(start, end)
    both = zip(part.sizes, part.kinds, strict=True)
    return sum(words for words, kind in both if kind is Kind.PROSE)


def _signatures(lines: Lines) -> Iterator[tuple[int, str]]:
    """Lines with a day and a time next to a sentence, each with the name in it or above it."""
    above = 0
    for at, (text, kind) in enumerate(zip(lines.texts, lines.kinds, strict=True)):
        if kind is Kind.PROSE:
            above += lines.sizes[at]
        beside = _beside_time(lines, at) if above >= _LEAST_TEXT else None
        if beside is None:
            continue
        name = text if beside else _name_above(lines, at)
        near = [*lines.kinds[at - 1 : at], *lines.kinds[at + 1 : at + 1 + _NEAR]]
        if name and {*near} & {*SENTENCES}:
            yield at, "".join(filter(str.isalpha, name))


def _beside_time(lines: Lines, at: int) -> int | None:
    """How many words a line has beside a day and a time; None if it is no such line."""
    text = lines.texts[at]
    if lines.kinds[at] not in _SIGNED or not (_MAY_BE_TIME.search(text) and _TIME.search(text)):
        return None
    beside = words_beside_date(text)
    return None if beside is None or beside > _MAX_BESIDE else beside


def _name_above(lines: Lines, at: int) -> str:
    is_name = lines.kinds[at - 1] is Kind.LINE and lines.sizes[at - 1] <= _MAX_NAME
    return lines.texts[at - 1] if is_name else ""
