"""Batches of articles through the kernels: which queries of a compiled set hold."""

from __future__ import annotations

import hashlib
import threading
from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from service.articles.article import Article
from service.matching.engine.compile import Compiled
from service.matching.engine.forms import Meanings, Seeds, code_points
from service.matching.engine.kernel.arrays import Filed, Scratch, Values
from service.matching.engine.kernel.match import match
from service.matching.engine.kernel.scan import Words, scan
from service.matching.engine.kernel.table import Hashing
from service.matching.engine.large_pages import copied, together, zeros
from service.matching.engine.lexicon import Lexicon, Snapshot
from service.matching.evaluation.metadata import FIELDS, values
from service.matching.words.characters import classes
from service.matching.words.inflection import has_dictionary
from service.matching.words.wordform import fold

CHUNK = 1 << 20
"""Most characters that one call of the kernel is given, where an article alone is not longer."""
LARGEST = 2 * CHUNK
"""Most entries of an array of working space that is kept: room for a word a character, twice."""


class Matcher:
    """What an engine runs; any number of threads may use it at once."""

    def __init__(self, compiled: Compiled, *, max_forms: int, multiplier: int) -> None:
        arrays = compiled.arrays
        self._filed = Filed(**copied({name: arrays[name] for name in Filed._fields}))
        self._depth = int(arrays["depth"].sum()) + 1
        self._queries = int(arrays["queries"][0])
        self._meanings = Meanings(arrays, compiled.texts)
        self._seeds = Seeds(**{name: arrays[f"seeds {name}"] for name in Seeds._fields})
        self._main = compiled.texts["seed language"]
        # Not known to whoever writes articles, so that nobody can make words that collide.
        digest = hashlib.blake2b(compiled.texts["folded"].encode(), digest_size=8).digest()
        self._hashing = Hashing(np.uint64(int.from_bytes(digest, "big")), np.uint64(multiplier))
        self._max_forms = max_forms
        self._fields = {FIELDS[number] for number in set(self._filed.test_field.tolist())}
        self._lexicons: dict[str, Lexicon] = {}
        self._lock = threading.Lock()
        self._free: list[Scratch] = []
        self._seen = np.zeros(len(arrays["capital"]) + 1, np.int64)

    def prepare(self) -> None:
        """Makes all ready that the first article would otherwise wait for."""
        self._meanings.prepare()
        self.matching_queries(
            [Article("", "", "Words", "", "", "", "", "", self._main, "", "", ())]
        )

    def matching_queries(self, articles: Sequence[Article]) -> list[array[int]]:
        """For each article the numbers of the queries that hold and are not excepted.

        The work is done without the GIL.
        """
        found = [_NONE] * len(articles)
        for language, places in self._by_language(articles).items():
            lexicon = self._lexicon(language)
            for chunk in _chunks(places, articles):
                holding, starts = self._run([articles[place] for place in chunk], lexicon)
                for place, low, high in zip(chunk, starts, starts[1:], strict=False):
                    found[place] = holding[low:high]
        return found

    def tokenise_only(self, articles: Sequence[Article]) -> int:
        """Reads and looks up all words and does no more; gives how many they are.

        What matching cannot be faster than: for benchmarks.
        """
        total = 0
        for language, places in self._by_language(articles).items():
            lexicon = self._lexicon(language)
            for chunk in _chunks(places, articles):
                words, _, _ = self._read([articles[place] for place in chunk], lexicon)
                total += len(words.form)
        return total

    def remembered_forms(self) -> int:
        """How many surface forms are remembered, in all languages."""
        return sum(lexicon.snapshot.size for lexicon in [*self._lexicons.values()])

    def word_counts(self) -> tuple[dict[str, int], int]:
        """In how many articles the rules' words occurred, and how many articles there were."""
        counts = sum((scratch.seen for scratch in self._free), start=self._seen)
        return self._meanings.counts(counts[:-1]), int(counts[-1])

    def _run(self, articles: Sequence[Article], lexicon: Lexicon) -> tuple[array[int], list[int]]:
        words, snapshot, metadata = self._read(articles, lexicon)
        scratch = self._scratch(snapshot, words)
        starts = np.zeros(len(articles) + 1, np.int64)
        done = 0
        while done < len(articles):
            done, links, room = match(
                words, snapshot.known, self._filed, metadata, scratch, starts, done
            )
            if links:
                names = ("head", "key_zones", "key_stretches", "link_form", "link_next")
                scratch = _larger(scratch, dict.fromkeys(names, links))
            elif room:
                scratch = _larger(scratch, {"found": room})
        found = array("q")
        found.frombytes(scratch.found[: starts[-1]].view(np.uint8).data)
        self._return(scratch)
        return found, starts.tolist()

    def _return(self, scratch: Scratch) -> None:
        """Keeps working space for the next batch, unless it grew for what is rare.

        That is an outsize article, or a million matches.
        """
        if max(len(scratch.following), len(scratch.link_form), len(scratch.found)) <= LARGEST:
            self._free.append(scratch)
        else:
            with self._lock:
                self._seen += scratch.seen

    def _read(
        self, articles: Sequence[Article], lexicon: Lexicon
    ) -> tuple[Words, Snapshot, Values]:
        zones = [text for article in articles for _, text in article.zones()]
        facts, metadata = self._metadata(articles)
        text = "".join((*zones, *facts))
        characters = code_points(text)
        bounds = np.cumsum([0, *map(len, zones)])
        shouted = np.array([zone.isupper() for zone in zones], np.uint8)
        start = np.cumsum([bounds[-1], *map(len, facts)])
        while True:
            seen = lexicon.snapshot
            words = scan(
                characters, bounds, shouted, classes(), seen.forms, seen.size, self._hashing
            )
            learned = lexicon.learn(seen, text, words, shouted) if len(words.unknown) else seen
            if learned is not None:
                return words, learned, Values(characters, start, *metadata)

    def _metadata(
        self, articles: Sequence[Article]
    ) -> tuple[list[str], tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
        """The folded values of the fields that rules ask for, their fields, and each article's."""
        facts: list[str] = []
        fields: list[int] = []
        of = [0]
        for article in articles:
            for field in self._fields:
                for value in values(field, article):
                    facts.append(fold(value))
                    fields.append(FIELDS.index(field))
            of.append(len(facts))
        return facts, (np.array(fields, np.int64), np.array(of, np.int64))

    def _by_language(self, articles: Sequence[Article]) -> Mapping[str, list[int]]:
        found: defaultdict[str, list[int]] = defaultdict(list)
        for place, article in enumerate(articles):
            found[article.language.partition("-")[0]].append(place)
        return found

    def _lexicon(self, language: str) -> Lexicon:
        if language != self._main and not (language and has_dictionary(language)):
            language = ""
        lexicon = self._lexicons.get(language)
        if lexicon is None:
            with self._lock:
                lexicon = self._lexicons.get(language) or self._new_lexicon(language)
                self._lexicons[language] = lexicon
        return lexicon

    def _new_lexicon(self, language: str) -> Lexicon:
        seeds = self._seeds if language == self._main else Seeds.none()
        return Lexicon(self._meanings.in_language(language), seeds, self._hashing, self._max_forms)

    def _scratch(self, snapshot: Snapshot, words: Words) -> Scratch:
        """Working space that no other thread has, large enough for these words."""
        longest = int(np.max(np.diff(words.zone_start[::3])))
        zones = ("form_zones", "form_stretches")
        per_word = ("forms", "first", "last", *zones, "sentence", "paragraph")
        sizes = {
            **dict.fromkeys(per_word, longest),
            "form_at": len(snapshot.known.flags),
            "following": len(words.form),
        }
        try:
            return _larger(self._free.pop(), sizes)
        except IndexError:
            return self._new_scratch(sizes)

    def _new_scratch(self, sizes: Mapping[str, int]) -> Scratch:
        filed = self._filed
        units, queries = len(filed.lists_start) - 1, self._queries
        sizes = {name: 2 * size for name, size in sizes.items()} | {
            "key_at": units,
            "present": (units >> 6) + 1,
            "tried": (queries >> 6) + 1,
            "holds": (queries >> 6) + 1,
            "holds_in": (queries >> 12) + 1,
            "list_state": len(filed.list_code),
            "touched": units,
            "trying": queries,
            "seen": units + 1,
            "callers": 2 * self._depth,
            "counts": self._depth,
            "divided": 1,
            "found": 1024,
        }
        types = _TYPES.get
        return Scratch(
            **together(
                {name: (sizes.get(name, 0), types(name, np.int32)) for name in Scratch._fields}
            )
        )


_NONE = array("q")
_TYPES = {
    "present": np.uint64,
    "tried": np.uint64,
    "holds": np.uint64,
    "holds_in": np.uint64,
    "list_state": np.uint8,
    "seen": np.int64,
    "divided": np.uint8,
    "form_zones": np.uint8,
    "key_zones": np.uint8,
    "form_stretches": np.uint64,
    "key_stretches": np.uint64,
    "found": np.int64,
}


def _larger(scratch: Scratch, sizes: Mapping[str, int]) -> Scratch:
    """The same with at least so much room in these, twice as much where there is too little."""
    grown: dict[str, npt.NDArray[Any]] = {}
    for name, size in sizes.items():
        array: npt.NDArray[Any] = getattr(scratch, name)
        if len(array) < size:
            grown[name] = zeros(2 * size, array.dtype)
            grown[name][: len(array)] = array
    return scratch._replace(**grown) if grown else scratch


def _chunks(places: Sequence[int], articles: Sequence[Article]) -> Iterator[list[int]]:
    chunk: list[int] = []
    size = 0
    for place in places:
        article = articles[place]
        length = len(article.title) + len(article.lead) + len(article.body)
        if chunk and size + length > CHUNK:
            yield chunk
            chunk, size = [], 0
        chunk.append(place)
        size += length
    if chunk:
        yield chunk
