"""A feed's text → its entries, each with the frame that makes it a feed of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from service.articles.files.document import Document
from service.articles.files.markup_text import sound
from service.articles.files.tombstones import TOMBSTONE, effective
from service.articles.page.html.bounds import bound_tags

FEEDS = frozenset({"rss", "rdf", "channel", "feed", "entry"})
"""The roots of feeds, without prefix and in lower case: `channel` of RSS 1.1 and of CDF; a
single Atom entry is one, too."""
MAX_HEAD_CHARS = 20_000
"""Of what a feed says of itself above its first entry; of more, only its first elements count."""
MAX_AUTHOR_CHARS = 2_000
"""Longest author that is read: feedparser looks for addresses in it, at each character anew."""

_ATOM = '<feed xmlns="http://www.w3.org/2005/Atom">'
_AUTHOR = re.compile(
    r"(<(?:[\w.-]+:)?(?:author|creator|managingEditor|webMaster|contributor|publisher|owner|name"
    rf"|email)\b[^<>]*>(?:<!\[CDATA\[)?[^<]{{{MAX_AUTHOR_CHARS}}})[^<\]]+",
    re.IGNORECASE,
)
_ESCAPED_CDATA = re.compile(r"&(?:lt|#60|#x3c);!\[CDATA\[|\]\]&(?:gt|#62|#x3e);", re.IGNORECASE)
_ESCAPED_HTML = re.compile(
    r"<((?:[\w.-]{1,60}:)?(?:content|title|summary))(?=[^<>]{0,300}\smode=[\"']escaped[\"'])"
    r"(?![^<>]{0,300}\stype=)(?=\s)",
    re.IGNORECASE,
)
"""Of Atom 0.3, which says by `mode` what Atom 1.0 says by `type`."""
_TEXTS = re.compile(
    r"<(/?)((?:[\w.-]{1,60}:)?(?:title|description|summary|content|encoded))\b[^<>]*>",
    re.IGNORECASE,
)
_TAG = re.compile(r"<(?P<end>/?)(?P<name>(?:[\w.-]{1,60}:)?[\w.-]{1,60})[^<>]*>")
_CUT_OFF_TAG = re.compile(r"<[^<>]*\Z")
_CLOSING = {"<![CDATA[": "]]>", "<!--": "-->"}
_DECLARED = re.compile(r"<!(?!\[CDATA\[|--)")
_CDATA_OR_END = re.compile(
    r"(?P<opening><!\[CDATA\[)|(?P<closing>\]\]>)|</(?:\w+:)?(?:item|entry)>"
)
_FIRST_TAGS = re.compile(r"(?:<\?[^>]*\?>\s*)?<[^<>]*>\s*(?:<(?:\w+:)?channel\b[^<>]*>)?")


@dataclass(frozen=True, slots=True)
class FeedParts:
    """A feed, taken apart; all texts are such as parsers take."""

    head: str
    """All that stands above the first entry."""
    items: list[str]
    """Entries and tombstones."""
    tail: str
    """What closes the elements that are open in the head, and what stands between entries."""

    def frame(self, item: str) -> str:
        """The feed with this entry alone; with none, what it says of itself."""
        return f"{self.head}{item}{self.tail}"


def split_feed(document: Document) -> FeedParts:
    """The feed's head and its entries, in a time in proportion to the text."""
    text = _closed(sound(document.text))
    if document.local == "entry":
        root = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
        return FeedParts(_ATOM, [_bounded(root)], "</feed>")
    spans = _spans(text, "entry" if document.local == "feed" else "item")
    start = spans[0][0] if spans else len(text)
    head, between = text[:start], [text[end:begin] for (_, end), (begin, _) in pairwise(spans)]
    rest = text[spans[-1][1] :] if spans else ""
    if len(head) > MAX_HEAD_CHARS or len(head) * len(spans) > 20 * len(text) + 10**6:
        first = _FIRST_TAGS.match(head)
        head = first[0] if first else head[:MAX_HEAD_CHARS]
    head, more = bound_tags(head), "".join(map(_whole_elements, [*between, rest]))
    tail = _closings(head)
    if len(more) < MAX_HEAD_CHARS and "<" in more:
        tail = more + tail
    items = effective(text[begin:end] for begin, end in spans)
    return FeedParts(head, [_bounded(each) for each in items], tail)


