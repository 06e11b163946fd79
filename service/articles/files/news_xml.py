"""XML of news that is no feed of the web: NewsML 1 and G2, NITF, and sitemaps of news."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from service.articles.entry.status import withdrawn_status
from service.articles.files.document import Document
from service.articles.files.feeds import Fields
from service.articles.files.markup_text import html_text, sound
from service.articles.page.html.bounds import bound_tags
from service.articles.paragraphs import BREAK, line

NEWS = frozenset({"newsml", "newsmessage", "newsitem", "nitf", "urlset"})
"""Their roots, in lower case."""

_ITEMS = ("newsitem", "nitf", "url")
_TITLES = ("headline", "hl1", "title")
_BODIES = ("body.content", "datacontent", "inlinexml", "inlinedata")
_AUTHORS = ("by", "byline", "byttl", "creator", "author")
_TIMES = (
    "publication_date",
    "versioncreated",
    "firstcreated",
    "contentcreated",
    "thisrevisioncreated",
)
_STATUS = (("pubstatus", "qcode"), ("pubstatus", "code"), ("status", "formalname"))
"""Elements of NewsML G2 and 1 that say whether an item may be used, and their attributes."""
_IDS = ("publicidentifier", "newsitemid")


def news_entries(document: Document) -> Iterator[Fields | str]:
    """The stream entries in such a file; in place of what is none, what is wrong with it."""
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, encoding="utf-8"
    )
    tree = etree.fromstring(bound_tags(sound(document.text)).encode(), parser)
    items = _items(tree) if tree is not None else []
    if not items:
        yield f"this {document.root} holds no news"
    for number, item in enumerate(items, 1):
        found = _fields(item)
        if any(found.get(name) for name in ("title", "summary", "body", "status")):
            yield found
        else:
            named = found.get("url") or found.get("id") or "no address"
            yield f"entry {number} ({named}) holds no text: no headline and no content"


def _items(tree: Any) -> list[Any]:
    """The outermost elements that are an item of news."""
    found: list[Any] = []
    inside: set[Any] = set()
    for element in tree.iter():
        if _local(element) in _ITEMS and element not in inside:
            found.append(element)
            inside.update(element.iter())
    return found


def _fields(item: Any) -> Fields:
    by_name: dict[str, list[Any]] = {}
    for element in item.iter():
        by_name.setdefault(_local(element), []).append(element)
    tags = [line(part) for part in _first(by_name, ("keywords",)).split(",")]
    found = {
        "id": item.get("guid")
        or _first(by_name, _IDS)
        or _attribute(by_name, "doc-id", "id-string"),
        "url": _first(by_name, ("loc",)),
        "title": _first(by_name, _TITLES),
        "body": _body(by_name),
        "author": _first(by_name, _AUTHORS),
        "published_at": _first(by_name, _TIMES) or _attribute(by_name, "date.issue", "norm"),
        "source": _attribute(by_name, "provider", "literal") or _publication(by_name),
        "language": item.get("{http://www.w3.org/XML/1998/namespace}lang")
        or _first(by_name, ("language",))
        or _attribute(by_name, "language", "tag"),
        "tags": ", ".join(filter(None, tags)),
        "status": _status(by_name),
    }
    return {name: value for name, value in found.items() if value}


def _status(by_name: dict[str, list[Any]]) -> str:
    """The status of an item that its publisher takes back; "" for any other."""
    said = [
        element.get(name) or ""
        for tag, attribute in _STATUS
        for element in by_name.get(tag, ())
        for name in element.attrib
        if isinstance(name, str) and name.casefold() == attribute
    ]
    said += [each.get("management-status") or "" for each in by_name.get("docdata", ())]
    return next(filter(None, map(withdrawn_status, said)), "")


def _body(by_name: dict[str, list[Any]]) -> str:
    """The paragraphs of the content; of content without any, its text."""
    for name in _BODIES:
        for content in by_name.get(name, ()):
            paragraphs = [_text(each) for each in content.iter() if _local(each) == "p"]
            text = BREAK.join(filter(None, paragraphs)) or _written_text(content)
            if text:
                return text
    return ""


def _written_text(content: Any) -> str:
    """The text of content without paragraphs: plain, or HTML that was written as text."""
    return html_text("".join(content.itertext()))


def _publication(by_name: dict[str, list[Any]]) -> str:
    names = (each for each in by_name.get("name", ()) if _local(each.getparent()) == "publication")
    return _text(next(names, None))


def _first(by_name: dict[str, list[Any]], names: tuple[str, ...]) -> str:
    texts = (_text(each) for name in names for each in by_name.get(name, ()))
    return next(filter(None, texts), "")


def _attribute(by_name: dict[str, list[Any]], name: str, attribute: str) -> str:
    return next((each.get(attribute) or "" for each in by_name.get(name, ())), "")


def _text(element: Any) -> str:
    return line("".join(element.itertext())) if element is not None else ""


def _local(element: Any) -> str:
    tag = element.tag if element is not None else None
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""
