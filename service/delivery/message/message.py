"""What every channel for people says of an event, before it is Slack's, a mail's or a relay's."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

SEVERITIES = ("info", "low", "medium", "high", "critical")
"""From the least."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a text; the marked ones are the words that made a watchlist match."""

    text: str
    marked: bool = False


Marked = tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of the article, and the zone it stands in."""

    zone: str
    sentence: Marked


@dataclass(frozen=True, slots=True)
class Item:
    """One alert of a digest."""

    headline: str
    url: str
    about: str
    """Its watchlist and score."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is said, in the order in which it is said. Every text is one line; many may be empty."""

    severity: str
    label: str
    """The watchlist's name, or what kind of message it is."""
    headline: Marked
    url: str = ""
    """The article's, http or https."""
    news: str = ""
    """What happened to an earlier alert: corrected, retracted, spread."""
    told: str = ""
    """What we say ourselves, in a sentence or two."""
    command: str = ""
    """What to type into a terminal, below what is told."""
    facts: tuple[tuple[str, str], ...] = ()
    quotes: tuple[Quote, ...] = ()
    more: int = 0
    """Sentences that are not shown."""
    items: tuple[Item, ...] = ()
    score: str = ""
    """The score as a sum."""
    footer: str = ""
    """Ids, for asking `tocsin explain` or whoever runs it."""
    thread: str = ""
    """The same for all messages about one story; empty: it belongs to none."""
    follows: bool = False
    """It tells of an alert that was sent before."""
    alerts_all: bool = False
    """It must be seen, also by those who do not follow the thread."""
    topic: str = ""
    """The headline under which the thread began."""

    @property
    def title(self) -> str:
        """The message in one line."""
        said = f"{self.news}: {plain(self.headline)}" if self.news else plain(self.headline)
        return f"[{self.severity}] {self.label}: {said}"


def plain(marked: Marked, mark: str = "") -> str:
    """The text of stretches; `mark` stands around those that are marked."""
    return "".join(f"{mark}{one.text}{mark}" if one.marked else one.text for one in marked)


def marked(text: str, phrases: Iterable[str]) -> Marked:
    """`text` in stretches; every place where a phrase stands as words of its own is marked."""
    spans: list[tuple[int, int]] = []
    for phrase in dict.fromkeys(each for each in phrases if each):
        inner = re.escape(phrase)
        found = list(re.finditer(rf"(?<!\w){inner}(?!\w)", text)) or re.finditer(inner, text)
        spans += [each.span() for each in found]
    out: list[Stretch] = []
    end = 0
    for start, stop in sorted(spans):
        if stop <= end:
            continue
        if start > end:
            out.append(Stretch(text[end:start]))
        out.append(Stretch(text[max(start, end) : stop], marked=True))
        end = stop
    return (*out, Stretch(text[end:])) if end < len(text) or not out else tuple(out)
