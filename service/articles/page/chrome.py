"""Plain text copied off a page → the paragraphs that are the article, and what was cut.

Beside the rules of `service.templates`, what stands where decides:

    masthead      a name or short line among the dates and bylines below the title
    other-story   a headline that stands in a list of other stories, too
    author-note   a last paragraph that begins with the author's name
    (service.copied)  what stands above the headline, and the lines below the last sentence
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from service.articles.cut import Cut
from service.articles.page.asides import ALSO_READ, INSIDE, headline_after_label
from service.articles.page.bylines import HEAD, is_bare_name
from service.articles.page.prose import (
    LONGEST,
    Rule,
    ends_sentence,
    first_of,
    is_prose,
    is_statement,
    size,
)
from service.articles.page.templates import ANYWHERE, END, LAST, TEASERS
from service.articles.paragraphs import BREAK, squash

_YEAR = re.compile(r"\d{4}")  # without one, a line may say where and when a match is played
_MASTHEAD = 25
"""Lines between a title and its text at most."""


def cut_head(paragraphs: list[str], rules: Sequence[Rule] = HEAD) -> tuple[list[str], list[Cut]]:
    """Take date lines, reading times and bylines off the top."""
    cuts: list[Cut] = []
    for paragraph in paragraphs:
        rule = first_of(rules, paragraph)
        if rule is None:
            break
        cuts.append(Cut(rule.name, paragraph))
    return paragraphs[len(cuts) :], cuts


def cut_masthead(paragraphs: list[str]) -> tuple[list[str], list[Cut]]:
    """Take out who wrote it, when, and the buttons beside; for the paragraphs below a title.

    They may stand below a standfirst, so this looks as far as the second paragraph of prose. A line
    that no rule knows goes with them when it is a name above one of them, or short and between two.
    """
    reasons: dict[int, str] = {}
    end = _second_prose(paragraphs)
    for position in range(end):
        rule = first_of(HEAD, paragraphs[position])
        if rule is not None:
            reasons[position] = rule.name
    for position in reversed(range(end)):
        below = paragraphs[position + 1] if position + 1 in reasons else ""
        dated = reasons.get(position + 1) != "date-line" or _YEAR.search(below)
        if below and dated and is_bare_name(paragraphs[position]):
            reasons.setdefault(position, "byline")
    for position in range(1, end):
        between = position + 1 in reasons and _is_label(paragraphs[position])
        below_name = reasons.get(position - 1) in ("byline", "masthead")
        if position - 1 in reasons and (between or (below_name and _is_role(paragraphs[position]))):
            reasons.setdefault(position, "masthead")
    cuts = [Cut(reason, paragraphs[position]) for position, reason in sorted(reasons.items())]
    return [each for at, each in enumerate(paragraphs) if at not in reasons], cuts


def _second_prose(paragraphs: list[str]) -> int:
    prose = [at for at, each in enumerate(paragraphs[:_MASTHEAD]) if is_prose(each)]
    prose = [at for at in prose if first_of(INSIDE, paragraphs[at]) is None]
    return prose[1] if len(prose) > 1 else min(len(paragraphs), _MASTHEAD)


def _is_label(paragraph: str) -> bool:
    return size(paragraph) <= 7 and not ends_sentence(paragraph)


def _is_role(paragraph: str) -> bool:
    return is_bare_name(paragraph) and (paragraph.startswith("@") or " " in paragraph)


def cut_author_note(paragraphs: list[str], names: Sequence[str]) -> tuple[list[str], list[Cut]]:
    """Take off last paragraphs that say who the author is: those that begin with a name. A line
    that is no sentence may stand below them.
    """
    full = tuple(name for name in names if " " in name)
    end = start = len(paragraphs)
    while full and start > 2:
        above = start - 1 if paragraphs[start - 1].startswith(full) else start - 2
        below = paragraphs[above + 1 : start]
        if not paragraphs[above].startswith(full) or any(map(ends_sentence, below)):
            break
        start = above
    cuts = [Cut("author-note", each) for each in paragraphs[start:end]]
    return paragraphs[:start], cuts


def cut_other_stories(
    paragraphs: list[str], cuts: Sequence[Cut], title: str
) -> tuple[list[str], list[Cut]]:
    """Take out headlines that were cut with a list, too: they belong to another story there, and
    here a box of it stood that says nothing of being one. No sentence goes, and nothing that stands
    below this story's own title in the list.
    """
    others: set[str] = set()
    for cut in cuts:
        if cut.reason in (TEASERS.name, ALSO_READ.name):
            lines = [squash(each) for each in cut.text.split(BREAK)]
            pairs = itertools.pairwise(["", *lines])
            others |= {each for above, each in pairs if squash(title) not in (above, each)}
    kept: list[str] = []
    found: list[Cut] = []
    for each in paragraphs:
        if others and _is_headline(each, least=3) and squash(each) in others:
            found.append(Cut("other-story", each))
        else:
            kept.append(each)
    return kept, found


def cut_rest(paragraphs: list[str]) -> tuple[list[str], list[Cut], list[int]]:
    """Take out what stands inside and after the article; for the paragraphs below its title.

    Also how many of those that are left stand above each of the cuts.
    """
    kept: list[str] = []
    cuts: list[Cut] = []
    above: list[int] = []
    position = 0
    reading = False
    while position < len(paragraphs):
        end = _chrome_end(paragraphs, position, reading=reading)
        if end == position:
            kept.append(paragraphs[position])
            reading = reading or is_prose(paragraphs[position])
            end += 1
        else:
            cuts += _as_cuts(paragraphs[position:end])
            above.append(len(kept))
        position = end
    return kept, cuts, above


def _chrome_end(paragraphs: list[str], start: int, *, reading: bool) -> int:
    """Where the chrome that begins at `start` ends: `start` itself when there is none.

    A list needs an article before it (`reading`): above the text, only its heading is cut.
    """
    rule = first_of(ANYWHERE, paragraphs[start])
    if rule is None:
        return start
    if rule in LAST and reading:
        return len(paragraphs)
    if rule in END and reading:
        return _resumption(paragraphs, start + 1)
    if rule is ALSO_READ and not headline_after_label(paragraphs[start]):
        return _headlines_end(paragraphs, start + 1)
    return start + 1


def _headlines_end(paragraphs: list[str], start: int) -> int:
    """Where the headlines below a bare "Also read" end: the first, and others too long to be a
    heading of the text that goes on.
    """
    end = start
    while end < len(paragraphs) and _is_headline(paragraphs[end], least=1 if end == start else 5):
        end += 1
    return end


def _is_headline(paragraph: str, least: int) -> bool:
    if len(paragraph) > LONGEST or is_prose(paragraph) or size(paragraph) < least:
        return False
    return least == 1 or not ends_sentence(paragraph)


def _resumption(paragraphs: list[str], start: int) -> int:
    """Where an article goes on below a list inside it: at prose with prose or two short sentences
    below.

    Among teasers, a headline without a full stop stands between any two.
    """
    for position in range(start, len(paragraphs) - 1):
        prose, *below = paragraphs[position : position + 3]
        goes_on = is_prose(below[0]) or (len(below) == 2 and all(map(is_statement, below)))
        if is_prose(prose) and goes_on and not any(map(_is_chrome, (prose, below[0]))):
            return position
    return len(paragraphs)


def _is_chrome(paragraph: str) -> bool:
    return first_of(ANYWHERE, paragraph) is not None


def _as_cuts(chrome: list[str]) -> Iterator[Cut]:
    """A cut for each heading with what stands under it; the first paragraph is a heading."""
    name, piece = "", list[str]()
    for paragraph in chrome:
        rule = first_of(ANYWHERE, paragraph)
        if rule is not None and piece:
            yield Cut(name, BREAK.join(piece))
            piece = []
        name = rule.name if rule is not None else name
        piece.append(paragraph)
    yield Cut(name, BREAK.join(piece))
