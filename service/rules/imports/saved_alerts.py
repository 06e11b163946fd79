"""Alerts that were saved elsewhere: Google Alerts as feeds or JSON, and lists of feeds (OPML)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lxml import etree

from service.rules.imports.named_search import MAX_NAME_CHARS, NamedSearch
from service.rules.imports.search import Untranslatable

_ALERT = re.compile(r"Google\s+Alerts?\s*[-–:]\s*(?P<search>.+)", re.IGNORECASE | re.DOTALL)
_SEARCH_FEED = re.compile(r"(?:^|\.)(?:news\.google\.[a-z.]+|bing\.com)$")


def saved_alerts(content: bytes) -> Iterator[NamedSearch | tuple[int, str]]:
    """The searches of a file, or the line and why there is none in it.

    Raises Untranslatable for a file that is neither JSON nor XML.
    """
    begin = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if begin in (b"{", b"["):
        yield from _of_json(content)
    elif begin == b"<":
        yield from _of_xml(content)
    else:
        raise Untranslatable("it is neither a feed, nor OPML, nor JSON")


def _of_json(content: bytes) -> Iterator[NamedSearch]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Untranslatable(f"it is no JSON: {error}") from None
    searches = [*_queries(value)]
    if not searches:
        raise Untranslatable("its JSON has no `query` of an alert")
    for number, search in enumerate(searches, 1):
        yield NamedSearch(search[:MAX_NAME_CHARS], search, number)


def _queries(value: Any) -> Iterator[str]:
    """Each `query`, in whatever the export wraps the alerts."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            query = each.get("query")
            if isinstance(query, str) and query.strip():
                yield query.strip()
                continue
            waiting += reversed(each.values())
        elif isinstance(each, list):
            waiting += reversed(each)


def _of_xml(content: bytes) -> Iterator[NamedSearch | tuple[int, str]]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise Untranslatable(f"it is no XML: {error.msg}") from None
    if etree.QName(root).localname.lower() == "opml":
        outlines = [each for each in root.iter("{*}outline") if each.get("xmlUrl")]
        if not outlines:
            raise Untranslatable("it has no feed: an outline with an xmlUrl")
        for outline in outlines:
            yield _of_outline(outline)
        return
    title = root.find(".//{*}title")
    named = _ALERT.search((title.text or "") if title is not None else "")
    if title is None or named is None:
        raise Untranslatable("it is no feed of Google Alerts; `tocsin publish` reads other feeds")
    search = named["search"].strip()
    yield NamedSearch(search[:MAX_NAME_CHARS], search, title.sourceline or 1)


def _of_outline(outline: etree._Element) -> NamedSearch | tuple[int, str]:
    line = outline.sourceline or 1
    title = outline.get("title") or outline.get("text") or ""
    address = outline.get("xmlUrl") or ""
    if named := _ALERT.search(title):
        search = named["search"].strip()
        return NamedSearch(search[:MAX_NAME_CHARS], search, line)
    try:
        parts = urlsplit(address)
        asked = parse_qs(parts.query).get("q", []) if _searches(parts.hostname or "") else []
    except ValueError:
        asked = []
    if asked:
        return NamedSearch((title or asked[0])[:MAX_NAME_CHARS], asked[0], line)
    shown = f"{title}: " if title else ""
    return (
        line,
        f"{shown}{address} is a site's feed, no search; `tocsin publish` reads its articles",
    )


def _searches(host: str) -> bool:
    return _SEARCH_FEED.search(host) is not None
