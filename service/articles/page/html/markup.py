"""A page's markup → its blocks of text, in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement

from service.articles.paragraphs import line, squash

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_APART = frozenset({"aside", "button", "figcaption", "figure", "footer", "form", "nav"})
_UNREAD = frozenset({"head", "script", "style", "noscript", "template", "svg", "iframe", "select"})
BLOCKS = (
    HEADINGS
    | _APART
    | frozenset(
        [
            "address",
            "article",
            "blockquote",
            "body",
            "br",
            "dd",
            "div",
            "dl",
            "dt",
            "fieldset",
            "header",
            "hr",
            "html",
            "li",
            "main",
            "ol",
            "p",
            "pre",
            "section",
            "table",
            "tbody",
            "td",
            "tfoot",
            "th",
            "thead",
            "time",
            "tr",
            "ul",
        ]
    )
)


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text that a browser shows as a block."""

    text: str
    is_heading: bool
    is_apart: bool
    """Whether it is in a navigation, a form, a figure, or next to the text."""
    is_link: bool
    """Whether all of it is a link."""


def blocks(tree: HtmlElement) -> list[Block]:
    """The page's blocks that hold text, in order."""
    return [block for block in _blocks(tree) if block.text]


def _blocks(tree: HtmlElement) -> Iterator[Block]:
    text, linked = list[str](), list[str]()
    inside = dict.fromkeys(("heading", "apart", "unread", "a"), 0)
    for event, element in etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag in BLOCKS:
            yield _block(text, linked, inside)
            text, linked = [], []
        step = {"start": 1, "end": -1}.get(event, 0)
        inside["heading"] += step * (tag in HEADINGS)
        inside["apart"] += step * (tag in _APART)
        inside["unread"] += step * (tag in _UNREAD)
        inside["a"] += step * (tag == "a")
        said = element.text if event == "start" else element.tail
        if said and not inside["unread"]:
            text.append(said)
            linked += [said] * bool(inside["a"])
    yield _block(text, linked, inside)


def _block(text: list[str], linked: list[str], inside: dict[str, int]) -> Block:
    said = line("".join(text))
    is_link = bool(linked) and len(squash("".join(linked))) >= 0.9 * len(squash(said))
    return Block(said, inside["heading"] > 0, inside["apart"] > 0, is_link)


def place_of(title: str, found: Sequence[Block]) -> int | None:
    """The index of the block that is the title; None if there is none."""
    said = squash(title)
    return next((at for at, each in enumerate(found) if said and squash(each.text) == said), None)
