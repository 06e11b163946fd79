"""What the kernels say of matches → their scores and evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from itertools import compress, starmap

import numpy as np

from service.articles.article import Article
from service.matching.engine.compile import CompiledQueries
from service.matching.engine.kernel.scores.arrays import PlacedWords, Plans, ScoreSpace, new_space
from service.matching.engine.kernel.scores.evidence import SHOWN_NUMBERS
from service.matching.engine.kernel.scores.placed_words import place_words
from service.matching.engine.kernel.scores.score import FAILED, HEAD_NUMBERS, score
from service.matching.engine.large_pages import copied
from service.matching.engine.lexicon import Lexicon
from service.matching.engine.matcher import Matcher, ScannedBatch
from service.matching.engine.programs.labels import QueryLabels, query_labels
from service.matching.engine.scratch_pool import with_links
from service.matching.evaluation.evidence import Evidence
from service.matching.evaluation.judge import Match
from service.matching.evaluation.placed_sentences import ArticleSentences, WordPlaces
from service.matching.evaluation.score import CLOSE, FAR, NEAR, Boost, Score, Weight, total_score
from service.matching.query import Query
from service.matching.words.characters import character_classes

MAX_KNOWN_LABELS = 32_768
"""Most queries whose labels are remembered, about 1 kB each."""
FIRST_WIDTH = 256
"""Sentences and paragraphs together for which new working space has room."""
MIN_NUMBERS = 1 << 17
"""Room for what the kernels say of one match with the most mentions."""

_CLOSENESS = (CLOSE, NEAR, FAR)

Plainly = Callable[[int], Match | None]
"""Scores an article's match as the plain evaluator does; None where it is below its threshold."""


class Scorer:
    """Scores the matches of a compiled set of queries; any number of threads may use it at once."""

    def __init__(
        self, matcher: Matcher, compiled: CompiledQueries, query: Callable[[int], Query]
    ) -> None:
        arrays = copied({name: compiled.arrays[name] for name in ("plan", "plan_start")})
        self._plans = Plans(arrays["plan"], arrays["plan_start"])
        self._matcher = matcher
        self._labels = lru_cache(MAX_KNOWN_LABELS)(lambda number: query_labels(query(number)))
        self._spaces: list[ScoreSpace] = []

    def prepare(self) -> None:
        """Compiles or loads the kernels, which the first match would otherwise wait for."""
        article = Article("", "", "Words", "", "", "", "", "", "en", "", "", ())
        for _, lexicon in self._matcher.chunks([article]):
            self._scored([article], [[]], lexicon, 1)

    def matches(
        self,
        articles: Sequence[Article],
        numbers: Sequence[Sequence[int]],
        plainly: Callable[[Article], Plainly],
        *,
        max_evidence: int,
    ) -> list[list[Match]]:
        """For each article its matches among the queries with these numbers, in their order.

        Raises RuntimeError where one of these queries does not hold.
        """
        found: list[list[Match]] = [[] for _ in articles]
        asked = [place for place, each in enumerate(numbers) if each]
        for chunk, lexicon in self._matcher.chunks([articles[place] for place in asked]):
            places = [asked[each] for each in chunk]
            some = [articles[place] for place in places]
            wanted = [numbers[place] for place in places]
            said = self._scored(some, wanted, lexicon, max_evidence)
            for place, article, each, read in zip(places, some, wanted, said.articles, strict=True):
                judged = plainly(article)
                for number in each:
                    match = said.next_match(self._labels(number), read)
                    if match is _PLAINLY:
                        match = judged(number)
                    if match is not None:
                        found[place].append(match)
        return found

    def _scored(
        self,
        articles: Sequence[Article],
        numbers: Sequence[Sequence[int]],
        lexicon: Lexicon,
        max_evidence: int,
    ) -> _Said:
        """What the kernels say of all matches of some articles of one language."""
        matcher = self._matcher
        batch = matcher.scan(articles, lexicon)
        words, bounds, snapshot, metadata = batch
        placed = place_words(metadata.text, bounds, character_classes(), len(words.form))
        found = np.array([number for each in numbers for number in each], np.int64)
        starts = np.cumsum([0, *map(len, numbers)])
        scratch = matcher.scratch.borrow(words, len(snapshot.known.flags))
        space = self._spaces.pop() if self._spaces else new_space(FIRST_WIDTH)
        room = MIN_NUMBERS
        out, masses = np.empty(room, np.int64), np.empty(room, np.float64)
        all_numbers: list[int] = []
        all_masses: list[float] = []
        article = match = 0
        while article < len(articles):
            done = score(
                words, placed, snapshot.known, matcher.queries, self._plans, metadata, scratch,
                space, found, starts, max_evidence, article, match, out, masses,
            )  # fmt: skip
            all_numbers += out[: done.numbers].tolist()
            all_masses += masses[: done.masses].tolist()
            if done.links:
                scratch = with_links(scratch, done.links)
            elif done.width:
                space = new_space(2 * done.width)
            elif (article, match) == (done.article, done.match):
                room *= 2
                out, masses = np.empty(room, np.int64), np.empty(room, np.float64)
            article, match = done.article, done.match
        matcher.scratch.give_back(scratch)
        self._spaces.append(space)
        read = starmap(partial(_sentences, batch, placed), enumerate(articles))
        return _Said(all_numbers, all_masses, [*read])


