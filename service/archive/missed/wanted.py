"""What an article is asked for by: a URL, an id, a stream entry, or its own text in a file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.archive.moments import ENTRY_ID
from service.articles.entry import Draft
from service.articles.identity import Identity, article_id, bare_url, normal_url, scope_of
from service.errors import TocsinError

RawFields = Mapping[bytes, bytes]
_MADE_ID = re.compile(r"(?:url|txt|id|src)_[0-9a-f]{32}")
_PLAIN = re.compile(r"[A-Za-z0-9 ,.'-]{8,}", re.ASCII)
"""A stretch of a title that stands in an entry as it is, however that is encoded."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is known of the article before it is found."""

    said: str
    texts: tuple[str, ...] = ()
    """Any of them stands in an entry with the article."""
    url: str = ""
    id: str = ""
    title: str = ""
    entry: str = ""
    """The id of a stream entry."""
    fields: RawFields | None = None
    """Of an entry, from a file."""
    identity: Identity | None = None
    """Where nothing but alerts may be left of it."""

    def is_in(self, draft: Draft) -> bool:
        """Whether the draft of an entry is the article's."""
        if self.id and draft.id == self.id:
            return True
        if self.url and bare_url(normal_url(draft.url)) == bare_url(self.url):
            return True
        return bool(self.title) and draft.title == self.title


def wanted_text(said: str) -> Wanted:
    """An article by its URL, its id, or the id of a stream entry. Raises TocsinError."""
    if url := normal_url(said):
        identity = Identity(scope_of("", said), article_id("", said, ""))
        return Wanted(said, _url_texts(url), url=url, identity=identity)
    if ENTRY_ID.fullmatch(said):
        return Wanted(said, (said,), entry=said)
    if _MADE_ID.fullmatch(said):
        raise TocsinError(
            f"{said} is an id that Tocsin has made; give the article's URL, or the id of an alert, "
            "of its stream entry (1795…-0), or a file with the article"
        )
    return Wanted(said, _id_texts(said), id=said)


def wanted_alert(said: str, article: Mapping[str, Any]) -> Wanted:
    """An article by an alert; `article` is that of its event."""
    identity = Identity(article.get("scope", ""), article.get("id", ""))
    url = normal_url(article.get("url", ""))
    if url:
        return Wanted(said, _url_texts(url), url=url, identity=identity)
    return Wanted(said, _id_texts(identity.id), id=identity.id, identity=identity)


def wanted_fields(said: str, fields: RawFields, draft: Draft | None) -> Wanted:
    """An article by what a stream entry would hold; `draft` is None where that is no article."""
    if draft is None:
        return Wanted(said, fields=fields)
    url = normal_url(draft.url)
    stretches = sorted(_PLAIN.findall(draft.title), key=len, reverse=True)
    texts = (*_url_texts(url), *_id_texts(draft.id)) or tuple(stretches[:1])
    title = "" if url or draft.id else draft.title
    return Wanted(said, texts, url=url, id=draft.id, title=title, fields=fields)


def _id_texts(given: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((given, json.dumps(given)[1:-1]))) if given else ()


def _url_texts(url: str) -> tuple[str, ...]:
    """Host and path, or what stands before a query, as they are and as JSON may have them."""
    if not url:
        return ()
    path = bare_url(url).partition("?")[0].rstrip("/")
    return tuple(dict.fromkeys((path, path.replace("/", "\\/"))))
