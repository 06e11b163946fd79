"""Words as an expression has them → a term."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import regex

from service.articles.paragraphs import composed
from service.errors import QueryError
from service.matching.syntax.symbols import QUOTED, WORD, Symbol, shown
from service.matching.syntax.tree import Style, Term
from service.matching.words import text as texts
from service.matching.words.variants import variants
from service.matching.words.wildcard import is_pattern, literals

MAX_PHRASE = 100
"""Most words of one phrase."""
MIN_LITERALS = 3
"""Fewest characters of a pattern that are neither `*` nor `?`."""
MIN_SYLLABLES = 2
"""The same for Korean, where each character is a syllable."""

_STYLES = {"cs": Style.CASED, "caps": Style.CAPITALISED}
# Factiva counts without parentheses.
_COUNT = regex.compile(r"(?i:atleast)\d+|any\d+")
_PIECE = regex.compile(rf"(?V1)[{texts.LETTER}\p{{N}}*?{texts.MARK}]+")
_HANGUL = regex.compile(r"\p{Hangul}")
_RUN = regex.compile(rf"(?V1){texts.RUN}")
# A question mark that ends a word is punctuation.
_WILD_IN_QUOTES = regex.compile(r"\*|\?(?=[\p{L}\p{N}])")


def bare(parts: Sequence[Symbol]) -> Term:
    """The term of bare words that follow one another. Raises QueryError."""
    if len(parts) == 1 and parts[0].text.isascii() and parts[0].text.isalnum():
        return _word(parts[0].text)
    for symbol in parts[:-1]:
        if _COUNT.fullmatch(symbol.text):
            name = symbol.text.lower()
            hint = f"Write {name}({'missile' if name[1] == 't' else 'missile, rocket'})."
            message = f"“{symbol.text}” counts what is in the parentheses after it"
            raise QueryError(message, symbol.start, symbol.end, hint, code="T313")
    found = tuple([word for symbol in parts for word in _words(symbol)])
    return _term(found, Style.INFLECTED, " ".join([symbol.text for symbol in parts]), parts)


def quoted(symbol: Symbol) -> Term:
    """The term of words in quotes. Raises QueryError."""
    found = _quoted_words(symbol)
    if not found:
        hint = "Write at least one letter or digit between the quotation marks."
        raise QueryError(
            "there is no word to look for", symbol.start, symbol.end, hint, code="T317"
        )
    return _term(found, Style.EXACT, _in_quotes(symbol.text), [symbol])


def styled(function: Symbol, parts: Sequence[Symbol]) -> Term:
    """The term of `cs(…)` or `caps(…)`; `parts` are the symbols between the parentheses."""
    name, style = function.text, _STYLES[function.text]
    said = " ".join([_in_quotes(part.text) if part.kind is QUOTED else part.text for part in parts])
    found: list[str] = []
    for part in parts:
        if style is Style.CASED and part.kind is WORD and is_pattern(part.text):
            hint = "Write each spelling: cs(US) OR cs(USA). caps(…) takes them: caps(Turk*)."
            raise QueryError("cs(…) takes no * and no ?", part.start, part.end, hint, code="T316")
        found += _quoted_words(part) if part.kind is QUOTED else _words(part)
    if not found:
        hint = f"Write a word between the parentheses: {name}(Turkey)."
        raise QueryError(f"{name}(…) is empty", function.start, function.end, hint, code="T317")
    if style is Style.CAPITALISED and not any(map(str.isalpha, "".join(found))):
        hint = "Without a letter there is nothing to capitalise; write the word alone."
        raise QueryError(
            f"{name}({shown(said)}) has no letter", function.start, function.end, hint, code="T317"
        )
    return _term(tuple(found), style, f"{name}({said})", parts)


@lru_cache(maxsize=100_000)
def _word(said: str) -> Term:
    return Term((said,), Style.INFLECTED, said, variants((said,), inflected=True))


def _term(words: tuple[str, ...], style: Style, label: str, parts: Sequence[Symbol]) -> Term:
    if len(words) <= MAX_PHRASE:
        inflected = style in (Style.INFLECTED, Style.CAPITALISED)
        return Term(words, style, label, variants(words, inflected=inflected))
    operators = sorted({"and", "or", "not"}.intersection(words))
    hint = (
        f"Operators are written in capitals: {operators[0].upper()}."
        if operators
        else "Write AND or OR between words that need not follow one another."
    )
    message = f"this phrase has {len(words)} words; {MAX_PHRASE} is the most"
    raise QueryError(message, parts[0].start, parts[-1].end, hint, code="T318")


def _words(symbol: Symbol) -> tuple[str, ...]:
    said = symbol.text
    if said.isascii() and said.isalnum():
        return (said,)
    said = composed(said)
    if not is_pattern(said):
        return texts.words(said)
    found: list[str] = []
    for piece in _PIECE.findall(said):
        if is_pattern(piece):
            # Of a designation all characters count: F-16*.
            letters = found[-1] if found and piece[0].isdecimal() else ""
            _check_pattern(piece, letters, symbol)
            found.append(piece)
        else:
            found += texts.words(piece)
    return tuple(found)


def _check_pattern(piece: str, before: str, symbol: Symbol) -> None:
    least = MIN_SYLLABLES if _HANGUL.match(piece) else MIN_LITERALS
    if _RUN.search(piece):
        message = f"“{shown(piece)}”: Chinese, Japanese, Thai and the like take no * and ?"
        hint = "Leave it out: characters match if they follow one another."
    elif len(before + literals(piece)) < least:
        message = f"“{shown(piece)}” has fewer than {least} characters other than * and ?"
        hint = "Write more of the word, as in missil*, or list the words with OR."
    elif piece[0] in "*?":
        message = f"“{shown(piece)}” does not begin with a letter or digit"
        hint = "Write how the word begins, as in missil*, or list the words with OR."
    else:
        return
    raise QueryError(message, symbol.start, symbol.end, hint, code="T316")


def _quoted_words(symbol: Symbol) -> tuple[str, ...]:
    said = symbol.text
    wild = _WILD_IN_QUOTES.search(said)
    if wild:
        at = symbol.start + 1 + wild.start()
        hint = "Write the word without quotes: missil*. For any words between: a ONEAR/3 b."
        raise QueryError(f"“{wild.group()}” means nothing in quotes", at, at + 1, hint, code="T316")
    return texts.words(composed(said))


def _in_quotes(said: str) -> str:
    """`said` in straight quotes, without marks that would close them."""
    return f'"{" ".join(said.translate(_QUOTES).split())}"'


_QUOTES = str.maketrans(dict.fromkeys('"“”', " "))
