"""Where the article stands in text that was copied off a page: below the menu, above the footer.

Only a text that shows several traces of a page is cut by these rules; a wire text, a poem or a list
shows none.

    above-headline   what stands above the headline: menus, kickers, tickers
    below-text       the lines below the last sentence: names of topics, headlines, links
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from service.articles.cut import Cut
from service.articles.page.asides import SHARE
from service.articles.page.bylines import HEAD, author_in, is_bare_name
from service.articles.page.prose import ends_sentence, first_of, is_prose, is_statement, size
from service.articles.page.templates import ALL, ANYWHERE
from service.articles.paragraphs import BREAK

LONGEST_TITLE = 150
_LEAST_TRACES = 2
_BESIDE = (*HEAD, SHARE)
_END = 200
"""Paragraphs at either end of a text that are searched for traces of a page."""
_HEAD = 80
"""Lines above an article's text at most."""
_FIRST_WORD = re.compile(r"(?:home|news|world|business|sports?|actualités|inicio)\b", re.IGNORECASE)
_OPEN_END = re.compile(r"[,;:،、]$")


def is_copied(paragraphs: list[str]) -> bool:
    """Whether a text shows traces of a page: paragraphs that rules for page chrome hold for."""
    ends = paragraphs if len(paragraphs) <= 2 * _END else paragraphs[:_END] + paragraphs[-_END:]
    traces = (each for each in ends if first_of(ALL, each))
    return sum(1 for _ in zip(range(_LEAST_TRACES), traces, strict=False)) == _LEAST_TRACES


def headline_at(
    paragraphs: list[str], is_title: Callable[[str], bool | None] = lambda _: None
) -> int | None:
    """Where the headline of a copied page stands; None when that is not sure.

    `is_title` tells whether a line is the title, None for every line when no title is known. Then
    it is the last line above the first paragraph of prose that is long enough and no chrome, or the
    one above that when that is a standfirst: longer, and below nothing but bylines. Nothing above
    it reads like text.
    """
    head = paragraphs[: _first_prose(paragraphs)]
    known = [is_title(each) for each in head]
    if any(said is not None for said in known):
        candidates = [at for at, said in enumerate(known) if said][:1]
    else:
        candidates = _candidates(head)
    if not candidates or len(head) == len(paragraphs):
        return None
    found = candidates[-1]
    above = candidates[-2] if len(candidates) > 1 else found
    beside = all(first_of(_BESIDE, each) for each in head[above + 1 : found])
    if above < found and beside and _is_standfirst(head[found], head[above]):
        found = above
    if len(head[found]) > LONGEST_TITLE or any(_reads_like_text(each) for each in head[:found]):
        return None
    return found


def _candidates(head: list[str]) -> list[int]:
    """The lines that may be the headline: above the first byline if there are any, else all."""
    found = [at for at, each in enumerate(head) if _may_be_headline(each)]
    byline = next((at for at, each in enumerate(head) if author_in(each)), 0)
    above = [at for at in found if at < byline]
    if (
        byline > 0
        and not above
        and size(head[byline - 1]) >= 3
        and not _is_chrome(head[byline - 1])
    ):
        above = [byline - 1]  # short, and yet right above the byline
    return above or found


def cut_above(paragraphs: list[str], headline: int) -> list[Cut]:
    """What stands above the headline, as cuts."""
    rules = ((first_of(ALL, each), each) for each in paragraphs[:headline])
    return [Cut(rule.name if rule else "above-headline", each) for rule, each in rules]


def cut_below(paragraphs: list[str], places: Sequence[int]) -> tuple[list[str], list[Cut]]:
    """Take off the lines below an article's last sentence, from the first place on where chrome was
    cut among them (`places`): what stands above that may be a list that ends the article. One line
    alone stays, and so does a list that a colon announces.
    """
    end = len(paragraphs)
    while end and not (ends_sentence(paragraphs[end - 1]) or is_statement(paragraphs[end - 1])):
        end -= 1
    start = min((place for place in places if place >= end), default=len(paragraphs))
    tail = paragraphs[start:]
    is_list = any(_OPEN_END.search(each) for each in paragraphs[end:])
    if end == 0 or len(tail) < 2 or is_list or any(len(each) > LONGEST_TITLE for each in tail):
        return paragraphs, []
    return paragraphs[:start], [Cut("below-text", BREAK.join(tail))]


def _first_prose(paragraphs: list[str]) -> int:
    for at, each in enumerate(paragraphs[:_HEAD]):
        if is_prose(each) and first_of(ANYWHERE, each) is None:
            return at
    return min(len(paragraphs), _HEAD)


def _is_chrome(paragraph: str) -> bool:
    return first_of(ALL, paragraph) is not None


def _may_be_headline(paragraph: str) -> bool:
    if len(paragraph) > LONGEST_TITLE * 2 or size(paragraph) < 4 or _OPEN_END.search(paragraph):
        return False
    if is_bare_name(paragraph) and re.search("[,|]", paragraph):
        return False
    return not paragraph.endswith(".") and not _is_chrome(paragraph)


def _is_standfirst(paragraph: str, headline: str) -> bool:
    longer = len(paragraph) >= 60 and len(paragraph) > len(headline)
    return longer and not _FIRST_WORD.match(headline)


def _reads_like_text(paragraph: str) -> bool:
    is_open = _OPEN_END.search(paragraph) is not None
    return not _is_chrome(paragraph) and (
        is_open or (is_statement(paragraph) and size(paragraph) > 2)
    )
