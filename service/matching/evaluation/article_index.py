"""An article, read once for all expressions: the places of its words and phrases."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from service.matching.evaluation.article_words import Words
from service.matching.syntax.tree import Style, Term, written
from service.matching.words.foreign_forms import foreign_forms
from service.matching.words.inflection import Forms, forms, text_form
from service.matching.words.text import Sentence, split_text
from service.matching.words.wildcard import is_pattern, stem, word_pattern
from service.matching.words.wordform import (
    bare,
    designation,
    fold,
    has_capital,
    is_known_acronym,
    spelling,
)

if TYPE_CHECKING:  # to read rules takes no article
    from service.articles.article import Article


@dataclass(frozen=True, slots=True)
class Mention:
    """An occurrence of a term: its zone, and code-point offsets into that."""

    zone: str
    start: int
    end: int
    sentence: int
    """The sentence that it begins in."""
    paragraph: int
    first: int
    """Number of its first word; words count through the whole article."""
    last: int


_WordsByFolded = Mapping[str, Sequence[tuple[str, str, list[int]]]]
"""Words by folded form: each as it stands there, as it is compared, and its places."""


class ArticleIndex:
    """One article, read once: its words by folded form, by spelling and as they are inflected."""

    def __init__(self, article: Article) -> None:
        self.article = article
        self._language = article.language.partition("-")[0]
        self.words = Words()
        self._sentences: list[tuple[str, Sentence]] = []
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        """By word, as it is written: its places."""
        self._shouted_places: defaultdict[str, list[int]] = defaultdict(list)
        """The same for zones that are all in capitals: there a capital means nothing."""
        for zone, text in article.zones():
            self._add_zone(zone, text)
        self._folded: defaultdict[str, list[int]] = defaultdict(list)
        for surface, places in self._all_places():
            self._folded[fold(surface)] += places
        self._by_language: dict[str, _WordsByFolded] = {}
        self._found: dict[tuple[Term, str, frozenset[str]], tuple[Mention, ...]] = {}
        self._mentions: dict[tuple[int, int], Mention] = {}

    def _all_places(self) -> Iterator[tuple[str, list[int]]]:
        return chain(self._places.items(), self._shouted_places.items())

    @cached_property
    def _spelled(self) -> dict[str, list[int]]:
        found: defaultdict[str, list[int]] = defaultdict(list)
        for surface, places in self._all_places():
            for form in {spelling(surface), spelling(bare(surface))}:
                found[form] += places
        return found

    @cached_property
    def _owned(self) -> dict[str, list[int]]:
        """By what is left, folded, where a possessive is taken off."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for surface, places in self._all_places():
            if bare(surface) != surface:
                found[fold(bare(surface))] += places
        return found

    @cached_property
    def _plurals(self) -> dict[str, list[int]]:
        """By what is left, folded, where the plural of a designation is taken off."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for surface, places in self._all_places():
            if designation(surface) != bare(surface):
                found[fold(designation(surface))] += places
        return found

    @cached_property
    def _inflectable(self) -> list[tuple[str, list[int]]]:
        """The words that may be a form of another word, with their places: not acronyms."""
        return [
            (bare(surface), places)
            for shouted, index in ((False, self._places), (True, self._shouted_places))
            for surface, places in index.items()
            if designation(surface) == bare(surface)
            and (shouted or not is_known_acronym(bare(surface)))
        ]

    @cached_property
    def _alphabetical(self) -> list[str]:
        return sorted(self._folded)

    def _add_zone(self, zone: str, text: str) -> None:
        read = split_text(text, self._language)
        if zone == "title":  # is one sentence, whatever its punctuation (DESIGN.md §5)
            whole = Sentence(0, len(text), 0)
            read = read._replace(
                sentence_numbers=[0] * len(read.sentence_numbers), sentences=[whole]
            )
        places = self._shouted_places if text.isupper() else self._places
        for at, surface in enumerate(read.surfaces, len(self.words)):
            places[surface].append(at)
        self.words.add(zone, read, len(self._sentences))
        self._sentences += [(zone, sentence) for sentence in read.sentences]

    def sentence(self, number: int) -> tuple[str, Sentence]:
        """The zone and the bounds of a sentence."""
        return self._sentences[number]

    def mentions(self, term: Term, language: str, zones: frozenset[str]) -> tuple[Mention, ...]:
        """Where the term's words follow one another in one paragraph, in reading order."""
        key = (term, language, zones)
        if key not in self._found:
            found = [self._places_of(each, language, zones) for each in written(term)]
            ends = found[0] if len(found) == 1 else sorted({*chain(*found)})
            self._found[key] = tuple([self._mention(first, last) for first, last in ends])
        return self._found[key]

    def _places_of(self, term: Term, language: str, zones: frozenset[str]) -> list[tuple[int, int]]:
        """The first and the last word of each mention of a term as it is written."""
        starts = self.hits(term.words[0], term.style, language)
        for step, word in enumerate(term.words[1:], 1):
            starts &= {at - step for at in self.hits(word, term.style, language)}
        more = len(term.words) - 1
        return [
            (at, at + more)
            for at in sorted(starts)
            if self.words[at].zone in zones
            and self.words[at].paragraph == self.words[at + more].paragraph
            and (term.style is not Style.CAPITALISED or self._capital(at, at + more))
        ]

    def _capital(self, first: int, last: int) -> bool:
        return any(map(has_capital, self.words.surfaces[first : last + 1]))

    def _mention(self, first: int, last: int) -> Mention:
        """The mention of these words; one object, because many patterns may find the same."""
        found = self._mentions.get((first, last))
        if found is None:
            begin, end = self.words[first], self.words[last]
            found = self._mentions[first, last] = Mention(
                begin.zone, begin.start, end.end, begin.sentence, begin.paragraph, first, last
            )
        return found

    def hits(self, surface: str, style: Style, language: str) -> set[int]:
        """The places of the words that one word of a term means.

        Two words are the same if their folded forms are, or if one is a form of the other: in the
        watchlist's language, or in the article's if the watchlist's does not know the word. A
        pattern means the words whose folded form it matches fully.
        """
        if is_pattern(surface):
            return self._pattern_hits(surface)
        folded = fold(surface)
        match style:
            case Style.EXACT:
                return {*self._folded.get(folded, ()), *self._owned.get(folded, ())}
            case Style.CASED:
                return set(self._spelled.get(spelling(surface), ()))
            case Style.INFLECTED | Style.CAPITALISED:
                narrow = style is Style.CAPITALISED and has_capital(surface)
                return self._inflected_hits(surface, language, narrow=narrow)

    def _inflected_hits(self, surface: str, language: str, *, narrow: bool) -> set[int]:
        found: set[int] = set()
        for form in {fold(surface), fold(designation(surface))}:
            for index in (self._folded, self._owned, self._plurals):
                found.update(index.get(form, ()))
        own = language.partition("-")[0]
        found |= self._form_hits(forms(surface, own, narrow=narrow), own, capitals=False)
        if self._language not in ("", own):
            foreign = foreign_forms(surface, own, self._language, narrow=narrow)
            if foreign is not None:
                found |= self._form_hits(foreign.forms, self._language, capitals=foreign.capitals)
        return found

    def _form_hits(self, wanted: Forms, language: str, *, capitals: bool) -> set[int]:
        """The places of the words that are one of these forms."""
        words = self._words_in(language)
        found: set[int] = set()
        for folded in words.keys() & {*wanted.folded, *map(fold, wanted.marked)}:
            for surface, small, places in words[folded]:
                if wanted.include(small, folded) and (not capitals or has_capital(surface)):
                    found.update(places)
        return found

    def _words_in(self, language: str) -> _WordsByFolded:
        """The words that may be a form of another word, as they are compared in a language."""
        known = self._by_language.get(language)
        if known is None:
            found: defaultdict[str, list[tuple[str, str, list[int]]]] = defaultdict(list)
            for word, places in self._inflectable:
                small, folded = text_form(word, language)
                found[folded].append((word, small, places))
            known = self._by_language[language] = found
        return known

    def _pattern_hits(self, pattern: str) -> set[int]:
        matches, begin = word_pattern(pattern).fullmatch, stem(pattern)
        found: set[int] = set()
        for at in range(bisect_left(self._alphabetical, begin), len(self._alphabetical)):
            form = self._alphabetical[at]
            if not form.startswith(begin):
                break
            if matches(form):
                found.update(self._folded[form])
        return found
