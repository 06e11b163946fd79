"""Which of the texts that are known under an id a text is; a text unlike all of them is another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from service.alerts.stories.overlap import (
    TextSketch,
    holds_words,
    is_correction,
    is_of_length,
    overlap,
    sketch,
    tells_words,
)
from service.articles.identity import EARLIER, Identity
from service.store.stories.query import ArticleText, StoryQuery

MAX_TEXTS = 16
"""Texts that are kept under one id; the one that alerted longest ago goes first."""
LEAST_BELOW, LEAST_KNOWN = 5, 12
"""Different words of a text below its title, and of a known text, from which these are compared
without the title; of fewer it is too large a part."""
FIRST = "first"
"""The name of the first text under an id; a later one has the name of its revision."""


@dataclass(frozen=True, slots=True)
class KnownText:
    """A text that has alerted, as it was then."""

    place: float
    """Where the entry that wrote it is in its stream."""
    sketch: TextSketch


def replace_text(identity: Identity, text: str) -> Identity:
    """The identity of another text under the same id."""
    return identity._replace(text=text)


def earlier_digest(base: Identity) -> str:
    """What stands in keys for the id alone, by which earlier versions knew an article."""
    return replace_text(base, EARLIER).digest


def identified(
    query: StoryQuery, base: Identity, known: Mapping[str, KnownText], told: TextSketch | None
) -> StoryQuery:
    """The query with the identity of its text.

    `base` is its id alone, `known` are the texts under that, and `told` is what an event of an
    earlier version tells of the article.
    """
    if not (known or told or query.watchlists):
        return replace(query, article=base)  # such an article changes nothing
    ours = query.sketch or sketch(query.words)
    texts = [told] if told else [each.sketch for each in known.values()]
    if query.notice and any(_says_already(query, ours, each) for each in texts):
        query = replace(query, is_notice=False)
    if query.unmarked and not any(_is_marked(query, ours, each) for each in texts):
        query = replace(query, is_notice=False)
    if told and (query.is_notice or is_correction(ours, told)):
        text = ArticleText(EARLIER, ours, before=told, is_withdrawn=query.is_notice)
        query = replace(query, article=replace_text(base, EARLIER), text=text)
        return replace(query, fingerprint=None, watchlists=()) if query.is_notice else query
    if query.is_notice and (name := _withdrawn(ours, known)):
        # What is kept is the text that was taken back: it may come again.
        taken = known[name].sketch
        text = ArticleText(name, taken, len(known), before=taken, is_withdrawn=True)
        identity = base if name == FIRST else replace_text(base, name)
        return replace(query, article=identity, text=text, fingerprint=None, watchlists=())
    # A notice that may be about one of several texts corrects none of them.
    others = {} if query.is_notice else known
    below = sketch(query.below) if others else ours  # most ids have no text yet to compare with
    alike = {
        name: each for name, each in others.items() if _is_correction(ours, below, each.sketch)
    }
    name = max(alike, key=lambda name: overlap(ours, alike[name].sketch), default="")
    surplus = ""
    if not name:
        name = query.revision if known else FIRST
        if len(known) >= MAX_TEXTS:
            surplus = min(known, key=lambda name: known[name].place)
    before = known[name].sketch if name in known else None
    text = ArticleText(name, ours, len(known), before, surplus=surplus)
    identity = base if name == FIRST else replace_text(base, name)
    return replace(query, article=identity, text=text)


def _says_already(query: StoryQuery, ours: TextSketch, known: TextSketch) -> bool:
    """Whether a known text had the same words of a notice, and is corrected: it was judged as news.

    A report about something that was withdrawn may have them.
    """
    return (
        is_of_length(ours, known)
        and is_correction(ours, known)
        and tells_words(known, query.notice)
    )


def _is_marked(query: StoryQuery, ours: TextSketch, known: TextSketch) -> bool:
    """Whether a text is a known one but for the mark before its title."""
    return is_correction(ours, known) and holds_words(known, query.unmarked)


def _withdrawn(ours: TextSketch, known: Mapping[str, KnownText]) -> str:
    """The text that a notice takes back; "" where it may be one of several."""
    alike = [name for name, each in known.items() if is_correction(ours, each.sketch)]
    names = [*known] if len(known) == 1 else alike
    return names[0] if len(names) == 1 else ""


def _is_correction(ours: TextSketch, below: TextSketch, known: TextSketch) -> bool:
    """Whether a text corrects a known one. `below` is what stands below its title.

    Fetchers give the title of a feed to whatever they meet: it says nothing about a text below it.
    """
    if not is_correction(ours, known):
        return False
    is_text = below.count >= LEAST_BELOW and known.count >= LEAST_KNOWN
    return not is_text or is_correction(below, known)
