"""Which lines of a copied page may be the headline of its text, for where they stand."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from enum import Enum, auto
from itertools import takewhile

from service.articles.page.also_read import ALSO_READ
from service.articles.page.bylines import author_in, is_bare_name, words_beside_date
from service.articles.page.chrome_phrases import CREDIT, is_summary_heading
from service.articles.page.pasted.boxes import AUTHOR_NOTE, PULL_QUOTE
from service.articles.page.pasted.headline import MAX_TITLE_CHARS, headline_above
from service.articles.page.pasted.lines import SENTENCES, Kind, Lines, is_way
from service.articles.page.pasted.span import Span
from service.articles.page.phrases import MAX_CHARS
from service.articles.page.prose import stops

_CHROME = (Kind.INSIDE, Kind.END)
_MAX_HEAD, _MAX_POINTS, _MAX_NUMBER_CHARS = 12, 8, 6
_LEAST_TITLE = 4
_MAX_BESIDE_DATE, _MAX_MASTHEAD = 6, 14
_LEAST_ITEMS, _MAX_MARK, _MAX_ITEM_LINES = 3, 4, 6
_CREDIT_AT_END = re.compile(r"\((?:[A-Z][\w./]*[ /]?){2,5}\)$")
_NUMBER = re.compile(r"#?\d{1,2}(?:[.:]\d{0,2})?")
_DURATION = re.compile(r"\d:[0-5]\d|00:\d\d")
_IN_BRACKETS = re.compile(r"\(.*\)|（.*）")
_MAX_FIRST_LINES, _MAX_WORDS = 3, 25


def headline(lines: Lines, span: Span) -> int | None:
    """The index of the line that is the headline; None if none may be."""
    around = [
        kind is Kind.AROUND or (kind is Kind.LINE and at < span.start and is_masthead(lines, at))
        for at, kind in enumerate(lines.kinds)
    ]
    start = _first_text(lines, span)
    others = {*_no_headlines(lines, around, start)}
    # A headline may be quoted from its text, too.
    shown = [
        "" if at in others or (kind in _CHROME and rule is not PULL_QUOTE) else text
        for at, (text, kind, rule) in enumerate(
            zip(lines.texts, lines.kinds, lines.rules, strict=True)
        )
    ]
    text = lines.part(start, span.end)
    body = [each for each, kind in zip(text.texts, text.kinds, strict=True) if kind in SENTENCES]
    return headline_above(shown, around, start, body)


def _first_text(lines: Lines, span: Span) -> int:
    """Where a text begins below lines that are sentences by their form, and may be its headline: a
    question, a call, what somebody said.
    """
    start = span.start
    while start < min(span.start + _MAX_FIRST_LINES, span.end - 1):
        text, words = lines.texts[start], lines.sizes[start]
        is_short = len(text) <= MAX_TITLE_CHARS and words <= _MAX_WORDS
        below = lines.texts[start + 1]
        is_below = lines.kinds[start + 1] is Kind.AROUND or len(below) >= len(text)
        # Below it is more than the same once more: else nothing would be left.
        is_text = any(each != text for each in lines.texts[start + 1 : span.end])
        if not (is_short and is_below and is_text) or stops(text):
            break
        start += 1
    return start


def is_masthead(lines: Lines, at: int) -> bool:
    """Whether a line that is no sentence says who wrote the text, or when, in no form that a rule
    knows.
    """
    text = lines.texts[at]
    is_short = 1 < lines.sizes[at] <= _MAX_MASTHEAD and len(text) <= MAX_CHARS
    return (is_short and _says_who_or_when(text)) or _is_name_below_title(lines, at)


@functools.lru_cache(4_096)  # a menu is on every page of a site
def _says_who_or_when(line: str) -> bool:
    words = words_beside_date(line)
    if words is not None and words <= _MAX_BESIDE_DATE:
        return True
    return "," in line and bool(author_in(line.partition(",")[0]))


def _is_name_below_title(lines: Lines, at: int) -> bool:
    """Whether a line is a name next to a date, and the line above it long enough for a title."""
    if at == 0 or lines.sizes[at - 1] < _LEAST_TITLE:
        return False
    near = lines.kinds[at - 1 : at + 2]
    is_noted = lines.rules[at + 1 : at + 2] == [AUTHOR_NOTE]
    return (is_noted or Kind.AROUND in near) and is_bare_name(lines.texts[at])


def _no_headlines(lines: Lines, around: Sequence[bool], end: int) -> Iterator[int]:
    """Lines that are not the headline for where they stand: below "Also read", in a list with
    numbers or times, between a title and a credit, or among the article's points below its date.
    """
    yield from _list_items(lines, end)
    yield from _points(lines, end)
    last_around = -_MAX_HEAD - 1
    for at in range(end):
        rule = lines.rules[at]
        form = _form(lines.texts[at])
        if form is _Form.AROUND:
            yield at
        elif rule is ALSO_READ and lines.is_heading(at):
            yield at + 1
        elif form is _Form.DURATION or (
            rule is CREDIT and at >= 2 and _may_be_title(lines, at - 2)
        ):
            yield at - 1
        elif lines.kinds[at] is Kind.LINE and (
            _is_caption_or_teaser(lines.texts[at])
            or (at and around[at - 1] and _is_below_masthead(lines, around, at))
        ):
            yield at
        if len(lines.texts[at]) <= _MAX_NUMBER_CHARS:
            if at >= 2 and all(map(_NUMBER.fullmatch, (lines.texts[at], lines.texts[at - 2]))):
                yield from (at - 1, at + 1)
        elif lines.kinds[at] is Kind.AROUND:
            last_around = at
        elif at - last_around <= _MAX_HEAD and is_summary_heading(lines.texts[at]):
            points = range(at, min(end, at + _MAX_POINTS))
            yield from takewhile(lambda at: lines.kinds[at] is Kind.LINE, points)


class _Form(Enum):
    """What a line is by its signs alone."""

    AROUND = auto()
    """The way to this page, or all of it in brackets."""
    DURATION = auto()
    OTHER = auto()


@functools.lru_cache(4_096)  # a menu is on every page of a site
def _form(line: str) -> _Form:
    if is_way(line) or _IN_BRACKETS.fullmatch(line):
        return _Form.AROUND
    return _Form.DURATION if _DURATION.fullmatch(line) else _Form.OTHER


def _may_be_title(lines: Lines, at: int) -> bool:
    return lines.sizes[at] >= _LEAST_TITLE and not is_way(lines.texts[at])


def _is_caption_or_teaser(line: str) -> bool:
    """Whether a line names its agency at the end, or begins with its day."""
    if line.endswith(")") and _CREDIT_AT_END.search(line):
        return True
    return line[0].isdigit() and words_beside_date(line) is not None


def _list_items(lines: Lines, end: int) -> Iterator[int]:
    """Lines of a list that has the same short line at every item: "Now playing", "Read more"."""
    often = Counter(lines.texts[:end])
    places: dict[str, list[int]] = {}
    for at, (text, kind) in enumerate(zip(lines.texts[:end], lines.kinds, strict=False)):
        if often[text] >= _LEAST_ITEMS and kind is Kind.LINE and lines.sizes[at] <= _MAX_MARK:
            places.setdefault(text, []).append(at)
    for each in places.values():
        for first, second, third in zip(each, each[1:], each[2:], strict=False):
            if 1 < second - first == third - second <= _MAX_ITEM_LINES:
                yield from range(first, third)


def _points(lines: Lines, end: int) -> Iterator[int]:
    """The article's points between their heading and the text."""
    start = end
    while start and lines.kinds[start - 1] is Kind.LINE and lines.sizes[start - 1] >= _LEAST_TITLE:
        start -= 1
    if 0 < start < end <= start + _MAX_POINTS and is_summary_heading(lines.texts[start - 1]):
        yield from range(start, end)


def _is_below_masthead(lines: Lines, around: Sequence[bool], at: int) -> bool:
    """Whether a line is below a byline with a date, below a standfirst, below a line: a caption."""
    above = at - 1
    while above >= 0 and around[above]:
        above -= 1
    if at - above <= 2 or around[at] or around[at + 1 : at + 2] == [True]:
        return False
    is_lead = above > 0 and lines.kinds[above] in SENTENCES
    return (
        is_lead and lines.kinds[above - 1] is Kind.LINE and lines.sizes[above - 1] >= _LEAST_TITLE
    )
