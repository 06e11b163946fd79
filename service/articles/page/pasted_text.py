"""The article in text that was copied off a page: below the menu, above the footer.

These rules cut only a text that shows several traces of a page; a wire text, a poem or a list shows
none.

    above-headline   what is above the headline: menus, kickers, tickers
    below-text       the lines below the last sentence: names of topics, headlines, links
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import Flag, auto
from functools import reduce
from operator import or_

from service.articles.cut import Cut, Trimmed
from service.articles.page.bylines import HEAD, author_in, is_bare_name
from service.articles.page.chrome_phrases import ALL, ANYWHERE, SHARE, first_rule
from service.articles.page.prose import ends_sentence, is_prose, is_statement, size
from service.articles.paragraphs import BREAK

MAX_TITLE_CHARS = 150
_MIN_TRACES = 2
_AROUND_HEADLINE = (*HEAD, SHARE)
_MAX_SEARCHED = 200
"""Paragraphs at each end of a text that are searched for traces of a page."""
_MAX_HEAD_LINES = 80
"""Most lines above an article's text."""
_FIRST_WORD = re.compile(r"(?:home|news|world|business|sports?|actualités|inicio)\b", re.IGNORECASE)
_OPEN_END = re.compile(r"[,;:،、]$")


def is_copied(paragraphs: list[str]) -> bool:
    """Whether a text shows traces of a page: paragraphs that are page chrome."""
    ends = (
        paragraphs
        if len(paragraphs) <= 2 * _MAX_SEARCHED
        else [*paragraphs[:_MAX_SEARCHED], *paragraphs[-_MAX_SEARCHED:]]
    )
    traces = (each for each in ends if first_rule(ALL, each))
    return sum(1 for _ in zip(range(_MIN_TRACES), traces, strict=False)) == _MIN_TRACES


class Label(Flag):
    """What a line above an article's text may be; one line may be several of these."""

    TITLE = auto()
    """The title that is known from elsewhere."""
    HEADLINE = auto()
    """By its form, the headline."""
    BYLINE = auto()
    """The names of the authors."""
    AROUND_HEADLINE = auto()
    """A date, a reading time, a byline or a share bar."""
    CHROME = auto()
    """Any kind of page chrome."""
    TEXT = auto()
    """Running text, which is never above the headline."""


def headline_at(paragraphs: list[str], is_title: Callable[[str], bool] | None = None) -> int | None:
    """The index of the headline of a copied page; None if it is not certain.

    `is_title` says whether a line is the title, if the title is known: then the first such line is
    the headline. Otherwise it is the last line that may be one, above the first paragraph of prose
    that is no chrome; if that line is a standfirst, it is the candidate above, with only bylines
    and the like between the two. Nothing above the headline reads like text.
    """
    head = paragraphs[: _first_prose(paragraphs)]
    if len(head) == len(paragraphs):
        return None
    labels = [_label(line, is_title) for line in head]
    candidates = _candidates(head, labels) if is_title is None else _places(labels, Label.TITLE)[:1]
    if not candidates:
        return None
    found = candidates[-1]
    if len(candidates) > 1 and _is_standfirst_of(candidates[-2], found, head, labels):
        found = candidates[-2]
    if len(head[found]) > MAX_TITLE_CHARS or _places(labels[:found], Label.TEXT):
        return None
    return found


def _label(line: str, is_title: Callable[[str], bool] | None) -> Label:
    is_chrome = first_rule(ALL, line) is not None
    properties = {
        Label.TITLE: is_title is not None and is_title(line),
        Label.HEADLINE: not is_chrome and _may_be_headline(line),
        Label.BYLINE: bool(author_in(line)),
        Label.AROUND_HEADLINE: first_rule(_AROUND_HEADLINE, line) is not None,
        Label.CHROME: is_chrome,
        Label.TEXT: not is_chrome and _reads_like_text(line),
    }
    return reduce(or_, [label for label, holds in properties.items() if holds], Label(0))


def _places(labels: Sequence[Label], wanted: Label) -> list[int]:
    """The indexes of the lines that have this label."""
    return [at for at, label in enumerate(labels) if wanted in label]


def _candidates(head: Sequence[str], labels: Sequence[Label]) -> list[int]:
    """The lines that may be the headline: those above the first byline if there are any."""
    found = _places(labels, Label.HEADLINE)
    byline = next(iter(_places(labels, Label.BYLINE)), 0)
    above = [at for at in found if at < byline]
    if above or byline == 0:
        return above or found
    # The line right above the byline may be a headline although it is short.
    right_above = byline - 1
    is_short_headline = size(head[right_above]) >= 3 and Label.CHROME not in labels[right_above]
    return [right_above] if is_short_headline else found


def _is_standfirst_of(
    headline: int, line: int, head: Sequence[str], labels: Sequence[Label]
) -> bool:
    """Whether a line is the standfirst of a headline further up."""
    between = labels[headline + 1 : line]
    longer = len(head[line]) >= 60 and len(head[line]) > len(head[headline])
    is_menu = _FIRST_WORD.match(head[headline]) is not None
    return longer and not is_menu and all(Label.AROUND_HEADLINE in label for label in between)


def cut_above(paragraphs: list[str], headline: int) -> list[Cut]:
    """The paragraphs above the headline, as cuts."""
    rules = ((first_rule(ALL, each), each) for each in paragraphs[:headline])
    return [Cut(rule.name if rule else "above-headline", each) for rule, each in rules]


def cut_below(paragraphs: list[str], places: Sequence[int]) -> Trimmed:
    """Cut the lines below an article's last sentence.

    They begin at the first of `places`, indexes where chrome was cut among them: the lines above
    that may be a list that ends the article. A single line stays, and so does a list that a colon
    announces.
    """
    end = len(paragraphs)
    while end and not (ends_sentence(paragraphs[end - 1]) or is_statement(paragraphs[end - 1])):
        end -= 1
    start = min((place for place in places if place >= end), default=len(paragraphs))
    tail = paragraphs[start:]
    is_list = any(_OPEN_END.search(each) for each in paragraphs[end:])
    if end == 0 or len(tail) < 2 or is_list or any(len(each) > MAX_TITLE_CHARS for each in tail):
        return Trimmed(paragraphs, [])
    return Trimmed(paragraphs[:start], [Cut("below-text", BREAK.join(tail))])


def _first_prose(paragraphs: list[str]) -> int:
    for at, each in enumerate(paragraphs[:_MAX_HEAD_LINES]):
        if is_prose(each) and first_rule(ANYWHERE, each) is None:
            return at
    return min(len(paragraphs), _MAX_HEAD_LINES)


def _may_be_headline(paragraph: str) -> bool:
    if len(paragraph) > MAX_TITLE_CHARS * 2 or size(paragraph) < 4 or _OPEN_END.search(paragraph):
        return False
    if is_bare_name(paragraph) and re.search("[,|]", paragraph):
        return False
    return not paragraph.endswith(".")


def _reads_like_text(paragraph: str) -> bool:
    is_open = _OPEN_END.search(paragraph) is not None
    return is_open or (is_statement(paragraph) and size(paragraph) > 2)
