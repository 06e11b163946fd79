"""RSS, Atom and RDF → stream entries, one for each entry that holds text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

from lxml.html import fragment_fromstring

from service.articles.identity import FeedItem, feed_ids, web_address

Fields = dict[str, str]

# Possessive: to divide a row of comments in another way is of no use, and never ends.
_FEED = re.compile(
    r"\s*(?:<!--.*?-->\s*|<\?[^>]*\?>\s*|<!DOCTYPE[^>]*>\s*)*+<(?:\w+:)?(?:rss|feed|RDF)\b",
    re.DOTALL,
)
# The two ways in which feeds put a name and an address into one text.
_NAMED = re.compile(r"\S+@\S+\s+\((?P<before>.+)\)|(?P<after>.+?)\s+\(\S+@\S+\)")
_BLOCK_END = re.compile(r"</(?:p|div|li|h[1-6]|blockquote|tr|figcaption)>|<br\s*/?>", re.IGNORECASE)


def is_feed(text: str) -> bool:
    """Whether a file's text is a feed."""
    return _FEED.match(text) is not None


def feed_entries(text: str) -> Iterator[Fields | str]:
    """The stream entries of a feed, in its order; in place of what is none, what is wrong with it.

    What the feed says of all its entries, its title, language and author, is said of each that says
    nothing else of itself. Addresses are whole: `xml:base` counts.
    """
    import feedparser  # noqa: PLC0415 (0.1 s, and most that is published is no feed)

    feed = feedparser.parse(
        BytesIO(text.encode()),  # never the text itself: it might be an address
        response_headers={"content-type": "application/xml; charset=utf-8"},  # whatever it declares
    )
    if not feed.entries:
        reason = f"cannot be read: {feed.bozo_exception}" if feed.bozo else "holds no entries"
        yield f"this feed {reason}"
    items = [_entry_fields(item, feed.feed) for item in feed.entries]
    for number, (found, id_) in enumerate(zip(items, _ids(items, feed.feed), strict=True), 1):
        found["id"] = id_
        if any(found.get(name) for name in ("title", "summary", "body")):
            yield {name: value for name, value in found.items() if value}
        else:
            named = found.get("url") or found.get("id") or "no address"
            yield f"entry {number} ({named}) holds no text: no title, no summary and no content"


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


def _ids(items: Sequence[Fields], feed: Any) -> list[str]:
    names = ("id", "url", "title", "body")
    read = [FeedItem(*(item.get(name, "") for name in names)) for item in items]
    links = (str(link.get("href", "")) for link in feed.get("links", ()) if link["rel"] == "self")
    named = next(links, "") or feed.get("id") or feed.get("link") or feed.get("title", "")
    return feed_ids(read, str(named))


def _plain_text(detail: Any) -> str:
    """The text of an element; of HTML, its blocks as paragraphs."""
    value = str(detail.get("value", ""))
    if detail.get("type") == "text/plain" or not ("<" in value or "&" in value):
        return value
    parted = _BLOCK_END.sub(r"\g<0>&#10;&#10;", value)
    return str(fragment_fromstring(parted, create_parent="div").text_content()).strip()


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
