"""What kind of document a text is, by how it begins."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml.html import defs

_ROOT = re.compile(r"<(?P<name>(?:[\w.-]{1,60}:)?(?P<local>[A-Za-z][\w.-]{0,60}))(?=[\s/>])")
_DOCTYPE = re.compile(r"<!doctype\b", re.IGNORECASE)
_ENTITY = re.compile(r"<!ENTITY\s+([\w.-]{1,40})\s+(?:\"([^\"&<%]{0,60})\"|'([^'&<%]{0,60})')\s*>")
_DECLARED_BELOW = re.compile(r"^[ \t]*<\?xml ", re.MULTILINE)
MAX_CHARS_ABOVE = 5_000
"""Above a feed, of what is none of it."""
_TEXT = re.compile(r"\S")
_STATUS = re.compile(r"HTTP/\d(?:\.\d)? \d{3}\b")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,60}:[ \t]?[^\r\n]*")
_MAX_HEADER_CHARS = 20_000


@dataclass(frozen=True, slots=True)
class Document:
    """A text, and the element that it begins with; all are "" where it begins with none."""

    text: str
    """Without HTTP headers, DOCTYPE and what stands above; its own entities are resolved."""
    root: str = ""
    """As it is written, with its prefix."""
    local: str = ""
    """Without it, in lower case."""

    @property
    def is_html(self) -> bool:
        """Whether it is a page, or a part of one."""
        return self.local in defs.tags

    @property
    def is_xml(self) -> bool:
        """Whether it is XML of any kind, not a text that happens to begin with `<name>`."""
        if not self.root:
            return False
        head = self.text[: self.text.find(">", self.text.find(f"<{self.root}")) + 1]
        closed = self.text.rstrip().endswith((f"</{self.root}>", "/>"))
        return closed or head.startswith("<?xml") or "xmlns" in head


def read_document(text: str) -> Document:
    """The document in a file's text."""
    text = _without_headers(text.lstrip("\ufeff")).lstrip("\ufeff \t\r\n")
    at, doctype, declaration = 0, "", ""
    while text.startswith(("<?", "<!"), at):
        end = _markup_end(text, at)
        if end < 0:
            break
        if _DOCTYPE.match(text, at):
            doctype = text[at:end]
        elif text.startswith("<?xml ", at):
            declaration = text[at:end]
        below = _TEXT.search(text, end)
        at = below.start() if below else len(text)
    found = _ROOT.match(text, at)
    if found is None:
        return Document(text)
    if re.match(r"<!doctype\s+html", doctype, re.IGNORECASE):
        return Document(text, "html", "html")
    rest = _with_entities(text[at:], doctype) if doctype else text[at:]
    local = found["local"].lower()
    return Document(declaration + rest, found["name"], local)


def document_below(text: str) -> Document | None:
    """The XML below what a program said above it, such as a warning of PHP; None without any."""
    found = _DECLARED_BELOW.search(text, 0, MAX_CHARS_ABOVE)
    return read_document(text[found.start() :]) if found else None


def _markup_end(text: str, at: int) -> int:
    """Where a comment, an instruction or a declaration ends; -1 where it does not."""
    if text.startswith("<!--", at):
        end = text.find("-->", at + 4)
        return end + 3 if end >= 0 else -1
    if text.startswith("<?", at):
        end = text.find("?>", at)
        return end + 2 if end >= 0 else -1
    if not _DOCTYPE.match(text, at):
        return -1
    end, subset = text.find(">", at), text.find("[", at)
    if 0 <= subset < end:
        close = re.compile(r"\]\s*>").search(text, subset)
        return close.end() if close else -1
    return end + 1 if end >= 0 else -1


def _with_entities(text: str, doctype: str) -> str:
    """The text with the entities that its DOCTYPE defines, if they are short and hold no other."""
    values = {name: one or other for name, one, other in _ENTITY.findall(doctype)}
    if not values:
        return text
    return re.sub(r"&([\w.-]{1,40});", lambda each: values.get(each[1], each[0]), text)


def _without_headers(text: str) -> str:
    """The text below the headers of an HTTP response, where it begins with these."""
    head = text[:_MAX_HEADER_CHARS].replace("\r\n", "\n")
    above, blank, below = head.partition("\n\n")
    first, *lines = above.split("\n")
    is_response = _STATUS.match(first) or (
        _HEADER.fullmatch(first) and "\ncontent-type:" in f"\n{above.lower()}"
    )
    is_markup = below.lstrip()[:1] in ("<", "{", "[")
    if not (blank and is_response and is_markup and all(map(_HEADER.fullmatch, lines))):
        return text
    body = re.compile(r"\r?\n\r?\n").search(text)
    return text[body.end() :] if body else text
