"""Builders of stream entries, the page that the tests copy text from, and what is cut of pages."""

from __future__ import annotations

import json
import struct
from typing import Any

from service.articles.article import Article, compose
from service.articles.entry import read_entry
from service.articles.page.extract import Page

MAX_BYTES = 1 << 20


def an_entry(**fields: str | bytes) -> dict[bytes, bytes]:
    """A flat stream entry, as XADD would write it."""
    return {
        name.encode(): value.encode() if isinstance(value, str) else value
        for name, value in fields.items()
    }


def an_envelope(name: str = "article", **values: Any) -> dict[bytes, bytes]:
    """A stream entry with one field that holds a JSON object."""
    return {name.encode(): json.dumps(values).encode()}


def a_binary_message(data: bytes, headers: dict[str, str] | None = None) -> bytes:
    """What FastStream's BinaryMessageFormatV1 makes of the data."""
    packed = b"".join(
        struct.pack(">H", len(text.encode())) + text.encode()
        for header in (headers or {"correlation_id": "c-1"}).items()
        for text in header
    )
    start = 8 + 2 + 4 + 4
    count = len(headers or {"correlation_id": "c-1"})
    return (
        b"\x89BIN\x0d\x0a\x1a\x0a"
        + struct.pack(">HII", 1, start, start + 2 + len(packed))
        + struct.pack(">H", count)
        + packed
        + data
    )


def composed(**fields: str | bytes) -> Article:
    """The article of a flat entry that needs no page."""
    return compose(read_entry(an_entry(**fields), max_bytes=MAX_BYTES))


PAGE_TEXT = """\
June 14, 2026
3 mins read

Harwick and Oslona to share a shipyard

The two coastal states want to build patrol boats in one yard, and sell them…reports Mira Tolland

Harwick and Oslona are close to an agreement under which frigates of both navies would be built \
in a single yard on the Sell estuary.

Also read: Cantabor braces for a second locust summer

The talks began in February, two officials said, after each of the two navies had been told that \
it could not afford a new hall of its own.

“Nobody will sign before the harvest,” said one of them. “But everybody will sign.”

Also read:Velden opens its museum of salt

Previous Story

Quill named to head the grain board

Next Story

Mirabel floods reach the old town

Latest from -Top Stories

Sarabande strike enters third week

Dockers at the port of Sarabande voted to carry on after talks about night shifts came to nothing \
and the mayor has asked for…reports Mira Tolland The dockers of

Locust eggs found in Cantabor

Farmers have been told to plough before the rains, and inspectors will visit every parish by the end
Go toTop
"""
"""A page as a reader copies it: date, reading time, title, standfirst, text, and what is below."""

IN_ITS_CHROME = (
    "Cantabor",
    "Velden",
    "Quill",
    "Mirabel",
    "Sarabande",
    "Farmers",
    "Top",
    "June",
    "read",
)
"""Words that stand only around the article on that page."""

PROSE = (
    "The two navies agreed on Monday to build their frigates in a single yard on the Sell.",
    "The yard has stood empty since the spring floods, and both need new hulls by 2030.",
    "“We build where it is cheapest,” said the admiral, who leaves his post in the autumn.",
)
"""Sentences of an article, none of them chrome."""


def reasons(page: Page) -> list[str]:
    """The names of the rules that cut something, in order."""
    return [cut.reason for cut in page.cuts]
