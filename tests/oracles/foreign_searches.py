"""Searches of other systems by their own rules, beside the grammars of the product.

A search is drawn as a tree. It is written with only those parentheses that the order of its
system's operators asks for, and judged on words by the tree itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

WORDS = ("iran", "oil", "jet", "deal", "gas", "coup")


@dataclass(frozen=True)
class Leaf:
    """A word."""

    word: str


@dataclass(frozen=True)
class Pair:
    """Two searches and what joins them: `and`, `or`, `not`, `near` or `onear`."""

    join: str
    left: Tree
    right: Tree
    between: int = 0


Tree = Leaf | Pair

leaves = st.sampled_from(WORDS).map(Leaf)
choices = st.recursive(
    leaves, lambda inner: st.builds(Pair, st.just("or"), inner, inner), max_leaves=3
)
nearness = st.builds(
    Pair,
    st.sampled_from(("near", "onear")),
    choices,
    choices,
    st.integers(min_value=0, max_value=4),
)


def searches(*, near: bool) -> st.SearchStrategy[Tree]:
    """Searches that ask for something: no exclusion stands on their left."""
    return st.recursive(
        leaves | nearness if near else leaves,
        lambda inner: st.builds(Pair, st.sampled_from(("and", "or", "not")), inner, inner),
        max_leaves=5,
    )


def holds(tree: Tree, words: Sequence[str]) -> bool:
    """Whether a text of these words is found."""
    match tree:
        case Leaf(word):
            return word in words
        case Pair("and", left, right):
            return holds(left, words) and holds(right, words)
        case Pair("or", left, right):
            return holds(left, words) or holds(right, words)
        case Pair("not", left, right):
            return holds(left, words) and not holds(right, words)
        case Pair(join, left, right, between):
            return any(
                first != second
                and abs(first - second) - 1 <= between
                and (join == "near" or first < second)
                for first in _places(left, words)
                for second in _places(right, words)
            )


def _places(tree: Tree, words: Sequence[str]) -> list[int]:
    if isinstance(tree, Leaf):
        return [at for at, word in enumerate(words) if word == tree.word]
    return [*_places(tree.left, words), *_places(tree.right, words)]


@dataclass(frozen=True)
class Notation:
    """How a system writes operators, and which bind more strongly."""

    signs: dict[str, str]
    """`{}` is the distance."""
    strength: dict[str, int]
    """Equal ones do not stand side by side without parentheses."""
    counts_from: int = 0
    """The distance of two words that are side by side."""
    excludes_one: bool = False
    """What is excluded is one word or in parentheses."""

    def written(self, tree: Tree, least: int = 0) -> str:
        """The search, in parentheses if it binds more weakly than `least`."""
        if isinstance(tree, Leaf):
            return tree.word
        strength = self.strength[tree.join]
        sign = self.signs[tree.join].format(tree.between + self.counts_from)
        left = self.written(tree.left, strength + (not self._chains(tree, tree.left)))
        alone = tree.join == "not" and self.excludes_one
        right = self.written(tree.right, 9 if alone else strength + 1)
        text = f"{left} {sign} {right}"
        return f"({text})" if strength < least else text

    def _chains(self, tree: Pair, left: Tree) -> bool:
        """Whether the left one needs no parentheses although it binds equally."""
        return (
            isinstance(left, Pair) and left.join == tree.join and tree.join in ("and", "or", "not")
        )


_PLAIN = {"and": "AND", "or": "OR", "not": "AND NOT"}
_EQUAL = {"and": 1, "or": 1, "not": 1, "near": 3, "onear": 3}
NOTATIONS = {
    "brandwatch": Notation(_PLAIN | {"near": "NEAR/{}", "onear": "NEAR/{}f"}, _EQUAL),
    "meltwater": Notation(
        {"and": "and", "or": "or", "not": "NOT", "near": "NEAR/{}", "onear": "ONEAR/{}"}, _EQUAL
    ),
    "media-cloud": Notation(_PLAIN, _EQUAL),
    "factiva": Notation(
        {"and": "and", "or": "or", "not": "not", "near": "near{}", "onear": "adj{}"},
        {"or": 1, "and": 2, "not": 3, "near": 4, "onear": 4},
        counts_from=1,
    ),
    "lexis": Notation(
        {"and": "and", "or": "or", "not": "and not", "near": "w/{}", "onear": "pre/{}"},
        {"not": 1, "and": 2, "near": 3, "onear": 3, "or": 4},
        counts_from=1,
    ),
    "google-alerts": Notation(
        {"and": "", "or": "OR", "not": "-"},
        {"and": 1, "not": 1, "or": 2},
        excludes_one=True,
    ),
}
WITH_NEARNESS = ("brandwatch", "meltwater", "factiva", "lexis")
