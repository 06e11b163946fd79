"""Plain text copied off a page → the paragraphs that are the article, and what was cut."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from service.paragraphs import BREAK
from service.templates import (
    ALSO_READ,
    END,
    HEAD,
    INSIDE,
    LONGEST,
    NAVIGATION,
    first_of,
    headline_after_label,
    is_prose,
)


@dataclass(frozen=True, slots=True)
class Cut:
    """Text that was set aside: page chrome, or a field's value that could not be read."""

    reason: str
    """The name of the rule, e.g. "also-read"."""
    text: str


def cut_head(paragraphs: list[str]) -> tuple[list[str], list[Cut]]:
    """Take date lines and reading times off the top."""
    cuts: list[Cut] = []
    for paragraph in paragraphs:
        rule = first_of(HEAD, paragraph)
        if rule is None:
            break
        cuts.append(Cut(rule.name, paragraph))
    return paragraphs[len(cuts) :], cuts


def cut_rest(paragraphs: list[str]) -> tuple[list[str], list[Cut]]:
    """Take out what stands inside and after the article; for the paragraphs below its title."""
    kept: list[str] = []
    cuts: list[Cut] = []
    position = 0
    reading = False
    while position < len(paragraphs):
        end = _chrome_end(paragraphs, position, reading=reading)
        if end == position:
            kept.append(paragraphs[position])
            reading = reading or is_prose(paragraphs[position])
            end += 1
        else:
            cuts += _as_cuts(paragraphs[position:end])
        position = end
    return kept, cuts


def _chrome_end(paragraphs: list[str], start: int, *, reading: bool) -> int:
    """Where the chrome that begins at `start` ends: `start` itself when there is none.

    A list needs an article before it (`reading`): above the text, only its heading is cut.
    """
    rule = first_of((*INSIDE, *END, ALSO_READ), paragraphs[start])
    if rule is None:
        return start
    if rule is NAVIGATION and reading:
        return len(paragraphs)
    if rule in END and reading:
        return _resumption(paragraphs, start + 1)
    if rule is ALSO_READ and not headline_after_label(paragraphs[start]):
        return start + 1 + _has_headline(paragraphs, start + 1)
    return start + 1


def _has_headline(paragraphs: list[str], position: int) -> bool:
    """Whether the paragraph below a bare "Also read" is the headline that it points to."""
    if position == len(paragraphs):
        return False
    return len(paragraphs[position]) <= LONGEST and not is_prose(paragraphs[position])


def _resumption(paragraphs: list[str], start: int) -> int:
    """Where an article goes on below a list inside it: at two paragraphs of prose in a row.

    Among teasers, a headline without a full stop stands between any two.
    """
    for position in range(start, len(paragraphs) - 1):
        if is_prose(paragraphs[position]) and is_prose(paragraphs[position + 1]):
            return position
    return len(paragraphs)


def _as_cuts(chrome: list[str]) -> Iterator[Cut]:
    """A cut for each heading with what stands under it; the first paragraph is a heading."""
    name, piece = "", list[str]()
    for paragraph in chrome:
        rule = first_of((*INSIDE, *END, ALSO_READ), paragraph)
        if rule is not None and piece:
            yield Cut(name, BREAK.join(piece))
            piece = []
        name = rule.name if rule is not None else name
        piece.append(paragraph)
    yield Cut(name, BREAK.join(piece))