def _whole_elements(markup: str) -> str:
    """What stands between entries, up to an end of what does not begin in it.

    "" where something does not end: what is left of an entry that was broken would spoil others.
    """
    opened: list[str] = []
    for tag in _TAG.finditer(markup):
        if not tag["end"]:
            opened += [tag["name"]] if not tag[0].endswith("/>") else []
        elif not opened:
            return markup[: tag.start()]
        elif opened.pop() != tag["name"]:
            return ""
    return "" if opened else markup


def _closings(head: str) -> str:
    """The ends of the feed's own elements that are open in the head."""
    opened: list[str] = []
    for tag in _TAG.finditer(head):
        name = tag["name"]
        if name.rpartition(":")[2].lower() not in FEEDS or tag[0].endswith("/>"):
            continue
        if not tag["end"]:
            opened.append(name)
        elif name in opened:
            opened.remove(name)
    return "".join(f"</{name}>" for name in reversed(opened))


def _bounded(item: str) -> str:
    """An entry without what takes too long; a quote that is not closed ends with its entry.

    So does a text that is cut off. CDATA that was escaped once more is text: parsers drop it.
    """
    if _ESCAPED_CDATA.search(item):
        item = _ESCAPED_CDATA.sub(" ", item)  # not "", or what is around it becomes a reference
    item = _ESCAPED_HTML.sub(r'<\1 type="text/html"', _with_ends(item))
    return _AUTHOR.sub(r"\1", bound_tags(item))


def _with_ends(item: str) -> str:
    """An entry in which the last text ends, where a file that is cut off has no end of it."""
    *_, last = ("", "", ""), *((found[0], found[1], found[2]) for found in _TEXTS.finditer(item))
    opening, is_end, name = last
    if is_end or not name or opening.endswith("/>"):
        return item
    return f"{_CUT_OFF_TAG.sub('', item)}</{name}>"


def _closed(text: str) -> str:
    """The text in which all that opens a comment, CDATA or a declaration and does not is text."""
    text = _without_cut_off(_DECLARED.sub("&lt;!", text))
    for opening, closing in _CLOSING.items():
        last = text.rfind(closing)
        text = text[: last + 1] + text[last + 1 :].replace(opening, f"&lt;{opening[1:]}")
    return text


def _without_cut_off(text: str) -> str:
    """The text in which CDATA that was cut off is text.

    It goes on over the end of its entry, up to where an entry behind it opens CDATA of its own.
    """
    cut_off: list[int] = []
    opened: list[int] = []
    is_over = False
    for found in _CDATA_OR_END.finditer(text):
        if found["closing"]:
            opened = []
        elif not found["opening"]:
            is_over = True
        else:
            if opened and is_over:
                cut_off += opened
                opened = []
            is_over = False
            opened.append(found.start())
    starts = [0, *(at + 1 for at in cut_off)]
    return "&lt;".join(text[a:b] for a, b in zip(starts, [*cut_off, len(text)], strict=True))


def _spans(text: str, name: str) -> list[tuple[int, int]]:
    """Where the elements of this name, and tombstones, begin and end.

    One that is not closed ends at the next.
    """
    tag = re.compile(
        rf"<!\[CDATA\[|<!--|<(?P<end>/?)(?:[\w.-]{{1,60}}:)?(?:{name}|{TOMBSTONE})(?=[\s/>])",
        re.IGNORECASE,
    )
    spans: list[tuple[int, int]] = []
    start = -1
    at = 0
    while found := tag.search(text, at):
        at = found.end()
        if found[0] in _CLOSING:
            at = max(at, text.find(_CLOSING[found[0]], at))
            continue
        if start >= 0:
            close = text.find(">", at) + 1 or len(text)
            spans.append((start, close if found["end"] else found.start()))
            at, start = (close, -1) if found["end"] else (at, start)
        if not found["end"]:
            start = found.start()
            close = text.find(">", at)
            if close >= 0 and text[close - 1] == "/":
                spans.append((start, close + 1))
                start = -1
    return [*spans, (start, len(text))] if start >= 0 else spans
