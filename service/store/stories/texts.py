"""Which of the texts under one id an entry's text is: several articles may come with one id.

A text that has next to nothing in common with those that alerted under its id is another article's.
It gets an identity of its own, and so alerts of its own; nothing is retracted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from service.alerts.stories.overlap import TextSketch, is_correction, overlap, sketch, unpacked
from service.articles.identity import EARLIER, Identity, scope_of
from service.store.client import Store
from service.store.keys import ARTICLE_TEXTS
from service.store.stories.query import ArticleText, StoryQuery
from service.store.stories.reply import ReadHistory
from service.store.stories.version import Guard, TextRecord

MAX_TEXTS = 16
"""Texts that are kept under one id; the one that alerted longest ago goes first."""
LEAST_BELOW, LEAST_KNOWN = 5, 12
"""Different words of a text below its title, and of a known text, from which these are compared
without the title; of fewer it is too large a part."""
FIRST = "first"
"""The name of the first text under an id; a later one has the name of its revision."""


@dataclass(frozen=True, slots=True)
class _KnownText:
    place: float
    sketch: TextSketch


class ArticleTexts:
    """The texts of one stream. Raises StoreError, and redis-py's own errors."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def identify(self, queries: Sequence[StoryQuery]) -> list[StoryQuery]:
        """The queries with the identity of each article's text, in order."""
        if not queries:
            return []
        bases = [Identity(query.article.scope, query.article.id) for query in queries]
        asked = [
            {"article": base.digest, "earlier": replace_text(base, EARLIER).digest}
            for base in bases
        ]
        rows = await self._store.run("stories/texts", [json.dumps(asked)])
        return [
            _identified(query, base, _known(flat), body)
            for query, base, (flat, body) in zip(queries, bases, rows, strict=True)
        ]

    def guarded(self, query: StoryQuery, read: ReadHistory) -> ReadHistory:
        """The history, with what a commit checks and writes of the text."""
        text = query.text
        if text is None:
            return read
        key = self._store.key(ARTICLE_TEXTS, Identity(query.article.scope, query.article.id).digest)
        guard = Guard(key, ("HLEN", key), (str(text.known),))
        version = replace(
            read.version,
            guards=(*read.version.guards, guard),
            text=TextRecord(
                key,
                text.name,
                text.sketch.packed(),
                is_another=text.known > 0 and text.before is None,
                surplus=text.surplus,
            ),
        )
        return replace(read, version=version, text=text)


def replace_text(identity: Identity, text: str) -> Identity:
    """The identity of another text under the same id."""
    return identity._replace(text=text)


def _known(flat: Sequence[bytes]) -> dict[str, _KnownText]:
    found = {}
    for name, value in zip(flat[::2], flat[1::2], strict=True):
        place, _, packed = value.decode().partition(" ")
        found[name.decode()] = _KnownText(float(place), unpacked(packed))
    return found


def _identified(
    query: StoryQuery, base: Identity, known: Mapping[str, _KnownText], body: bytes | None
) -> StoryQuery:
    told = _told_earlier(body, base) if body else None
    if not (known or told or query.watchlists):
        return replace(query, article=base)  # such an article changes nothing
    ours = sketch(query.words)
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
    below = sketch(query.below)
    # A notice that may be about one of several texts corrects none of them.
    texts = {} if query.is_notice else known
    alike = {name: each for name, each in texts.items() if _is_correction(ours, below, each.sketch)}
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


def _withdrawn(ours: TextSketch, known: Mapping[str, _KnownText]) -> str:
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


def _told_earlier(body: bytes, base: Identity) -> TextSketch | None:
    """What an event of an earlier version tells of the article; None where the scope is another."""
    data: dict[str, Any] = json.loads(body)["data"]
    article = data["article"]
    scopes = {scope_of(article["source"], ""), scope_of("", article["url"])}
    if base.scope not in scopes:
        return None
    sentences = [one["sentence"] for one in data.get("evidence", ())]
    return sketch("\n".join([article["title"], article["summary"], *sentences]))
