"""Batches of articles through the kernels: which queries of a compiled set hold."""

from __future__ import annotations

import hashlib
import threading
from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from service.articles.article import Article
from service.matching.engine.compile import (
    CompiledQueries,
    PreloadedForms,
    code_points,
    work_out_forms,
)
from service.matching.engine.forms import FormIndex
from service.matching.engine.kernel.arrays import FormFacts, MetadataValues, QueryArrays
from service.matching.engine.kernel.match import match
from service.matching.engine.kernel.scan import Words
from service.matching.engine.kernel.scan import scan as scan_words
from service.matching.engine.kernel.table import Hashing
from service.matching.engine.large_pages import copied
from service.matching.engine.lexicon import Lexicon, Snapshot
from service.matching.engine.scratch_pool import (
    MAX_CHUNK,
    ScratchPool,
    with_links,
    with_matches,
)
from service.matching.evaluation.metadata import FIELDS, metadata_values
from service.matching.words.characters import character_classes
from service.matching.words.inflection import are_forms_loaded, has_forms, load_forms
from service.matching.words.wordform import fold

_NO_MATCHES = array("q")


class ScannedBatch(NamedTuple):
    """The words of some articles of one language."""

    words: Words
    bounds: npt.NDArray[np.int64]
    """Where each zone begins in the batch's text, three zones an article; and its end."""
    snapshot: Snapshot
    """The forms that are known once the words were read."""
    metadata: MetadataValues
    """Its text is that of the batch."""


