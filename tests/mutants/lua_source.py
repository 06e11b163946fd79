"""The mutants of a Lua script: by its tokens, as far as our scripts use the language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from mutants.mutant import Mutant
from mutants.tables import rewrites

_TABLE = rewrites("lua")
_TOKEN = re.compile(
    r"""(?P<skip>\s+|--\[\[.*?\]\]|--[^\n]*)
    |(?P<string>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")
    |(?P<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?)
    |(?P<name>[A-Za-z_]\w*)
    |(?P<symbol>\.\.\.|\.\.|==|~=|<=|>=|.)""",
    re.DOTALL | re.VERBOSE,
)
_OPEN, _CLOSED = {"(", "{", "["}, {")", "}", "]"}
_STARTS_STATEMENT = {"then", "do", "else", "end", "repeat", ";"}
_KEYWORDS = {
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in", "local",
    "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
}  # fmt: skip


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


def lua_mutants(path: str, source: bytes) -> list[Mutant]:
    """All of them, in the order of the file. A byte is a character here: places are bytes."""
    tokens = list(_tokens(source.decode("latin-1")))
    found = set()
    for start, end, text, kind in [
        *_symbols(tokens),
        *_words(tokens),
        *_conditions(tokens),
        *_statements(tokens),
    ]:
        found.add(Mutant(path, start, end, text, kind, _place(tokens, start)))
    return sorted(found)


def _tokens(source: str) -> Iterator[_Token]:
    at = 0
    while at < len(source):
        match = _TOKEN.match(source, at)
        assert match, source[at : at + 40]
        if match.lastgroup != "skip":
            yield _Token(str(match.lastgroup), match.group(), *match.span())
        at = match.end()


def _place(tokens: list[_Token], start: int) -> str:
    """The last named function that begins before it, as scripts define no function within one."""
    place = ""
    for one, other in pairwise(tokens):
        if one.start > start:
            break
        if one.text == "function" and other.kind == "name":
            place = other.text
    return place


def _symbols(tokens: list[_Token]) -> Iterator[tuple[int, int, str, str]]:
    """Rewrites of one token by the table."""
    for at, token in enumerate(tokens):
        if token.kind in ("symbol", "name"):
            for kind in ("comparison", "arithmetic", "boolean", "name"):
                if kind == "arithmetic" and not (at and _is_operand(tokens[at - 1])):
                    continue  # the sign of a number
                for text in _TABLE[kind].get(token.text, []):
                    yield token.start, token.end, text, kind
        if token.kind == "string":
            for text in _TABLE["command"].get(token.text[1:-1], []):
                yield token.start, token.end, f"'{text}'", "command"
        if token.kind == "number" and token.text.isdigit():
            for number in (int(token.text) + 1, int(token.text) - 1):
                text = f"({number})" if number < 0 else str(number)
                yield token.start, token.end, text, "constant"


def _words(tokens: list[_Token]) -> Iterator[tuple[int, int, str, str]]:
    """A word that is left out, and values that are not returned."""
    for token, after in pairwise(tokens):
        if token.text == "not":
            yield token.start, token.end, "", "dropped not"
        if token.text in _TABLE["unwrapped"] and after.text == "(":
            yield token.start, token.end, "", "dropped call"
        if token.text == "return" and after.text not in ("end", "{", "nil", "function"):
            end = _end_of_block(tokens, tokens.index(after))
            yield after.start, end, "nil", "returned constant"


def _conditions(tokens: list[_Token]) -> Iterator[tuple[int, int, str, str]]:
    """`if … then` that always or never holds."""
    for at, token in enumerate(tokens):
        if token.text in ("if", "elseif"):
            end = next(n for n in range(at, len(tokens)) if tokens[n].text == "then") - 1
            for text in ("true", "false"):
                yield tokens[at + 1].start, tokens[end].end, text, "condition"


def _statements(tokens: list[_Token]) -> Iterator[tuple[int, int, str, str]]:
    """A call, or an assignment to what is there already, that is left out."""
    for at, token in enumerate(tokens):
        if token.kind != "name" or token.text in _KEYWORDS or not _begins(tokens, at):
            continue
        end = _end_of_statement(tokens, at)
        if end:
            yield token.start, tokens[end].end, "do end", "dropped statement"


def _begins(tokens: list[_Token], at: int) -> bool:
    """Whether a statement begins with this name: the token before it cannot be followed by it."""
    before = tokens[at - 1] if at else None
    if before is None or before.text in _STARTS_STATEMENT:
        return True
    if before.kind == "symbol" and before.text == ")":
        return True
    return (
        before.kind in ("string", "number")
        or (before.kind == "name" and before.text not in _KEYWORDS)
        or before.text in ("}", "]", "true", "false", "nil", "break")
    )


def _end_of_statement(tokens: list[_Token], at: int) -> int | None:
    """The last token of a call or assignment; None: it is neither, or a function is inside."""
    depth, number, called = 0, at + 1, False
    while number < len(tokens):
        token = tokens[number]
        if token.text == "function":
            return None
        if token.text in _OPEN:
            depth += 1
        elif token.text in _CLOSED:
            depth -= 1
            if depth < 0:
                return None
            called = called or token.text == ")"
        elif depth == 0 and token.text == "=":
            return _last_of_expression(tokens, number + 1)
        elif depth == 0 and (token.kind == "name" and tokens[number - 1].text != "."):
            return number - 1 if called else None
        elif depth == 0 and token.text == ",":
            return None
        number += 1
    return number - 1 if called else None


def _last_of_expression(tokens: list[_Token], at: int) -> int | None:
    """The last token of an expression that begins here."""
    depth = 0
    for number in range(at, len(tokens)):
        token = tokens[number]
        if token.text == "function":
            return None
        if token.text in _OPEN:
            depth += 1
        elif token.text in _CLOSED:
            depth -= 1
        if depth:
            continue
        following = tokens[number + 1] if number + 1 < len(tokens) else None
        ends = _is_operand(token) and (
            following is None
            or (_is_operand(following) and following.text not in _OPEN)
            or following.text in (_KEYWORDS - {"and", "or"})
        )
        if ends:
            return number
    return None


def _is_operand(token: _Token | None) -> bool:
    """Whether a value may end with this token."""
    if token is None:
        return False
    if token.kind == "name":
        return token.text not in _KEYWORDS or token.text in ("true", "false", "nil")
    return token.kind in ("string", "number") or token.text in _CLOSED


def _end_of_block(tokens: list[_Token], at: int) -> int:
    """Where the expression ends that `return` returns: it is the last statement of its block."""
    depth = 0
    for number in range(at, len(tokens)):
        token = tokens[number]
        if token.text in _OPEN or token.text == "function":
            depth += 1
        elif token.text in _CLOSED:
            depth -= 1
        elif depth == 0 and token.text in ("end", "else", "elseif", "until"):
            return tokens[number - 1].end
    return tokens[-1].end
