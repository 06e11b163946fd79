"""A message as plain text; the marked words stand between asterisks."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from service.delivery.message.message import Message, plain

COLUMNS = 72
"""What a text client shows without breaking it, also when it is quoted once or twice."""


class _Paragraph(NamedTuple):
    text: str = ""
    first: str = ""
    """What its first line begins with."""
    rest: str = ""
    """What its other lines begin with."""
    whole: bool = False
    """It is never broken: an address, a command."""


def text(said: Message) -> str:
    """The whole message in lines of 72 columns."""
    headline = plain(said.headline, "*")
    lines = _wrapped(_Paragraph(f"{said.severity.upper()} · {said.label}"))
    lines += ["", *_wrapped(_Paragraph(f"{said.news}: {headline}" if said.news else headline))]
    for paragraph in _paragraphs(said):
        lines += [paragraph.first + paragraph.text] if paragraph.whole else _wrapped(paragraph)
    return "\n".join(lines).rstrip() + "\n"


def details(said: Message) -> str:
    """What stands below the title of a notification; a telephone breaks the lines itself."""
    lines = [paragraph.first + paragraph.text for paragraph in _paragraphs(said)]
    return "\n".join(lines).strip() + "\n"


def _paragraphs(said: Message) -> Iterator[_Paragraph]:
    """All but the headline."""
    if said.url:
        yield _Paragraph(said.url, whole=True)
    yield _Paragraph()
    if said.told:
        yield _Paragraph(said.told)
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
        yield _Paragraph(item.headline, "- ", "  ")
        yield _Paragraph(item.about, "  ", "  ")
        if item.url:
            yield _Paragraph(item.url, "  ", whole=True)
        yield _Paragraph()
    for name, value in said.facts:
        yield _Paragraph(f"{name}: {value}", "", "  ")
    if said.facts:
        yield _Paragraph()
    if said.score:
        yield _Paragraph(said.score)
    if said.footer:
        yield _Paragraph("-- ", whole=True)
        yield _Paragraph(said.footer)


def _wrapped(paragraph: _Paragraph) -> list[str]:
    """In lines by columns, of which a Chinese character takes two; an empty one is one line."""
    line, first, rest, _ = paragraph
    # A mark that is in no text stands for the second column, and is taken out again.
    spaced = "".join(f"{char}\0" if _is_wide(char) else char for char in line)
    lines = textwrap.wrap(
        spaced,
        # One less where the mark may be parted from its character.
        COLUMNS - ("\0" in spaced),
        initial_indent=first,
        subsequent_indent=rest,
        break_on_hyphens=False,
    )
    return [each.replace("\0", "") for each in lines] or [""]


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"
