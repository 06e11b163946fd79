"""HTML → the paragraphs of the article on the page, and what the page says of itself.

trafilatura finds the article; what it drops or misplaces is put back, and where it is set to keep
little and keeps next to nothing, its own default counts. A page without text of its own may have
the article in its metadata.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

from lxml.html import HtmlElement
from trafilatura import bare_extraction, load_html
from trafilatura.settings import Document

from service.articles.cut import Cut
from service.articles.dates.published import published_time
from service.articles.identity import web_address
from service.articles.page.chrome_phrases import ALL, first_rule
from service.articles.page.html import bounds, markup, page_metadata, trafilatura_gaps, tree_repairs
from service.articles.page.prose import is_prose
from service.articles.paragraphs import BREAK, line, lines, squash

_MIDNIGHT = "T00:00:00Z"
_WHOLE_PAGE = re.compile(r"<(?:html|body)\b", re.IGNORECASE)
_LEAST_KEPT = 0.2
"""Of what trafilatura's default keeps; where precision keeps less, the default counts."""
_MUCH_MORE = 0.5
"""Of the page's running text; where precision keeps less, it is compared with the default."""
# The results say what these libraries would log, such as a page without text.
_LIBRARIES = ("trafilatura", "htmldate", "courlan")


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """What was found on a page; "" for what was not."""

    title: str = ""
    paragraphs: tuple[str, ...] = ()
    author: str = ""
    published_at: str = ""
    url: str = ""
    source: str = ""
    cuts: tuple[Cut, ...] = ()
    """The page's text that is not among the paragraphs."""


def read_html(html: str, url: str) -> HtmlPage:
    """The article on a page, or in a fragment of one. May raise anything on hostile HTML."""
    for library in _LIBRARIES:
        logging.getLogger(library).setLevel(logging.CRITICAL)
    whole = html if _WHOLE_PAGE.search(html) else f"<html><body><article>{html}</article>"
    tree = load_html(bounds.bound_tags(tree_repairs.break_lines(whole)))
    if tree is None:
        return HtmlPage()
    bounds.bound_tree(tree)
    told = page_metadata.told_article(tree)
    dates = page_metadata.published(tree)
    tree_repairs.repair_tree(tree)
    blocks = markup.blocks(tree)
    headline = page_metadata.headline(tree, blocks)
    author = page_metadata.author(tree, blocks, headline)
    found = _extracted(tree, url, blocks)
    title = headline or line((found.title if found else "") or "")
    kept = trafilatura_gaps.restore_dropped(lines(_text(found)), blocks, title)
    if not any(is_prose(each) and first_rule(ALL, each) is None for each in kept):
        told_title, text = told
        if len("".join(text)) > len("".join(kept)):
            title, kept = told_title or title, text
    if found is None and not kept:
        return HtmlPage()
    said = [*dates, (found.date if found else "") or ""]
    moments = [moment for moment in map(published_time, said) if moment]
    exact = [moment for moment in moments if not moment.endswith(_MIDNIGHT)]
    address = line((found.url if found else "") or "")
    return HtmlPage(
        title=title,
        paragraphs=tuple(kept),
        author=line((found.author if found else "") or "") or author,
        published_at=next(iter([*exact, *moments]), ""),
        url=address if web_address(address) else "",
        source=line((found.sitename if found else "") or "") or page_metadata.site(tree, title),
        cuts=tuple(_around(blocks, kept)),
    )


def _extracted(tree: HtmlElement, url: str, blocks: list[markup.Block]) -> Document | None:
    """The article as trafilatura finds it, set to keep too little rather than too much, unless that
    is next to nothing.
    """
    found = _found(tree, url, precise=True)
    own = (each.text for each in blocks if not (each.is_apart or each.is_link))
    running = sum(len(each) for each in own if is_prose(each))
    # Of running text, too: the names of a site's sections may be longer than the article.
    if _running(found) >= _MUCH_MORE * running:
        return found
    more = _found(tree, url, precise=False)
    is_little = len(_text(found)) < _LEAST_KEPT * len(_text(more))
    return more if is_little or _running(found) < _LEAST_KEPT * _running(more) else found


def _running(found: Document | None) -> int:
    """The characters of running text."""
    return sum(len(each) for each in lines(_text(found)) if is_prose(each))


def _found(tree: HtmlElement, url: str, *, precise: bool) -> Document | None:
    found = bare_extraction(
        tree,
        url=url or None,
        favor_precision=precise,
        include_comments=False,
        with_metadata=True,
        date_extraction_params={
            "original_date": True,
            "extensive_search": False,
            "outputformat": "%Y-%m-%dT%H:%M:%S%z",
            "max_date": "2100-01-01",  # the default is today: then a result depends on the day
        },
    )
    return None if isinstance(found, dict) else found  # a dict only if asked for one


def _text(found: Document | None) -> str:
    return (found.text if found else "") or ""


def _around(blocks: list[markup.Block], kept: list[str]) -> list[Cut]:
    """The page's text that was not taken, as one cut."""
    have = {squash(each) for each in kept}
    left = [block.text for block in blocks if squash(block.text) not in have]
    return [Cut("around-article", BREAK.join(left))] if left else []
