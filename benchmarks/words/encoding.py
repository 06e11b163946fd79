"""The links of a language → the bytes of its table (`words.dictionary.word_table`)."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.words.automaton import packed
from benchmarks.words.pairs import NO_LETTER, PUT_SHIFT, SIZE_SHIFT, changes, keys
from service.matching.words.dictionary.word_table import FIRST_LETTER, Kind, spelling_bit
from service.matching.words.wordform import fold

MAX_LETTERS = 115
"""Most letters of an alphabet: a node has at most 127 edges. Words with rarer ones are left out."""
MAX_BEGINNINGS, LEAST_OFTEN = 60, 20
"""Most changes of a word's beginning that have a number of their own, and how often each occurs."""

LEAST_FILTER_BYTES = 512
"""Of the filter of words that have other spellings; else it has a byte for each of them."""
_SPELLED = bytes((Kind.SPELLING,))


@dataclass(frozen=True, slots=True)
class Links:
    """Forms with their lemmas, all in lower case."""

    lemmas: Mapping[str, Iterable[str]]
    first: Mapping[str, str]
    """The lemma that simplemma gives a form."""


def encoded(links: Links) -> bytes:
    """The table: its header, then its automaton."""
    forms = [form for form, lemmas in links.lemmas.items() for _ in lemmas]
    lemmas = [lemma for found in links.lemmas.values() for lemma in found]
    first = links.first
    kinds = [
        Kind.FIRST_LEMMA if first[form] == lemma else Kind.LEMMA
        for form, lemma in zip(forms, lemmas, strict=True)
    ]
    alike = [(small, form) for small, same in _spellings(links.lemmas).items() for form in same]
    texts = (links.lemmas, {*lemmas}, [small for small, _ in alike])
    alphabet = _alphabet(*map("\n".join, texts))
    letters = _letters(alphabet)
    there = _Words.of(forms, letters), _Words.of(lemmas, letters)
    beginnings = _beginnings(there)
    back = [Kind.FORM if form != lemma else 0 for form, lemma in zip(forms, lemmas, strict=True)]
    folded = _Words.of([small for small, _ in alike], letters)
    spelled = _Words.of([form for _, form in alike], letters)
    spellings = {*_keys(folded, spelled, [Kind.SPELLING] * len(alike), beginnings)}
    found = {
        *_keys(*there, kinds, beginnings),
        *_keys(*there[::-1], back, beginnings),
        *spellings,
    }
    written = [("", "")]
    written += [_written(int(beginning), alphabet) for beginning in beginnings]
    header = json.dumps([alphabet, written], ensure_ascii=False, separators=(",", ":"))
    filtered = spelling_filter({key.partition(_SPELLED)[0] for key in spellings})
    parts = (header.encode(), filtered)
    sizes = b"".join(len(part).to_bytes(4, "little") for part in parts)
    return b"".join((sizes, *parts, packed(sorted(found))))


def spelling_filter(words: Collection[bytes]) -> bytes:
    """The filter of words that have other spellings: seven of eight others are not in it."""
    size = max(LEAST_FILTER_BYTES, len(words))
    bits = np.zeros(8 * size, np.uint8)
    bits[[spelling_bit(word, size) for word in words]] = 1
    return np.packbits(bits, bitorder="little").tobytes()


def _alphabet(*texts: str) -> str:
    """The letters of the texts, the most frequent first, then in their order: runs are equal."""
    counted: Counter[str] = Counter()
    for text in texts:
        counted.update(text)
    del counted["\n"]
    often = sorted(sorted(counted.items()), key=lambda each: each[1], reverse=True)
    return "".join(letter for letter, _ in often[:MAX_LETTERS])


def _letters(alphabet: str) -> defaultdict[int, int]:
    letters: defaultdict[int, int] = defaultdict(lambda: NO_LETTER)
    letters |= {ord(letter): number for number, letter in enumerate(alphabet, FIRST_LETTER)}
    letters[ord("\n")] = NO_LETTER - 1
    return letters


class _Words(NamedTuple):
    """Words as bytes, one after the other."""

    text: npt.NDArray[np.uint8]
    ends: npt.NDArray[np.int64]
    """Where each word ends; the next begins one byte later."""

    @classmethod
    def of(cls, words: Sequence[str], letters: Mapping[int, int]) -> _Words:
        joined = "".join(f"{word}\n" for word in words)
        text = np.frombuffer(joined.translate(letters).encode("latin-1"), np.uint8)
        return cls(text, np.flatnonzero(text == NO_LETTER - 1))


def _beginnings(pairs: tuple[_Words, _Words]) -> npt.NDArray[np.int64]:
    """The changes of a word's beginning that are frequent, as `changes` numbers them."""
    both = [changes(*one, *other) for one, other in (pairs, pairs[::-1])]
    found, counts = np.unique(np.concatenate(both), return_counts=True)
    often = (counts >= LEAST_OFTEN) & (found > 0)
    found, counts = found[often], counts[often]
    return found[np.argsort(-counts, kind="stable")[:MAX_BEGINNINGS]]


def _written(beginning: int, alphabet: str) -> tuple[str, str]:
    """What is taken off at the beginning of a word, and what is put there."""
    size, is_put = beginning >> SIZE_SHIFT & 7, beginning >> PUT_SHIFT
    numbers = (beginning >> 8 * at & 255 for at in range(size))
    text = "".join(alphabet[number - FIRST_LETTER] for number in numbers)
    return ("", text) if is_put else (text, "")


def _keys(
    words: _Words, others: _Words, kinds: Sequence[int], beginnings: npt.NDArray[np.int64]
) -> Iterator[bytes]:
    """For each pair of a kind the word, the kind, and how it becomes the other."""
    text, ends = keys(*words, *others, np.array(kinds, np.uint8), beginnings)
    joined = text.tobytes()
    low = 0
    for high in ends.tolist():
        yield joined[low:high]
        low = high


def _spellings(words: Iterable[str]) -> dict[str, list[str]]:
    """The words that are the same when folded, where there are several.

    Letter by letter, and all at once; only marks that stand alone need the whole word.
    """
    text = "\n".join(words)
    letters = {ord(letter): fold(letter) for letter in {*text} - {"\n"}}
    marks = {chr(letter) for letter in letters if unicodedata.combining(chr(letter))}
    folded: defaultdict[str, list[str]] = defaultdict(list)
    for form, small in zip(words, text.translate(letters).split("\n"), strict=True):
        folded[small if marks.isdisjoint(form) else fold(form)].append(form)
    return {small: forms for small, forms in folded.items() if len(forms) > 1}
