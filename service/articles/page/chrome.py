"""The paragraphs of a page → those that are the article, and the page chrome that was cut.

The rules of `chrome_phrases` judge single paragraphs. Others depend on what is around a paragraph:

    masthead      a name or a short line among the dates and bylines below the title
    other-story   a headline that is also in a list of other stories
    author-note   a last paragraph that begins with the author's name

`pasted` cuts what is above the headline and below the last sentence of a copied page.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from service.articles.cut import Cut, Trimmed
from service.articles.page.also_read import ALSO_READ, headline_after_label
from service.articles.page.bylines import HEAD, is_bare_name
from service.articles.page.chrome_phrases import (
    ANYWHERE,
    END,
    INSIDE,
    LAST,
    TEASERS,
    first_rule,
)
from service.articles.page.phrases import MAX_CHARS
from service.articles.page.prose import Rule, ends_sentence, is_prose, is_statement, size
from service.articles.paragraphs import BREAK, squash

_YEAR = re.compile(r"\d{4}")  # a day without a year may say when a match is played
_LEAST_SPACES = 2
_MAX_MASTHEAD_LINES = 25
"""Most lines between a title and its text."""


def cut_head(paragraphs: list[str], rules: Sequence[Rule] = HEAD) -> Trimmed:
    """Cut date lines, reading times and bylines from the top."""
    cuts: list[Cut] = []
    for paragraph in paragraphs:
        rule = first_rule(rules, paragraph)
        if rule is None:
            break
        cuts.append(Cut(rule.name, paragraph))
    return Trimmed(paragraphs[len(cuts) :], cuts)


def cut_masthead(paragraphs: list[str]) -> Trimmed:
    """Cut dates, bylines and buttons from the paragraphs below a title."""
    labels = _masthead_labels(paragraphs)
    both = list(zip(labels, paragraphs, strict=True))
    return Trimmed(
        [paragraph for label, paragraph in both if not label],
        [Cut(label, paragraph) for label, paragraph in both if label],
    )


def _masthead_labels(paragraphs: list[str]) -> list[str]:
    """For each paragraph below a title the reason to cut it; "" if it stays.

    A masthead may be below a standfirst, so the paragraphs up to the second one of prose are
    labelled, in three passes: what a rule knows; a name above something labelled; a short line
    between two labelled ones, or a role below a name.
    """
    end = _second_prose(paragraphs)
    rules = [first_rule(HEAD, each) for each in paragraphs[:end]]
    labels = [rule.name if rule else "" for rule in rules] + [""] * (len(paragraphs) - end + 1)
    for at in reversed(range(end)):
        if not labels[at] and _is_name_above(paragraphs[at : at + 2], labels[at + 1]):
            labels[at] = "byline"
    for at in range(1, end):
        if labels[at] or not labels[at - 1]:
            continue
        is_between = bool(labels[at + 1]) and _is_short_line(paragraphs[at])
        is_below_name = labels[at - 1] in ("byline", "masthead") and _is_role(paragraphs[at])
        if is_between or is_below_name:
            labels[at] = "masthead"
    return labels[: len(paragraphs)]


def _is_name_above(two: Sequence[str], label_below: str) -> bool:
    """Whether the first of two paragraphs is a name, judged by the label of the second.

    A day without a year may be part of the text: when and where a match is played.
    """
    is_dated = label_below != "date-line" or _YEAR.search(two[1]) is not None
    return bool(label_below) and is_dated and is_bare_name(two[0])


def _second_prose(paragraphs: list[str]) -> int:
    prose = [at for at, each in enumerate(paragraphs[:_MAX_MASTHEAD_LINES]) if is_prose(each)]
    prose = [at for at in prose if first_rule(INSIDE, paragraphs[at]) is None]
    return prose[1] if len(prose) > 1 else min(len(paragraphs), _MAX_MASTHEAD_LINES)


def _is_short_line(paragraph: str) -> bool:
    return size(paragraph) <= 7 and not ends_sentence(paragraph)


def _is_role(paragraph: str) -> bool:
    return is_bare_name(paragraph) and (paragraph.startswith("@") or " " in paragraph)


def cut_author_note(paragraphs: list[str], names: Sequence[str]) -> Trimmed:
    """Cut the last paragraphs that introduce the author: those that begin with an author's name.

    A line that is not a sentence may follow each of them.
    """
    # Chinese and Japanese names have no space.
    full = tuple(name for name in names if " " in name or name.upper() == name.lower())
    end = start = len(paragraphs)
    while full and start > 2:
        above = start - 1 if paragraphs[start - 1].startswith(full) else start - 2
        below = paragraphs[above + 1 : start]
        if not paragraphs[above].startswith(full) or any(map(ends_sentence, below)):
            break
        start = above
    cuts = [Cut("author-note", each) for each in paragraphs[start:end]]
    return Trimmed(paragraphs[:start], cuts)


def cut_other_stories(paragraphs: list[str], cuts: Sequence[Cut], title: str) -> Trimmed:
    """Cut headlines that are also in a list of other stories that was cut.

    Such a headline is what is left of a box inside the text, which has no label. No sentence is
    cut, and no line that follows this story's own title in the list.
    """
    may_be = {each for each in paragraphs if _is_headline(each, least=3)}
    if not may_be:
        return Trimmed(paragraphs, [])
    others: set[str] = set()
    own = squash(title)
    for cut in cuts:
        if cut.reason in (TEASERS.name, ALSO_READ.name):
            lines = [
                # A link of one or two words is no headline; most of a menu is such links.
                " " if each.isascii() and each.count(" ") < _LEAST_SPACES else squash(each)
                for each in cut.text.split(BREAK)
            ]
            pairs = itertools.pairwise(["", *lines])
            others |= {each for above, each in pairs if own not in (above, each)}
    kept: list[str] = []
    found: list[Cut] = []
    for each in paragraphs:
        if each in may_be and others and squash(each) in others:
            found.append(Cut("other-story", each))
        else:
            kept.append(each)
    return Trimmed(kept, found)


def cut_rest(paragraphs: list[str]) -> Trimmed:
    """Cut page chrome inside and after the article, from the paragraphs below its title."""
    kept: list[str] = []
    cuts: list[Cut] = []
    position = 0
    in_text = False
    while position < len(paragraphs):
        end = _chrome_end(paragraphs, position, in_text=in_text)
        if end == position:
            kept.append(paragraphs[position])
            in_text = in_text or is_prose(paragraphs[position])
            end += 1
        else:
            cuts += _as_cuts(paragraphs[position:end])
        position = end
    return Trimmed(kept, cuts)


def _chrome_end(paragraphs: list[str], start: int, *, in_text: bool) -> int:
    """The end of the chrome that begins at `start`; `start` itself if there is none.

    Before the article's text (not `in_text`), only the heading of a list is cut.
    """
    rule = first_rule(ANYWHERE, paragraphs[start])
    if rule is None:
        return start
    if rule in LAST and in_text:
        return len(paragraphs)
    if rule in END and in_text:
        return _text_resumes_at(paragraphs, start + 1)
    if rule is ALSO_READ and not headline_after_label(paragraphs[start]):
        return _headlines_end(paragraphs, start + 1)
    return start + 1


def _headlines_end(paragraphs: list[str], start: int) -> int:
    """The end of the headlines below a bare "Also read".

    These are the first line, and others that are too long to be a heading of the text below.
    """
    end = start
    while end < len(paragraphs) and _is_headline(paragraphs[end], least=1 if end == start else 5):
        end += 1
    return end


def _is_headline(paragraph: str, least: int) -> bool:
    if len(paragraph) > MAX_CHARS or is_prose(paragraph) or size(paragraph) < least:
        return False
    return least == 1 or not ends_sentence(paragraph)


def _text_resumes_at(paragraphs: list[str], start: int) -> int:
    """Where an article continues below a list: at prose with prose or two sentences after it.

    In a list of teasers, a headline without a full stop is between any two of them.
    """
    for position in range(start, len(paragraphs) - 1):
        prose, *below = paragraphs[position : position + 3]
        goes_on = is_prose(below[0]) or (len(below) == 2 and all(map(is_statement, below)))
        if is_prose(prose) and goes_on and not any(map(_is_chrome, (prose, below[0]))):
            return position
    return len(paragraphs)


def _is_chrome(paragraph: str) -> bool:
    return first_rule(ANYWHERE, paragraph) is not None


def _as_cuts(chrome: list[str]) -> Iterator[Cut]:
    """A cut for each heading with the paragraphs below it; the first paragraph is a heading."""
    name, piece = "", list[str]()
    for paragraph in chrome:
        rule = first_rule(ANYWHERE, paragraph)
        if rule is not None and piece:
            yield Cut(name, BREAK.join(piece))
            piece = []
        name = rule.name if rule is not None else name
        piece.append(paragraph)
    yield Cut(name, BREAK.join(piece))
