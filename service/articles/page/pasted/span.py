"""Where an article's text begins and ends among the lines of its page.

Every line has a weight: running text counts for being the article, lines without a full stop and
chrome count against. The text is the run of lines that weighs most.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from service.articles.page.chrome_phrases import (
    ADVERTISEMENT,
    ALSO_READ,
    COMMENTS,
    LEGAL,
    NAVIGATION,
)
from service.articles.page.pasted.headline import stems
from service.articles.page.pasted.lines import SENTENCES, Kind, Lines
from service.articles.page.prose import size


@dataclass(frozen=True, slots=True)
class Weights:
    """What lines weigh, in words of running text."""

    line: float
    more: float
    """The second to sixth line of a group: a box inside a text has a few."""
    alone: float
    """Of its words count for a sentence between lines that are none: a teaser, or a notice."""
    inside: float = -4.0
    heading: float = -38.0
    last: float = -80.0
    """What no article goes on below."""


_USUAL = Weights(line=-14.0, more=-6.0, alone=0.3)
_LENIENT = Weights(line=-5.0, more=-5.0, alone=1.0)
"""For a text in pieces: where otherwise more running text would be cut than kept."""
_NOTICE = "cookie"
"""What long notices say, which no rule cuts, for an article may say it."""
_LAST = (COMMENTS, LEGAL, NAVIGATION)
_INTERRUPTIONS = (ALSO_READ, ADVERTISEMENT)
_MAX_BOX_LINES = 6
_MAX_APART = 16
"""Lines between a text and a sentence of it that stands apart."""
_LEAST_COMMON, _LEAST_COMMON_TOGETHER, _LEAST_SHARE = 4, 3, 0.2
"""Words, and share of its words, that such a sentence has in common with the text alone."""
_MAX_LAST_LINES, _LEAST_LAST = 2, 3
"""Lines right below a text that are its own, and their least words: fewer are a label."""
_OPEN_END = re.compile(r"[:：]$")


class Span(NamedTuple):
    """Lines from `start` to `end`; empty if both are one."""

    start: int
    end: int


def text_span(lines: Lines) -> Span:
    """The run of lines that weighs most."""
    found = _heaviest(_weights(lines, _USUAL))
    running = [*_running(lines)]
    if sum(running) > 2 * sum(running[slice(*found)]):
        wider = _heaviest(_weights(lines, _LENIENT))
        if wider.start <= found.start and found.end <= wider.end:
            return wider
    return found


def _weights(lines: Lines, weights: Weights) -> Iterator[float]:
    group = 0
    for at, kind in enumerate(lines.kinds):
        group = group + 1 if kind is Kind.LINE else 0
        if kind in SENTENCES:
            text = lines.texts[at]
            counts_little = lines.is_alone(at) or _NOTICE in text.lower()
            yield size(text) * (weights.alone if counts_little else 1.0)
        elif kind is Kind.LINE:
            yield weights.more if 1 < group <= _MAX_BOX_LINES else weights.line
        elif kind is Kind.END:
            yield weights.last if lines.rules[at] in _LAST else weights.heading
        else:
            yield weights.inside


def _running(lines: Lines) -> Iterator[int]:
    """For each line its words, if it is running text."""
    for at, text in enumerate(lines.texts):
        yield size(text) if lines.kinds[at] is Kind.PROSE and not lines.is_alone(at) else 0


def _heaviest(weights: Iterable[float]) -> Span:
    best, span = 0.0, Span(0, 0)
    weight, start = 0.0, 0
    for at, each in enumerate(weights):
        if weight <= 0.0:
            weight, start = 0.0, at
        weight += each
        if weight > best:
            best, span = weight, Span(start, at + 1)
    return span


def with_strays(lines: Lines, span: Span, *, has_title: bool) -> Span:
    """The span with sentences that stand apart from it, beyond a box or a list.

    Such a sentence has words of the text that no headline or link has, or is the first of all.
    Above, none is looked for if the title is known: then it is clear where the article begins.
    """
    start, end = span
    near = [*lines.kinds[max(0, start - _MAX_APART) : start], *lines.kinds[end : end + _MAX_APART]]
    if Kind.PROSE not in near:
        return span
    own = {stem for text in lines.texts[start:end] for stem in stems(text)}
    own -= {
        stem
        for at, text in enumerate(lines.texts)
        if lines.kinds[at] is Kind.LINE and not start <= at < end
        for stem in stems(text)
    }
    for at in range(start - 1, -1 if not has_title else start, -1):
        if at < span.start - _MAX_APART:
            break
        is_first = Kind.LINE not in lines.kinds[:at]
        if lines.kinds[at] is Kind.PROSE and (is_first or _has(lines.texts[at], own)):
            start = at
    below_list = False
    for at in range(end, min(len(lines), end + _MAX_APART)):
        if lines.kinds[at] is Kind.END and lines.rules[at] in _LAST:
            break
        below_list = below_list or lines.kinds[at] is Kind.END
        alone = lines.is_alone(at)
        is_teaser = below_list and alone
        least = _LEAST_COMMON if alone else _LEAST_COMMON_TOGETHER
        if lines.kinds[at] is Kind.PROSE and not is_teaser and _has(lines.texts[at], own, least):
            end = at + 1
    return Span(start, end)


def _has(text: str, words: set[str], least: int = _LEAST_COMMON) -> bool:
    said = {*stems(text)}
    common = len(said & words)
    return common >= least and common >= _LEAST_SHARE * len(said)


def with_last_lines(lines: Lines, span: Span) -> Span:
    """The span with the lines right below it that belong to it: a list that a colon announces, and
    one or two lines above the first of the page's own.
    """
    start, end = span
    from_end = end
    while from_end < len(lines) and lines.rules[from_end] in _INTERRUPTIONS:
        from_end += 1
    others = (at for at in range(from_end, len(lines)) if lines.kinds[at] is not Kind.LINE)
    below = next(others, len(lines))
    is_list = any(_OPEN_END.search(each) for each in lines.texts[max(0, end - 1) : below])
    last = lines.texts[from_end:below]
    is_last = len(last) <= _MAX_LAST_LINES and all(size(each) >= _LEAST_LAST for each in last)
    return Span(start, below) if last and (is_list or is_last) else span
