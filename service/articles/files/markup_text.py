"""Markup in a feed's elements → text, and text that every parser takes."""

from __future__ import annotations

import re
from html import unescape

from lxml.html import fragment_fromstring

from service.articles.page.html.bounds import bound_tags
from service.articles.page.html.markup import BLOCKS, blocks
from service.articles.page.html.tree_repairs import break_lines, drop_unseen
from service.articles.paragraphs import BREAK

_BLOCK = re.compile(rf"<(?:{'|'.join(BLOCKS)})\b", re.IGNORECASE)
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n\s*")
_NEVER_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:[xX](?P<hex>[0-9a-fA-F]{1,4000})|(?P<decimal>[0-9]{1,4000}));?")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_TAG = re.compile(r"<[^<>]*>")


def html_text(html: str) -> str:
    """The text of some HTML, its blocks as paragraphs; without a tag, each of its lines is one."""
    if "<" not in html:
        return unescape(html).strip()
    parted = break_lines(bound_tags(_NEVER_XML.sub(" ", html)))
    if not _BLOCK.search(parted):
        parted = _BLANK_LINE.sub("<br>", parted)
    try:
        tree = fragment_fromstring(parted, create_parent="div")
    except Exception:  # noqa: BLE001 - HTML can make the parser raise anything
        return _TAG.sub(" ", html).strip()
    drop_unseen(tree)
    return BREAK.join(block.text for block in blocks(tree))


def sound(text: str) -> str:
    """The text with characters that XML allows only, as itself and in references.

    Two references to the halves of one character are this character. What stands for no character
    is U+FFFD, a control character is a space.
    """
    resolved = _REFERENCE.sub(_resolved, text) if "&#" in text else text
    joined = _PAIR.sub(_joined, resolved)
    return _NEVER_XML.sub(_replacement, joined)


def _resolved(reference: re.Match[str]) -> str:
    code = int(reference["hex"], 16) if reference["hex"] else int(reference["decimal"])
    if code > 0x10FFFF:
        return "\N{REPLACEMENT CHARACTER}"
    character = chr(code)
    return character if _NEVER_XML.match(character) else reference[0]


def _joined(pair: re.Match[str]) -> str:
    return pair[0].encode("utf-16", "surrogatepass").decode("utf-16")


def _replacement(found: re.Match[str]) -> str:
    return " " if found[0] < " " else "\N{REPLACEMENT CHARACTER}"
