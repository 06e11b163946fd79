"""JSON: one object, an array of objects, one object a line, a JSON Feed, or other JSON of news."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from service.articles.files.feeds import FEED, Fields
from service.articles.files.markup_text import html_text
from service.articles.files.news_json import EntryList, entry_list, fields_of, is_entry, is_own

EXAMPLE = '{"title": "…", "body": "…"}'
_JSON_FEED = "jsonfeed.org/version/"
_DECODER = json.JSONDecoder(strict=False, parse_int=str, parse_float=str)
_SPACE = re.compile(r"[ \t\r\n]*")
_CALL = re.compile(
    r"(?:/\*\*/)?\s*(?:typeof [\w$.]+ *=== *'function' *&& *)?[\w$.]{1,80}\s*\(\s*(?=[{\[])"
)
_LONGEST_END = 20
_CALL_END = re.compile(r"\)\s*;?\s*$")
_GUARD = re.compile(r"(?:\)\]\}',?|while ?\(1\);|for ?\(;;\);)\s*(?=[{\[])")
"""What stands above JSON so that no other site's script reads it."""


def is_json(text: str) -> bool:
    """Whether a text is meant to be JSON, by how it begins."""
    return text[:1] in ("{", "[") or _bare(text) != text


def json_entries(text: str) -> Iterator[Fields | tuple[str, str]]:
    """The stream entries in JSON; in place of one that is none, where it is and what is wrong.

    The objects are passed on as they are written.
    """
    text = _bare(text.strip())
    if text.startswith("["):
        yield from _array(text)
        return
    found = _read(text)
    if isinstance(found, dict) and _JSON_FEED in str(found.get("version")):
        yield from _feed(found)
        return
    if isinstance(found, dict) and (held := entry_list(found)):
        yield from _listed(held)
        return
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if isinstance(found, ValueError) and len(lines) > 1 and lines[0][1].rstrip().endswith("}"):
        for number, line in lines:
            yield _object(line, _read(line), f":{number}")
    else:
        yield _object(text, found, "")


def _array(text: str) -> Iterator[Fields | tuple[str, str]]:
    at, number = 1, 0
    while True:
        at = _end_of_space(text, at)
        if text.startswith("]", at):
            if text[at + 1 :].strip():
                yield _place(text, at + 1), "this is not JSON: Extra data"
            return
        if number:
            if not text.startswith(",", at):
                yield _place(text, at), "this is not JSON: Expecting ',' delimiter"
                return
            at = _end_of_space(text, at + 1)
        number += 1
        try:
            found, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            place = _place(text, error.pos) if isinstance(error, json.JSONDecodeError) else ""
            yield place, f"{_reason(error)}; item {number} and what follows are not read"
            return
        if isinstance(found, dict):
            yield _article(found, text[at:end])
        else:
            yield "", f"item {number} is not a JSON object such as {EXAMPLE}"
        at = end


def _bare(text: str) -> str:
    """JSON without the call of a function that it is given to (JSONP), and without a guard."""
    guard = _GUARD.match(text)
    call = None if guard else _CALL.match(text)
    end = _CALL_END.search(text, max(0, len(text) - _LONGEST_END)) if call else None
    if call and end:
        return text[call.end() : end.start()].rstrip()
    return text[guard.end() :] if guard else text


def _article(found: dict[str, Any], written: str) -> Fields:
    """An object as it is written, if it is an article of ours, else what it says of one."""
    fields = {} if is_own(found) else fields_of(found)
    return fields if is_entry(fields) else {"article": written}


def _listed(held: EntryList) -> Iterator[Fields | tuple[str, str]]:
    if not held.items:
        yield "", f"this feed holds no entries: `{held.path}` is empty"
    for number, item in enumerate(held.items, 1):
        fields = fields_of(item, held.around)
        if any(fields.get(name) for name in ("title", "summary", "body", "status")):
            yield fields | ({FEED: ""} if fields.get("id") else {})
        else:
            yield (
                "",
                f"item {number} of `{held.path}` holds no text; send objects such as {EXAMPLE}",
            )


def _end_of_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _object(text: str, found: Any, where: str) -> Fields | tuple[str, str]:
    if isinstance(found, dict):
        return _article(found, text.strip())
    if isinstance(found, json.JSONDecodeError):
        return where or f":{found.lineno}:{found.colno}", _reason(found)
    if isinstance(found, Exception):
        return where, _reason(found)
    return where, f"not a JSON object such as {EXAMPLE}"


def _read(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        return error


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"this is not JSON: {error.msg}"
    return "this JSON is nested too deep"


def _place(text: str, at: int) -> str:
    return f":{text.count(chr(10), 0, at) + 1}:{at - text.rfind(chr(10), 0, at)}"


def _feed(feed: dict[str, Any]) -> Iterator[Fields | tuple[str, str]]:
    """The entries of a JSON Feed, versions 1 and 1.1."""
    items = feed.get("items")
    if not isinstance(items, list) or not items:
        yield "", "this feed holds no entries"
        return
    for number, item in enumerate(items, 1):
        found = _item(item, feed) if isinstance(item, dict) else {}
        if any(found.get(name) for name in ("title", "summary", "body")):
            yield found | ({FEED: ""} if found.get("id") else {})
        else:
            yield "", f"entry {number} holds no text: no title, no summary and no content"


def _item(item: dict[str, Any], feed: dict[str, Any]) -> Fields:
    html = _text(item.get("content_html"))
    body = _text(item.get("content_text")) or (html_text(html) if html else "")
    tags = [_text(tag) for tag in item["tags"]] if isinstance(item.get("tags"), list) else []
    found = {
        "id": _text(item.get("id")),
        "url": _text(item.get("url")) or _text(item.get("external_url")),
        "title": _text(item.get("title")),
        "summary": _text(item.get("summary")),
        "body": body,
        "author": _authors(item) or _authors(feed),
        "published_at": _text(item.get("date_published")) or _text(item.get("date_modified")),
        "source": _text(feed.get("title")),
        "language": _text(item.get("language")) or _text(feed.get("language")),
        "tags": json.dumps([tag for tag in tags if tag], ensure_ascii=False) if any(tags) else "",
    }
    return {name: value for name, value in found.items() if value}


def _authors(said: dict[str, Any]) -> str:
    given = said.get("authors") or [said.get("author")]
    authors = given if isinstance(given, list) else []
    names = [_text(one.get("name")) for one in authors if isinstance(one, dict)]
    return ", ".join(filter(None, names))


def _text(value: Any) -> str:
    """A string as it is, without halves of characters; "" for anything else."""
    if not isinstance(value, str):
        return ""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
