"""Files as they lie on a disk → stream entries: text, HTML, JSON, JSON lines, and feeds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from service.articles.article import Article, read_article
from service.articles.entry import read_entry, within
from service.articles.files.document import document_below, read_document
from service.articles.files.encoding import GZIP, decoded
from service.articles.files.feed_parts import FEEDS
from service.articles.files.feeds import Fields, feed_entries, with_ids
from service.articles.files.json_files import is_json, json_entries
from service.articles.files.news_xml import NEWS, news_entries
from service.errors import BadEntry, TocsinError

MAX_FILE_BYTES = 256 * 2**20
"""Of a file that is read."""
_NOT_TEXT = "not text; save it as UTF-8 text, HTML or JSON"


class UnreadableError(TocsinError):
    """A file, or one line of it, holds no article; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file's name, for messages, and its bytes."""

    name: str
    content: bytes


def entries(source: Source) -> Iterator[Fields | UnreadableError]:
    """The entries of one file, in order; an error in place of each that cannot be read.

    Raises nothing, whatever the file holds.
    """
    return with_ids(parsed(source))


def parsed(source: Source, *, after: int = 0) -> Iterator[Fields | UnreadableError]:
    """As `entries`, but those of a feed have no ids yet; `with_ids` makes them.

    The first ones are left out, as many as `after` says.
    """
    try:
        for found in _entries(source, after):
            yield found if isinstance(found, dict) else UnreadableError(f"{source.name}{found}")
    except Exception as error:  # noqa: BLE001 - a file can make parsers raise anything
        reason = f"cannot be read ({type(error).__name__}: {str(error)[:100]})"
        yield UnreadableError(f"{source.name}: {reason}")


def _entries(source: Source, after: int) -> Iterator[Fields | str]:
    """As `entries`; in place of an error the text that follows the file's name."""
    name = source.name.lower()
    if len(source.content) > MAX_FILE_BYTES:
        yield f": larger than {MAX_FILE_BYTES // 2**20} MiB; part it"
        return
    text = decoded(source.content)
    if text is None:
        is_packed = source.content.startswith(GZIP)
        yield ": packed; unpack it with gunzip" if is_packed else f": {_NOT_TEXT}"
        return
    document = read_document(text)
    if document.local not in FEEDS | NEWS:
        below = document_below(document.text)
        document = below if below and below.local in FEEDS | NEWS else document
    if not document.text.strip():
        yield ": empty"
    elif document.local in FEEDS:
        yield from map(_placed, feed_entries(document, after))
    elif document.local in NEWS:
        yield from map(_placed, islice(news_entries(document), after, None))
    elif document.is_html or name.endswith((".html", ".htm")):
        yield {"html": document.text}
    elif document.is_xml:
        yield f": XML of another kind (<{document.root}>); send a feed, or the text of the article"
    elif is_json(document.text.lstrip()) or name.endswith((".json", ".jsonl", ".ndjson")):
        for one in islice(json_entries(document.text), after, None):
            yield _placed(one[1], one[0]) if isinstance(one, tuple) else one
    else:
        yield {"body": document.text}


def _placed(found: Fields | str, place: str = "") -> Fields | str:
    """What was found; of an error, with its place in the file before it."""
    return f"{place}: {found}" if isinstance(found, str) else found


def fitted(fields: Fields, *, max_bytes: int) -> Fields:
    """The entry as it is written to the stream: a page over the limit without its scripts.

    Raises BadEntry for what the service would refuse, as far as that shows before a page is read.
    """
    encoded = {name.encode(): value.encode() for name, value in fields.items()}
    read_entry(encoded, max_bytes=max_bytes)
    small = within(encoded, max_bytes)
    return fields if small is encoded else {n.decode(): v.decode() for n, v in small.items()}


def article_of(fields: Fields, *, max_bytes: int) -> Article:
    """The article of one entry; HTML is read in this process. Raises BadEntry."""
    encoded = {name.encode(): value.encode() for name, value in fields.items()}
    return read_article(encoded, max_bytes=max_bytes)


def articles_in(
    source: Source, *, max_bytes: int
) -> Iterator[Article | BadEntry | UnreadableError]:
    """The articles of a file; an error with place and reason for each that cannot be read."""
    for found in entries(source):
        if isinstance(found, UnreadableError):
            yield found
            continue
        try:
            yield article_of(found, max_bytes=max_bytes)
        except BadEntry as error:
            yield BadEntry(f"{source.name}: {error}")
        except Exception as error:  # noqa: BLE001 - one entry must not end the reading of others
            reason = f"cannot be read ({type(error).__name__}: {str(error)[:100]})"
            yield UnreadableError(f"{source.name}: {reason}")
