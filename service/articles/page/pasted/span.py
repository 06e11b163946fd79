"""Where an article's text begins and ends among the lines of its page.

Every line has a weight: running text counts for being the article, lines without a full stop and
chrome count against. The text is the run of lines that weighs most.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from service.articles.page.also_read import ALSO_READ
from service.articles.page.chrome_phrases import (
    ADVERTISEMENT,
    COMMENTS,
    LEGAL,
    NAVIGATION,
    SHARE,
    TAGS,
)
from service.articles.page.pasted.headline import stems
from service.articles.page.pasted.lines import SENTENCES, Kind, Lines


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
_LEAST_RUN = 3
"""Sentences in a row that are no teasers."""
_MAX_LAST_LINES, _LEAST_LAST = 2, 3
"""Lines right below a text that are its own, and their least words: fewer are a label."""
_LEAST_ITEM = 6
_COLON = (":", "：")


class Span(NamedTuple):
    """Lines from `start` to `end`; empty if both are one."""

    start: int
    end: int


def text_span(lines: Lines) -> Span:
    """The run of lines that weighs most."""
    alone = [
        kind in SENTENCES and (lines.is_alone(at) or _NOTICE in lines.texts[at].lower())
        for at, kind in enumerate(lines.kinds)
    ]
    found = _heaviest(_weights(lines, alone, _USUAL))
    running = [
        0 if kind is not Kind.PROSE or is_alone else words
        for kind, is_alone, words in zip(lines.kinds, alone, lines.sizes, strict=True)
    ]
    if sum(running) > 2 * sum(running[slice(*found)]):
        wider = _heaviest(_weights(lines, alone, _LENIENT))
        if wider.start <= found.start and found.end <= wider.end:
            return wider
    return found


def _weights(lines: Lines, alone: Sequence[bool], weights: Weights) -> Iterator[float]:
    group = 0
    for at, (kind, words) in enumerate(zip(lines.kinds, lines.sizes, strict=True)):
        if kind is Kind.LINE:
            group += 1
            if words >= _LEAST_LAST and _is_open(lines, at):
                yield 0.0
            else:
                yield weights.more if 1 < group <= _MAX_BOX_LINES else weights.line
            continue
        group = 0
        if kind in SENTENCES:
            yield words * (weights.alone if alone[at] else 1.0)
        elif kind is Kind.END:
            yield weights.last if lines.rules[at] in _LAST else weights.heading
        else:
            yield weights.inside


def _is_open(lines: Lines, at: int) -> bool:
    """Whether a line announces what is below it, or is an item of a list: it begins small."""
    line = lines.texts[at]
    return line.endswith(_COLON) or (lines.sizes[at] >= _LEAST_ITEM and line[0].islower())


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


def with_strays(lines: Lines, span: Span, title: int | None) -> Span:
    """The span with sentences that stand apart from it, beyond a box or a list.

    Such a sentence has words of the text that no headline or link has, and no sentence far from it,
    or is the first of all.
    Above, none is looked for if there is a title: then it is clear where the article begins.
    """
    start, end = span
    near = [*lines.kinds[max(0, start - _MAX_APART) : start], *lines.kinds[end : end + _MAX_APART]]
    if Kind.PROSE not in near:
        return span
    own = _said(lines, start, end)
    own -= {
        stem
        for at, text in enumerate(lines.texts)
        if not start <= at < end and at != title
        if lines.kinds[at] is Kind.LINE or not start - _MAX_APART <= at < end + _MAX_APART
        for stem in stems(text)
    }
    own |= stems(lines.texts[title]) if title is not None else frozenset()
    for at in range(start - 1, -1 if title is None else start, -1):
        if at < span.start - _MAX_APART:
            break
        is_first = Kind.LINE not in lines.kinds[:at]
        if lines.kinds[at] is Kind.PROSE and (is_first or _has(lines.texts[at], own)):
            start = at
    return Span(start, _end_of_strays(lines, end, own))


def _end_of_strays(lines: Lines, end: int, own: set[str]) -> int:
    """The end of the last sentence below a text that belongs to it.

    Teasers are among headlines. One of them may have words of the text by chance, most of them do
    not. Three sentences in a row are no teasers, and one below a box and right above the buttons
    that close an article is its last.
    """
    below = range(end, min(len(lines), end + _MAX_APART))
    below = range(end, next((at for at in below if lines.rules[at] in _LAST), below.stop))
    apart = [at for at in below if lines.kinds[at] is Kind.PROSE and lines.is_alone(at)]
    near = sum(_has(lines.texts[at], own) for at in apart)
    is_list = False
    for at in below:
        is_list = is_list or lines.kinds[at] is Kind.END
        run = _run(lines, at)
        if lines.kinds[at] not in SENTENCES:
            continue
        if lines.kinds[at] is Kind.PROSE and lines.is_alone(at):
            is_own = not is_list and 2 * near > len(apart) and _has(lines.texts[at], own)
            end = at + 1 if is_own or _is_last(lines, end, at) else end
        elif run - at >= _LEAST_RUN and len(_said(lines, at, run) & own) >= _LEAST_COMMON_TOGETHER:
            end = max(end, run)
        elif lines.kinds[at] is Kind.PROSE and _has(lines.texts[at], own, _LEAST_COMMON_TOGETHER):
            end = max(end, at + 1)
    return end


def _said(lines: Lines, start: int, end: int) -> set[str]:
    return {stem for text in lines.texts[start:end] for stem in stems(text)}


def _run(lines: Lines, start: int) -> int:
    """The end of the sentences that follow each other from `start`."""
    others = (at for at in range(start, len(lines)) if lines.kinds[at] not in SENTENCES)
    return next(others, len(lines))


def _is_last(lines: Lines, end: int, at: int) -> bool:
    """Whether a sentence is between a box or a subhead and the buttons that close an article."""
    box = lines.kinds[end:at]
    is_box = 1 <= box.count(Kind.LINE) <= _MAX_BOX_LINES and not {*box} - {Kind.LINE, Kind.END}
    closes = lines.rules[at + 1 : at + 2]
    return is_box and bool(closes) and closes[0] in (SHARE, TAGS)


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
    is_list = any(each.endswith(_COLON) for each in lines.texts[max(0, end - 1) : below])
    last = lines.sizes[from_end:below]
    is_last = len(last) <= _MAX_LAST_LINES and all(words >= _LEAST_LAST for words in last)
    return Span(start, below) if last and (is_list or is_last) else span
