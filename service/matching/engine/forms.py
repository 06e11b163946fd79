"""Which keys of the rules a surface form means, in an article of a given language.

The first half writes the indexes that a set of queries needs, the second reads them: by folded
form, by spelling, and by the forms that words have in their own language and in the article's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from service.matching.engine.vocabulary import (
    Array,
    InflectedWord,
    KeysByString,
    StringIndex,
    Vocabulary,
    write_index,
)
from service.matching.words.dictionary.word_table import languages
from service.matching.words.foreign_forms import foreign_forms
from service.matching.words.inflection import Forms, forms_of_all, has_forms, lemma, text_form
from service.matching.words.wildcard import PatternIndex
from service.matching.words.wordform import (
    DOTLESS,
    bare,
    designation,
    fold,
    has_capital,
    is_known_acronym,
    is_one_form,
    lowered,
    spelling,
)

FormKeys = Callable[[str, bool], Sequence[int]]
"""The keys of a surface form; the second argument: its zone is all in capitals."""
_NAMES = "capitals of "
"""Before a language: forms there of words with a capital, which find only words with one."""


def write_indexes(
    words: Vocabulary, languages: Iterable[str], arrays: dict[str, Array], texts: dict[str, str]
) -> None:
    """Adds the indexes of a vocabulary, with forms for articles in these languages."""
    literal: KeysByString = {}
    for word, key in words.inflected.items():
        for form in {fold(word.text), fold(designation(word.text))}:
            literal.setdefault(form, []).append(key)
    patterns: KeysByString = {}
    for (pattern, _), key in words.patterns.items():
        patterns.setdefault(pattern, []).append(key)
    write_index("folded", {form: [key] for form, key in words.folded.items()}, arrays, texts)
    write_index("literal", literal, arrays, texts)
    write_index("spelled", {form: [key] for form, key in words.spelled.items()}, arrays, texts)
    write_index("patterns", patterns, arrays, texts)
    spoken = sorted({word.language for word in words.inflected})
    for language in spoken:
        own = [(word, key) for word, key in words.inflected.items() if word.language == language]
        found = forms_of_all(((word.text, word.narrow) for word, _ in own), language)
        keys = (key for _, key in own)
        _write_forms(language, zip(found, keys, strict=True), arrays, texts)
    for language in languages:
        if spoken != [language]:
            _write_foreign_forms(words.inflected.items(), language, arrays, texts)
    texts["spoken"] = "\n".join(spoken)
    texts["inflected"] = "\n".join(
        f"{word.text}\t{word.language}\t{word.narrow:d}" for word in words.inflected
    )
    arrays["inflected"] = np.array([*words.inflected.values()], np.int32)
    capital = np.zeros(len(words.shares), np.uint8)
    for word, key in words.inflected.items():
        capital[key] = word.capital
    for (_, wanted), key in words.patterns.items():
        capital[key] = wanted
    arrays["capital"] = capital


def _write_foreign_forms(
    words: Iterable[tuple[InflectedWord, int]],
    language: str,
    arrays: dict[str, Array],
    texts: dict[str, str],
) -> None:
    """Adds the forms that words of other languages have in articles of this one."""
    found: dict[bool, list[tuple[Forms, int]]] = {False: [], True: []}
    for word, key in words:
        if word.language != language:
            foreign = foreign_forms(word.text, word.language, language, narrow=word.narrow)
            if foreign is not None:
                found[foreign.capitals].append((foreign.forms, key))
    _write_forms(f"foreign {language}", found[False], arrays, texts)
    _write_forms(f"{_NAMES}{language}", found[True], arrays, texts)


def _write_forms(
    name: str, words: Iterable[tuple[Forms, int]], arrays: dict[str, Array], texts: dict[str, str]
) -> None:
    written: defaultdict[str, list[int]] = defaultdict(list)
    folded: defaultdict[str, list[int]] = defaultdict(list)
    others: set[str] = set()
    for found, key in words:
        for form in found.written:
            written[form].append(key)
        for form in found.marked:
            written[form].append(key)
        if found.folded is not found.written:
            for form in found.folded - found.written:
                folded[form].append(key)
        others |= found.others
    write_index(f"forms {name}", written, arrays, texts)
    write_index(f"folded {name}", folded, arrays, texts)
    texts[f"others {name}"] = "\n".join(sorted(others))


class _LanguageForms:
    """The forms of words in one language, each with the keys of the words."""

    def __init__(
        self, name: str, language: str, arrays: Mapping[str, Array], texts: Mapping[str, str]
    ) -> None:
        self._language = language
        self._tabled = language in languages()
        self._written = StringIndex(f"forms {name}", arrays, texts)
        self._folded = StringIndex(f"folded {name}", arrays, texts)
        self._others = frozenset(texts[f"others {name}"].split("\n"))

    @property
    def compares_letters(self) -> bool:
        """Whether a word of ASCII letters is found by those letters, in lower case."""
        lemmas = not self._tabled and has_forms(self._language)
        return not lemmas and self._language not in DOTLESS

    def __iter__(self) -> Iterator[str]:
        yield from self._written
        yield from self._folded

    def _compared(self, word: str, folded: str) -> tuple[str, str]:
        if self._tabled:  # most words: `folded` is known already
            return lowered(word, self._language), folded
        return text_form(word, self._language)

    def keys(self, word: str, folded: str) -> Sequence[int]:
        """The keys of a text's word, as it is written and folded; as `Forms.include`."""
        small, folded = self._compared(word, folded)
        found = self._written.keys(small)
        if small not in self._others:
            if small != folded:
                found = [*found, *self._written.keys(folded)]
            if self._folded:
                found = [*found, *self._folded.keys(folded)]
        return found


