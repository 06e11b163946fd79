"""The plain evaluator: an expression against one article, read off the syntax tree.

It says not only whether each node holds but where, which score and evidence are made of.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import regex

from service.article import Article
from service.matching.query import And, Meta, Node, Not, Or, Style, Term, Within
from service.matching.text import Sentence, fold, lemma, sentences, tokenise

ZONES = frozenset({"title", "lead", "body"})


@dataclass(frozen=True, slots=True)
class Word:
    """One word of an article; sentences and paragraphs are numbered through the whole article."""

    zone: str
    start: int
    end: int
    surface: str
    sentence: int
    paragraph: int
    shouted: bool
    """Whether all of its zone is in capitals, so that its own capitals tell nothing."""


@dataclass(frozen=True, slots=True)
class Mention:
    """An occurrence of a term: code-point offsets into its zone, and where that is."""

    zone: str
    start: int
    end: int
    sentence: int
    paragraph: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one node: whether it holds and, for a term, every mention."""

    node: Node
    holds: bool
    label: str = ""
    """A term's name, with the field it was looked for in: `title:missile`."""
    mentions: tuple[Mention, ...] = ()
    children: tuple[Finding, ...] = ()


class Reading:
    """One article, read once: its words by folded form, by spelling and by lemma."""

    def __init__(self, article: Article) -> None:
        self.article = article
        self.words: list[Word] = []
        self._sentences: list[tuple[str, Sentence]] = []
        for zone, text in article.zones():
            self._read(zone, text)
        self._folded: defaultdict[str, list[int]] = defaultdict(list)
        self._spelled: defaultdict[str, list[int]] = defaultdict(list)
        self._lemmas: dict[str, defaultdict[str, list[int]]] = {}
        for at, word in enumerate(self.words):
            self._folded[fold(word.surface)].append(at)
            self._spelled[_spelling(word.surface)].append(at)

    def _read(self, zone: str, text: str) -> None:
        first, paragraph = (
            len(self._sentences),
            self.words[-1].paragraph + 1 if self.words else 0,
        )
        shouted = text.isupper()
        # The title is one sentence, whatever its punctuation (DESIGN.md §5).
        found = [Sentence(0, len(text), 0)] if zone == "title" else sentences(text)
        self._sentences += [(zone, sentence) for sentence in found]
        for token in tokenise(text):
            number = first if zone == "title" else first + token.sentence
            place = (number, paragraph + token.paragraph)
            self.words.append(Word(zone, token.start, token.end, token.surface, *place, shouted))

    def sentence(self, number: int) -> tuple[str, Sentence]:
        """The zone and the bounds of a sentence."""
        return self._sentences[number]

    def hits(self, surface: str, style: Style, language: str) -> set[int]:
        """The places, in reading order numbers, of the words that one word of a term means.

        Two words are one when their folded forms or their lemmas are equal; lemmas are taken in
        the watchlist's language and in the article's.
        """
        match style:
            case Style.EXACT:
                return set(self._folded.get(fold(surface), ()))
            case Style.CASED:
                return set(self._spelled.get(_spelling(surface), ()))
            case Style.INFLECTED | Style.CAPITALISED:
                found = set(self._folded.get(fold(surface), ()))
                for each in {language, self.article.language}:
                    found.update(self._by_lemma(each).get(lemma(surface, each), ()))
                return found

    def _by_lemma(self, language: str) -> dict[str, list[int]]:
        index = self._lemmas.get(language)
        if index is None:
            index = self._lemmas[language] = defaultdict(list)
            for at, word in enumerate(self.words):
                surface = word.surface.lower() if word.shouted else word.surface
                index[lemma(surface, language)].append(at)
        return index


def evaluate(
    node: Node,
    reading: Reading,
    language: str,
    zones: frozenset[str] = ZONES,
    field: str = "",
) -> Finding:
    """`node` against one article; `language` (BCP 47) inflects the expression's words."""
    match node:
        case Term():
            found = tuple(_mentions(node, reading, language, zones))
            return Finding(node, bool(found), field + node.label, found)
        case Meta():
            return Finding(node, _meta_holds(node, reading.article))
        case Within(field=name, zones=narrower, child=child):
            below = evaluate(child, reading, language, zones & narrower, f"{name}:")
            return Finding(node, below.holds, children=(below,))
        case Not(child=child):
            below = evaluate(child, reading, language, zones, field)
            return Finding(node, not below.holds, children=(below,))
        case And(children=parts):
            each = tuple(evaluate(part, reading, language, zones, field) for part in parts)
            return Finding(node, all(part.holds for part in each), children=each)
        case Or(children=parts):
            each = tuple(evaluate(part, reading, language, zones, field) for part in parts)
            return Finding(node, any(part.holds for part in each), children=each)


def _mentions(
    term: Term, reading: Reading, language: str, zones: frozenset[str]
) -> Iterable[Mention]:
    """Where the term's words stand one after the other in one paragraph, in reading order."""
    hits = [reading.hits(word, term.style, language) for word in term.words]
    for at in sorted(hits[0]):
        run = reading.words[at : at + len(hits)]
        first, last = run[0], run[-1]
        if first.zone not in zones or len(run) < len(hits) or first.paragraph != last.paragraph:
            continue
        if not all(at + step in following for step, following in enumerate(hits)):
            continue
        if term.style is Style.CAPITALISED and not any(_capital(word.surface) for word in run):
            continue
        yield Mention(first.zone, first.start, last.end, first.sentence, first.paragraph)


def _capital(surface: str) -> bool:
    return any(char.isupper() or char.istitle() for char in surface)


def _spelling(surface: str) -> str:
    return unicodedata.normalize("NFC", surface).replace("’", "'")


def _meta_holds(node: Meta, article: Article) -> bool:
    pattern = _pattern(node.pattern)
    return any(pattern.fullmatch(fold(value)) for value in _values(node.field, article))


def _values(field: str, article: Article) -> tuple[str, ...]:
    match field:
        case "tag":
            return article.tags
        case "language":  # `language:en` means en-GB too
            return (article.language, article.language.partition("-")[0])
        case "source":
            return (article.source,)
        case "author":
            return (article.author,)
        case "country":
            return (article.country,)
        case _:
            return (article.url,)


@lru_cache(maxsize=10_000)
def _pattern(text: str) -> regex.Pattern[str]:
    parts = (regex.escape(fold(part)) for part in text.split("*"))
    return regex.compile(".*".join(parts), regex.DOTALL)
