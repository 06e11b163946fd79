"""A page's markup → its blocks of text, in order; and what keeps trafilatura from reading it well
taken out of it first: broken letters, and tables that lay out the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement

from service.articles.mojibake import repair
from service.articles.paragraphs import clean, line, squash, unescape

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_APART = frozenset({"aside", "button", "figcaption", "figure", "footer", "form", "nav"})
_UNREAD = frozenset({"head", "script", "style", "noscript", "template", "svg", "iframe", "select"})
_BLOCKS = (
    _HEADINGS
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
_LAID_OUT = ("p", "div", "table", "ul", "ol", *_HEADINGS)
"""What stands in the cells of a table that lays out a page, and not in one of figures."""


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text that a browser sets apart."""

    text: str
    is_heading: bool
    is_apart: bool
    """In a navigation, a form, a figure, or beside the text."""
    is_link: bool
    """All of it leads elsewhere."""


def repair_letters(tree: HtmlElement) -> None:
    """Make letters whole that were broken, or escaped twice, in the page's text and in its head.

    Before trafilatura reads it, which drops control characters: the halves of some letters.
    """
    for element in tree.iter():
        if element.tail and (whole := _whole(element.tail)) != element.tail:
            element.tail = whole
        if not isinstance(element.tag, str):
            continue
        is_script = element.tag == "script"  # what refers to a quote there is no quote to JSON
        if element.text and (whole := _whole(element.text, is_script)) != element.text:
            element.text = whole
        if element.tag == "meta" and (content := element.get("content")):
            element.set("content", _whole(content))


def _whole(text: str, is_script: bool = False) -> str:
    again = repair(text if is_script else unescape(text, again=True))
    return text if again == text else clean(again)  # of what XML may not hold


def blocks(tree: HtmlElement) -> list[Block]:
    """The page's blocks that hold text, in order."""
    return [block for block in _blocks(tree) if block.text]


def _blocks(tree: HtmlElement) -> Iterator[Block]:
    text, linked = list[str](), list[str]()
    inside = dict.fromkeys(("heading", "apart", "unread", "a"), 0)
    for event, element in etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag in _BLOCKS:
            yield _block(text, linked, inside)
            text, linked = [], []
        step = {"start": 1, "end": -1}.get(event, 0)
        inside["heading"] += step * (tag in _HEADINGS)
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


def unfold_tables(tree: HtmlElement) -> None:
    """Make blocks of the tables that lay out the page; tables of figures stay what they are."""
    cells = [
        cell for cell in tree.iter("td", "th") if next(cell.iter(*_LAID_OUT), None) is not None
    ]
    tables = {table for cell in cells for table in [next(cell.iterancestors("table"), None)]}
    parts = [
        part
        for part in tree.iter("thead", "tbody", "tfoot", "tr", "td", "th")
        if next(part.iterancestors("table"), None) in tables
    ]
    for part in [*parts, *(table for table in tables if table is not None)]:
        part.tag = "div"


def place_of(title: str, found: Sequence[Block]) -> int | None:
    """Which of the blocks is the title; None for none."""
    said = squash(title)
    return next((at for at, each in enumerate(found) if said and squash(each.text) == said), None)