class FormIndex:
    """Which keys a surface form means: all indexes of one compiled set of queries."""

    def __init__(self, arrays: Mapping[str, Array], texts: Mapping[str, str]) -> None:
        self._arrays, self._texts = arrays, texts
        self._folded = StringIndex("folded", arrays, texts)
        self._literal = StringIndex("literal", arrays, texts)
        self._spelled = StringIndex("spelled", arrays, texts)
        self._capital = arrays["capital"].tobytes()
        self._has_capitals = any(self._capital)
        # A query may have no language: its words are written as an empty one.
        spoken = texts["spoken"].split("\n") if len(arrays["inflected"]) else []
        self._spoken = {each: _LanguageForms(each, each, arrays, texts) for each in spoken}
        patterns = StringIndex("patterns", arrays, texts)
        self._patterns = PatternIndex((each, patterns.keys(each)) for each in patterns)

    def in_language(self, language: str) -> FormKeys:
        """A function that returns the keys of a form in articles of this language."""
        foreign, names = self._foreign(language)
        indexes = [*self._spoken.values(), *([foreign] if foreign else [])]
        known = self._known([*indexes, *([names] if names else [])])

        def keys(surface: str, shouted: bool) -> Sequence[int]:
            folded = fold(surface)
            if known is not None and folded not in known and is_one_form(surface):  # most words
                return self._wanted(surface, self._patterns.keys(folded)) if self._patterns else ()
            found = self._as_written(surface, folded)
            word = bare(surface)
            if word != surface:
                found += self._as_written(word, fold(word))
            plain = designation(surface)
            if plain != word:  # the plural of an acronym
                found += self._literal.keys(fold(plain))
            elif shouted or not is_known_acronym(word):
                small = fold(word) if word != surface else folded
                for index in indexes:
                    found += index.keys(word, small)
                if names is not None and has_capital(word):
                    found += names.keys(word, small)
            if self._patterns:
                found += self._patterns.keys(folded)
            return self._wanted(surface, found)

        return keys

    def _known(self, indexes: Iterable[_LanguageForms]) -> frozenset[str] | None:
        """The folded words that mean anything; None if some are compared by lemmas."""
        if not all(index.compares_letters for index in indexes):
            return None
        letters = {*self._folded, *self._literal, *map(str.lower, self._spelled)}
        return frozenset(letters.union(*indexes))

    def _wanted(self, surface: str, found: list[int]) -> list[int]:
        """The keys, sorted, without those that want a capital where there is none."""
        if self._has_capitals and found and not has_capital(surface):
            found = [key for key in found if not self._capital[key]]
        return sorted(set(found)) if len(found) > 1 else found

    def _as_written(self, word: str, folded: str) -> list[int]:
        found = [*self._folded.keys(folded), *self._literal.keys(folded)]
        if self._spelled:
            found += self._spelled.keys(spelling(word))
        return found

    def counts(self, seen: npt.NDArray[np.int64]) -> dict[str, int]:
        """The count of each unit, by the lemma of the words that the unit means."""
        found: dict[str, int] = {}
        for word, key in self._inflected():
            form = lemma(word.text, "en")
            found[form] = max(int(seen[key]), found.get(form, 0))
        return found

    def _inflected(self) -> Iterator[tuple[InflectedWord, int]]:
        lines = self._texts["inflected"].split("\n") if len(self._arrays["inflected"]) else []
        for line, key in zip(lines, self._arrays["inflected"].tolist(), strict=True):
            word, language, narrow = line.split("\t")
            yield InflectedWord(word, language, capital=False, narrow=narrow == "1"), key

    def _foreign(self, language: str) -> tuple[_LanguageForms | None, _LanguageForms | None]:
        """What words of other languages find in articles of this one: any words, and only words
        with a capital. None if all queries are in this language.
        """
        if not language or [*self._spoken] in ([], [language]):
            return None, None
        arrays, texts = self._arrays, self._texts
        if f"forms foreign {language}" not in texts:
            arrays, texts = {}, {}
            _write_foreign_forms(self._inflected(), language, arrays, texts)
        return (
            _LanguageForms(f"foreign {language}", language, arrays, texts),
            _LanguageForms(f"{_NAMES}{language}", language, arrays, texts),
        )
