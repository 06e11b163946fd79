"""The query language's syntax tree: frozen, comparable, without behaviour (DESIGN.md §4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum


class Style(Enum):
    """How the words of a term are compared with the words of an article."""

    INFLECTED = "inflected"
    """Bare words: any inflected form, in any case."""
    EXACT = "exact"
    """Quoted words: just as written, in any case."""
    CASED = "cs"
    """`cs(…)`: exactly that spelling and case."""
    CAPITALISED = "caps"
    """`caps(…)`: any inflected form that holds at least one capital."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word or a phrase that must stand in one paragraph of one zone."""

    words: tuple[str, ...]
    """Surface forms as the analyst wrote them, split as article text is split."""
    style: Style
    label: str
    """The term as written, for the score's breakdown and the evidence."""


@dataclass(frozen=True, slots=True)
class And:
    """All children hold."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one child holds; a `$list` is an Or that keeps its name."""

    children: tuple[Node, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Not:
    """The child does not hold."""

    child: Node


@dataclass(frozen=True, slots=True)
class Within:
    """The child, looked for in some zones only (`title:` `lead:` `body:` `headline:`)."""

    field: str
    zones: frozenset[str]
    child: Node


@dataclass(frozen=True, slots=True)
class Meta:
    """A test of the article's metadata: whole value, any case, `*` for any run of characters."""

    field: str
    pattern: str


Node = Term | And | Or | Not | Within | Meta


def children(node: Node) -> tuple[Node, ...]:
    """The nodes right below `node`, in reading order."""
    match node:
        case And(children=below) | Or(children=below):
            return below
        case Not(child=child) | Within(child=child):
            return (child,)
        case Term() | Meta():
            return ()


def terms(node: Node) -> Iterator[Term]:
    """Every term under `node`, negated ones too, in reading order."""
    if isinstance(node, Term):
        yield node
    for child in children(node):
        yield from terms(child)


def needs_text(node: Node) -> bool:
    """Whether `node` can hold only where some positive text term is found.

    An expression for which this is false would match articles on their metadata, or on the
    absence of words, alone; the parser refuses it.
    """
    match node:
        case Term():
            return True
        case And(children=below):
            return any(needs_text(child) for child in below)
        case Or(children=below):
            return all(needs_text(child) for child in below)
        case Within(child=child):
            return needs_text(child)
        case Not() | Meta():
            return False


def unparse(node: Node) -> str:
    """`node` as an expression again, bracketed where two operators meet."""
    match node:
        case Term(label=label):
            return label
        case Or(name=name) if name:
            return f"${name}"
        case And(children=below):
            return " AND ".join(_bracketed(child) for child in below)
        case Or(children=below):
            return " OR ".join(_bracketed(child) for child in below)
        case Not(child=child):
            return f"NOT {_bracketed(child)}"
        case Within(field=field, child=child):
            return f"{field}:{_bracketed(child)}"
        case Meta(field=field, pattern=pattern):
            return f'{field}:"{pattern}"' if " " in pattern else f"{field}:{pattern}"


def _bracketed(node: Node) -> str:
    text = unparse(node)
    compound = isinstance(node, And) or (isinstance(node, Or) and not node.name)
    return f"({text})" if compound else text
