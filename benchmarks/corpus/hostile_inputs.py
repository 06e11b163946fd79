"""Texts and expressions that are made to be slow, of any size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from itertools import product
from string import ascii_lowercase

from benchmarks.corpus.corpus import corpus
from service.matching.words.text import words


def distinct(number: int) -> list[str]:
    """So many words that differ."""
    letters = (("".join(each)) for each in product(ascii_lowercase, repeat=5))
    return [f"q{word}" for word, _ in zip(letters, range(number), strict=False)]


TEXTS: dict[str, Callable[[int], str]] = {
    "one word again and again": lambda size: "alpha " * size,
    "two words by turns": lambda size: "alpha beta " * (size // 2),
    "distinct words": lambda size: " ".join(distinct(size)),
    "only operators": lambda size: "AND OR NOT NEAR/5 ( ) " * (size // 6),
    "one endless word": lambda size: "a" * size,
    "one endless acronym": lambda size: "A." * size,
    "one endless number": lambda size: "1," * size,
    "marks on one letter": lambda size: "e" + "\u0301" * size,
    "full stops": lambda size: ". " * size,
    "a sentence a word": lambda size: "Alpha. " * size,
    "a paragraph a word": lambda size: "alpha\n\n" * size,
    "blank lines": lambda size: "\n \n" * size,
    "one Han sign": lambda size: "导" * size,
}

_TITLE = "<title>Storm closes the harbour</title>"
_TEXT = "<p>The harbour of Quill was closed on Monday, and nobody knows for how long.</p>"


def _item(inner: str) -> str:
    return f"<rss version='2.0'><channel><item>{_TITLE}{inner}</item></channel></rss>"


ENTRIES: dict[str, Callable[[int], str]] = {
    "prose": lambda size: "The harbour of Quill was closed. " * (size // 33),
    "one word": lambda size: "alpha " * (size // 6),
    "short lines": lambda size: "a\n" * (size // 2),
    "chrome": lambda size: "Also read: x\nBy Jane Doe\n12/12/2020\n" * (size // 36),
    "marks, unsorted": lambda size: "a" + "\u0315" * (size // 4) + "\u0300" * (size // 4),
    "broken letters": lambda size: "TÃ¼rkiye aÂ " * (size // 15),
    "one Han sign": lambda size: "导" * (size // 3),
    "an endless word": lambda size: "a" * size,
    "JSON in JSON": lambda size: '{"title": ' + "[" * size,
    "digits in JSON": lambda size: '{"title": "a", "id": ' + "1" * size + "}",
    "page: broken metadata": lambda size: (
        '<html><head><script type="application/ld+json">{'
        + '"author" ' * (size // 9)
        + f"</script></head><body>{_TEXT}"
    ),
    "page: attributes": lambda size: f"<p {' '.join(f'a{n}=1' for n in range(size // 8))}>{_TEXT}",
    "page: bold letters": lambda size: f"{_TEXT}<p>{'<b>x</b>' * (size // 8)}</p>",
    "page: links": lambda size: _TEXT + "<a href=x>b</a>" * (size // 15),
    "page: tags in tags": lambda size: "<div>" * (size // 5) + _TEXT,
    "page: paragraphs": lambda size: _TEXT * (size // 80),
    "feed: author": lambda size: _item(f"<author>{'a.b' * (size // 3)}</author>"),
    "feed: attributes": lambda size: _item(
        "<guid" + "".join(f' a{n}="1"' for n in range(size // 10)) + ">1</guid>"
    ),
    "feed: tags": lambda size: _item(f"<description>{'&lt;b>' * (size // 6)}</description>"),
    "feed: openings": lambda size: _item("<![CDATA[<!--<!x" * (size // 16)),
}
"""Files of one entry: texts, JSON, pages and feeds, of so many bytes."""


def prefixes(number: int) -> list[str]:
    """So many patterns `abc*`, all that three letters make at most."""
    every = product(ascii_lowercase, repeat=3)
    return [f"{''.join(each)}*" for each, _ in zip(every, range(number), strict=False)]


def heard(number: int) -> list[str]:
    """So many words of the articles, the commonest first."""
    return _commonest()[:number]


@cache
def _commonest() -> list[str]:
    counts = Counter(
        word
        for article in corpus().articles(250)
        for word in set(words(article.body.lower()))
        if word.isalpha() and word.isascii()
    )
    return [word for word, _ in counts.most_common()]


def halves(number: int) -> tuple[str, str]:
    """Two ORs of words, as common in the one as in the other."""
    known = heard(number)
    return joined("OR", known[::2]), joined("OR", known[1::2])


def joined(operator: str, words: Sequence[str]) -> str:
    """An expression in brackets."""
    return "(" + f" {operator} ".join(words) + ")"


def nested(depth: int) -> str:
    """AND in OR in AND …"""
    text = "the"
    for level in range(depth):
        operator = "AND" if level % 2 else "OR"
        text = f"({('the', 'of', 'said', 'alpha')[level % 4]} {operator} {text})"
    return text


Family = tuple[tuple[int, ...], Callable[[int], list[str]]]
"""The sizes that are measured, and what makes the expressions of one size."""

WIDE = (1_250, 2_500, 5_000)
EXPRESSIONS: dict[str, Family] = {
    "queries of a pattern abc*": ((4_394, 8_788, 17_576), prefixes),
    "an OR of patterns abc*": (WIDE, lambda size: [joined("OR", prefixes(size))]),
    "an OR of words": (WIDE, lambda size: [joined("OR", heard(size))]),
    "an AND of two ORs": (WIDE, lambda size: [" AND ".join(halves(size))]),
    "an AND, too long": ((20_000,), lambda size: [" AND ".join(halves(size))]),
    "a NEAR of two ORs": (WIDE, lambda size: [" NEAR/9 ".join(halves(size))]),
    "an AND of words": (WIDE, lambda size: [joined("AND", heard(size))]),
    "an AND of one word": (WIDE, lambda size: [joined("AND", ["the"] * size)]),
    "a NEAR of one word": ((5, 10, 20), lambda size: [joined("NEAR/9", ["the"] * size)]),
    "a NEAR, too long": ((1_000,), lambda size: [joined("NEAR/9", ["the"] * size)]),
    "any half of words": (
        (500, 1_000, 2_000),
        lambda size: [f"any{size // 2}({', '.join(heard(size))})"],
    ),
    "NOT any of words": (WIDE, lambda size: [f"the AND NOT {joined('OR', distinct(size))}"]),
    "a phrase of one word": ((25, 50, 100), lambda size: [" ".join(["the"] * size)]),
    "a phrase, too long": ((5_000,), lambda size: [" ".join(["the"] * size)]),
    "brackets in brackets": ((24, 49, 98), lambda size: [nested(size)]),
    "brackets, too deep": ((400,), lambda size: [nested(size)]),
    "queries that all match": (
        (25_000, 50_000, 100_000),
        lambda size: [f"the AND NOT {word}" for word in distinct(size)],
    ),
}
