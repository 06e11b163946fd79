"""A search as an expression of ours."""

from __future__ import annotations

import re
from dataclasses import dataclass

from service.errors import QueryError
from service.matching.syntax.parser import parse
from service.rules.imports.reduction import reduced
from service.rules.imports.search import (
    TOO_DEEP,
    All,
    Always,
    AnyOf,
    AtLeast,
    Metadata,
    Near,
    Never,
    Search,
    Spelling,
    Term,
    Untranslatable,
    Within,
    Without,
)

MAX_CHARS = 20_000
"""Of an expression: nearness of groups within groups multiplies."""
_BARE = re.compile(r"[^\W_]+(?:[-'’.&][^\W_]+)*")
_WILD = re.compile(r"[\w*?]+(?:[-'’.&][\w*?]+)*")
_OPERATORS = re.compile(r"AND|OR|NOT|O?NEAR|[A-Z]+\d+")


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that the parser accepts, and what differs from the search that it was."""

    text: str
    notes: tuple[str, ...]


def expression(search: Search, *, with_forms: bool = False) -> Expression:
    """Write the search as an expression. Raises Untranslatable.

    `with_forms`: words find their other forms, also where the system finds the spelling only.
    """
    try:
        return _expression(search, with_forms)
    except RecursionError:
        raise Untranslatable(TOO_DEEP) from None


def _expression(search: Search, with_forms: bool) -> Expression:
    notes: list[str] = []
    wanted = reduced(search, notes)
    if isinstance(wanted, Always | Without):
        raise Untranslatable("it asks for nothing that must be there: it would match most articles")
    if isinstance(wanted, Never):
        raise Untranslatable(f"it asks for {wanted.what}; {wanted.why}")
    text = _Writer(with_forms, notes).written(wanted)
    if len(text) > MAX_CHARS:
        raise Untranslatable(f"it would take {len(text)} characters here; divide it")
    try:
        parse(text)
    except QueryError as error:
        hint = f"; {error.hint[0].lower()}{error.hint[1:]}" if error.hint else ""
        raise Untranslatable(f"{error}{hint}") from error
    return Expression(text, tuple(dict.fromkeys(notes)))


@dataclass(frozen=True, slots=True)
class _Writer:
    with_forms: bool
    notes: list[str]

    def written(self, search: Search) -> str:
        match search:
            case Term():
                return self._term(search)
            case All(parts):
                # What is excluded stands last, as people write it.
                ordered = sorted(parts, key=lambda part: isinstance(part, Without))
                return " AND ".join(map(self._operand, ordered))
            case AnyOf(parts):
                return " OR ".join(map(self._operand, parts))
            case Without(part):
                return f"NOT {self._operand(part)}"
            case Near(left, right, between, ordered):
                # A chain is not in parentheses: each part is near the one before it.
                before = self.written(left) if isinstance(left, Near) else self._operand(left)
                return f"{before} {'O' * ordered}NEAR/{between} {self._operand(right)}"
            case AtLeast(count, part):
                return f"atleast{count}({self.written(part)})"
            case Within(field, part):
                return f"{field}:{self._operand(part)}"
            case Metadata(field, value):
                return f"{field}:{_value(value)}"
            case _:
                raise AssertionError(search)

    def _operand(self, search: Search) -> str:
        text = self.written(search)
        alone = Term | AtLeast | Within | Metadata | Without
        return text if isinstance(search, alone) else f"({text})"

    def _term(self, term: Term) -> str:
        words = term.text.replace('"', " ").split()
        if not words:
            raise Untranslatable("a word or phrase in it is empty")
        plain = " ".join(words)
        if "*" in plain or "?" in plain:
            return self._with_wildcards(plain)
        if term.spelling is Spelling.CASED:
            return f"cs({plain})"
        if term.spelling is Spelling.CAPITAL:
            return f"caps({plain})"
        bare = term.spelling is Spelling.FORMS or self.with_forms
        safe = all(_BARE.fullmatch(word) and not _OPERATORS.fullmatch(word) for word in words)
        return plain if bare and safe else f'"{plain}"'

    def _with_wildcards(self, text: str) -> str:
        """Bare words, since nothing in quotes is a wildcard; signs between them separate words."""
        words = _WILD.findall(text)
        for word in words:
            _check_wildcard(word)
        if len(words) > 1:
            self.notes.append(f"“{text}” finds other forms of its words too")
        return " ".join(word.lower() if _OPERATORS.fullmatch(word) else word for word in words)


def _check_wildcard(word: str) -> None:
    if "*" not in word and "?" not in word:
        return
    if word[0] in "*?":
        raise Untranslatable(f"“{word}” begins with a wildcard; begin it with a letter")
    if sum(char not in "*?" for char in word) < 3:
        raise Untranslatable(f"“{word}” has fewer than three characters beside its wildcard")


def _value(value: str) -> str:
    return value if re.fullmatch(r"[\w.*/-]+", value) else f'"{value}"'
