"""What the store has to know of an article to find its history."""

from __future__ import annotations

from dataclasses import dataclass

from service.alerts.stories.similarity import Fingerprint
from service.articles.identity import Identity


@dataclass(frozen=True, slots=True)
class WatchlistQuery:
    """A watchlist that matched an article."""

    watchlist_id: str
    subscribers: tuple[str, ...] | None
    """Those whom it notifies; None where it alerts each article, whatever its story."""
    throttled: bool


@dataclass(frozen=True, slots=True)
class StoryQuery:
    """An article whose history is wanted."""

    entry_id: str
    article: Identity
    revision: str
    source: str = ""
    fingerprint: Fingerprint | None = None
    """None where no watchlist matched: such an article joins no story."""
    watchlists: tuple[WatchlistQuery, ...] = ()

    @property
    def own_story(self) -> str:
        """The id of the story that the article would begin."""
        return f"sty_{Identity(self.article.digest, self.revision).digest[:16]}"

    @property
    def hex_keys(self) -> list[str]:
        """The keys by which copies of its text are found."""
        return [key.hex() for key in self.fingerprint.bands] if self.fingerprint else []
