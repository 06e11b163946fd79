"""Watchlists as programs write them: one key a line, plain values, a small part of YAML.

A file that holds nothing else is read in less than half the time that libyaml takes. A file with
anything that YAML might read otherwise is left to `service.rules.yaml.libyaml` as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.rules.yaml.document import Document, Value
from service.rules.yaml.scalar import NULLS
from service.rules.yaml.yaml_value import Part, SourceRange

SECTION = "watchlists"

# Characters that YAML does not read as text: control characters, a byte order mark, surrogates. One
# search finds them; in each of the classes below they would make the patterns slow to compile.
_UNSAFE = re.compile(
    r"[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_VALUE = r"""
      [\w($] [^\n\#:]* (?: :(?!\x20|\n|\Z) [^\n\#:]* )*   # begins with a letter, ( or $
    | ' [^\n']* (?: '' [^\n']* )* ' \x20*
    | " [^\n"\\]* " \x20*
    | \[ (?: [A-Za-z0-9][\w.-]* (?: ,\x20* [A-Za-z0-9][\w.-]* )* )? \] \x20*
"""
_KEY = r"(?!null:) [a-z_]{1,99}"
_ENTRY = rf"{_KEY} :\x20+ (?: {_VALUE} ) (?: \n | \Z )"

_HEAD = re.compile(rf"\n* {SECTION}: \x20* \n+", re.VERBOSE)
_ITEM = re.compile(rf"(\x20*) -\x20 ( {_ENTRY} (?: \1\x20\x20 {_ENTRY} )* ) \n*", re.VERBOSE)
_ENTRIES = re.compile(rf"({_KEY}) :\x20+ ({_VALUE}) (?: \n | \Z )", re.VERBOSE)


class NotPlain(Exception):
    """The file holds something else; the parts that were yielded before do not count."""


def read_plain_parts(document: Document) -> Iterator[Part]:
    """The watchlists of a file, equal to those that libyaml reads.

    Raises NotPlain, also after it has yielded parts.
    """
    text = document.text
    head = _HEAD.match(text)
    if head is None or not _is_safe(text):
        raise NotPlain
    at, line, number = head.end(), text.count("\n", 0, head.end()), 0
    indent: str | None = None
    while at < len(text):
        item = _ITEM.match(text, at)
        if item is None or indent not in (None, item[1]):
            raise NotPlain
        indent = item[1]
        begin, end = item.span(2)
        rows = _ENTRIES.findall(text, begin, end)
        value: dict[str, Value] = {}
        lines: dict[str, list[int]] = {}
        for name, written in rows:
            if written[0] == "[":
                value[name] = words = _split_words(written)
                lines[name] = [line + len(value)] * len(words)
            else:
                value[name] = _unquote(written)
        if len(value) < len(rows):
            raise NotPlain  # a key appears twice
        source = SourceRange(begin, end, line, begin - at)
        yield Part(document, (SECTION, number), source, value, lines)
        number += 1
        line += len(rows) + item.end() - end
        at = item.end()
    if not number:
        raise NotPlain
    document.value = {SECTION: []}


def _is_safe(text: str) -> bool:
    # Printable characters are safe, and this test is fast; a no-break space is safe, not printable.
    return text.replace("\n", " ").isprintable() or not _UNSAFE.search(text)


def _unquote(written: str) -> str | None:
    if written[-1] == " ":
        written = written.rstrip(" ")
    if written[0] == "'":
        return written[1:-1].replace("''", "'")
    if written[0] == '"':
        return written[1:-1]
    return None if written in NULLS else written


def _split_words(written: str) -> list[Value]:
    inner = written.rstrip(" ")[1:-1]
    return [_unquote(word.lstrip(" ")) for word in inner.split(",")] if inner else []
