"""The errors of the parser about symbols that are missing or in the wrong place."""

from __future__ import annotations

import re
from collections.abc import Sequence

from service.errors import QueryError
from service.matching.syntax.symbols import (
    AND,
    CLOSE,
    COMMA,
    COUNT,
    END,
    FUNCTION,
    LIST,
    NEAR,
    NOT,
    OPEN,
    OR,
    QUOTED,
    WORD,
    Kind,
    Symbol,
    shown,
)

_JOINING = (AND, OR, NOT, NEAR)
_MAX_SHOWN_CHARS = 400
"""Both readings of an expression are written out if it has at most so many characters."""
_FUNCTION = re.compile(r"cs|caps|(?:atleast|any)\d+")


def missing_operand(before: Symbol | None, symbol: Symbol) -> QueryError:
    """An operand is missing between two symbols."""
    if before and before.kind in (OPEN, COUNT):
        if symbol.kind is CLOSE:
            hint = "Write something between the parentheses, or remove them."
            return QueryError(
                "these parentheses are empty", before.start, symbol.end, hint, code="T305"
            )
        if symbol.kind is END:
            return unclosed_parenthesis(before)
    if (before and before.kind is COMMA) or symbol.kind is COMMA:
        return _at_comma(before, symbol)
    if before and before.kind in _JOINING:
        return _after_operator(before, symbol)
    if symbol.kind is CLOSE:
        return unopened_parenthesis(symbol)
    hint = f"Write a word before {symbol.text}."
    if symbol.kind is not NEAR:
        word = symbol.text.lower()
        hint += f' To look for the word itself, put it in quotes: "{word}".'
    return QueryError(
        f"there is nothing before {symbol.text}", symbol.start, symbol.end, hint, code="T307"
    )


def _at_comma(before: Symbol | None, symbol: Symbol) -> QueryError:
    hint = "Write something between the commas, or remove one: any2(a, b, c)."
    if before and before.kind is COMMA:
        return QueryError("nothing follows this comma", before.start, before.end, hint, code="T307")
    if before and before.kind in _JOINING:
        return _after_operator(before, symbol)
    return QueryError(
        "there is nothing before this comma", symbol.start, symbol.end, hint, code="T307"
    )


def _after_operator(before: Symbol, symbol: Symbol) -> QueryError:
    if symbol.kind not in _JOINING:
        hint = f"Write what should follow it, or remove {before.text}."
        return QueryError(
            f"nothing follows {before.text}", before.start, before.end, hint, code="T307"
        )
    hint = f"Remove one of them, or write a word between {before.text} and {symbol.text}."
    if NEAR in (before.kind, symbol.kind) and NOT in (before.kind, symbol.kind):
        near = before.text if before.kind is NEAR else symbol.text
        hint = f"Write the NOT before both: a AND NOT (a {near} b)."
    message = f"{symbol.text} follows {before.text} directly"
    return QueryError(message, symbol.start, symbol.end, hint, code="T307")


def missing_operator(before: Symbol, symbol: Symbol, after: Symbol) -> QueryError:
    """An operator is missing between a complete operand and the next symbol."""
    if symbol.kind is COMMA:
        hint = "Write OR between alternatives, or put a phrase that contains it in quotes."
        return QueryError("“,” means nothing here", symbol.start, symbol.end, hint, code="T308")
    if symbol.kind is NOT:
        fix: str | None = "AND NOT"
        hint = "Write AND NOT instead."
        if after.kind is NEAR:
            hint, fix = f"Write a AND NOT (a {after.text} b).", None
        return QueryError(
            "NOT cannot join two parts", symbol.start, symbol.end, hint, code="T308", fix=fix
        )
    if symbol.kind is OPEN and before.kind is WORD and _FUNCTION.fullmatch(before.text):
        hint = f"Write {before.text}(…) without a space."
        message = f"there is a space between {before.text} and its parenthesis"
        fix = f"{before.text}("
        return QueryError(message, before.start, symbol.end, hint, code="T311", fix=fix)
    hint = "Write AND or OR between them; words of one phrase go into one pair of quotes."
    message = f"there is no operator before {symbol.kind.value}"
    return QueryError(message, symbol.start, symbol.end, hint, code="T308")


def unclosed_parenthesis(opened: Symbol) -> QueryError:
    """A parenthesis that is not closed before the expression ends."""
    hint = "Add a “)” where the group ends."
    return QueryError("this “(” is never closed", opened.end - 1, opened.end, hint, code="T305")


def unopened_parenthesis(symbol: Symbol) -> QueryError:
    """A closing parenthesis without an opening one."""
    hint = "Remove it, or add the “(” that it closes."
    return QueryError("this “)” closes nothing", symbol.start, symbol.end, hint, code="T305")


def empty_function(function: Symbol, example: str) -> QueryError:
    """A function with nothing between its parentheses."""
    hint = f"Write what to count between them: {example}."
    return QueryError(
        f"{function.text}(…) is empty", function.start, function.end, hint, code="T317"
    )


