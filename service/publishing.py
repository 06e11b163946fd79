"""Files as they lie on a disk → stream entries: text, HTML, JSON, JSON lines, RSS and Atom."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import fastfeedparser
from charset_normalizer import from_bytes
from lxml.html import fragment_fromstring

from service.errors import TocsinError

Fields = dict[str, str]


class UnreadableError(TocsinError):
    """A file, or one line of it, holds no article; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file's name, for messages, and its bytes."""

    name: str
    content: bytes


_PROLOGUE = r"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*"
_FEED = re.compile(_PROLOGUE + r"<(?:rss|feed|rdf:RDF)\b", re.DOTALL)
_HTML = re.compile(_PROLOGUE + r"<(?:!doctype\s+html|html|body)\b", re.DOTALL | re.IGNORECASE)


def entries(source: Source) -> Iterator[Fields | UnreadableError]:
    """The entries that one file gives, in order; what cannot be read is told in its place."""
    try:
        text = _decoded(source)
    except UnreadableError as error:
        yield error
        return
    if not text.strip():
        yield UnreadableError(f"{source.name}: empty")
    elif _FEED.match(text):
        yield from _feed(source.name, text)
    elif _HTML.match(text) or source.name.lower().endswith((".html", ".htm")):
        yield {"html": text}
    elif text.lstrip()[0] in "{[" or source.name.lower().endswith((".json", ".jsonl", ".ndjson")):
        yield from _json(source.name, text)
    else:
        yield {"body": text}


def _decoded(source: Source) -> str:
    content = source.content.removeprefix(b"\xef\xbb\xbf")
    try:
        return content.decode()
    except UnicodeDecodeError:
        best = from_bytes(content).best()
    if best is None or b"\0" in content:
        raise UnreadableError(f"{source.name}: not text; save it as UTF-8 text, HTML or JSON")
    return str(best)


def _json(name: str, text: str) -> Iterator[Fields | UnreadableError]:
    """One object, an array of objects, or an object a line; handed on as they stand."""
    try:
        value = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
        if len(lines) > 1 and lines[0][1].rstrip().endswith("}"):
            for number, line in lines:
                yield from _object(f"{name}:{number}", line)
            return
        yield _broken(name, error)
        return
    if isinstance(value, list):
        for number, item in enumerate(value, 1):
            if isinstance(item, dict):
                yield {"article": json.dumps(item, ensure_ascii=False)}
            else:
                yield UnreadableError(
                    f"{name}: item {number} is not a JSON object such as {_EXAMPLE}"
                )
    else:
        yield from _object(name, text)


_EXAMPLE = '{"title": "…", "body": "…"}'


def _object(where: str, text: str) -> Iterator[Fields | UnreadableError]:
    try:
        value = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        yield _broken(where, error)
        return
    if isinstance(value, dict):
        yield {"article": text.strip()}
    else:
        yield UnreadableError(f"{where}: not a JSON object such as {_EXAMPLE}")


def _broken(where: str, error: Exception) -> UnreadableError:
    if isinstance(error, json.JSONDecodeError):
        place = f"{where}:{error.lineno}:{error.colno}" if where.count(":") == 0 else where
        return UnreadableError(f"{place}: this is not JSON: {error.msg}")
    return UnreadableError(f"{where}: this JSON is nested too deep")


def _feed(name: str, text: str) -> Iterator[Fields | UnreadableError]:
    try:
        feed = fastfeedparser.parse(text)
    except ValueError as error:
        yield UnreadableError(f"{name}: this feed cannot be read: {error}")
        return
    source = str(feed.feed.get("title") or "")
    language = str(feed.feed.get("language") or "")
    if not feed.entries:
        yield UnreadableError(f"{name}: this feed holds no entries")
    for item in feed.entries:
        yield _item(item, source, language)


def _item(item: fastfeedparser.FastFeedParserDict, source: str, language: str) -> Fields:
    """One entry of a feed; its own text where it has one, else its teaser."""
    content = item.get("content") or []
    full = str(content[0].get("value") or "") if content else ""
    teaser = str(item.get("description") or item.get("summary") or "")
    found = {
        "id": str(item.get("id") or ""),
        "url": str(item.get("link") or ""),
        "title": _plain(str(item.get("title") or "")),
        "summary": _plain(teaser),
        "author": str(item.get("author") or ""),
        "published_at": str(item.get("published") or item.get("updated") or ""),
        "source": source,
        "language": language,
        "tags": json.dumps([str(tag.get("term")) for tag in item.get("tags") or []]),
    }
    if full and full != teaser:
        found["body"] = _plain(full)
    return {name: value for name, value in found.items() if value and value != "[]"}


_BLOCK_END = re.compile(r"</(?:p|div|li|h[1-6]|blockquote|tr|figcaption)>|<br\s*/?>", re.IGNORECASE)


def _plain(fragment: str) -> str:
    """The text of a feed's fragment of HTML, its blocks as paragraphs."""
    if "<" not in fragment and "&" not in fragment:
        return fragment
    parted = _BLOCK_END.sub(r"\g<0>&#10;&#10;", fragment)
    root = fragment_fromstring(parted, create_parent="div")
    return str(root.text_content()).strip()
