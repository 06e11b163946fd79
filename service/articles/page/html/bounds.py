"""Parts of a page that are larger than any page needs are cut before the page is read.

The parsers that follow take time that grows with the square of such a part. `make bench
ARGS=hostile` measures it.
"""

from __future__ import annotations

import json
import re

from lxml import etree
from lxml.html import HtmlElement

MAX_ATTRIBUTES = 500
"""Most attributes of an element; one with more loses them all."""
MAX_BROKEN_JSON_CHARS = 10_000
"""Longest script of metadata that is read although it is not JSON."""
MAX_CHILDREN = 1_000
"""Most elements in a paragraph; of more, those that only set its type are resolved into text."""

# Nothing that it consumes is looked at again, also where a tag is never closed. A quote counts only
# as the beginning of a value, as in browsers: one that stands alone would take in the page.
_TAG = re.compile(r"<[A-Za-z](?:[^=>]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')?)*+>?")
_QUOTED = re.compile(r"\"[^\"]*+\"|'[^']*+'")
_NAME = re.compile(r"<[^\s/>]{1,100}")
_MIN_LONG_TAG = 4 * MAX_ATTRIBUTES
_TYPE = (
    "b",
    "i",
    "em",
    "strong",
    "span",
    "font",
    "u",
    "s",
    "small",
    "big",
    "sub",
    "sup",
    "mark",
    "code",
    "tt",
)


def bound_tags(html: str) -> str:
    """The page's HTML without the attributes of elements that have too many."""
    return _TAG.sub(_bounded, html)


def _bounded(tag: re.Match[str]) -> str:
    said = tag[0]
    if len(said) < _MIN_LONG_TAG:
        return said
    rest, quoted = _QUOTED.subn(" ", said)
    if max(quoted, len(rest.split())) <= MAX_ATTRIBUTES:
        return said
    name = _NAME.match(said)
    return f"{name[0]}>" if name else ""


def bound_tree(tree: HtmlElement) -> None:
    """Cut scripts of metadata that are no JSON, and elements in paragraphs, where they are many."""
    for script in tree.iter("script"):
        said = script.text or ""
        if len(said) > MAX_BROKEN_JSON_CHARS and not _is_json(said):
            script.text = ""
    for element in list(tree.iter()):
        if len(element) > MAX_CHILDREN:
            etree.strip_tags(element, *_TYPE)
            for each in element.iter():
                each.text, each.tail = each.text, each.tail  # one text again, not one a tag


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
