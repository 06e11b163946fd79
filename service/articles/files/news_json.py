"""JSON of news that is neither an article as we write it nor a JSON Feed: what the interfaces of
publishers answer, and feeds that a program turned into JSON.
"""

from __future__ import annotations

import functools
import json
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.articles.entry import ENVELOPES
from service.articles.files.feeds import Fields
from service.articles.files.markup_text import html_text
from service.articles.identity import web_address

OWN = ("title", "summary", "body", "html")
"""Names of an article's texts as we write it; an object with one of them is passed on as it is."""
_FULL = ("summary", "body", "html")
_MOST_LOOKED_AT = 10_000
"""Objects and lists in which the list of entries is searched for."""
_MOST_DEPTH = 6


@dataclass(frozen=True, slots=True)
class EntryList:
    """The entries that a JSON object holds."""

    path: str
    """The names that lead to the list, with dots between them; for messages."""
    items: Sequence[Any]
    around: Mapping[str, Any]
    """The object that holds the list: a feed's title and language stand beside its entries."""


def is_own(value: Mapping[str, Any]) -> bool:
    """Whether it is an article as we write it, plain or in one of our envelopes."""
    return any(_is_text(each.get(name)) for each in (value, *_inner(value)) for name in OWN)


def _inner(value: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [value[name] for name in ENVELOPES if isinstance(value.get(name), dict)]


def entry_list(value: Mapping[str, Any]) -> EntryList | None:
    """The list with most text of entries in an object; None where there is none.

    An article of ours may hold other lists, such as links to others.
    """
    if any(_is_text(value.get(name)) for name in _FULL) or any(map(is_own, _inner(value))):
        return None
    has_title = _is_text(value.get("title"))
    best: EntryList | None = None
    most = 0
    for found in _lists(value):
        if has_title and found.path.rpartition(".")[2] not in _names()["list"]:
            continue
        size = sum(len(text) for item in found.items for text in _texts_of_entry(item))
        if size > most or best is None:
            best, most = (found, size) if size or not found.items else (best, most)
    return best


def fields_of(item: Any, around: Mapping[str, Any] | None = None) -> Fields:
    """The stream entry of one item; without texts where it is none that we can tell."""
    if not isinstance(item, dict):
        return {}
    names = _names()
    inner = [item[name] for name in names["inside"] if isinstance(item.get(name), dict)]
    said = [item, *inner]
    found = {name: _first(said, names[name]) for name in ("title", "summary", "body", "language")}
    found = {name: html_text(text) if "<" in text else text for name, text in found.items()}
    if found["body"] == found["summary"]:
        found["summary"] = ""
    addresses = (text for name in names["url"] for each in said for text in _links(each.get(name)))
    found["url"] = next(filter(web_address, addresses), "")
    authors = _all(said, names["author"])
    found["author"] = ", ".join(each for each in authors if not each.isdigit())
    found["published_at"] = _first(said, names["published_at"])
    found["source"] = _first(said, names["source"]) or _around(around or {}, "title")
    found["language"] = found["language"] or _around(around or {}, "language")
    tags = _all(said, names["tags"])
    found["tags"] = json.dumps(tags, ensure_ascii=False) if tags else ""
    # A bare number is another article's id elsewhere.
    found["id"] = _first(said, names["id"]) if found["url"] or found["source"] else ""
    return {name: value for name, value in found.items() if value}


def is_entry(fields: Fields) -> bool:
    """Whether the fields are those of an article: a tag or an author has a name and an address."""
    if "body" in fields or "summary" in fields:
        return True
    return {"title", "url", "published_at"} <= fields.keys()


def _texts_of_entry(item: Any) -> Iterator[str]:
    fields = fields_of(item)
    if is_entry(fields):
        yield from (fields.get(name, "") for name in ("title", "summary", "body"))


def _lists(value: Mapping[str, Any]) -> Iterator[EntryList]:
    """The lists of objects within an object, from outside to inside."""
    left: list[tuple[str, Any, int]] = [("", value, 0)]
    for path, found, depth in left:
        for name, inner in found.items():
            below = f"{path}.{name}" if path else name
            is_item = isinstance(inner, dict) and name in ("entry", "item")
            items = [inner] if is_item else inner
            if isinstance(items, list):
                if not items or isinstance(items[0], dict):
                    yield EntryList(below, items, found)
            elif isinstance(inner, dict) and depth < _MOST_DEPTH and len(left) < _MOST_LOOKED_AT:
                left.append((below, inner, depth + 1))


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
        inner = (value[name] for name in _names()["value"] if value.get(name))
        yield from _texts(next((each for each in inner if isinstance(each, str | dict)), None))


def _links(value: Any) -> Iterator[str]:
    """As `_texts`; of Atom's links, the one to the article itself comes first."""
    if isinstance(value, list):
        own = [each for each in value if isinstance(each, dict) and each.get("rel") == "alternate"]
        value = own + value
    return _texts(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


@functools.cache
def _names() -> dict[str, tuple[str, ...]]:
    """The names in `news_json.txt`, by their heading."""
    data = pkgutil.get_data(__package__, "news_json.txt")
    if data is None:
        raise FileNotFoundError("news_json.txt is missing from the package; install it again")
    found: dict[str, tuple[str, ...]] = {}
    heading = ""
    for line in data.decode().splitlines():
        if line.startswith("["):
            heading = line.strip("[]")
        elif line and not line.startswith("# "):
            found[heading] = (*found.get(heading, ()), line)
    return found
