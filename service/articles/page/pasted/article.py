"""The article in text that was copied off a page: below the menu, above the footer.

These rules cut only a text that shows several traces of a page; a wire text, a poem or a list
shows none. What they cut that no rule of `chrome_phrases` knows:

    above-headline   what is above the headline: menus, kickers, tickers
    below-headline   what is between headline and text and is neither: most-read lists
    below-text       what is below the last sentence: names of topics, headlines, links
    other-story      headlines inside the text that the page has elsewhere, too
    player           links of a player or a gallery inside the text, next to "0:48" or "1/6"
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

from service.articles.cut import Cut, Trimmed
from service.articles.page.also_read import ALSO_READ
from service.articles.page.bylines import is_bare_name
from service.articles.page.chrome_phrases import (
    ALL,
    END,
    first_rule,
    is_summary_heading,
)
from service.articles.page.pasted.boxes import (
    BOXES,
    inner_teasers,
    with_boxes,
)
from service.articles.page.pasted.candidates import headline, is_masthead
from service.articles.page.pasted.comments import with_comments
from service.articles.page.pasted.edges import with_last_lines, with_strays
from service.articles.page.pasted.headline import known_title
from service.articles.page.pasted.lines import SENTENCES, Kind, Lines, lines_of
from service.articles.page.pasted.span import Span, text_span
from service.articles.page.prose import is_prose, is_statement, size
from service.articles.paragraphs import BREAK, squash

_MIN_TRACES = 2
_MIN_LINKS, _MAX_LINK_CHARS = 12, 50
_MIN_UNKNOWN_LINKS, _MIN_FOOTER = 20, 3
"""Above and below a text where no rule knows any line."""
_MAX_SEARCHED = 200
"""Paragraphs at each end of a text that are searched for traces of a page."""
_STANDFIRST = 7
"""Least words of a standfirst that is no sentence."""
_MAX_PLAYER = 4
_COUNTER = re.compile(r"0?[0-5]:[0-5]\d|\d{1,2} ?/ ?\d{1,2}|\+\d{1,2}")
_HEADINGS = frozenset(rule.name for rule in (*END, ALSO_READ))


def is_copied(paragraphs: list[str]) -> bool:
    """Whether a text shows traces of a page: paragraphs that are page chrome."""
    ends = (
        paragraphs
        if len(paragraphs) <= 2 * _MAX_SEARCHED
        else [*paragraphs[:_MAX_SEARCHED], *paragraphs[-_MAX_SEARCHED:]]
    )
    traces = (each for each in ends if first_rule(ALL, each))
    count = sum(1 for _ in zip(range(_MIN_TRACES), traces, strict=False))
    if count == _MIN_TRACES:
        return True
    is_near = _is_near_links(paragraphs, _MIN_LINKS, 0) or _is_near_links(paragraphs, 0, _MIN_LINKS)
    return (count > 0 and is_near) or is_between_menus(paragraphs)


def is_between_menus(paragraphs: list[str]) -> bool:
    """Whether a text is below many links and above some, though no rule knows any of them."""
    return _is_near_links(paragraphs, _MIN_UNKNOWN_LINKS, _MIN_FOOTER)


def _is_near_links(paragraphs: list[str], above: int, below: int) -> bool:
    """Whether running text has so many lines of a few words each above and below it."""
    end = len(paragraphs) - below
    if above >= end or not all(map(_may_be_link, paragraphs[:above])):
        return False
    return all(map(_may_be_link, paragraphs[end:])) and any(map(is_prose, paragraphs[above:end]))


def _may_be_link(paragraph: str) -> bool:
    return len(paragraph) <= _MAX_LINK_CHARS and not is_statement(paragraph)


@dataclass(frozen=True, slots=True)
class PastedArticle:
    """The article in a copied text, and what was cut around it."""

    title: str
    """"" if it is known from elsewhere, or if no line may be it."""
    paragraphs: list[str]
    """Below the title; with it as the first, if it was known."""
    cuts: list[Cut]
    below: list[Cut]


def article_in(
    paragraphs: list[str], is_title: Callable[[str], bool] | None = None
) -> PastedArticle:
    """The article among the paragraphs of a page.

    `is_title` says whether a line is the title, where that is known; then no line becomes one.
    """
    lines = with_comments(with_boxes(lines_of(paragraphs)))
    span = text_span(lines)
    at = known_title(paragraphs, is_title) if is_title else headline(lines, span)
    if at is not None and at >= span.start:
        span = Span(at + 1, max(span.end, at + 1))
    if span.start == span.end:
        return PastedArticle("", paragraphs, [], [])
    start, end = with_last_lines(lines, with_strays(lines, span, at))
    text, others = _without_boxes(lines, Span(start, end), paragraphs[at] if at is not None else "")
    above = [*_cuts(lines.part(0, start if at is None else at), "above-headline")]
    below = [*_cuts(lines.part(end), "below-text")]
    if at is None:
        return PastedArticle("", text, [*above, *others], below)
    between, more = _between(lines.part(at + 1, start))
    first = [paragraphs[at]] if is_title else []
    title = "" if is_title else paragraphs[at]
    return PastedArticle(title, [*first, *between, *text], [*above, *more, *others], below)


def _without_boxes(page: Lines, span: Span, title: str) -> Trimmed:
    """The text without boxes: a heading of other stories with the lines below it, and lines among
    which is one that the page has elsewhere, too.
    """
    lines = page.part(*span)
    if not {Kind.LINE, Kind.END, Kind.INSIDE} & {*lines.kinds}:
        return Trimmed([*lines.texts], [])
    outside: set[str] = set()
    if any(
        kind is Kind.LINE and words >= 3
        for kind, words in zip(lines.kinds, lines.sizes, strict=True)
    ):
        around = (at for at in range(len(page)) if not span.start <= at < span.end)
        outside = {squash(page.texts[at]) for at in around if page.sizes[at] >= 3}
        outside -= {"", squash(title)}
    kept: list[str] = []
    cuts: list[Cut] = []
    heading = False
    teasers = inner_teasers(lines)
    cuts += (
        Cut("other-story", BREAK.join(lines.texts[at : at + 2])) for at in sorted(teasers)[::2]
    )
    for kind, group in groupby(range(len(lines)), lambda at: lines.kinds[at]):
        places = [at for at in group if at not in teasers]
        texts = [lines.texts[at] for at in places]
        if kind is Kind.END:
            cuts += _cuts(lines.part(places[0], places[-1] + 1), "")
        elif kind is Kind.INSIDE:
            known = [at for at in places if lines.rules[at] in BOXES]
            cuts += (cut for at in known for cut in _cuts(lines.part(at, at + 1), ""))
            kept += [lines.texts[at] for at in places if at not in known]
        elif kind is Kind.LINE and heading:
            cuts[-1] = Cut(cuts[-1].reason, BREAK.join([cuts[-1].text, *texts]))
        elif kind is Kind.LINE and any(size(t) >= 3 and squash(t) in outside for t in texts):
            cuts.append(Cut("other-story", BREAK.join(texts)))
        elif kind is Kind.LINE and kept and _is_player(texts):
            cuts.append(Cut("player", BREAK.join(texts)))
        else:
            kept += texts
        heading = kind is Kind.END
    return Trimmed(kept, cuts)


def _is_player(lines: list[str]) -> bool:
    return len(lines) <= _MAX_PLAYER and any(map(_COUNTER.fullmatch, lines))


def _between(lines: Lines) -> Trimmed:
    """What stays between headline and text, and what is cut: all but a standfirst, sentences, the
    article's points below their heading, and what is around a headline, which `chrome` knows more
    of.
    """
    kept: list[str] = []
    cuts: list[Cut] = []
    may_be_standfirst, is_point = True, False
    for at, (text, kind) in enumerate(zip(lines.texts, lines.kinds, strict=True)):
        near = lines.kinds[max(0, at - 2) : at + 3]
        is_name = kind is Kind.LINE and Kind.AROUND in near and is_bare_name(text)
        is_long = kind is Kind.LINE and size(text) >= _STANDFIRST
        is_standfirst = may_be_standfirst and is_long and not is_masthead(lines, at)
        is_sentence = kind in SENTENCES
        is_point = kind is Kind.LINE and (is_point or is_summary_heading(text))
        if is_sentence or is_standfirst or is_name or is_point or kind is Kind.AROUND:
            kept.append(text)
        else:
            cuts += _cuts(lines.part(at, at + 1), "below-headline")
        is_text = is_sentence or is_standfirst or lines.is_heading(at)
        may_be_standfirst = may_be_standfirst and not is_text
    return Trimmed(kept, cuts)


def _cuts(lines: Lines, name: str) -> Iterator[Cut]:
    """The lines as cuts: a heading with those below it, and others that no rule knows together."""
    reason, piece = "", list[str]()
    for text, rule in zip(lines.texts, lines.rules, strict=True):
        is_new = rule is not None or not piece or reason not in _HEADINGS | {name}
        if is_new and piece:
            yield Cut(reason, BREAK.join(piece))
            piece = []
        if is_new:
            reason = rule.name if rule else name
        piece.append(text)
    if piece:
        yield Cut(reason, BREAK.join(piece))
