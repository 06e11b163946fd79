"""Copies of a story that are decided again since the article that told it is gone.

The live service writes them to the end of the stream. Where it did, they come in their turn; a
replay of other rules decides them when that would have been.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from service.archive.kept.segment import place
from service.archive.moments import ms_of
from service.archive.places import Places
from service.archive.replay import Replay, Replayed, UntoldStory
from service.articles.article import Article

MAX_LOOKED_AT, MAX_READ_AGAIN = 20, 3
"""The first copies, and the fullest texts of them: as `store.stories.copies` has them."""
DELAY = 20
"""ms until such an entry is decided: what came in the same batch comes before it."""
BEHIND_ALL = 2**40
"""The second half of an entry's id that comes after all others of its ms."""


class Heir(NamedTuple):
    """A copy to be decided again, and the entry that it would have."""

    entry_id: str
    article: Article
    origin: str
    """The entry that it repeats."""


class Heirs:
    """Those of one replay, in the order in which they are to be decided."""

    def __init__(self, replay: Replay, places: Places) -> None:
        self._replay = replay
        self._places = places
        self._untold: list[tuple[str, UntoldStory]] = []
        """With the entry that has brought it about."""
        self._count = 0

    def add(self, replayed: Replayed) -> None:
        """Take up what a decision has brought about."""
        self._untold += [(replayed.entry_id, story) for story in replayed.untold]

    def due(self, now: float) -> Iterator[Heir]:
        """Those that come before this moment, ms; each may bring about others."""
        while self._untold and ms_of(self._untold[0][0]) + DELAY < now:
            entry_id, story = self._untold.pop(0)
            moment = ms_of(entry_id) + DELAY
            first = sorted(self._replay.copies(story, moment), key=place)[:MAX_LOOKED_AT]
            kept = [self._places.kept(each) for each in first]
            kept.sort(key=lambda one: -one[0].size)
            for facts, article in kept[:MAX_READ_AGAIN]:
                if not self._places.comes_again(facts, entry_id):
                    self._count += 1
                    again = f"{moment}-{BEHIND_ALL + self._count}"
                    self._places.note_again(facts.entry_id, again)
                    yield Heir(again, article, facts.origin or facts.entry_id)
