"""Advice on words that do not find what they may be a form of: `shot` does not find “shoot”."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from service.matching.syntax.tree import AnyOf, Node, Or, Style, Term, children, terms
from service.matching.words.inflection import forms, missed_forms
from service.matching.words.wildcard import is_pattern, word_pattern
from service.matching.words.wordform import fold
from service.rules.lint.remark import Remark

_PARTICLES = frozenset(
    {
        "across", "against", "along", "apart", "around", "aside", "away", "back", "behind", "by",
        "down", "for", "forward", "in", "into", "off", "on", "out", "over", "through", "to",
        "together", "under", "up", "with",
    }
)  # fmt: skip
"""In an English phrase, the word before one of them is a verb; others tell what a noun is: the
`building` of a building site is nothing that somebody builds."""


def find_missed_forms(nodes: Sequence[Node], language: str) -> Iterator[Remark]:
    """Advice on words that may be forms of a word that neither they nor another term find."""
    primary = language.partition("-")[0]
    own = {
        (word, term)
        for node in nodes
        for term in _own_terms(node)
        if term.style is Style.INFLECTED
        for word in _heads(term, primary)
        if not is_pattern(word)
    }
    every = {each for node in nodes for term in terms(node) for each in term.words}
    for word, term in sorted(own, key=lambda each: (each[0], each[1].label)):
        for lemma in missed_forms(word, primary):
            if not any(_finds(each, lemma, primary) for each in every):
                instead = " ".join(lemma if each == word else each for each in term.words)
                where = f" in “{term.label}”" if len(term.words) > 1 else ""
                message = (
                    f"“{word}”{where} does not find “{lemma}”, of which it may be a form: "
                    f"write {term.label} OR {instead} to find both"
                )
                yield Remark("T510", message, term.label)


def _own_terms(node: Node) -> Iterator[Term]:
    """The terms of an expression, except those of lists, which serve many watchlists."""
    if isinstance(node, Term):
        yield node
    elif not (isinstance(node, Or | AnyOf) and node.name):
        for child in children(node):
            yield from _own_terms(child)


def _heads(term: Term, language: str) -> Iterator[str]:
    """The words of a term that a reader would inflect."""
    words = term.words
    if len(words) == 1 or language != "en":
        yield from words
        return
    for word, after in pairwise(words):
        if after in _PARTICLES:
            yield word


def _finds(word: str, form: str, language: str) -> bool:
    """Whether a word of an expression finds a form."""
    if is_pattern(word):
        return word_pattern(word).fullmatch(fold(form)) is not None
    return forms(word, language).include(form, fold(form))
