"""Advice on words of a phrase that look like operators: `jet and tank`, `missile near test`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from service.matching.syntax.notation import unparse
from service.matching.syntax.tree import And, Node, Style, Term
from service.rules.lint.breadth import word_table
from service.rules.lint.remark import Remark

_AS_IT_IS = "Put the phrase in quotes if you want it as it is."
_OPERATORS = frozenset({"AND", "OR", "NOT"})
_INSTEAD = {"XOR": "(a OR b) AND NOT (a AND b)", "atleast": "atleast3(a OR b)"}
_FIRST = frozenset({"ALSO", "THEN"})
"""Words that are written behind an operator: `a AND ALSO b`."""
_SPELLING = frozenset({"cs", "caps"})
"""Functions that are written without parentheses; followed by capitals, they are no words."""
_DISTANCE = re.compile(r"(?:N|W|NEAR|ONEAR|ADJ|PRE|WITHIN|SAME)(\d*)")

_IN_WORDS = re.compile(r"\bwithin (\d{1,3}) words?(?: of)?\b", re.IGNORECASE)


# Signs that are not read, beside letters; where a word has one within, it is two words.
_SIGN = re.compile(r"(?<!\S)(?:[#@](?=\w*[^\W\d_])\w+|[^\W\d_]{2,}(?:_[^\W\d_]{2,})+)(?!\S)")
_ANCHOR = re.compile(r"\^(?=[a-z])\w+")
_JOINED = re.compile(r"(?<!\S)([^\W\d_]{4,})([/+])([^\W\d_]{4,})(?!\S)")
_AMPERSAND = re.compile(r"(?<!\S)([a-z]{4,})(&)([a-z]{4,})(?!\S)")
_ATTACHED = re.compile(r"(?<!\S)(?:(AND|OR|NOT)([a-z]{3,})|([a-z]{3,})(AND|OR|NOT))(?!\S)")
_IN_FIELD = re.compile(
    r"(?P<words>.+) (?:in|IN) (?P<field>title|headline)|"
    r"(?i:(?:where )?(?P<first>title|headline|lead|body|source|author)"
    r" (?:contains?|equals|includes?|like)) (?P<text>.+)"
)


def find_operators(node: Node, parent: Node | None) -> Iterator[Remark]:
    """Advice on a phrase that contains operators of this or of another search system."""
    if not isinstance(node, Term) or node.style is not Style.INFLECTED:
        return
    yield from _find_signs(node.label)
    if len(node.words) < 2:
        return
    label = node.label
    found = [word.upper() for word in node.words if word.upper() in _OPERATORS]
    if found:
        instead = _both_bracketings(node, parent) or found[0]
        message = f"“{label}” is one phrase; write operators in capitals: {instead}. {_AS_IT_IS}"
        yield Remark("T501", message, label)
        return
    if instead := next(_instead(node), ""):
        message = f"“{label}” is one phrase; write {instead}"
        yield Remark("T502", f"{message}. {_AS_IT_IS}", label)


def _instead(phrase: Term) -> Iterator[str]:
    """What to write in place of a phrase, or of an operator in it."""
    label, words = phrase.label, phrase.words
    for word in words:
        if word in _INSTEAD:
            yield f"{_INSTEAD[word]} instead of {word}"
    yield from _words_for_operators(words)
    if words[0] in _SPELLING and words[1] != words[1].lower():
        yield f"{words[0]}({words[1]}) to look for this spelling"
    if said := _IN_WORDS.search(label):
        yield f"NEAR/{said[1]} in place of “{said[0]}”"
    for word in words[1:-1]:
        distance = _DISTANCE.fullmatch(word)
        if distance or word in ("near", "adj"):
            most = (distance and distance.group(1)) or 5
            yield f"NEAR/{most} between words that must be near each other"
    if said := _IN_FIELD.fullmatch(label):
        field = (said["field"] or said["first"]).lower()
        yield f"{field}:{said['words'] or said['text']}"
    for said in _ATTACHED.finditer(label):
        yield f"{' '.join(filter(None, said.groups()))}, with a space"


def _words_for_operators(words: Sequence[str]) -> Iterator[str]:
    """Words in capitals between others that are not: `tesla WITHOUT ford`."""
    if " ".join(words).isupper():
        return
    for word in words[:1] if words[0] in _FIRST else words[1:-1]:
        for operator, known in word_table().items():
            if word in known and operator[0].isupper():
                yield f"{operator} instead of {word}"


def _find_signs(label: str) -> Iterator[Remark]:
    for found in [*_SIGN.finditer(label), *filter(None, [_ANCHOR.match(label)])]:
        said = found[0]
        word = said.strip("#@^")
        message = f"“{said}” finds “{word}”, since no “{said[0]}” is read: write {word}"
        if "_" in word:
            plain = word.replace("_", " ")
            message = f"“{said}” is the phrase “{plain}”: write ? for a letter that may differ"
        yield Remark("T518", message, said)
    for found in [*_JOINED.finditer(label), *_AMPERSAND.finditer(label)]:
        one, sign, other = found.groups()
        message = (
            f"“{found[0]}” is the phrase “{one} {other}”, since no “{sign}” is read: "
            f"write {one} OR {other}, or {one} AND {other}; {one} {other} for the phrase"
        )
        yield Remark("T518", message, found[0])


def _both_bracketings(phrase: Node, parent: Node | None) -> str:
    """The two meanings of `apple or orange AND pie`, in which AND binds first; else ""."""
    if not isinstance(parent, And) or len(parent.children) != 2:
        return ""
    parts = re.split(r"\s+or\s+", unparse(phrase), flags=re.IGNORECASE)
    if len(parts) != 2:
        return ""
    (left, right), (first, last) = parts, parent.children
    if first is phrase:
        other = unparse(And((last,)))
        return f"({left} OR {right}) AND {other}, or {left} OR ({right} AND {other})"
    other = unparse(And((first,)))
    return f"{other} AND ({left} OR {right}), or ({other} AND {left}) OR {right}"
