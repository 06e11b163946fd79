"""Watchlists as programs write them: one key a line, plain values, none of YAML's finer points.

A file that holds nothing else is read in less than half the time that libyaml takes. Whatever
might mean something else to YAML is left to `service.yamltext`, whole files at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.rules.yaml.document import Document, Value
from service.rules.yaml.part import NOTHING, Part, Span

SECTION = "watchlists"

# What YAML does not take as it stands: control characters, a byte order mark, surrogates. It is
# looked for once, and not in each class below: with all of this they take long to compile.
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
    """The file holds something else; what was handed over of it does not count."""


def parts(document: Document) -> Iterator[Part]:
    """The watchlists of a file; they are what libyaml would make of them.

    Raises NotPlain, at any time.
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
        for name, said in rows:
            if said[0] == "[":
                value[name] = words = _words(said)
                lines[name] = [line + len(value)] * len(words)
            else:
                value[name] = _text(said)
        if len(value) < len(rows):
            raise NotPlain  # a key stands twice
        yield Part(document, (SECTION, number), Span(begin, end, line, begin - at), value, lines)
        number += 1
        line += len(rows) + item.end() - end
        at = item.end()
    if not number:
        raise NotPlain
    document.value = {SECTION: []}


def _is_safe(text: str) -> bool:
    # What is printable is safe, and that is known at once; a no-break space, for one, is not.
    return text.replace("\n", " ").isprintable() or not _UNSAFE.search(text)


def _text(said: str) -> str | None:
    if said[-1] == " ":
        said = said.rstrip(" ")
    if said[0] == "'":
        return said[1:-1].replace("''", "'")
    if said[0] == '"':
        return said[1:-1]
    return None if said in NOTHING else said


def _words(said: str) -> list[Value]:
    inner = said.rstrip(" ")[1:-1]
    return [_text(word.lstrip(" ")) for word in inner.split(",")] if inner else []