def _sentences(
    batch: ScannedBatch, placed: PlacedWords, number: int, article: Article
) -> ArticleSentences:
    """The sentences of one article of a batch."""
    title, lead, body, end = batch.words.zone_start[3 * number : 3 * number + 4].tolist()
    words = WordPlaces(
        placed.sentence[title:end].tolist(),
        placed.start[title:end],
        placed.end[title:end],
        (0, lead - title, body - title, end - title),
        int(batch.bounds[3 * number]),
    )
    return ArticleSentences(article.id, (article.title, article.lead, article.body), words)


_PLAINLY = Match("", Score(0, 0, (), (), ()), ())
"""Stands for a match that the plain evaluator has to score."""


class _Said:
    """The numbers and masses that the kernels wrote, read match after match."""

    def __init__(
        self, numbers: list[int], masses: list[float], articles: list[ArticleSentences]
    ) -> None:
        self.articles = articles
        self._numbers = numbers
        self._masses = masses
        self._at = 0
        self._weighed = 0

    def next_match(self, labels: QueryLabels, article: ArticleSentences) -> Match | None:
        """The next match: `_PLAINLY`, or None where it is below its threshold."""
        numbers, at = self._numbers, self._at
        status, close, clauses, terms, boosts = numbers[at : at + HEAD_NUMBERS]
        at += HEAD_NUMBERS
        self._at = at
        if status == FAILED:
            raise RuntimeError(
                f"the engine finds {labels.id} in article {article.id}, and cannot score it: this "
                "is a fault in Tocsin"
            )
        if status:
            return _PLAINLY
        parts = self._weights(labels.clauses, clauses)
        shown = self._weights(labels.terms, terms)
        held: tuple[Boost, ...] = ()
        if boosts:
            at = self._at
            self._at += boosts
            flags = numbers[at : at + boosts]
            held = (*compress(labels.boosts, flags),)
        proof = self._evidence(article, [weight.label for weight in shown])
        if len({weight.label for weight in shown}) < terms:  # their mentions are to be joined
            return _PLAINLY
        closeness = _CLOSENESS[close]
        value = total_score([part.value for part in parts], closeness, held)
        if value < labels.threshold:
            return None
        return Match(labels.id, Score(value, closeness, parts, shown, held), proof)

    def _weights(self, labels: Sequence[str], count: int) -> tuple[Weight, ...]:
        at, weighed = self._at, self._weighed
        self._at, self._weighed = at + count, weighed + count
        return tuple(
            [
                Weight(labels[number], mass, mass / (mass + 1))
                for number, mass in zip(
                    self._numbers[at : at + count],
                    self._masses[weighed : weighed + count],
                    strict=True,
                )
            ]
        )

    def _evidence(self, article: ArticleSentences, labels: Sequence[str]) -> tuple[Evidence, ...]:
        numbers, at = self._numbers, self._at
        count = numbers[at]
        at += 1
        found: list[Evidence] = []
        for _ in range(count):
            term, *place, several = numbers[at : at + SHOWN_NUMBERS]
            at += SHOWN_NUMBERS
            terms = tuple([labels[each] for each in numbers[at : at + several]])
            at += several
            found.append(article.evidence(place, labels[term], terms))
        self._at = at
        return tuple(found)
