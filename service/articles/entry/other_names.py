"""The names under which others hold an article's parts: `content`, `headline`, `link` …

They are data, in `other_names.txt`: those of publishers' interfaces, of scrapers, and of feeds that
a program turned into JSON.
"""

from __future__ import annotations

import functools
import json
import pkgutil
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from service.articles.entry.envelope import check_is_text, decode
from service.articles.identity import web_address
from service.articles.paragraphs import BREAK
from service.errors import BadEntry

_FULL_TEXTS = ("summary", "body", "html")
_PARTS = ("title", "summary", "body", "url", "id", "author", "published_at", "source", "tags")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")


def completed(values: Mapping[str, Any], fields: Mapping[bytes, bytes]) -> Mapping[str, Any]:
    """An entry's values by our names, completed where it has no text by them but a headline.

    Else a text that a scraper calls `content` would be lost without a word. What has our names
    counts; `fields` are those of the entry, which may name the rest.
    """
    if any(_is_given(values.get(name)) for name in _FULL_TEXTS):
        return values
    own = {name: value for name, value in values.items() if _is_given(value)}
    named = {**_flat(fields), **own}
    # Another's id may be an address, as in feeds; ours is none.
    found: dict[str, Any] = article_values({name: named[name] for name in named if name != "id"})
    if _TAG.search(found.get("body", "")):
        found["html"] = found.pop("body")
    found["summary"] = _TAG.sub(" ", found.get("summary", ""))
    # A PDF, or a NUL in an author's name: what can be read counts all the same.
    found = {name: text for name, text in found.items() if _is_readable(name, text)}
    if found.get("summary") == found.get("body"):
        found.pop("summary", None)
    is_headline = "title" in own or found.get("title") != next(_texts(named.get("name")), None)
    if not is_headline and not any(found.get(name) for name in _FULL_TEXTS):
        return values
    return {**found, **own}


def _flat(fields: Mapping[bytes, bytes]) -> dict[str, str]:
    """The fields of a flat entry that have one of these names; what cannot be read is no text."""
    found = {}
    for name, raw in _raw_names().items():
        if raw in fields:
            try:
                found[name] = decode(name, fields[raw])
            except BadEntry:
                continue
    return found


@functools.cache
def _raw_names() -> dict[str, bytes]:
    return {name: name.encode() for part in _PARTS for name in names()[part]}


def _is_readable(name: str, text: str) -> bool:
    try:
        for each in json.loads(text) if name == "tags" else (text,):
            check_is_text(name, each)
    except BadEntry:
        return False
    return True


def _is_given(value: Any) -> bool:
    """Whether it is anything but absent or blank."""
    return bool(value.strip()) if isinstance(value, str) else value is not None


def article_values(
    item: Mapping[str, Any], around: Mapping[str, Any] | None = None
) -> dict[str, str]:
    """What an object says of an article, by our names; HTML is left as it is.

    `around`: the object that holds it, of which a feed's title and language are taken.
    """
    known = names()
    inner = [item[name] for name in known["inside"] if isinstance(item.get(name), dict)]
    said = [item, *inner]
    found = {name: _first(said, known[name]) for name in ("title", "summary", "language")}
    found["body"] = BREAK.join(_all(said, known["body"]))
    addresses = (text for name in known["url"] for each in said for text in _links(each.get(name)))
    found["url"] = next(filter(web_address, addresses), "")
    authors = _all(said, known["author"])
    found["author"] = ", ".join(each for each in authors if not each.isdigit())
    found["published_at"] = _first(said, known["published_at"])
    found["source"] = _first(said, known["source"]) or _around(around or {}, "title")
    found["language"] = found["language"] or _around(around or {}, "language")
    tags = _all(said, known["tags"])
    found["tags"] = json.dumps(tags, ensure_ascii=False) if tags else ""
    found["status"] = _first(said, known["status"])
    # A bare number is another article's id elsewhere.
    found["id"] = _first(said, known["id"]) if found["url"] or found["source"] else ""
    return {name: value for name, value in found.items() if value}


@functools.cache
def names() -> dict[str, tuple[str, ...]]:
    """The names in `other_names.txt`, by their heading."""
    data = pkgutil.get_data(__package__, "other_names.txt")
    if data is None:
        raise FileNotFoundError("other_names.txt is missing from the package; install it again")
    found: dict[str, tuple[str, ...]] = {}
    heading = ""
    for line in data.decode().splitlines():
        if line.startswith("["):
            heading = line.strip("[]")
        elif line and not line.startswith("# "):
            found[heading] = (*found.get(heading, ()), line)
    return found


def _around(around: Mapping[str, Any], name: str) -> str:
    """What a feed says of itself: beside its entries, or in an object `feed` beside them."""
    beside = [each for each in (around, around.get("feed")) if isinstance(each, dict)]
    return _first(beside, (name,))


def _first(said: Sequence[Mapping[str, Any]], names: Sequence[str]) -> str:
    texts = (text for name in names for each in said for text in _texts(each.get(name)))
    return next(texts, "")


def _all(said: Sequence[Mapping[str, Any]], names: Sequence[str]) -> list[str]:
    """All texts under the first name that has any."""
    for name in names:
        found = [text for each in said for text in _texts(each.get(name))]
        if found:
            return [*dict.fromkeys(found)]
    return []


def _texts(value: Any) -> Iterator[str]:
    """The texts that a value stands for: itself, those of a list, or an object's own."""
    if isinstance(value, str):
        text = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").strip()
        if text:
            yield text
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each) if isinstance(each, str | dict) else ()
    elif isinstance(value, dict):
        inner = (value[name] for name in names()["value"] if value.get(name))
        yield from _texts(next((each for each in inner if isinstance(each, str | dict)), None))


def _links(value: Any) -> Iterator[str]:
    """As `_texts`; of Atom's links, the one to the article itself comes first."""
    if isinstance(value, list):
        own = [each for each in value if isinstance(each, dict) and each.get("rel") == "alternate"]
        value = own + value
    return _texts(value)
