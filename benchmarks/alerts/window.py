"""The stories of a window that nothing leaves, kept as the scripts in Redis keep them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from benchmarks.corpus.edits import Paragraphs
from service.alerts.stories.fingerprint import Fingerprint, fingerprint
from service.alerts.stories.placement import (
    MAX_COMPARED,
    NearStory,
    Placement,
    Placer,
    UnplacedArticle,
)
from service.alerts.stories.story import NEAR_COPY

PER_KEY = 16
"""The newest stories that are kept of a key."""


def mark(text: Paragraphs, language: str = "en") -> Fingerprint:
    """The fingerprint of an article: its title, its lead and what follows."""
    title, lead, *body = (*text, "")
    return fingerprint(title, lead, "\n\n".join(body), language=language)


@dataclass(frozen=True, slots=True)
class Begun:
    """A story and the text that began it."""

    story: NearStory
    text: Paragraphs


class Window:
    """Stories and the texts that began them, by their ids, which are numbers here."""

    def __init__(self) -> None:
        self.begun: dict[str, Begun] = {}
        self._keys: defaultdict[bytes, list[str]] = defaultdict(list)
        self.compared = 0

    def place(self, own: str, found: Fingerprint) -> Placement:
        """The story of an article; this changes nothing."""
        near = self._near(found)
        self.compared += len(near)
        (placement,) = Placer(NEAR_COPY, 1).place([UnplacedArticle(found, own, near=near)])
        return placement

    def join(self, own: str, text: Paragraphs, found: Fingerprint) -> Placement:
        """The same; where it begins one, that is kept."""
        placement = self.place(own, found)
        if placement.begins:
            self.begun[own] = Begun(NearStory(own, found.record), text)
            for key in found.bands:
                self._keys[key].append(own)
                del self._keys[key][:-PER_KEY]
        return placement

    def _near(self, found: Fingerprint) -> tuple[NearStory, ...]:
        weights: defaultdict[str, float] = defaultdict(float)
        for key in found.bands:
            having = self._keys.get(key, ())
            for story in having:
                weights[story] += 1 / len(having)
        best = sorted(weights, key=lambda story: -weights[story])[:MAX_COMPARED]
        return tuple(self.begun[story].story for story in best)
