"""Reads a search by its system's grammar, and what the grammars have in common."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, cast

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedInput, UnexpectedToken, VisitError

from service.rules.imports.search import (
    TOO_DEEP,
    All,
    Always,
    AnyOf,
    Near,
    Never,
    Noted,
    Search,
    Spelling,
    Term,
    Untranslatable,
    Without,
)

MAX_SEARCH_CHARS = 50_000
"""Of a search; no system takes more."""
READ_AS_AND = "words that no operator joins are read as AND; put a phrase into quotes"
EXCLUDED_FROM_ALL = "what is excluded beside OR is excluded from all the alternatives"
_SMALL = re.compile(r"or|not|o?near/\d+f?")
"""Operators that are words, because they are in small letters."""
_TYPED: dict[int, str | int | None] = {
    **{ord(sign): '"' for sign in "“”„‟«»″"},
    **dict.fromkeys(map(ord, "\u00ad\u200b\u200e\u200f\u2060\ufeff")),
    **{wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)},
}
"""What pasted text has for signs: curly quotes, nothing that one sees, full width."""
_IN_POSTS = re.compile(r"[#@](?=\S*[^\W\d])\S+")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def parser(system: str) -> Lark:
    """The parser of a grammar that stands beside this module."""
    # Signs are told from words before the grammar is asked: “a AND OR” has no word “OR”.
    return Lark.open_from_package(__package__, f"{system}.lark", parser="lalr", lexer="basic")


def read(parser: Lark, meaning: Transformer[Any, Search], text: str) -> Search:
    """What the text asks for. Raises Untranslatable."""
    if len(text) > MAX_SEARCH_CHARS:
        raise Untranslatable(f"it has more than {MAX_SEARCH_CHARS:,} characters")
    text = text.translate(_TYPED)
    try:
        return meaning.transform(parser.parse(text))
    except UnexpectedInput as error:
        raise Untranslatable(_mistake(error, text)) from None
    except VisitError as error:
        if isinstance(error.orig_exc, Untranslatable):
            raise error.orig_exc from None
        if isinstance(error.orig_exc, RecursionError):
            raise Untranslatable(TOO_DEEP) from None
        raise
    except RecursionError:
        raise Untranslatable(TOO_DEEP) from None


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

    Raises Untranslatable where OR stands beside AND: systems disagree on what binds first.
    """
    joins = {join for join, _ in parts[1:]}
    if "or" in joins and len(joins) > 1:
        return _alternatives(parts)
    if joins == {"or"}:
        return AnyOf(tuple(part for _, part in parts))
    if len(parts) == 1:
        return parts[0][1]
    whole: Search = All(tuple(part for _, part in parts))
    return Noted(whole, READ_AS_AND) if "" in joins else whole


def _alternatives(parts: list[tuple[str, Search]]) -> Search:
    """Parts that OR joins, and exclusions behind them, which hold for the whole search."""
    wanted = [part for join, part in parts if join == "or" or part is parts[0][1]]
    excluded = [part for join, part in parts[1:] if join != "or"]
    if any(not join for join, _ in parts[1:]):
        raise Untranslatable("OR stands beside parts that nothing joins; put an operator there")
    if isinstance(wanted[0], Without) or not all(isinstance(each, Without) for each in excluded):
        raise Untranslatable("AND and OR stand side by side; put parentheses around one of them")
    return Noted(All((AnyOf(tuple(wanted)), *excluded)), EXCLUDED_FROM_ALL)


def adjacent(words: Sequence[Search]) -> Search:
    """Words without an operator between them: all of them, which finds more than a phrase does.

    The word “and” is in nearly every article, and is not asked for. Raises Untranslatable for
    another operator in small letters, which is a word to the system.
    """
    asked: list[Search] = []
    for word in words:
        text = word.text if isinstance(word, Term) else ""
        if _SMALL.fullmatch(text):
            raise Untranslatable(f"“{text}” is a word there; write {text.upper()}, or quotes")
        if text != "and":
            asked.append(word)
    if not asked:
        return Always()
    return asked[0] if len(words) == 1 else Noted(All(tuple(asked)), READ_AS_AND)


def post_word(text: str) -> Search:
    """A word or phrase; a hashtag or an account is looked for in posts."""
    if _IN_POSTS.fullmatch(text):
        return Never("hashtags" if text[0] == "#" else "accounts")
    return Term(text)


def spelled(part: Search, spelling: Spelling) -> Search:
    """Words and alternatives of them, each in this spelling."""
    match part:
        case Term():
            return replace(part, spelling=spelling)
        case AnyOf(parts):
            return AnyOf(tuple(spelled(each, spelling) for each in parts))
        case _:
            raise Untranslatable("a spelling is asked of what is no word and no alternatives")


def unescaped(text: str) -> str:
    """The text without backslashes. A sign behind one stands for itself, and separates words."""
    return _ESCAPED.sub(lambda found: found[1] if found[1].isalnum() else " ", text)


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


class ChainMeaning(Transformer[Token, Search]):
    """What grammars mean whose AND, OR and NOT bind equally."""

    def start(self, parts: list[Search]) -> Search:
        """The whole search."""
        return parts[0]

    def group(self, parts: list[Search]) -> Search:
        """What is in parentheses."""
        return parts[0]

    def joined(self, parts: list[Token | Search]) -> tuple[str, Search]:
        """A part of a chain, with what joins it."""
        return joined(parts)

    def chain(self, parts: list[tuple[str, Search]]) -> Search:
        """Parts between parentheses."""
        return chain(parts)

    @v_args(inline=True)
    def phrase_within(self, phrase: Token, tilde: Token) -> Search:
        """`"gas leak"~5`."""
        return phrase_within(phrase[1:-1], int(tilde[1:]))

    @v_args(inline=True)
    def group_within(self, group: Search, tilde: Token) -> Search:
        """`((a OR b) AND (c OR d))~5`: so many words between the two."""
        if isinstance(group, All) and len(group.parts) == 2:
            return Near(*group.parts, int(tilde[1:]))
        raise Untranslatable(f"“{tilde}” stands behind a group that is not two parts with AND")
