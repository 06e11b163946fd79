"""Where an article's text begins and ends among the lines of its page.

Every line has a weight: running text counts for being the article, lines without a full stop and
chrome count against. The text is the run of lines that weighs most.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from service.articles.page.chrome_phrases import COMMENTS, LEGAL, NAVIGATION
from service.articles.page.pasted.lines import SENTENCES, Kind, Lines
from service.articles.page.prose import breaks_off


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
LAST = (COMMENTS, LEGAL, NAVIGATION)
MAX_BOX_LINES = 6
LEAST_LAST = 3
"""Least words of a line right below a text that is its own: fewer are a label."""
_LEAST_ITEM = 6
COLON = (":", "：")


class Span(NamedTuple):
    """Lines from `start` to `end`; empty if both are one."""

    start: int
    end: int


def text_span(lines: Lines) -> Span:
    """The run of lines that weighs most."""
    alone = [
        kind in SENTENCES and (lines.is_alone(at) or _is_other(lines.texts[at]))
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


def _is_other(sentence: str) -> bool:
    """Whether a sentence is more likely a notice, or a teaser that is cut short."""
    return breaks_off(sentence) or _NOTICE in sentence.lower()


def _weights(lines: Lines, alone: Sequence[bool], weights: Weights) -> Iterator[float]:
    group = 0
    for at, (kind, words) in enumerate(zip(lines.kinds, lines.sizes, strict=True)):
        if kind is Kind.LINE:
            group += 1
            if words >= LEAST_LAST and _is_open(lines, at):
                yield 0.0
            else:
                yield weights.more if 1 < group <= MAX_BOX_LINES else weights.line
            continue
        group = 0
        if kind in SENTENCES:
            yield words * (weights.alone if alone[at] else 1.0)
        elif kind is Kind.END:
            yield weights.last if lines.rules[at] in LAST else weights.heading
        else:
            yield weights.inside


def _is_open(lines: Lines, at: int) -> bool:
    """Whether a line announces what is below it, or is an item of a list: it begins small."""
    line = lines.texts[at]
    return line.endswith(COLON) or (lines.sizes[at] >= _LEAST_ITEM and line[0].islower())


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