def unknown_list(symbol: Symbol, like: str | None, said: str) -> QueryError:
    """A list that does not exist; `like` is a list with a similar name.

    `said` is the whole word: a sum of money like `$1.5bn` looks like a list named 1.
    """
    hint = f"Did you mean ${like}?" if like else "Add it under `lists:`, or write the words."
    if symbol.text[:1].isdigit() and not like:
        hint = f'Put a sum of money in quotes: "{shown(said)}".'
    elif symbol.text.isupper() and len(symbol.text) <= 5 and not like:
        hint = f'Put a ticker in quotes: "{shown(said)}". A list stands under `lists:`.'
    return QueryError(
        f"there is no list ${shown(symbol.text)}", symbol.start, symbol.end, hint, code="T203"
    )


def not_a_word(function: Symbol, symbol: Symbol) -> QueryError:
    """Something other than words between the parentheses of cs or caps."""
    name = function.text
    hint = f"Write one word or phrase: {name}(US) OR {name}(USA)."
    message = f"{name}(…) takes words only, not {symbol.kind.value}"
    return QueryError(message, symbol.start, symbol.end, hint, code="T320")


def missing_value(field: Symbol) -> QueryError:
    """A test of metadata without a value."""
    hint = f'Write one value, in quotes if it has spaces: {field.text}:"some value".'
    return QueryError(f"{field.text}: needs a value", field.start, field.end, hint, code="T319")


def check_value(field: Symbol, symbol: Symbol) -> None:
    """Raises QueryError if a symbol cannot be a value of a field of metadata.

    A list cannot, because its items are expressions.
    """
    if symbol.kind is LIST or (symbol.kind is WORD and symbol.text[0] == "$"):
        name = shown(symbol.text.removeprefix("$"))
        hint = f"Write {field.text}: before each item of the list, and ${name} alone here."
        message = f"{field.text}: takes values, but a list contains expressions"
        raise QueryError(message, symbol.start, symbol.end, hint, code="T319")
    if symbol.kind not in (WORD, QUOTED):
        hint = f"Write values, in quotes if they are not plain words: {field.text}:(a OR b)."
        message = f"{field.text}:(…) takes values only, not {symbol.kind.value}"
        raise QueryError(message, symbol.start, symbol.end, hint, code="T319")


def missing_word(field: Symbol) -> QueryError:
    """A field of the text with nothing to look for."""
    hint = f"Write what to look for there: {field.text}:missile."
    return QueryError(f"{field.text}: needs a word", field.start, field.end, hint, code="T319")


def field_without_text(field: Symbol) -> QueryError:
    """A field of the text that contains only metadata or a NOT."""
    hint = f"{field.text}: takes words, phrases, lists or groups of them."
    return QueryError(
        f"{field.text}: has no words to look for", field.start, field.end, hint, code="T319"
    )


def nested_too_deep(symbol: Symbol, most: int) -> QueryError:
    """Too many parentheses, NOTs, fields, functions or lists around what follows."""
    hint = "Move inner groups into `lists` and name them with $name."
    if symbol.kind is LIST:
        hint = "Name fewer lists within lists."
    return QueryError(
        f"nested more than {most} levels deep", symbol.start, symbol.end, hint, code="T321"
    )


def too_many_terms(symbol: Symbol, most: int) -> QueryError:
    """A list that makes the expression too large."""
    hint = "Name smaller lists, or each list only once."
    message = f"the lists named up to here contain more than {most:,} words and phrases"
    return QueryError(message, symbol.start, symbol.end, hint, code="T322")


def mixed_operators(text: str, found: Sequence[Symbol]) -> QueryError:
    """AND and OR in one group. Search systems disagree on which binds closer, so both are shown.

    `found`: the symbols of the group.
    """
    start, end = found[0].start, found[-1].end
    hint = "Put parentheses around what belongs together."
    if end - start <= _MAX_SHOWN_CHARS:
        parts = _operands(text, found)
        and_first = _grouped(parts, inner=AND, outer=OR)
        or_first = _grouped(parts, inner=OR, outer=AND)
        hint = f"Write {and_first} or {or_first}, whichever you mean."
    return QueryError("AND and OR are mixed without parentheses", start, end, hint, code="T304")


def _operands(text: str, found: Sequence[Symbol]) -> list[str]:
    """The operands and operators of the top level, in turn."""
    out: list[str] = []
    depth, begin = 0, found[0].start
    for symbol in found:
        if symbol.kind in (OPEN, FUNCTION, COUNT):
            depth += 1
        elif symbol.kind is CLOSE:
            depth -= 1
        elif depth == 0 and symbol.kind in (AND, OR):
            out += [text[begin : symbol.start].strip(), symbol.kind.value]
            begin = symbol.end
    return [*out, text[begin : found[-1].end].strip()]


def _grouped(parts: list[str], *, inner: Kind, outer: Kind) -> str:
    groups: list[list[str]] = [[parts[0]]]
    for operator, operand in zip(parts[1::2], parts[2::2], strict=True):
        if operator == inner.value:
            groups[-1].append(operand)
        else:
            groups.append([operand])
    said = [f" {inner.value} ".join(group) for group in groups]
    return f" {outer.value} ".join(
        f"({text})" if len(group) > 1 else text for text, group in zip(said, groups, strict=True)
    )
