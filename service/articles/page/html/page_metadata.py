"""A page's own metadata, from its head and its first lines: headline, author, day and site."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from lxml.html import HtmlElement

from service.articles.page.bylines import author_in
from service.articles.page.html.markup import Block, place_of
from service.articles.page.prose import size
from service.articles.paragraphs import line, paragraphs, squash, unescape

_LD_PUBLISHED = re.compile(r'"datePublished"\s*:\s*"([^"]{8,40})"')
_MAX_BYLINE_BLOCKS = 12
"""A byline is searched for in so many blocks, from the title on."""
_MAX_TITLE = 1_000
"""Code points of <title> that are read: each block of the page is looked for in it."""
_META_PUBLISHED = ("article:published_time", "parsely-pub-date", "datepublished", "date")
_META_AUTHOR = ("author", "articleauthor", "parsely-author")
_BETWEEN = re.compile(r"\s+[|–—•·»:-]+\s+|\s*[|•»]\s*|--|:\s+|\s+[–—]\s*")


def headline(tree: HtmlElement, found: Sequence[Block]) -> str:
    """The headline as the page shows it; "" if there is none.

    It is the title in the page's head, if the page shows that. Otherwise it is the text that is
    most of <title>, preferably a heading.
    """
    texts = {squash(each.text) for each in found}
    for title in _meta(tree, ("og:title", "twitter:title")):
        if squash(title) in texts:
            return title
    said, site_name = squash(page_title(tree)), squash("".join(_meta(tree, ("og:site_name",))))
    texts -= {"", site_name}
    inside = [each for each in found if squash(each.text) in texts and squash(each.text) in said]
    best = max(inside, key=lambda each: (each.is_heading, len(each.text)), default=None)
    if best is None or len(squash(best.text)) < 0.4 * len(said):
        return ""
    return best.text


def page_title(tree: HtmlElement) -> str:
    """The text of <title>; of a huge one, its beginning."""
    return line((tree.findtext(".//title") or "")[:_MAX_TITLE])


def site(tree: HtmlElement, title: str) -> str:
    """The site's name: the rest of <title> after the title; "" if that is nothing or too long."""
    said = page_title(tree)
    if not title or title not in said:
        return ""
    before, _, after = said.partition(title)
    parts = [part for part in (_BETWEEN.split(before)[:1] + _BETWEEN.split(after)[-1:]) if part]
    parts = [part.strip(" |–—•·»:-") for part in parts]
    return parts[-1] if parts and 0 < size(parts[-1]) <= 6 else ""


def published(tree: HtmlElement) -> list[str]:
    """The times of publication on the page, the most exact ones first."""
    scripts = tree.iterfind(".//script[@type='application/ld+json']")
    linked = (_LD_PUBLISHED.search(script.text or "") for script in scripts)
    said = [match[1] for match in linked if match]
    return [*said, *_meta(tree, _META_PUBLISHED)]


def told_article(tree: HtmlElement) -> tuple[str, list[str]]:
    """The title and the text of the article as the page's metadata have them, for a page whose
    scripts write all that it shows; the text is empty where they have none.
    """
    for script in tree.iterfind(".//script[@type='application/ld+json']"):
        for said in _objects(script.text or ""):
            text, title = said.get("articleBody"), said.get("headline")
            if isinstance(text, str) and text.strip():
                found = paragraphs(unescape(text))
                return line(unescape(title)) if isinstance(title, str) else "", found
    title, text = (next(iter(_meta(tree, (name,))), "") for name in ("og:title", "og:description"))
    return title, [text] if text and title else []


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """The objects in a script of metadata, those within others too."""
    try:
        left = [json.loads(text, strict=False)]
    except (ValueError, RecursionError):
        return
    while left:
        said = left.pop()
        if isinstance(said, list):
            left += said
        elif isinstance(said, dict):
            yield said
            left += [each for each in said.values() if isinstance(each, dict | list)]


def author(tree: HtmlElement, found: Sequence[Block], title: str) -> str:
    """The author that the page names in its head or in a byline; "" if it names none."""
    start = place_of(title, found)
    below = found[start + 1 : start + _MAX_BYLINE_BLOCKS] if start is not None else ()
    bylines = (author_in(block.text) for block in below)
    return next(iter(_meta(tree, _META_AUTHOR)), "") or next(filter(None, bylines), "")


def _meta(tree: HtmlElement, names: Sequence[str]) -> list[str]:
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").lower()
        found.setdefault(name, line(meta.get("content") or ""))
    return [found[name] for name in names if found.get(name)]
