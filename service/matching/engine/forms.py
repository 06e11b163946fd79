"""Which keys of the rules a surface form means, in an article of a given language.

The first half writes the indexes that a set of queries needs, the second reads them: by folded
form, by spelling, and by lemma in the queries' languages and in the article's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from service.matching.engine import opcodes as op
from service.matching.engine.vocabulary import Vocabulary
from service.matching.words.abbreviations import stop_role
from service.matching.words.inflection import can_have_forms, is_number
from service.matching.words.wildcard import ending, pattern_test, stem
from service.matching.words.wordform import fold, has_capital, is_plural, lemma, spelling

MAX_FILTERED_WORDS = 16_000
"""Up to so many words of rules, a form is first tested for whether it can mean anything at all."""

Array = npt.NDArray[Any]
KeysByString = dict[str, list[int]]
Edges = tuple[str, str]
"""What the words of a pattern begin and end with."""
FormKeys = Callable[[str, bool], list[int]]
"""The keys of a surface form; the second argument: its zone is all in capitals."""


def write_indexes(
    words: Vocabulary, languages: Iterable[str], arrays: dict[str, Array], texts: dict[str, str]
) -> None:
    """Adds the indexes of a vocabulary, with lemmas for articles in these languages."""
    folded: KeysByString = {form: [key] for form, key in words.folded.items()}
    for (word, _, _), key in words.inflected.items():
        folded.setdefault(fold(word), []).append(key)
    patterns: KeysByString = {}
    for (word, _), key in words.patterns.items():
        patterns.setdefault(word, []).append(key)
    spoken = sorted({language for _, language, _ in words.inflected})
    _write_index("folded", folded, arrays, texts)
    _write_index("spelled", {form: [key] for form, key in words.spelled.items()}, arrays, texts)
    _write_index("patterns", patterns, arrays, texts)
    for language in spoken:
        own = ((word, key) for (word, of, _), key in words.inflected.items() if of == language)
        _write_index(f"lemmas {language}", _by_lemma(own, language), arrays, texts)
    inflected = [(word, key) for (word, _, _), key in words.inflected.items()]
    for language in languages:
        if spoken != [language]:
            found = _by_lemma(inflected, language)
            _write_index(f"article lemmas {language}", found, arrays, texts)
    texts["spoken"] = "\n".join(spoken)
    texts["inflected"] = "\n".join(word for word, _ in inflected)
    arrays["inflected"] = np.array([key for _, key in inflected], np.int32)
    capital = np.zeros(len(words.shares), np.uint8)
    for (_, _, wanted), key in words.inflected.items():
        capital[key] = wanted
    for (_, wanted), key in words.patterns.items():
        capital[key] = wanted
    arrays["capital"] = capital


def _by_lemma(words: Iterable[tuple[str, int]], language: str) -> KeysByString:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for word, key in words:
        found[lemma(word, language)].append(key)
    return found


def _write_index(
    name: str, index: KeysByString, arrays: dict[str, Array], texts: dict[str, str]
) -> None:
    texts[name] = "\n".join(index)
    arrays[f"{name} start"] = np.cumsum([0, *map(len, index.values())], dtype=np.int32)
    arrays[name] = np.array([key for keys in index.values() for key in keys], np.int32)


class StringIndex:
    """Strings, each with its keys."""

    def __init__(self, name: str, arrays: Mapping[str, Array], texts: Mapping[str, str]) -> None:
        strings = texts[name].split("\n") if len(arrays[name]) else []
        self._place = dict(zip(strings, range(len(strings)), strict=True))
        self._start, self._keys = arrays[f"{name} start"], arrays[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._place)

    def __len__(self) -> int:
        return len(self._place)

    def keys(self, string: str) -> Sequence[int]:
        """The keys of a string; none if it is not in the index."""
        place = self._place.get(string)
        if place is None:
            return ()
        found: list[int] = self._keys[self._start[place] : self._start[place + 1]].tolist()
        return found


class FormIndex:
    """Which keys a surface form means: all indexes of one compiled set of queries."""

    def __init__(self, arrays: Mapping[str, Array], texts: Mapping[str, str]) -> None:
        self._arrays, self._texts = arrays, texts
        self._folded = StringIndex("folded", arrays, texts)
        self._spelled = StringIndex("spelled", arrays, texts)
        self._capital = arrays["capital"]
        self._by_lemma = {
            language: StringIndex(f"lemmas {language}", arrays, texts)
            for language in texts["spoken"].split("\n")
            if language
        }
        self._patterns: defaultdict[Edges, list[tuple[Callable[[str], object], list[int]]]]
        self._patterns = defaultdict(list)
        patterns = StringIndex("patterns", arrays, texts)
        for pattern in patterns:
            entry = (pattern_test(pattern), list(patterns.keys(pattern)))
            self._patterns[stem(pattern), ending(pattern)].append(entry)
        self._edges = sorted({(len(first), len(last)) for first, last in self._patterns})

    def in_language(self, language: str) -> FormKeys:
        """A function that returns the keys of a form in articles of this language."""
        article = self._article_lemmas(language)
        indexes = list(self._by_lemma.items())
        may_mean = self._may_mean(language)

        def keys(surface: str, shouted: bool) -> list[int]:
            folded = fold(surface)
            if not may_mean(surface, folded):  # most new words mean nothing if rules are few
                return []
            bare = surface.lower() if shouted else surface
            found = list(self._folded.keys(folded))
            if self._spelled:
                found += self._spelled.keys(spelling(surface))
            for each, index in indexes:
                found += index.keys(lemma(bare, each))
            if article is not None:
                found += article(lemma(bare, language))
            if self._edges:
                found += self._pattern_keys(folded)
            if found and not has_capital(surface):
                found = [key for key in found if not self._capital[key]]
            return sorted(set(found)) if len(found) > 1 else found

        return keys

    def _may_mean(self, language: str) -> Callable[[str, str], bool]:
        """A cheap test of whether a form, as written and folded, can have any keys."""
        english = language == "en" and [*self._by_lemma] == ["en"]
        if not english or self._edges or len(self._folded) > MAX_FILTERED_WORDS:
            return lambda _, __: True
        spelled = (form.lower() for form in self._spelled)
        known = {*self._folded, *spelled}
        inflected = can_have_forms({*self._by_lemma["en"]})

        def may_mean(surface: str, folded: str) -> bool:
            if folded in known or is_plural(surface):
                return True
            bare = folded.removesuffix("'s")
            if bare.isalpha() and surface.replace("’", "'").isascii():
                return inflected(bare)
            return not is_number(surface)

        return may_mean

    def prepare(self) -> None:
        """Loads the dictionaries of the queries' languages, a third of a second each."""
        for language in self._by_lemma:
            lemma("a", language)

    def counts(self, seen: npt.NDArray[np.int64]) -> dict[str, int]:
        """The count of each unit, by the lemma of the words that the unit means."""
        found: dict[str, int] = {}
        words = self._texts["inflected"].split("\n")
        for word, key in zip(words, self._arrays["inflected"].tolist(), strict=bool(words[0])):
            form = lemma(word, "en")
            found[form] = max(int(seen[key]), found.get(form, 0))
        return found

    def _pattern_keys(self, folded: str) -> list[int]:
        found: list[int] = []
        for first, last in self._edges:
            edges = folded[:first], folded[max(len(folded) - last, 0) :]
            for means, keys in self._patterns.get(edges, ()):
                if means(folded):
                    found += keys
        return found

    def _article_lemmas(self, language: str) -> Callable[[str], Sequence[int]] | None:
        """The keys by lemma in an article's language; None if the queries' languages cover it."""
        if list(self._by_lemma) == [language] or not self._by_lemma:
            return None
        name = f"article lemmas {language}"
        if name in self._texts:
            return StringIndex(name, self._arrays, self._texts).keys
        words = zip(self._texts["inflected"].split("\n"), self._arrays["inflected"], strict=True)
        found = _by_lemma(((word, int(key)) for word, key in words), language)
        return lambda form: found.get(form, ())


