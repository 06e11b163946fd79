"""The names under which others hold an article's parts: `content`, `headline`, `link` …

They are data, in `other_names.txt`: those of publishers' interfaces, of scrapers, and of feeds that
a program turned into JSON.
"""

from __future__ import annotations

import functools
import json
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from service.articles.identity import web_address


def article_values(
    item: Mapping[str, Any], around: Mapping[str, Any] | None = None
) -> dict[str, str]:
    """What an object says of an article, by our names; HTML is left as it is.

    `around`: the object that holds it, of which a feed's title and language are taken.
    """
    known = names()
    inner = [item[name] for name in known["inside"] if isinstance(item.get(name), dict)]
    said = [item, *inner]
    found = {name: _first(said, known[name]) for name in ("title", "summary", "body", "language")}
    addresses = (text for name in known["url"] for each in said for text in _links(each.get(name)))
    found["url"] = next(filter(web_address, addresses), "")
    authors = _all(said, known["author"])
    found["author"] = ", ".join(each for each in authors if not each.isdigit())
    found["published_at"] = _first(said, known["published_at"])
    found["source"] = _first(said, known["source"]) or _around(around or {}, "title")
    found["language"] = found["language"] or _around(around or {}, "language")
    tags = _all(said, known["tags"])
    found["tags"] = json.dumps(tags, ensure_ascii=False) if tags else ""
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
