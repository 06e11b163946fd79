"""RSS, Atom, RDF and CDF → stream entries, one for each entry that holds text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from typing import Any, TypeVar

from service.articles.files.document import Document
from service.articles.files.feed_parts import FeedParts, split_feed
from service.articles.files.markup_text import html_text
from service.articles.files.tombstones import as_entry, deleted_id, is_tombstone
from service.articles.identity import FeedItem, feed_ids, web_address

Fields = dict[str, str]
Failure = TypeVar("Failure")

FEED = "feed"
"""The key of what names an entry's feed, until the entry has its id; "" for a feed of which each
id stands for itself, unless the file has it twice."""

# The two ways in which feeds put a name and an address into one text.
_NAMED = re.compile(r"\S+@\S+\s+\((?P<before>.+)\)|(?P<after>.+?)\s+\(\S+@\S+\)")


def feed_entries(document: Document, after: int = 0) -> Iterator[Fields | str]:
    """The stream entries of a feed, in its order; in place of what is none, what is wrong with it.

    What the feed says of all its entries, its title, language and author, is said of each that says
    nothing else of itself. Addresses are whole: `xml:base` counts. Each entry is read by itself, so
    that none spoils another; the first ones are not, as many as `after` says. `with_ids` makes the
    ids of what is yielded.
    """
    parts = split_feed(document)
    feed = _parsed(parts.frame(""))
    if not parts.items:
        failed = isinstance(feed, Exception) or bool(feed.bozo)
        reason = feed if isinstance(feed, Exception) else feed.get("bozo_exception")
        yield f"this feed {f'cannot be read: {reason}' if failed else 'holds no entries'}"
    said = {} if isinstance(feed, Exception) else feed.feed
    name = _feed_name(said)
    for number, item in enumerate(parts.items[after:], after + 1):
        try:
            found = _deleted(item, parts, said) or _item_fields(parts.frame(item), said)
        except Exception as error:  # noqa: BLE001 - what feeds hold makes parsers raise anything
            yield f"entry {number} cannot be read ({type(error).__name__}: {str(error)[:100]})"
            continue
        if any(found.get(name) for name in ("title", "summary", "body", "status")):
            yield found | {FEED: name}
        elif is_tombstone(item):
            yield f"entry {number} says that one was deleted, and not which: it has no `ref`"
        else:
            named = found.get("url") or found.get("id") or "no address"
            yield f"entry {number} ({named}) holds no text: no title, no summary and no content"


def _deleted(item: str, parts: FeedParts, feed: Any) -> Fields:
    """What takes an entry back that a tombstone says was deleted; {} for anything else."""
    if not (id_ := deleted_id(item)):
        return {}
    found = _item_fields(parts.frame(as_entry(item)), feed)
    said = {"id": id_, "source": found.get("source", ""), "status": "deleted"}
    return said | ({"url": id_} if web_address(id_) else {})


def _item_fields(framed: str, feed: Any) -> Fields:
    found = _parsed(framed)
    if isinstance(found, Exception) or not found.entries:
        found = _parsed(framed, as_written=True)  # its HTML is what cannot be read
    if isinstance(found, Exception):
        raise found
    return _entry_fields(found.entries[0], feed) if found.entries else {}


def _parsed(text: str, *, as_written: bool = False) -> Any:
    """What feedparser reads in a text; the error that it raises. Its HTML may stay as written."""
    import feedparser  # noqa: PLC0415 (0.1 s, and most that is published is no feed)

    try:
        return feedparser.parse(
            BytesIO(text.encode("utf-8", "replace")),  # never the text: it might be an address
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=not as_written,
            resolve_relative_uris=not as_written,
        )
    except Exception as error:  # noqa: BLE001 - it should raise nothing, and raises much
        return error


def _entry_fields(item: Any, feed: Any) -> Fields:
    contents = [_plain_text(each) for each in item.get("content", ())]
    full = max(contents, key=len, default="")
    teaser = _plain_text(item.get("summary_detail", {})) if "summary_detail" in item else ""
    found = {
        "id": item.get("id", ""),
        "url": _address(item),
        "title": _plain_text(item.get("title_detail", {})),
        "summary": teaser if full and full != teaser else "",
        "body": full or teaser,
        "author": _author(item) or _author(feed),
        "published_at": _published_at(item),
        "source": _plain_text(
            item.get("source", {}).get("title_detail") or feed.get("title_detail", {})
        ),
        "language": _language(item) or feed.get("language") or "",
        "tags": _tags(item),
    }
    return {name: value for name, value in found.items() if value}


def _feed_name(feed: Any) -> str:
    links = (str(link.get("href", "")) for link in feed.get("links", ()) if link["rel"] == "self")
    return str(next(links, "") or feed.get("id") or feed.get("link") or feed.get("title", ""))


def with_ids(found: Iterable[Fields | Failure]) -> Iterator[Fields | Failure]:
    """All that a file holds, in its order, the entries of a feed with their ids.

    An entry's id depends on those of all others, so they come when all are read.
    """
    read: list[Fields | Failure] = []
    for one in found:
        if read or (isinstance(one, dict) and FEED in one):
            read.append(one)
        else:
            yield one
    items = [one for one in read if isinstance(one, dict) and FEED in one]
    ids = iter(_ids(items))
    for one in read:
        if not (isinstance(one, dict) and FEED in one):
            yield one
            continue
        said = one | {"id": next(ids)}
        yield {name: value for name, value in said.items() if value and name != FEED}


def _ids(items: Sequence[Fields]) -> list[str]:
    names = ("id", "url", "title", "body")
    read = [FeedItem(*(item.get(name, "") for name in names)) for item in items]
    return feed_ids(read, items[0][FEED]) if items else []


def _plain_text(detail: Any) -> str:
    """The text of an element; of HTML, its blocks as paragraphs."""
    value = str(detail.get("value", ""))
    if detail.get("type") == "text/plain" or not ("<" in value or "&" in value):
        return value
    return html_text(value)


def _address(item: Any) -> str:
    """The address of the article: not a redirection, and not an id that only looks like a link."""
    address = str(item.get("feedburner_origlink") or item.get("link") or "")
    return address if web_address(address) else ""


def _author(said: Any) -> str:
    author = str(said.get("author") or "")
    if named := _NAMED.fullmatch(author):
        return str(named["before"] or named["after"])
    names = [str(each["name"]) for each in said.get("authors", ()) if each.get("name")]
    return ", ".join(names) or author


def _published_at(item: Any) -> str:
    """The time of publication, else of the last change; as written if it cannot be read."""
    for name in ("published", "updated"):
        if item.get(name):
            read = item.get(f"{name}_parsed")
            return (
                "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z".format(*read[:6])
                if read
                else str(item[name])
            )
    return ""


def _language(item: Any) -> str:
    details = [
        *item.get("content", ()),
        item.get("summary_detail", {}),
        item.get("title_detail", {}),
    ]
    return next((str(each["language"]) for each in details if each.get("language")), "")


def _tags(item: Any) -> str:
    terms = [str(tag.get("label") or tag.get("term") or "") for tag in item.get("tags", ())]
    return json.dumps([term for term in terms if term], ensure_ascii=False) if any(terms) else ""
