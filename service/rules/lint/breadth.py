"""Advice on words that find much more than their author means, or nothing at all."""

from __future__ import annotations

import pkgutil
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache

import regex

from service.matching.syntax.tree import Node, Style, Term
from service.matching.words.frequencies import Frequencies
from service.matching.words.wildcard import is_pattern, word_pattern
from service.matching.words.wordform import fold
from service.rules.lint.remark import Remark

VERY_COMMON = 0.65
"""The share of articles from which a word says nothing of an article."""
_SCRIPTS = {
    "Latin": regex.compile(r"\p{Latin}"),
    "Cyrillic": regex.compile(r"\p{Cyrillic}"),
    "Greek": regex.compile(r"\p{Greek}"),
}
_LETTER = regex.compile(r"[\p{Latin}\p{Greek}\p{Cyrillic}\p{N}]")


def find_broad_words(node: Node, language: str) -> Iterator[Remark]:
    """Advice on a term of one word that is a name or an acronym and also an ordinary word, on one
    that nearly every article has, and on words of two scripts.
    """
    if not isinstance(node, Term):
        return
    yield from _find_mixed_scripts(node)
    english = language.partition("-")[0] == "en"
    for word in filter(is_pattern, node.words if english else ()):
        yield from _find_lost_words(word)
    if len(node.words) != 1 or is_pattern(node.words[0]):
        return
    (word,) = node.words
    exact = node.style in (Style.CASED, Style.CAPITALISED)
    if _LETTER.fullmatch(word) and not (exact and word in node.label[-2:]):
        other = "" if node.label.strip('"') == word else ": other signs are not read"
        message = (
            f"“{node.label}” looks for the one-letter word “{word}”{other}. "
            "Write it with the words beside it, as a phrase"
        )
        yield Remark("T503", message, node.label)
    elif node.style is not Style.INFLECTED or not english:
        return
    elif word in word_table()["acronyms"]:
        message = f"“{word}” also finds “{word.lower()}”: write cs({word}) if you mean the acronym"
        yield Remark("T504", message, word)
    elif word in word_table()["names"]:
        message = f"“{word}” also finds “{word.lower()}”: write caps({word}) if you mean the name"
        yield Remark("T504", message, word)
    elif Frequencies.shipped().share(fold(word)) >= VERY_COMMON:
        message = f"“{node.label}” is in nearly every article: leave it out, or write a phrase"
        yield Remark("T505", message, node.label)


def _find_mixed_scripts(term: Term) -> Iterator[Remark]:
    for word in term.words:
        found = [script for script, letter in _SCRIPTS.items() if letter.search(word)]
        if len(found) > 1:
            message = (
                f"“{word}” has {' and '.join(found)} letters that look alike: "
                "type the word again, in one script"
            )
            yield Remark("T506", message, word)


def _find_lost_words(word: str) -> Iterator[Remark]:
    """Advice on a `?` that is meant as punctuation, or as in a regular expression."""
    known = Frequencies.shipped()
    without = word.replace("?", "", 1)
    if "?" in without or "*" in word or not known.counts(fold(without)):
        return
    shorter = regex.sub(r".\?", "", word, count=1)
    if word[-1] != "?" and (
        not known.counts(fold(shorter)) or any(map(word_pattern(word).fullmatch, known.words()))
    ):
        return
    instead = without if word[-1] == "?" else f"{without} OR {shorter}"
    message = f"“{word}” does not find “{without}”, since ? is just one character: write {instead}"
    yield Remark("T519", message, word)


@cache
def word_table() -> Mapping[str, frozenset[str]]:
    """The words of `words.txt` by their heads."""
    text = pkgutil.get_data("service.rules.lint", "words.txt")
    if text is None:
        raise FileNotFoundError("words.txt is missing from the package; install it again")
    found: defaultdict[str, set[str]] = defaultdict(set)
    for line in text.decode().splitlines():
        if line and line[0] != "#":
            head, _, words = line.partition(":")
            found[head].update(words.split())
    return {head: frozenset(words) for head, words in found.items()}
