"""A large set of queries, and the few that have changed since: two engines that answer as one.

To compile a million queries takes a minute, to compile a few a moment. Of the large set those are
left out that are gone, or that the small one has in another version.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from service.articles.article import Article
from service.matching.engine.engine import Engine
from service.matching.evaluation.judge import Match

GONE = -1
"""The place of a query that is not in force any more."""


class Layer(NamedTuple):
    """An engine, and which of its queries are in force."""

    engine: Engine
    places: npt.NDArray[np.int32]
    """For each of its queries the number that it has among all; or `GONE`."""


class LayeredEngine:
    """What `Engine` does, by several of them; no two have a query of one number in force."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = tuple(layers)
        count = 1 + max((int(layer.places.max(initial=GONE)) for layer in layers), default=GONE)
        self._layer = np.zeros(count, np.int8)
        self._number = np.zeros(count, np.int32)
        for at, (_, places) in enumerate(self.layers):
            stays = np.flatnonzero(places != GONE)
            self._layer[places[stays]] = at
            self._number[places[stays]] = stays

    def prepare(self) -> None:
        """As `Engine.prepare`."""
        for engine, _ in self.layers:
            engine.prepare()

    def prepare_language(self, language: str) -> None:
        """As `Engine.prepare_language`."""
        for engine, _ in self.layers:
            engine.prepare_language(language)

    def is_prepared(self, language: str) -> bool:
        """As `Engine.is_prepared`."""
        return all(engine.is_prepared(language) for engine, _ in self.layers)

    def matching_queries(self, articles: Sequence[Article]) -> list[array[int]]:
        """As `Engine.matching_queries`."""
        found = [layer.engine.matching_queries(articles) for layer in self.layers]
        return [self._merged(each) for each in zip(*found, strict=True)]

    def _merged(self, found: Sequence[array[int]]) -> array[int]:
        numbers = [
            places[np.frombuffer(some, np.int64)]
            for some, (_, places) in zip(found, self.layers, strict=True)
            if some
        ]
        merged = array("q")
        if numbers:
            every = np.concatenate(numbers)
            every = np.sort(every[every != GONE]).astype(np.int64)
            merged.frombytes(every.tobytes())
        return merged

    def match(self, article: Article, *, max_evidence: int) -> list[Match]:
        """As `Engine.match`."""
        (numbers,) = self.matching_queries([article])
        return self.score_matches(article, numbers, max_evidence=max_evidence)

    def score_matches(
        self, article: Article, numbers: Sequence[int], *, max_evidence: int
    ) -> list[Match]:
        """As `Engine.score_matches`."""
        return self.score_batch([article], [numbers], max_evidence=max_evidence)[0]

    def score_batch(
        self, articles: Sequence[Article], numbers: Sequence[Sequence[int]], *, max_evidence: int
    ) -> list[list[Match]]:
        """As `Engine.score_batch`; for each article first the matches of the first layer."""

        def score(engine: Engine, own: Sequence[Sequence[int]]) -> list[list[Match]]:
            return engine.score_batch(articles, own, max_evidence=max_evidence)

        return self._scored(numbers, score)

    def score_plainly(
        self, article: Article, numbers: Sequence[int], *, max_evidence: int
    ) -> list[Match]:
        """As `Engine.score_plainly`."""

        def score(engine: Engine, own: Sequence[Sequence[int]]) -> list[list[Match]]:
            return [engine.score_plainly(article, own[0], max_evidence=max_evidence)]

        return self._scored([numbers], score)[0]

    def _scored(
        self,
        numbers: Sequence[Sequence[int]],
        score: Callable[[Engine, Sequence[Sequence[int]]], list[list[Match]]],
    ) -> list[list[Match]]:
        found: list[list[Match]] = [[] for _ in numbers]
        for at, (engine, _) in enumerate(self.layers):
            own = [self._own(at, np.array(each, np.int64)) for each in numbers]
            for matches, more in zip(found, score(engine, own), strict=True):
                matches.extend(more)
        return found

    def _own(self, layer: int, numbers: npt.NDArray[np.int64]) -> list[int]:
        """The numbers in a layer of those queries that are there."""
        own: list[int] = self._number[numbers[self._layer[numbers] == layer]].tolist()
        return own

    def remembered_forms(self) -> int:
        """As `Engine.remembered_forms`."""
        return sum(engine.remembered_forms() for engine, _ in self.layers)

    def word_counts(self) -> tuple[dict[str, int], int]:
        """As `Engine.word_counts`: those of the first layer, which has seen the most articles."""
        return self.layers[0].engine.word_counts()


def whole_engine(engine: Engine | LayeredEngine) -> Engine:
    """The engine itself, or the first of several, which has nearly all queries."""
    return engine.layers[0].engine if isinstance(engine, LayeredEngine) else engine


def only_engine(engine: Engine | LayeredEngine) -> Engine:
    """The engine of queries that were compiled as a whole. Raises TypeError if they were not."""
    if isinstance(engine, LayeredEngine):
        raise TypeError("these queries were not compiled as a whole")
    return engine
