"""What is repaired on a page before trafilatura reads it: white space, broken letters, tables that
lay out the page, what no reader sees, and text that it would drop because of its tag.
"""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement

from service.articles.mojibake import repair
from service.articles.page.html.markup import BLOCKS, HEADINGS
from service.articles.page.prose import is_prose
from service.articles.paragraphs import clean, line, paragraphs, squash, unescape

_SENTENCES = frozenset({"p", "li", "dd", "td", "blockquote", "span", "em", "strong", "b", "i"})
_LEAST_AROUND = 20
"""Letters around a time or a label from which it is a part of a sentence."""
_MAX_FIGURE_CHARS = 80
"""Of each cell in a table of figures."""
_LAID_OUT = ("p", "div", "table", "ul", "ol", *HEADINGS)
"""Elements in the cells of a table that lays out a page; a table of figures has none of them."""
_CAPTION = re.compile(
    r"(?:^|[-_ ])(?:caption|credit|copyright)(?:s|-?text)?(?:$|[-_ ])", re.IGNORECASE
)
_MAX_CAPTION_CHARS = 400
_CONTAINERS = frozenset({"article", "body", "center", "div", "main", "section", "td"})
_PREFORMATTED = re.compile(r"<pre\b[^<>]*>?", re.IGNORECASE)
_AFTER_PREFORMATTED = re.compile(r"(?<=</pre>)", re.IGNORECASE)
_SPACE = re.compile(r"\s+")


def break_lines(html: str) -> str:
    """The HTML with the line breaks of preformatted text as elements: any other is a space.

    A line that was only wrapped at a width breaks no sentence.
    """
    *closed, rest = _AFTER_PREFORMATTED.split(html)
    return "".join([*map(_break_preformatted, closed), rest])


def _break_preformatted(html: str) -> str:
    """HTML that ends with the end of preformatted text, if that begins in it."""
    start = _PREFORMATTED.search(html)
    if start is None:
        return html
    lines = paragraphs(html[start.end() :])  # those that were hard-wrapped are one
    return html[: start.end()] + "<br>".join(lines)


def repair_tree(tree: HtmlElement) -> None:
    """All repairs, in order."""
    repair_letters(tree)
    drop_unseen(tree)
    join_spaces(tree)
    unfold_tables(tree)
    name_captions(tree)
    join_sentences(tree)
    wrap_loose_text(tree)


def join_spaces(tree: HtmlElement) -> None:
    """Make one space of all white space within text, as browsers do."""
    for element in tree.iter():
        if element.tail and "\n" in element.tail:
            element.tail = _SPACE.sub(" ", element.tail)
        is_script = element.tag in ("script", "style")
        if element.text and "\n" in element.text and not is_script:
            element.text = _SPACE.sub(" ", element.text)


def wrap_loose_text(tree: HtmlElement) -> None:
    """Make paragraphs of text that stands between blocks with no element of its own."""
    for element in list(tree.iter(*_CONTAINERS)):
        if any(child.tag in BLOCKS and child.tag != "br" for child in element):
            _wrap_runs(element)
        elif element.tag == "section":
            element.tag = "p"


def _wrap_runs(element: HtmlElement) -> None:
    children = list(element)
    wrapper = _wrapper(element.text)
    element.text = None
    if wrapper is not None:
        element.insert(0, wrapper)
    for child in children:
        tail, child.tail = child.tail, None
        if child.tag in BLOCKS or not isinstance(child.tag, str):
            wrapper = _wrapper(tail)
            if wrapper is not None:
                child.addnext(wrapper)
        elif wrapper is None:
            wrapper = etree.Element("p")
            child.addprevious(wrapper)
            wrapper.append(child)
            child.tail = tail
        else:
            wrapper.append(child)
            child.tail = tail


def _wrapper(text: str | None) -> HtmlElement | None:
    """A paragraph of the text; None if it is blank."""
    if not text or not text.strip():
        return None
    found = etree.Element("p")
    found.text = text
    return found