class PreloadedForms(NamedTuple):
    """Surface forms with their flags and keys, as flat arrays."""

    characters: npt.NDArray[np.uint32]
    """The characters of all forms, one form after the other."""
    lengths: npt.NDArray[np.int32]
    shouted: npt.NDArray[np.uint8]
    flags: npt.NDArray[np.uint8]
    keys_start: npt.NDArray[np.int32]
    keys: npt.NDArray[np.int32]

    @classmethod
    def none(cls) -> PreloadedForms:
        """No forms."""
        return work_out_forms((), lambda _, __: [])


def work_out_forms(forms: Collection[tuple[str, int]], keys: FormKeys) -> PreloadedForms:
    """Looks up the keys and flags of forms, each given with whether its zone is all in capitals."""
    surfaces = [surface for surface, _ in forms]
    meant = [keys(surface, bool(shouted)) for surface, shouted in forms]
    return PreloadedForms(
        code_points("".join(surfaces)),
        np.array([*map(len, surfaces)], np.int32),
        np.array([shouted for _, shouted in forms], np.uint8),
        np.array([*map(_flags, surfaces)], np.uint8),
        np.cumsum([0, *map(len, meant)], dtype=np.int32),
        np.array([key for each in meant for key in each], np.int32),
    )


def code_points(text: str) -> npt.NDArray[np.uint32]:
    """A text as one number a character."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _flags(surface: str) -> int:
    """The flags of a form, see `opcodes.CAPITAL`."""
    return op.CAPITAL * has_capital(surface) | stop_role(surface)
