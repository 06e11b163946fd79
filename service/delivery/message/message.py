"""The message of an event for people, before a channel renders it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

SEVERITIES = ("info", "low", "medium", "high", "critical")
"""The least severe first."""
ALSO = "Also"
"""Stands above the other alerts of a digest."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a text; marked: words that made a watchlist match."""

    text: str
    marked: bool = False


Marked = tuple[Stretch, ...]
ASKED = "Was this alert useful?"
"""Stands before the links by which readers answer."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of the article, and its zone."""

    zone: str
    sentence: Marked


@dataclass(frozen=True, slots=True)
class Item:
    """One alert of a digest."""

    headline: str
    url: str
    about: str
    """Its watchlist and score."""
    quote: Marked = ()
    """The sentence that proves it best, if it is not the headline."""


@dataclass(frozen=True, slots=True)
class VerdictLink:
    """What a reader may say of an alert."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Message:
    """The parts of a message, in their order. Every text is one line; many may be empty."""

    severity: str
    label: str
    """The watchlist's name, or what kind of message it is."""
    headline: Marked
    url: str = ""
    """The article's, http or https."""
    news: str = ""
    """What happened to an earlier alert: it was corrected, retracted, or its story spreads."""
    notice: str = ""
    """A sentence or two by Tocsin itself."""
    command: str = ""
    """What to type into a terminal, shown below the notice."""
    facts: tuple[tuple[str, str], ...] = ()
    quotes: tuple[Quote, ...] = ()
    more: int = 0
    """How many sentences are not shown."""
    items: tuple[Item, ...] = ()
    others: tuple[Item, ...] = ()
    """The other alerts of a digest, for channels that have room for them."""
    score: str = ""
    """The score as a sum."""
    footer: str = ""
    """Ids, to ask `tocsin explain` or an operator about."""
    thread: str = ""
    """The same for all messages about one story; empty: none."""
    follows: bool = False
    """Whether it is about an alert that was sent before."""
    alerts_all: bool = False
    """Whether people who do not follow the thread must see it too."""
    topic: str = ""
    """The headline of the thread's first message."""
    alert: str = ""
    """The id of the alert that readers may judge; empty: none, or several."""
    verdicts: tuple[VerdictLink, ...] = ()
    """The links by which they do; none where nobody is asked."""

    @property
    def title(self) -> str:
        """The message in one line."""
        said = f"{self.news}: {plain(self.headline)}" if self.news else plain(self.headline)
        return f"[{self.severity}] {self.label}: {said}"


def plain(marked: Marked, mark: str = "") -> str:
    """The text of the stretches, with `mark` before and after each marked one."""
    return "".join(f"{mark}{one.text}{mark}" if one.marked else one.text for one in marked)


def marked(text: str, phrases: Iterable[str]) -> Marked:
    """The text in stretches; marked where one of the phrases occurs as whole words.

    A phrase that never occurs so (in scripts without spaces) is marked wherever it occurs.
    """
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
