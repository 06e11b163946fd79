"""Reads a search by its system's grammar, and what the grammars have in common."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, cast

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedInput, UnexpectedToken, VisitError

from service.rules.imports.search import (
    All,
    AnyOf,
    Metadata,
    Near,
    Noted,
    Search,
    Term,
    Untranslatable,
    Without,
)

MAX_SEARCH_CHARS = 50_000
"""Of a search; no system takes more."""
READ_AS_AND = "words that no operator joins are read as AND; put a phrase into quotes"
_SMALL = ("and", "or", "not", "near")
_QUOTES = str.maketrans("“”„«»＂", '""""""')


def parser(system: str) -> Lark:
    """The parser of a grammar that stands beside this module."""
    # Signs are told from words before the grammar is asked: “a AND OR” has no word “OR”.
    return Lark.open_from_package(__package__, f"{system}.lark", parser="lalr", lexer="basic")


def read(parser: Lark, meaning: Transformer[Any, Search], text: str) -> Search:
    """What the text asks for. Raises Untranslatable."""
    if len(text) > MAX_SEARCH_CHARS:
        raise Untranslatable(f"it has more than {MAX_SEARCH_CHARS:,} characters")
    text = text.translate(_QUOTES)
    try:
        return meaning.transform(parser.parse(text))
    except UnexpectedInput as error:
        raise Untranslatable(_mistake(error, text)) from None
    except VisitError as error:
        if isinstance(error.orig_exc, Untranslatable):
            raise error.orig_exc from None
        raise
    except RecursionError:
        raise Untranslatable("its parentheses are nested too deeply") from None


def _mistake(error: UnexpectedInput, text: str) -> str:
    if not text.strip():
        return "it is empty"
    if text.count('"') % 2:
        return "a quotation mark is not closed"
    if text.count("(") != text.count(")"):
        return "a parenthesis is not closed, or closed twice"
    at: int = getattr(error, "pos_in_stream", None) or 0
    ended = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    if ended:
        return "something is missing at its end"
    rest = text[at : at + 20].split("\n", maxsplit=1)[0]
    return f"“{rest}” at character {at + 1} has no meaning there"


def chain(parts: list[tuple[str, Search]]) -> Search:
    """Parts joined by AND, OR, NOT or nothing, without parentheses; the first one's join is "".

    Raises Untranslatable where OR stands beside another: systems disagree on what binds first.
    """
    joins = {join for join, _ in parts[1:]}
    if "or" in joins and len(joins) > 1:
        raise Untranslatable("AND and OR stand side by side; put parentheses around one of them")
    if joins == {"or"}:
        return AnyOf(tuple(part for _, part in parts))
    if len(parts) == 1:
        return parts[0][1]
    whole: Search = All(tuple(part for _, part in parts))
    return Noted(whole, READ_AS_AND) if "" in joins else whole


def adjacent(words: Sequence[Search]) -> Search:
    """Words without an operator between them: all of them, which finds more than a phrase does.

    Raises Untranslatable for an operator in small letters, which is a word to the system.
    """
    small = [word.text for word in words if isinstance(word, Term) and word.text in _SMALL]
    if small:
        raise Untranslatable(f"“{small[0]}” is a word there; write {small[0].upper()}, or quotes")
    return words[0] if len(words) == 1 else Noted(All(tuple(words)), READ_AS_AND)


def values(field: str, part: Search, pattern: str = "{}") -> Search:
    """Metadata of each value in a part; `pattern` is what a value becomes."""
    match part:
        case Term(text):
            return Metadata(field, pattern.format(text.strip('"').lower()))
        case AnyOf(parts):
            return AnyOf(tuple(values(field, each, pattern) for each in parts))
        case Without(inner):
            return Without(values(field, inner, pattern))
        case Noted(inner, _):
            return values(field, inner, pattern)
        case _:
            raise Untranslatable(f"what is searched in {field} is no list of values")


def site(part: Search) -> Search:
    """Articles of these hosts, or below these addresses."""
    match part:
        case Term(text):
            address = text.strip('"').lower().removeprefix("http://").removeprefix("https://")
            address = address.removeprefix("www.").lstrip("*.").rstrip("/*")
            if not address:
                raise Untranslatable("it names no site")
            end = "*" if "/" in address else "/*"
            hosts = (f"*//{address}{end}", f"*.{address}{end}")
            return AnyOf(tuple(Metadata("url", host) for host in hosts))
        case AnyOf(parts):
            return AnyOf(tuple(map(site, parts)))
        case Noted(inner, _):
            return site(inner)
        case _:
            raise Untranslatable("what is searched in sites is no list of them")


def phrase_within(phrase: str, distance: int) -> Search:
    """Words of a phrase with up to `distance` moves: of two words, so many words between them.

    Two words in the other order are two moves apart before any word is between them.
    """
    words = phrase.split()
    if len(words) < 2:
        return Term(phrase)
    if len(words) == 2:
        left, right = Term(words[0]), Term(words[1])
        ordered = Near(left, right, distance, ordered=True)
        if distance < 2:
            return ordered
        return AnyOf((ordered, Near(right, left, distance - 2, ordered=True)))
    pairs = pairwise(map(Term, words))
    note = "of more than two words near each other, each is near the next here"
    return Noted(All(tuple(Near(left, right, distance) for left, right in pairs)), note)


def joined(parts: list[Token | Search]) -> tuple[str, Search]:
    """One part of a chain and what joins it to the one before: `and`, `or`, or nothing."""
    signs = {part.type for part in parts if isinstance(part, Token)}
    part: Search = parts[-1]  # type: ignore[assignment]
    if "NOT" in signs:
        return "or" if "OR" in signs else "and", Without(part)
    return ("and" if "AND" in signs else "or" if "OR" in signs else ""), part


def phrase(parts: Sequence[Search]) -> Search:
    """Words and groups that follow each other."""
    if all(isinstance(part, Term) for part in parts):
        terms = cast("Sequence[Term]", parts)
        spellings = {term.spelling for term in terms}
        if len(spellings) == 1:
            return Term(" ".join(term.text for term in terms), spellings.pop())
    found = parts[0]
    for part in parts[1:]:
        found = Near(found, part, 0, ordered=True)
    return found


def searches(parts: Sequence[Token | Search]) -> tuple[Search, ...]:
    """The parts without the signs between them."""
    return tuple(part for part in parts if not isinstance(part, Token))
