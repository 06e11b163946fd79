"""What the store has to know of an article to find its history."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.alerts.stories.overlap import TextSketch
from service.articles.identity import Identity

if TYPE_CHECKING:
    from service.alerts.stories.fingerprint import Fingerprint

LONGEST_COPIED = 1_000
"""Code points of an id, a title or a URL that is kept with a story."""


@dataclass(frozen=True, slots=True)
class WatchlistQuery:
    """A watchlist that matched an article."""

    watchlist_id: str
    subscribers: tuple[str, ...] | None
    """Those whom it notifies; None where it alerts each article, whatever its story."""
    throttled: bool


@dataclass(frozen=True, slots=True)
class ArticleText:
    """Which of the texts under its id an article is."""

    name: str
    sketch: TextSketch
    known: int = 0
    """How many texts are known under the id."""
    before: TextSketch | None = None
    """As it was when it alerted last; None: it has not alerted."""
    is_withdrawn: bool = False
    """Whether the entry is a notice that takes this text back."""
    surplus: str = ""
    """The text that is to be forgotten for it; "" for none."""


@dataclass(frozen=True, slots=True)
class StoryQuery:
    """An article whose history is wanted."""

    entry_id: str
    article: Identity
    revision: str
    source: str = ""
    title: str = ""
    url: str = ""
    published_at: str = ""
    """RFC 3339; empty where it is not known."""
    fingerprint: Fingerprint | None = None
    """None where no watchlist matched: such an article joins no story."""
    watchlists: tuple[WatchlistQuery, ...] = ()
    zones: tuple[str, ...] = ()
    """The article's text: title, lead and body."""
    is_wall: bool = False
    """Whether a wall stands in place of its text."""
    is_notice: bool = False
    """Whether the text takes back the article in whose place it stands."""
    notice: str = ""
    """The words by which it does; "" where its title alone does."""
    unmarked: str = ""
    """The title without the mark, where nothing else of the text takes the article back."""
    text: ArticleText | None = None
    """Which text it is; None where that does not matter."""
    origin: str = ""
    """The entry that this one repeats; "" for any other."""
    sketch: TextSketch | None = None
    """That of its words, where it was made before."""

    @property
    def place(self) -> str:
        """The entry by which it is an older or newer version of its article."""
        return self.origin or self.entry_id

    @property
    def words(self) -> str:
        """The article's text."""
        return "\n".join(self.zones)

    @property
    def below(self) -> str:
        """The same without its title; empty for a wall."""
        # A wall is known for what it is, and refused as the text that it stands in for.
        return "" if self.is_wall else "\n".join(filter(None, self.zones[1:]))

    def copy(self, why: str) -> str:
        """What is kept of the article with its story, JSON; `why` it joined that."""
        facts = {
            "entry": self.entry_id,
            "scope": self.article.scope,
            "article": self.article.id,
            "source": self.source,
            "title": self.title[:LONGEST_COPIED],
            "url": self.url[:LONGEST_COPIED],
            "published_at": self.published_at,
            "why": why,
        }
        if self.origin:
            facts["origin"] = self.origin
        return json.dumps(facts, ensure_ascii=False)

    @property
    def own_story(self) -> str:
        """The id of the story that the article would begin."""
        return f"sty_{Identity(self.article.digest, self.revision).digest[:16]}"

    @property
    def hex_keys(self) -> list[str]:
        """The keys by which copies of its text are found."""
        return [key.hex() for key in self.fingerprint.bands] if self.fingerprint else []
