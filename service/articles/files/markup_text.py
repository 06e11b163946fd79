"""Markup in a feed's elements → text, and text that every parser takes."""

from __future__ import annotations

import re

from lxml.html import fragment_fromstring

from service.articles.page.bounds import bound_tags

_BLOCK_END = re.compile(r"</(?:p|div|li|h[1-6]|blockquote|tr|figcaption)>|<br\s*/?>", re.IGNORECASE)
_NEVER_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:[xX](?P<hex>[0-9a-fA-F]{1,4000})|(?P<decimal>[0-9]{1,4000}));?")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_TAG = re.compile(r"<[^<>]*>")


def html_text(html: str) -> str:
    """The text of some HTML, its blocks as paragraphs."""
    parted = _BLOCK_END.sub(r"\g<0>&#10;&#10;", bound_tags(_NEVER_XML.sub(" ", html)))
    try:
        tree = fragment_fromstring(parted, create_parent="div")
    except Exception:  # noqa: BLE001 - HTML can make the parser raise anything
        return _TAG.sub(" ", html).strip()
    for unread in list(tree.iter("script", "style")):
        unread.drop_tree()
    return str(tree.text_content()).strip()


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
