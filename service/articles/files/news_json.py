"""JSON of news that is neither an article as we write it nor a JSON Feed: what the interfaces of
publishers answer, and feeds that a program turned into JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.articles.entry import ENVELOPES
from service.articles.entry.other_names import article_values, names
from service.articles.entry.status import withdrawn_status
from service.articles.files.feeds import Fields
from service.articles.files.markup_text import html_text

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
        if has_title and found.path.rpartition(".")[2] not in names()["list"]:
            continue
        size = sum(len(text) for item in found.items for text in _texts_of_entry(item))
        if size > most or best is None:
            best, most = (found, size) if size or not found.items else (best, most)
    return best


def fields_of(item: Any, around: Mapping[str, Any] | None = None) -> Fields:
    """The stream entry of one item; without texts where it is none that we can tell."""
    found = article_values(item, around) if isinstance(item, dict) else {}
    for name in ("title", "summary", "body"):
        if "<" in (text := found.get(name, "")):
            found[name] = html_text(text)
    if found.get("body") == found.get("summary"):
        found.pop("summary", None)
    found["status"] = withdrawn_status(found.get("status", ""))
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


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
