"""Comments of readers below a text, where no heading of them is known.

Each has a line that says who wrote it, on which day and at which time. So has each entry of a live
report, and each case of a police report: the article is these, and above the first is little.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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
    """The lines with comments told apart, from the first to the last that somebody signed."""
    found = dict(_signatures(lines))
    if len({*found.values()}) < _LEAST:
        return lines
    rules, kinds = [*lines.rules], [*lines.kinds]
    for group in _groups(lines, [*found]):
        if len({found[at] for at in group}) >= _LEAST:
            for at in group:
                rules[at] = COMMENTS
            span = slice(group[0] - bool(_name_above(lines, group[0])), group[-1] + 1)
            kinds[span] = [Kind.END] * len(kinds[span])
    return Lines(lines.texts, rules, kinds, lines.sizes)


def _groups(lines: Lines, places: list[int]) -> Iterator[list[int]]:
    """The places in groups, each below an article, which is much longer than most comments."""
    above, *words = [
        sum(lines.sizes[at] for at in range(*each) if lines.kinds[at] is Kind.PROSE)
        for each in pairwise([0, *places])
    ]
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


def _signatures(lines: Lines) -> Iterator[tuple[int, str]]:
    """Lines with a day and a time next to a sentence, each with the name in it or above it."""
    above = 0
    for at, (text, kind) in enumerate(zip(lines.texts, lines.kinds, strict=True)):
        if kind is Kind.PROSE:
            above += lines.sizes[at]
        if above < _LEAST_TEXT or kind not in _SIGNED:
            continue
        if not (_MAY_BE_TIME.search(text) and _TIME.search(text)):
            continue
        beside = words_beside_date(text)
        if beside is None or beside > _MAX_BESIDE:
            continue
        name = text if beside else _name_above(lines, at)
        near = [*lines.kinds[at - 1 : at], *lines.kinds[at + 1 : at + 1 + _NEAR]]
        if name and {*near} & {*SENTENCES}:
            yield at, "".join(filter(str.isalpha, name))


def _name_above(lines: Lines, at: int) -> str:
    is_name = lines.kinds[at - 1] is Kind.LINE and lines.sizes[at - 1] <= _MAX_NAME
    return lines.texts[at - 1] if is_name else ""
