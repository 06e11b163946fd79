"""A word of a rule → all the forms that it finds, by the tables that ship (DESIGN.md §4).

A text's word is found where one of its lemmas is the rule's word, or the likeliest lemma of that.
All lemmas of the rule's word count only where it is no lemma itself: `shot` does not find
`shooting`, but `shoot` finds `shot`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from service.matching.words.dictionary.dictionaries import (
    dictionary_form,
    has_dictionary,
    is_loaded,
    load_dictionary,
)
from service.matching.words.dictionary.word_table import WordTable, languages, word_table
from service.matching.words.endings import (
    by_ending,
    plurals,
    typed,
    with_stroke,
    with_umlauts,
)
from service.matching.words.wordform import (
    designation,
    fold,
    is_acronym,
    is_known_acronym,
    lowered,
)

LEAST_HEAD, LEAST_MODIFIER = 4, 2
"""Letters of the last part of a word that no table knows, by whose forms it is inflected, and of
what stands before it: `Raketenabwehrsystem` has the forms of `System`."""
_CAPITAL_NOUNS = frozenset({"de", "lb"})
"""Where a noun is told from a verb by its capital, which tables do not keep: there the likeliest
lemma of `krieg` is that of the verb, and does not count beside the noun."""
_COMPOUNDING = frozenset({"de", "nl"})
"""Where an unknown word is rather a compound than a name."""
MAX_REMEMBERED = 20_000
"""Most words of rules whose forms are remembered, about a kilobyte each."""


class Forms(NamedTuple):
    """What a word of a rule finds in one language. Words are in lower case."""

    written: frozenset[str]
    folded: frozenset[str]
    """The same, folded: they are found where the text's word is not known with its marks."""
    others: frozenset[str]
    """Words that are known and the same when folded, but have other lemmas."""
    marked: frozenset[str] = frozenset()
    """Words that are found with their marks only: `müller` for `Mueller`."""

    def include(self, word: str, folded: str) -> bool:
        """Whether a text's word is one of them, in lower case and folded."""
        if word in self.written or word in self.marked:
            return True
        return folded in self.folded and word not in self.others


def has_forms(language: str) -> bool:
    """Whether words of the language (a primary subtag) are inflected."""
    return language in languages() or has_dictionary(language)


def load_forms(language: str) -> None:
    """Load what `text_form` needs in a language: it may take seconds, and other threads go on."""
    if language not in languages() and has_dictionary(language):
        load_dictionary(language)


def are_forms_loaded(language: str) -> bool:
    """Whether `text_form` loads nothing in a language."""
    return language in languages() or not has_dictionary(language) or is_loaded(language)


def text_form(word: str, language: str) -> tuple[str, str]:
    """What a text's word is compared by: in lower case, and folded.

    In a language that has only a dictionary both are the word's lemma, and rules hold lemmas.
    """
    if language in languages() or not has_dictionary(language):
        return lowered(word, language), fold(word)
    found = lemma(word, language)
    return found, found


@lru_cache(MAX_REMEMBERED)
def forms(word: str, language: str, *, narrow: bool = False) -> Forms:
    """The forms of a word in its own language (a primary subtag).

    An acronym, and a word of a language that has no table, is its only form. `narrow`: the word is
    taken for a lemma, as in `caps(Banks)`, which is not to find Bank.
    """
    return _forms(word, language, word_table(language), narrow=narrow)


def forms_of_all(words: Iterable[tuple[str, bool]], language: str) -> Iterator[Forms]:
    """The forms of each word, given with whether it is narrow, as `forms`; for many words."""
    table = word_table(language)
    return (_forms(word, language, table, narrow=narrow) for word, narrow in words)


def _forms(word: str, language: str, table: WordTable | None, *, narrow: bool) -> Forms:
    bare = designation(word)
    if table is None:
        return _untabled_forms(bare, language, narrow=narrow)
    written = lowered(bare, language)
    if is_acronym(bare):
        return _with_spellings({written}, table)
    known = [written] if table.knows(written) else table.spellings(fold(bare))
    if known:
        found = _known_forms(known, table, language, narrow=narrow)
        found.add(written)
    else:
        found = {written, with_stroke(written), *_unknown_forms(written, language, table)}
    if language == "en" and not any(form[-1:] == "s" for form in found):
        found.update(form for form in plurals(written) if not table.knows(form))
    found.update([typed(form) for form in found if not form.isascii()])
    marked = () if known else {with_umlauts(written)} - {written}
    return _with_spellings(found, table, marked)


def _untabled_forms(word: str, language: str, *, narrow: bool) -> Forms:
    """The lemma, if there is a dictionary: texts' words are compared by theirs (`text_form`)."""
    if not has_dictionary(language):
        written = lowered(word, language)
        return _with_spellings({written, *by_ending(written, language)}, None)
    own = narrow or is_acronym(word)
    found = frozenset([fold(word) if own else lemma(word, language)])
    return Forms(found, found, frozenset())


def missed_forms(word: str, language: str) -> dict[str, list[str]]:
    """The forms of a word that it does not find although it may be one of them.

    By their lemma, which is not found either: `shot` is a word, and does not find `shoot`.
    """
    bare = designation(word)
    table = word_table(language)
    if table is None or is_acronym(bare):
        return {}
    written = lowered(bare, language)
    found = forms(word, language).written
    missed: dict[str, list[str]] = {}
    for form in [written] if table.knows(written) else table.spellings(fold(bare)):
        for each in sorted(table.lemmas(form).all):
            rest = sorted({each, *table.forms(each)} - found)
            if each not in found and rest:
                missed[each] = rest
    return missed


@lru_cache(MAX_REMEMBERED)
def lemma(word: str, language: str) -> str:
    """The folded likeliest lemma of a word; the folded word if none is known."""
    bare = designation(word)
    table = word_table(language)
    if is_acronym(bare) and is_known_acronym(bare):
        return fold(bare)
    if table is not None:
        return fold(table.first_lemma(lowered(bare, language)) or bare)
    if not has_dictionary(language):
        return fold(bare)
    # Capitals mean nothing where all are.
    return fold(dictionary_form(lowered(bare, language) if bare.isupper() else bare, language))


def _known_forms(
    known: Iterable[str], table: WordTable, language: str, *, narrow: bool
) -> set[str]:
    wanted: set[str] = set()
    for form in known:
        wanted.add(form)
        if not narrow:
            lemmas = table.lemmas(form)
            own = form in lemmas.all
            if lemmas.first and not (own and language in _CAPITAL_NOUNS):
                wanted.add(lemmas.first)
            if not own:
                wanted |= lemmas.all
    return wanted.union(*map(table.forms, wanted))


def _unknown_forms(word: str, language: str, table: WordTable) -> Iterable[str]:
    """The forms of a compound, by those of its last part; of a name, by its ending."""
    likely = [form for form in by_ending(word, language) if not table.knows(form)]
    if language == "en" or (likely and language not in _COMPOUNDING):
        return likely
    for start in range(LEAST_MODIFIER, len(word) - LEAST_HEAD + 1):
        head = word[start:]
        if table.knows(head):
            return [
                word[:start] + form for form in _known_forms([head], table, language, narrow=False)
            ]
    return likely


def _with_spellings(
    found: Iterable[str], table: WordTable | None, marked: Iterable[str] = ()
) -> Forms:
    written = frozenset(found)
    letters = "".join(written)
    plain = letters.isascii() and letters.isalpha()  # most words, which are folded already
    folded = written if plain else frozenset(map(fold, written))
    others = frozenset[str]() if table is None else table.other_spellings(folded, written)
    return Forms(written, folded, others, frozenset(marked))
