"""The parts of an article that trafilatura drops or misplaces, and how they are restored.

These are standfirsts, lists of points that summarise the article, subheads, and the headings below
it, after which the article does not continue.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Sequence

from service.articles.page.bylines import is_bare_name
from service.articles.page.chrome_phrases import ALL, END, first_rule
from service.articles.page.html.markup import Block, place_of
from service.articles.page.prose import ends_sentence, is_prose, size
from service.articles.paragraphs import squash


def restore_dropped(kept: list[str], found: Sequence[Block], title: str) -> list[str]:
    """The lines that trafilatura kept, in the page's order, with the standfirst and the headings
    that it dropped; and with the title, if lines above it were kept.
    """
    start = place_of(title, found)
    kept = _in_page_order(kept, found)
    have = {squash(each) for each in kept}
    result: list[str] = []
    above = -1
    places = _places(kept, found)
    for at, (text, place) in enumerate(zip(kept, places, strict=True)):
        if place is not None and not _is_chrome(text):  # a byline may be above the standfirst
            missing = []
            if start is not None and above <= start < place:
                is_below = all(each is not None and each > start for each in places[:at])
                missing = [*([] if is_below else [title]), *_standfirst(found[start + 1 : place])]
            elif result and (_is_subhead(found[place - 1]) or _ends_text(found[place - 1])):
                missing = [found[place - 1].text]
            result += [each for each in missing if squash(each) not in have]
            above = place
        result.append(text)
    return result


def _in_page_order(kept: list[str], found: Sequence[Block]) -> list[str]:
    """The kept lines in the order of the page: trafilatura may move a teaser with its own markup
    above the text. A line that is on the page twice, or not as one block, stays below the line
    that it follows.
    """
    where: dict[str, list[int]] = {}
    for position, block in enumerate(found):
        where.setdefault(squash(block.text), []).append(position)
    runs: list[tuple[int, list[str]]] = []
    for text in kept:
        places = where.get(squash(text), [])
        if len(places) == 1 or not runs:
            runs.append((places[0] if places else -1, []))
        runs[-1][1].append(text)
    return [text for _, run in sorted(runs, key=lambda run: run[0]) for text in run]


def _places(kept: list[str], found: Sequence[Block]) -> list[int | None]:
    """For each line the index of its block on the page, in order; None if it is not found."""
    where: dict[str, list[int]] = {}
    for position, block in enumerate(found):
        where.setdefault(squash(block.text), []).append(position)
    places: list[int | None] = []
    last = -1
    for text in kept:
        same = where.get(squash(text), [])
        next_one = bisect_right(same, last)
        place = same[next_one] if next_one < len(same) else None
        places.append(place)
        last = last if place is None else place
    return places


def _standfirst(between: Sequence[Block]) -> list[str]:
    """The first text among the blocks between the title and the first kept line. If it begins a
    list of sentences that summarise the article, all of them with their heading.
    """
    for at, block in enumerate(between):
        if _is_not_text(block) or is_bare_name(block.text):
            continue
        if is_prose(block.text) or size(block.text) >= 7:
            below = itertools.takewhile(_is_point, between[at + 1 :])
            points = [each.text for each in below if ends_sentence(block.text)]
            heading = [each.text for each in between[max(0, at - 1) : at] if _is_subhead(each)]
            return [*(heading if points else []), block.text, *points]
    return []


def _is_point(block: Block) -> bool:
    return ends_sentence(block.text) and not _is_not_text(block)


def _is_not_text(block: Block) -> bool:
    return block.is_apart or block.is_link or _is_chrome(block.text)


def _is_subhead(block: Block) -> bool:
    return block.is_heading and not _is_not_text(block)


def _ends_text(block: Block) -> bool:
    """Whether the block is the heading of a section below the article."""
    return block.is_heading and first_rule(END, block.text) is not None


def _is_chrome(text: str) -> bool:
    return first_rule(ALL, text) is not None
