"""What a word of a rule finds, and what it may be taken for but does not find."""

from __future__ import annotations

from dataclasses import dataclass

from service.matching.words.dictionary.word_table import word_table
from service.matching.words.inflection import forms, has_forms, lemma, missed_forms
from service.matching.words.text import words
from service.matching.words.variants import variants
from service.matching.words.wordform import designation, fold, is_acronym, lowered


@dataclass(frozen=True, slots=True)
class MissedForms:
    """Forms of another word, of which the rule's word may be a form, too."""

    lemma: str
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WordForms:
    """One word of a rule in one language."""

    word: str
    language: str
    tabled: bool
    """Whether the language has a table."""
    lemma: str
    """What words are compared by in a language that has a dictionary and no table, else empty."""
    known: bool
    """Whether the table has the word."""
    acronym: bool
    """Whether it counts as an acronym, which has no forms."""
    finds: tuple[str, ...]
    """In lower case, the word itself first."""
    misses: tuple[MissedForms, ...]


@dataclass(frozen=True, slots=True)
class TermForms:
    """A word or a phrase of a rule."""

    words: tuple[WordForms, ...]
    also: tuple[str, ...]
    """Other words that it is also found in: `F16` for `F-16`."""


def term_forms(text: str, language: str) -> TermForms:
    """The words of a term, each with its forms; `language` is a BCP 47 tag."""
    found = words(text)
    primary = language.partition("-")[0].lower()
    return TermForms(
        tuple(_word_forms(word, primary) for word in found),
        tuple(" ".join(other) for other in variants(found, inflected=True)) if found else (),
    )


def _word_forms(word: str, language: str) -> WordForms:
    table = word_table(language)
    own = lowered(designation(word), language)
    by_lemma = table is None and has_forms(language)
    found = frozenset() if by_lemma else forms(word, language).written
    missed = missed_forms(word, language)
    return WordForms(
        word,
        language,
        tabled=table is not None,
        lemma=lemma(word, language) if by_lemma else "",
        known=table is not None and (table.knows(own) or bool(table.spellings(fold(own)))),
        acronym=is_acronym(designation(word)),
        finds=(own, *sorted(found - {own})),
        misses=tuple(MissedForms(each, tuple(rest)) for each, rest in missed.items()),
    )