def repair_letters(tree: HtmlElement) -> None:
    """Repair letters that were broken, or escaped twice, in the page's text and in its head.

    This must be done before trafilatura drops control characters, which are halves of such letters.
    """
    for element in tree.iter():
        if element.tail and (repaired := _repaired(element.tail)) != element.tail:
            element.tail = repaired
        if not isinstance(element.tag, str):
            continue
        is_script = element.tag == "script"  # a reference to a quote must stay one in JSON
        if element.text and (repaired := _repaired(element.text, is_script)) != element.text:
            element.text = repaired
        if element.tag == "meta" and (content := element.get("content")):
            element.set("content", _repaired(content))


def _repaired(text: str, is_script: bool = False) -> str:
    again = repair(text if is_script else unescape(text, again=True))
    return text if again == text else clean(again)  # XML does not allow all characters


def drop_unseen(tree: HtmlElement) -> None:
    """Drop what a browser does not show."""
    for element in tree.iter():
        if _is_hidden(element) and element.getparent() is not None:
            element.tag = "template"
    etree.strip_elements(tree, "template", with_tail=False)  # one by one, each copies the text


def _is_hidden(element: HtmlElement) -> bool:
    said = element.get("hidden") if isinstance(element.tag, str) else None
    return said is not None and said != "until-found" and element.tag not in ("html", "body")


def name_captions(tree: HtmlElement) -> None:
    """Make captions of what is called one: trafilatura drops them by their tag alone."""
    for element in tree.iter("p", "div", "span", "small", "em", "cite"):
        called = f"{element.get('class') or ''} {element.get('id') or ''}"
        if _CAPTION.search(called) and len(element.text_content()) <= _MAX_CAPTION_CHARS:
            element.tag = "figcaption"


def join_sentences(tree: HtmlElement) -> None:
    """Make plain text of what trafilatura drops although a sentence needs it: a time or a label
    within one, and a link that is the whole of a paragraph between others.
    """
    letters: dict[HtmlElement, int] = {}
    for element in list(tree.iter("time", "label")):
        parent = element.getparent()
        if parent is not None and parent.tag in _SENTENCES:
            if parent not in letters:  # it may have thousands
                letters[parent] = _letters(parent)
            if letters[parent] - _letters(element) >= _LEAST_AROUND:
                element.tag = "span"
    for paragraph in list(tree.iter("p")):
        link = max(paragraph.iterchildren("a"), key=_letters, default=None)
        if link is not None and _is_between_text(paragraph, link):
            link.tag = "span"


def _letters(element: HtmlElement) -> int:
    return len(squash(element.text_content()))


def _is_between_text(paragraph: HtmlElement, link: HtmlElement) -> bool:
    text = line(paragraph.text_content())
    if not is_prose(text) or squash(text) != squash(link.text_content()):
        return False
    beside = (paragraph.getprevious(), paragraph.getnext())
    return any(
        each is not None
        and each.tag == "p"
        and each.find(".//a") is None
        and is_prose(line(each.text_content()))
        for each in beside
    )


def unfold_tables(tree: HtmlElement) -> None:
    """Turn the tables that lay out the page into blocks; tables of figures stay tables."""
    for table in list(tree.iter("table")):
        _flatten_cells(table)
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


def _flatten_cells(table: HtmlElement) -> None:
    """Take paragraphs out of the cells of a table of figures, which are many and short."""
    rows = list(table.iter("tr"))
    cells = [cell for row in rows for cell in row.iterchildren("td", "th")]
    nested = next(table.iterdescendants("table", "ul", "ol", *HEADINGS), None)
    if nested is not None or len(rows) < 2 or len(cells) < 2 * len(rows):
        return
    if max(len(cell.text_content()) for cell in cells) <= _MAX_FIGURE_CHARS:
        for cell in cells:
            etree.strip_tags(cell, "p", "div")
