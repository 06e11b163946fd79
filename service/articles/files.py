"""Files as they lie on a disk → stream entries: text, HTML, JSON, JSON lines, RSS and Atom."""

from __future__ import annotations

import codecs
import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from chardet import EncodingEra, detect

from service.articles.article import Article, read_article
from service.articles.feeds import Fields, feed_entries, is_feed
from service.errors import BadEntry, TocsinError


class UnreadableError(TocsinError):
    """A file, or one line of it, holds no article; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file's name, for messages, and its bytes."""

    name: str
    content: bytes


# Possessive: to divide a row of comments in another way is of no use, and never ends.
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*+<(?:!doctype\s+html|html|body)\b",
    re.DOTALL | re.IGNORECASE,
)

# The mark of UTF-32 begins as that of UTF-16 does, so it comes first.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAX_HEAD_BYTES = 2048
"""Bytes among which a page or feed declares its encoding; the HTML standard says 1,024."""
_DECLARATION = re.compile(
    rb"<(?:\?xml\b[^>]*?\bencoding|meta\b[^>]*?\bcharset)\s*=\s*[\"']?\s*([\w.:-]{3,40})",
    re.IGNORECASE,
)
# The encoding standard's names for others: what says one of these was written as the other.
_AS_BROWSERS_DO = {
    "iso-8859-1": "windows-1252",
    "latin1": "windows-1252",
    "us-ascii": "windows-1252",
    "ascii": "windows-1252",
    "iso-8859-9": "windows-1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
}

_IN_USE = EncodingEra.MODERN_WEB | EncodingEra.LEGACY_ISO
"""Encodings of published text; those of DOS and mainframes are not tried."""

# Of few letters `franзaise` may look likelier than it is; a text in another script has words in it.
_LATIN = re.compile(
    r"(?s)(?!.*[\u0370-\u05ea]{4}).*(?:[A-Za-z][\u0370-\u05ea]|[\u0370-\u05ea][A-Za-z])"
)


def entries(source: Source) -> Iterator[Fields | UnreadableError]:
    """The entries of one file, in order; an error in place of each that cannot be read."""
    try:
        text = _decoded(source)
    except UnreadableError as error:
        yield error
        return
    if not text.strip():
        yield UnreadableError(f"{source.name}: empty")
    elif is_feed(text):
        for found in feed_entries(text):
            yield UnreadableError(f"{source.name}: {found}") if isinstance(found, str) else found
    elif _HTML.match(text) or source.name.lower().endswith((".html", ".htm")):
        yield {"html": text}
    elif text.lstrip()[0] in "{[" or source.name.lower().endswith((".json", ".jsonl", ".ndjson")):
        yield from _json(source.name, text)
    else:
        yield {"body": text}


def _decoded(source: Source) -> str:
    """The file's text: as UTF-8, else in the declared encoding, else in the most likely one."""
    for encoding in _declared(source.content):
        with contextlib.suppress(LookupError, UnicodeDecodeError):
            return source.content.decode(encoding)
    text = source.content.decode("utf-8", "replace")
    broken = text.count("\N{REPLACEMENT CHARACTER}")
    whole = sum(char > "\x7f" for char in text) - broken
    # Bytes of another encoding are hardly ever UTF-8 by chance: a file was cut, or put together.
    if whole > broken and "\0" not in text:
        return text
    name = (detect(source.content, encoding_era=_IN_USE)["encoding"] or "").lower()
    if name and "\0" not in text:
        with contextlib.suppress(LookupError, UnicodeDecodeError):
            text = source.content.decode(_AS_BROWSERS_DO.get(name, name))
            return source.content.decode("windows-1252") if _LATIN.match(text) else text
    raise UnreadableError(f"{source.name}: not text; save it as UTF-8 text, HTML or JSON")


def _declared(content: bytes) -> Iterator[str]:
    """The encodings to try, UTF-8 first: what is UTF-8 by chance is so rare that it is meant."""
    marked = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    yield marked
    said = _DECLARATION.search(content[:_MAX_HEAD_BYTES])
    if said is not None:
        name = said[1].decode("ascii").lower()
        yield _AS_BROWSERS_DO.get(name, name)


def _json(name: str, text: str) -> Iterator[Fields | UnreadableError]:
    """One object, an array of objects, or one object on each line; they are passed on unchanged."""
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