class Matcher:
    """What an engine runs; any number of threads may use it at once."""

    def __init__(self, compiled: CompiledQueries, *, max_forms: int, multiplier: int) -> None:
        arrays = compiled.arrays
        self.queries = QueryArrays(**copied({name: arrays[name] for name in QueryArrays._fields}))
        count, depth = int(arrays["queries"][0]), int(arrays["depth"].sum()) + 1
        self.scratch = ScratchPool(self.queries, count, depth)
        self._form_index = FormIndex(arrays, compiled.texts)
        preloaded = {name: arrays[f"preloaded {name}"] for name in PreloadedForms._fields}
        self._preloaded = PreloadedForms(**preloaded)
        self._main_language = compiled.texts["preloaded language"]
        # The seed depends on the rules, which authors of articles do not know: nobody can choose
        # words that have the same hash.
        digest = hashlib.blake2b(compiled.texts["folded"].encode(), digest_size=8).digest()
        self._hashing = Hashing(np.uint64(int.from_bytes(digest, "big")), np.uint64(multiplier))
        self._max_forms = max_forms
        self._fields = {FIELDS[number] for number in set(self.queries.test_field.tolist())}
        self._lexicons: dict[str, Lexicon] = {}
        self._prepared = {"", self._main_language}
        self._lock = threading.Lock()

    def prepare(self, language: str | None = None) -> None:
        """Loads and compiles all that the first article of a language would otherwise wait for:
        seconds for one that has only a dictionary. None is the language of most rules.
        """
        language = self._main_language if language is None else self._inflected(language)
        load_forms(language)
        self.matching_queries([Article("", "", "Words", "", "", "", "", "", language, "", "", ())])
        self._prepared.add(language)

    def is_prepared(self, language: str) -> bool:
        """Whether an article of this language (a tag) waits for nothing.

        A dictionary may have made room for others since it was loaded.
        """
        inflected = self._inflected(language.partition("-")[0])
        return inflected in self._prepared and are_forms_loaded(inflected)

    def matching_queries(self, articles: Sequence[Article]) -> list[array[int]]:
        """For each article the numbers of the queries that hold and are not excepted.

        The kernels run without the GIL.
        """
        found = [_NO_MATCHES] * len(articles)
        for chunk, lexicon in self.chunks(articles):
            holding, starts = self._match([articles[place] for place in chunk], lexicon)
            for place, low, high in zip(chunk, starts, starts[1:], strict=False):
                found[place] = holding[low:high]
        return found

    def tokenise_only(self, articles: Sequence[Article]) -> int:
        """Reads and looks up all words, and does no more; returns how many words there are."""
        total = 0
        for chunk, lexicon in self.chunks(articles):
            batch = self.scan([articles[place] for place in chunk], lexicon)
            total += len(batch.words.form)
        return total

    def known_forms(self, forms: Sequence[tuple[str, int]], language: str) -> FormFacts:
        """What forms mean, each with whether its zone is in capitals; `language`: a subtag."""
        language = self._inflected(language)
        keys = self._form_index.in_language(language)
        found = work_out_forms([f for f, _ in forms], [loud for _, loud in forms], keys, language)
        return FormFacts(found.flags, found.keys_start, found.keys)

    def match_kept_words(
        self, words: Words, known: FormFacts, articles: Sequence[Article]
    ) -> tuple[array[int], list[int]]:
        """As `_match`, of words that were read before; of articles only metadata are asked."""
        facts, numbers = self._metadata(articles)
        start = np.cumsum([0, *map(len, facts)])
        values = MetadataValues(code_points("".join(facts)), start, *numbers)
        return self._match_words(words, known, values)

    def remembered_forms(self) -> int:
        """How many surface forms are remembered, in all languages."""
        return sum(lexicon.snapshot.size for lexicon in [*self._lexicons.values()])

    def word_counts(self) -> tuple[dict[str, int], int]:
        """In how many articles the rules' words occurred, and how many articles there were."""
        counts = self.scratch.article_counts()
        return self._form_index.counts(counts[:-1]), int(counts[-1])

    def _match(self, articles: Sequence[Article], lexicon: Lexicon) -> tuple[array[int], list[int]]:
        """The numbers of the queries that hold, and where those of each article begin."""
        words, _, snapshot, metadata = self.scan(articles, lexicon)
        return self._match_words(words, snapshot.known, metadata)

    def _match_words(
        self, words: Words, known: FormFacts, metadata: MetadataValues
    ) -> tuple[array[int], list[int]]:
        """The same of words that were read."""
        articles = len(words.zone_start) // 3
        scratch = self.scratch.borrow(words, len(known.flags))
        starts = np.zeros(articles + 1, np.int64)
        done = 0
        while done < articles:
            done, links, matches = match(
                words, known, self.queries, metadata, scratch, starts, done
            )
            if links:
                scratch = with_links(scratch, links)
            elif matches:
                scratch = with_matches(scratch, matches)
        found = array("q")
        found.frombytes(scratch.found[: starts[-1]].view(np.uint8).data)
        self.scratch.give_back(scratch)
        return found, starts.tolist()

    def scan(self, articles: Sequence[Article], lexicon: Lexicon) -> ScannedBatch:
        """The articles' words, and what the kernels need besides."""
        zones = [text for article in articles for _, text in article.zones()]
        facts, metadata = self._metadata(articles)
        text = "".join((*zones, *facts))
        characters = code_points(text)
        bounds = np.cumsum([0, *map(len, zones)])
        shouted = np.array([zone.isupper() for zone in zones], np.uint8)
        start = np.cumsum([bounds[-1], *map(len, facts)])
        classes = character_classes()
        while True:
            seen = lexicon.snapshot
            words = scan_words(
                characters, bounds, shouted, classes, seen.forms, seen.size, self._hashing
            )
            learned = lexicon.learn(seen, text, words, shouted) if len(words.unknown) else seen
            if learned is not None:
                values = MetadataValues(characters, start, *metadata)
                return ScannedBatch(words, bounds, learned, values)

    def _metadata(
        self, articles: Sequence[Article]
    ) -> tuple[list[str], tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
        """The folded values of the fields that rules test, the field of each value, and where the
        values of each article begin.
        """
        facts: list[str] = []
        fields: list[int] = []
        of = [0]
        for article in articles:
            for field in self._fields:
                for value in metadata_values(field, article):
                    facts.append(fold(value))
                    fields.append(FIELDS.index(field))
            of.append(len(facts))
        return facts, (np.array(fields, np.int64), np.array(of, np.int64))

    def chunks(self, articles: Sequence[Article]) -> Iterator[tuple[list[int], Lexicon]]:
        """The places of articles that are matched in one go, and the lexicon of their language."""
        for language, places in _by_language(articles).items():
            lexicon = self._lexicon(language)
            for chunk in _chunks(places, articles):
                yield chunk, lexicon

    def _inflected(self, language: str) -> str:
        """The language by which words are inflected in articles of one (a primary subtag)."""
        return language if language == self._main_language or has_forms(language) else ""

    def _lexicon(self, language: str) -> Lexicon:
        language = self._inflected(language)
        lexicon = self._lexicons.get(language)
        if lexicon is None:
            with self._lock:
                lexicon = self._lexicons.get(language) or self._new_lexicon(language)
                self._lexicons[language] = lexicon
        return lexicon

    def _new_lexicon(self, language: str) -> Lexicon:
        forms = self._preloaded if language == self._main_language else PreloadedForms.none()
        keys = self._form_index.in_language(language)
        return Lexicon(keys, language, forms, self._hashing, self._max_forms)


def _by_language(articles: Sequence[Article]) -> Mapping[str, list[int]]:
    """The places of the articles of each language, a primary subtag."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for place, article in enumerate(articles):
        found[article.language.partition("-")[0]].append(place)
    return found


def _chunks(places: Sequence[int], articles: Sequence[Article]) -> Iterator[list[int]]:
    """The places in runs whose articles have at most `MAX_CHUNK` characters, or are one article."""
    chunk: list[int] = []
    size = 0
    for place in places:
        article = articles[place]
        length = len(article.title) + len(article.lead) + len(article.body)
        if chunk and size + length > MAX_CHUNK:
            yield chunk
            chunk, size = [], 0
        chunk.append(place)
        size += length
    if chunk:
        yield chunk
