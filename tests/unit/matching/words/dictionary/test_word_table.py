"""Tables of word forms: what is written is read again, from the bytes where it lies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice, takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.words.automaton import packed
from benchmarks.words.encoding import Links, encoded
from service.matching.words.dictionary.automaton import Automaton
from service.matching.words.dictionary.word_table import (
    FIRST_LETTER,
    WordTable,
    languages,
    word_table,
)
from service.matching.words.wordform import fold, lowered

WORDS = st.text("abcdeéß", min_size=1, max_size=7) | st.builds(
    "ge{}en".format, st.text("abcé", min_size=1, max_size=4)
)
STRINGS = st.sets(st.binary(min_size=1, max_size=6) | st.text("ab", min_size=1).map(str.encode))


@given(STRINGS.filter(bool), st.binary(max_size=3))
def test_an_automaton_has_the_strings_that_it_was_made_of(
    strings: set[bytes], other: bytes
) -> None:
    """Behind each beginning, in one block of bytes that begins with something else."""
    automaton = Automaton(b"head" + packed(sorted(strings)), root=4)
    beginnings = {string[:end] for string in strings for end in range(len(string) + 1)}
    for beginning in (*beginnings, other):
        place = automaton.find(beginning)
        expected = {each[len(beginning) :] for each in strings if each.startswith(beginning)}
        assert (place is not None) == bool(expected)
        found = [*automaton.endings(place)] if place is not None else []
        assert len(found) == len(expected)
        assert {*found} == expected


def test_a_node_of_many_edges() -> None:
    """More than fit into its first byte, and an end in the middle of a string."""
    strings = sorted({bytes((label,)) * often for label in range(200) for often in (1, 3)})
    automaton = Automaton(packed(strings), 0)
    assert {*automaton.endings(0)} == {*strings}
    assert automaton.find(bytes((199, 199, 199))) is not None
    assert automaton.find(bytes((200,))) is None


@given(st.dictionaries(WORDS, st.sets(WORDS, min_size=1, max_size=3), min_size=1), WORDS, st.data())
def test_a_table_says_what_its_links_say(
    lemmas: dict[str, set[str]], other: str, data: st.DataObject
) -> None:
    """Lemmas of a form, forms of a lemma, and known words of one folded form."""
    first = {form: data.draw(st.sampled_from([*sorted(of), "x"])) for form, of in lemmas.items()}
    table = WordTable(encoded(Links({form: sorted(of) for form, of in lemmas.items()}, first)))
    forms: defaultdict[str, set[str]] = defaultdict(set)
    for form, of in lemmas.items():
        for lemma in of - {form}:
            forms[lemma].add(form)
    for word in {*lemmas, *forms, other, "", "\0", "漢"}:
        found = table.lemmas(word)
        assert found.all == lemmas.get(word, set())
        assert found.first == (first[word] if first.get(word) in found.all else "")
        assert table.first_lemma(word) == found.first
        assert sorted(table.forms(word)) == sorted(forms.get(word, ()))
        assert table.knows(word) == (word in lemmas or word in forms)
        folded = fold(word)
        alike = {each for each in lemmas if fold(each) == folded}
        assert alike <= {*table.spellings(folded)} <= alike | {*forms}
        if len(alike) != 1:
            assert table.other_spellings(frozenset([folded]), frozenset([word])) >= alike - {word}


def test_the_tables_that_ship() -> None:
    """English has one; that a language has none is known, too."""
    assert "en" in languages()
    assert word_table("ur") is None
    assert word_table("") is None


def some_words(table: WordTable) -> Iterator[str]:
    """Words of a table, from its end on."""
    letters = {number: chr(letter) for letter, number in table._letters.items()}
    for string in table._automaton.endings(table._automaton.root):
        word = takewhile(lambda byte: byte >= FIRST_LETTER, string)
        yield "".join(letters[byte] for byte in word)


@pytest.mark.parametrize("language", sorted(languages()))
def test_a_table_can_be_read(language: str) -> None:
    """Its words are as texts' words are looked up, and each lemma of a form has that form."""
    table = word_table(language)
    assert table is not None
    seen = 0
    for word in islice(filter(str.isalpha, some_words(table)), 300):
        assert lowered(word, language) == word
        for lemma in table.lemmas(word).all - {word}:
            assert word in table.forms(lemma)
            seen += 1
    assert seen > 20
