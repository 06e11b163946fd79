"""An article, read once for all expressions: the places of its words and phrases."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from service.matching.syntax.tree import Style, Term
from service.matching.words.text import Sentence, SplitText, split_text
from service.matching.words.wildcard import is_pattern, stem, word_pattern
from service.matching.words.wordform import fold, has_capital, lemma, spelling

if TYPE_CHECKING:  # to read rules takes no article
    from service.articles.article import Article


class Word(NamedTuple):
    """One word of an article; sentences and paragraphs are numbered through the whole article."""

    zone: str
    start: int
    end: int
    surface: str
    sentence: int
    paragraph: int


class Words:
    """The words of an article in order; a `Word` is made when it is asked for."""

    def __init__(self) -> None:
        self.surfaces: list[str] = []
        self._zones: list[str] = []
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._sentences: list[int] = []
        self._paragraphs: list[int] = []

    def __len__(self) -> int:
        return len(self.surfaces)

    def __getitem__(self, at: int) -> Word:
        return Word(
            self._zones[at],
            self._starts[at],
            self._ends[at],
            self.surfaces[at],
            self._sentences[at],
            self._paragraphs[at],
        )

    def add(self, zone: str, read: SplitText, sentence: int) -> None:
        """Adds a zone's words; `sentence` is the number of its first sentence."""
        paragraph = self._paragraphs[-1] + 1 if self._paragraphs else 0
        self.surfaces += read.surfaces
        self._zones += [zone] * len(read.surfaces)
        self._starts += read.starts
        self._ends += read.ends
        self._sentences += [sentence + own for own in read.sentence_numbers]
        self._paragraphs += [paragraph + own for own in read.paragraphs]


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


class ArticleIndex:
    """One article, read once: its words by folded form, by spelling and by lemma."""

    def __init__(self, article: Article) -> None:
        self.article = article
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
        self._lemmas: dict[str, defaultdict[str, list[int]]] = {}
        self._found: dict[tuple[Term, str, frozenset[str]], tuple[Mention, ...]] = {}
        self._mentions: dict[tuple[int, int], Mention] = {}

    def _all_places(self) -> Iterator[tuple[str, list[int]]]:
        return chain(self._places.items(), self._shouted_places.items())

    @cached_property
    def _spelled(self) -> dict[str, list[int]]:
        found: defaultdict[str, list[int]] = defaultdict(list)
        for surface, places in self._all_places():
            found[spelling(surface)] += places
        return found

    @cached_property
    def _alphabetical(self) -> list[str]:
        return sorted(self._folded)

    def _add_zone(self, zone: str, text: str) -> None:
        read = split_text(text)
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
            starts = self.hits(term.words[0], term.style, language)
            for step, word in enumerate(term.words[1:], 1):
                starts &= {at - step for at in self.hits(word, term.style, language)}
            more = len(term.words) - 1
            self._found[key] = tuple(
                self._mention(at, at + more)
                for at in sorted(starts)
                if self.words[at].zone in zones
                and self.words[at].paragraph == self.words[at + more].paragraph
                and (term.style is not Style.CAPITALISED or self._capital(at, at + more))
            )
        return self._found[key]

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

        Two words are the same if their folded forms or their lemmas are equal; lemmas are taken in
        the watchlist's language and in the article's. A pattern means the words whose folded form
        it matches fully.
        """
        if is_pattern(surface):
            return self._pattern_hits(surface)
        match style:
            case Style.EXACT:
                return set(self._folded.get(fold(surface), ()))
            case Style.CASED:
                return set(self._spelled.get(spelling(surface), ()))
            case Style.INFLECTED | Style.CAPITALISED:
                found = set(self._folded.get(fold(surface), ()))
                for each in {language, self.article.language}:
                    found.update(self._by_lemma(each).get(lemma(surface, each), ()))
                return found

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

    def _by_lemma(self, language: str) -> dict[str, list[int]]:
        index = self._lemmas.get(language)
        if index is None:
            index = self._lemmas[language] = defaultdict(list)
            for surface, places in self._places.items():
                index[lemma(surface, language)] += places
            for surface, places in self._shouted_places.items():
                index[lemma(surface.lower(), language)] += places
        return index
