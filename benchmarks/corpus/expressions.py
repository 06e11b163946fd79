"""Expressions and articles by chance, over the whole grammar and a small vocabulary.

Words are few, so that much matches and much just fails to: forms of one word, words that are one
when folded, capitals that matter, scripts without spaces. `chance` decides all, so a seed (or
Hypothesis) makes the same again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

from benchmarks.corpus.corpus import NOTHING
from service.articles.article import Article
from service.matching.syntax.parser import parse, parse_item
from service.matching.syntax.tree import Node

WORDS = (
    *("missile", "missiles", "Missile", "MISSILES", "missile's", "test", "tests", "tested", "Test"),
    *("strike", "struck", "strikes", "jet", "jets", "fighter", "fighters", "woman", "women"),
    *("import", "important", "Turkey", "turkey", "TURKEY", "Turkish", "US", "us", "AIDS", "aid"),
    *("café", "Cafe", "Straße", "strasse", "İstanbul", "Istanbul", "naïve", "F", "16", "F16"),
    *("Москва", "москвы", "самолёт", "самолётов", "κόσμος", "मिसाइल", "צבא", "جيش", "导弹", "試射"),
    *("ไทย", "a", "the", "of", "in", "and", "not", "near", "2026", "3.5"),
)
"""Any of them may stand bare in an expression; articles hold them and what MARKS adds."""
MARKS = (" ", " ", " ", " ", " ", ", ", "-", ". ", "! ", " “", "” ", " (", ") ", "; ", " U.S. ")
BREAKS = (". ", ".\n\n", "\n\n", "!\n\n", ' said."\n\n')
LISTS = {
    "arms": "missile OR (fighter jet) OR missil*",
    "places": "caps(Turkey) OR İstanbul OR cs(US)",
    "mixed": "jet OR (tested NEAR/4 missile) OR (strike AND NOT turkey) OR source:reut*",
}
"""Lists by their expressions; the first two are made of words and phrases only."""
POSITIONAL_LISTS = ("arms", "places")
METADATA = {
    "source": ("Reuters", "AP", "reut*", "*er*", "dpa"),
    "author": ("Ann Lee", "*lee", "Bob"),
    "language": ("en", "en-gb", "tr", "de"),
    "country": ("TR", "US", "t*"),
    "tag": ("defence", "def*", "sport", "*"),
    "url": ("https://news.example/world/*", "*sport*", "https://*"),
}


def an_article_by(chance: Random, words: int = 60) -> Article:
    """An article whose body has at most so many words, with all zones and kinds of metadata."""
    zone = _text(chance, chance.randint(0, words // 6)).replace("\n\n", " ")
    title = zone.upper() if chance.random() < 0.1 else zone
    return replace(
        NOTHING,
        title=title,
        body=_text(chance, chance.randint(0, words)),
        lead=_text(chance, chance.randint(0, words // 3)),
        source=chance.choice(("Reuters", "AP", "", "dpa")),
        author=chance.choice(("Ann Lee", "", "bob")),
        language=chance.choice(("en", "en", "en", "en-gb", "tr", "ur")),
        country=chance.choice(("TR", "US", "")),
        url=chance.choice(("https://news.example/world/1", "https://sport.example/", "")),
        tags=chance.choice(((), ("defence",), ("sport", "Defence"))),
    )


def _text(chance: Random, words: int) -> str:
    parts = []
    for _ in range(words):
        parts.append(chance.choice(WORDS))
        parts.append(chance.choice(BREAKS if chance.random() < 0.1 else MARKS))
    return "".join(parts)


class Expressions:
    """Makes expressions; `depth` is how deep groups, functions and fields may yet nest."""

    def __init__(self, chance: Random, words: Sequence[str] = WORDS) -> None:
        self._chance = chance
        self._words = words
        self._spelled = [word for word in words if word.isascii() and word.isalpha()]
        self._spelled = [word for word in self._spelled if len(word) > 4] or ["missile"]
        self._lists = {name: parse_item(text) for name, text in LISTS.items()}

    def node(self, depth: int = 3) -> Node:
        """The tree of an expression that may stand in a watchlist."""
        return self.parsed(self.positive(depth))

    def parsed(self, expression: str) -> Node:
        """The tree of an expression that names LISTS."""
        return parse(expression, self._lists)

    def positive(self, depth: int) -> str:
        """An expression that can hold only where one of its words occurs."""
        if depth == 0:
            return self._term()
        return self._pick(
            self._term,
            lambda: self.positional(depth),
            lambda: self._both(depth - 1),
            lambda: self._both(depth - 1),
            lambda: self._either(self.positive, depth - 1),
            lambda: self._near(depth - 1),
            lambda: self._atleast(depth - 1),
            lambda: self._any(depth - 1),
            lambda: f"{self._field()}:({self.positive(depth - 1)})",
        )

    def anything(self, depth: int) -> str:
        """An expression as it may stand beside a positive one: metadata and negations too."""
        return self._pick(
            lambda: self.positive(depth),
            lambda: f"NOT {self._grouped(self.positive(depth))}",
            self._metadata,
            lambda: f"NOT {self._metadata()}",
            lambda: self._either(self.anything, depth - 1) if depth else self._metadata(),
            lambda: "$mixed",
        )

    def positional(self, depth: int) -> str:
        """An expression with mentions of its own, as NEAR and atleast want it."""
        if depth == 0:
            return self._term()
        return self._pick(
            self._term,
            self._term,
            lambda: self._either(self.positional, depth - 1),
            lambda: f"{self._field()}:({self.positional(depth - 1)})",
            lambda: f"${self._chance.choice(POSITIONAL_LISTS)}",
        )

    def _both(self, depth: int) -> str:
        parts = [self.positive(depth)]
        parts += [self.anything(depth) for _ in range(self._chance.randint(1, 3))]
        self._chance.shuffle(parts)
        return " AND ".join(self._grouped(part) for part in parts)

    def _either(self, make: Callable[[int], str], depth: int) -> str:
        parts = [self._grouped(make(depth)) for _ in range(self._chance.randint(2, 4))]
        return " OR ".join(parts)

    def _near(self, depth: int) -> str:
        parts = [self._operand(depth)]
        for _ in range(self._chance.choice((1, 1, 1, 2, 3))):
            parts += [self._joint(), self._operand(depth)]
        return " ".join(parts)

    def _operand(self, depth: int) -> str:
        return self._grouped(self.positional(depth))

    def _joint(self) -> str:
        unit = self._chance.choice(("s", "p", "n", "n", "n"))
        if unit != "n":
            return f"NEAR/{unit}"
        return f"{self._chance.choice(('NEAR', 'ONEAR'))}/{self._chance.choice((0, 1, 2, 5, 20))}"

    def _atleast(self, depth: int) -> str:
        child = self._pick(
            lambda: self.positional(depth),
            lambda: self._near(depth),
            lambda: f"{self._field()}:({self._near(depth)})",
            lambda: f"{self._field()}:{self._grouped(self.positional(depth))}",
        )
        return f"atleast{self._chance.choice((1, 2, 2, 3, 5))}({child})"

    def _any(self, depth: int) -> str:
        if self._chance.random() < 0.2:
            return f"any{self._chance.randint(1, 3)}($arms)"
        parts = [self.positive(depth) for _ in range(self._chance.randint(2, 4))]
        least = self._chance.randint(1, len(parts))
        parts += [self.anything(depth) for _ in range(self._chance.randint(0, least - 1))]
        self._chance.shuffle(parts)
        return f"any{least}({', '.join(parts)})"

    def _term(self) -> str:
        return self._pick(
            self._word,
            self._word,
            lambda: self._several(self._word, 2, 3),
            lambda: f'"{self._several(self._word, 1, 3)}"',
            lambda: f"“{self._word()}”",
            lambda: f"cs({self._several(self._word, 1, 2)})",
            lambda: f"caps({self._several(self._lettered, 1, 2)})",
            lambda: f"caps({self._pattern()})",
            self._pattern,
            lambda: f"{self._word()} {self._pattern()}",
            lambda: f"{self._word()}-{self._word()}",
            lambda: f"{self._field()}:{self._word()}",
            lambda: "U.S.",
        )

    def _pattern(self) -> str:
        """A word of ASCII letters with a wildcard in or after it, three letters left at least."""
        word = self._chance.choice(self._spelled)
        at = self._chance.randint(3, len(word))
        return self._pick(
            lambda: f"{word[:at]}*",
            lambda: f"{word[:3]}?{word[4:]}",
            lambda: f"{word[:2]}*{word[-2:]}",
            lambda: f"{word[:-1]}?",
            lambda: f"{word}?",
            lambda: f"{word}*",
        )

    def _metadata(self) -> str:
        field = self._chance.choice(tuple(METADATA))
        value = self._chance.choice(METADATA[field])
        return f'{field}:"{value}"' if " " in value else f"{field}:{value}"

    def _field(self) -> str:
        return self._chance.choice(("title", "lead", "body", "headline"))

    def _word(self) -> str:
        return self._chance.choice(self._words)

    def _lettered(self) -> str:
        """A word that can have capitals at all."""
        return self._chance.choice([word for word in self._words if word.isalpha()])

    def _several(self, make: Callable[[], str], least: int, most: int) -> str:
        return " ".join(make() for _ in range(self._chance.randint(least, most)))

    def _pick(self, *ways: Callable[[], str]) -> str:
        return self._chance.choice(ways)()

    def _grouped(self, expression: str) -> str:
        return f"({expression})" if " " in expression else expression
