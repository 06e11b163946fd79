"""A message as plain text; marked words have an asterisk on either side."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from service.delivery.message.message import ALSO, ASKED, Item, Message, plain

COLUMNS = 72
"""A mail client shows so many without breaking the line, also when it is quoted once or twice."""


class _Paragraph(NamedTuple):
    text: str = ""
    first: str = ""
    """The beginning of its first line."""
    rest: str = ""
    """The beginning of its other lines."""
    whole: bool = False
    """Whether its line is never broken: a URL, a command."""


def text(said: Message) -> str:
    """The whole message in lines of 72 columns."""
    headline = plain(said.headline, "*")
    lines = _wrapped(_Paragraph(f"{said.severity.upper()} · {said.label}"))
    lines += ["", *_wrapped(_Paragraph(f"{said.news}: {headline}" if said.news else headline))]
    parts = (_paragraphs(said), _others(said.others), _verdicts(said), _end(said))
    for paragraph in chain.from_iterable(parts):
        lines += [paragraph.first + paragraph.text] if paragraph.whole else _wrapped(paragraph)
    return "\n".join(lines).rstrip() + "\n"


def details(said: Message) -> str:
    """The text below the title of a notification; the lines are not broken."""
    paragraphs = (*_paragraphs(said), *_end(said))
    lines = [paragraph.first + paragraph.text for paragraph in paragraphs]
    return "\n".join(lines).strip() + "\n"


def _paragraphs(said: Message) -> Iterator[_Paragraph]:
    """All but the headline, the other alerts of a digest, and the footer."""
    if said.url:
        yield _Paragraph(said.url, whole=True)
    yield _Paragraph()
    if said.notice:
        yield _Paragraph(said.notice)
        yield _Paragraph()
    if said.command:
        yield _Paragraph(said.command, "  ", whole=True)
        yield _Paragraph()
    for quote in said.quotes:
        yield _Paragraph(plain(quote.sentence, "*"), "| ", "| ")
        yield _Paragraph()
    if said.more:
        yield _Paragraph(f"and {said.more} more sentences")
        yield _Paragraph()
    for item in said.items:
        yield from _item(item)
        yield _Paragraph()
    for name, value in said.facts:
        yield _Paragraph(f"{name}: {value}", "", "  ")
    if said.facts:
        yield _Paragraph()
    if said.score:
        yield _Paragraph(said.score)


def _item(item: Item) -> Iterator[_Paragraph]:
    yield _Paragraph(item.headline, "- ", "  ")
    if item.about:
        yield _Paragraph(item.about, "  ", "  ")
    if item.url:
        yield _Paragraph(item.url, "  ", whole=True)
    if item.quote:
        yield _Paragraph(plain(item.quote, "*"), "  | ", "  | ")


def _others(items: Sequence[Item]) -> Iterator[_Paragraph]:
    if items:
        yield _Paragraph(f"{ALSO}:")
        yield _Paragraph()
    for item in items:
        yield from _item(item)
    if items:
        yield _Paragraph()


def _verdicts(said: Message) -> Iterator[_Paragraph]:
    if said.verdicts:
        yield _Paragraph()
        yield _Paragraph(ASKED)
    for one in said.verdicts:
        yield _Paragraph(one.url, f"{one.label}: ", whole=True)
    if said.verdicts:
        yield _Paragraph()


def _end(said: Message) -> Iterator[_Paragraph]:
    if said.footer:
        yield _Paragraph("-- ", whole=True)
        yield _Paragraph(said.footer)


def _wrapped(paragraph: _Paragraph) -> list[str]:
    """The lines of a paragraph; a Chinese character takes two columns. An empty one is one line."""
    line, first, rest, _ = paragraph
    # NUL, which no text contains, is added for the second column, and removed below.
    spaced = "".join(f"{char}\0" if _is_wide(char) else char for char in line)
    lines = textwrap.wrap(
        spaced,
        # One less, because a line may break between a character and its NUL.
        COLUMNS - ("\0" in spaced),
        initial_indent=first,
        subsequent_indent=rest,
        break_on_hyphens=False,
    )
    return [each.replace("\0", "") for each in lines] or [""]


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"
