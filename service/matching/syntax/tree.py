"""The query language's syntax tree: frozen, comparable, without behaviour (DESIGN.md §4)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
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
    """Surface forms as the analyst wrote them, split as article text is split.

    A word that holds `*` (any run of characters, also none) or `?` (exactly one) is a pattern,
    compared folded with an article's folded words; surface forms never hold either.
    """
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
    answers: dict[str, bool] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Of a list, what was asked of it before: thousands of expressions may hold the same one."""

    def once(self, question: str, answer: Callable[[], bool]) -> bool:
        """The answer to a question about a list, worked out when it is first asked."""
        if not self.name:
            return answer()
        if question not in self.answers:
            self.answers[question] = answer()
        return self.answers[question]


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


class Unit(Enum):
    """What the closeness of two operands is measured in."""

    WORDS = "words"
    SENTENCE = "sentence"
    PARAGRAPH = "paragraph"


@dataclass(frozen=True, slots=True)
class Joint:
    """What stands between two operands: `NEAR/5`, `ONEAR/2`, `NEAR/s`, `NEAR/p`."""

    unit: Unit
    most: int = 0
    """Most words that may stand between the two, where the unit is words."""
    ordered: bool = False
    """Whether the left operand must stand first (`ONEAR`)."""


@dataclass(frozen=True, slots=True)
class Near:
    """Mentions of all operands stand together, neighbours in the chain joined pairwise.

    The operands are positional: terms, ORs of them and these within fields.
    """

    operands: tuple[Node, ...]
    joints: tuple[Joint, ...]
    """One fewer than operands: `joints[i]` stands between operands i and i + 1."""


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The child, positional or a Near, occurs at least so often: `atleast3(missile)`."""

    least: int
    child: Node


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least so many of the children hold: `any2(a, b, c)`."""

    least: int
    children: tuple[Node, ...]
    name: str = ""
    """Of the list whose items the children are: `any2($name)`."""


Node = Term | And | Or | Not | Within | Meta | Near | AtLeast | AnyOf


def children(node: Node) -> tuple[Node, ...]:
    """The nodes right below `node`, in reading order."""
    match node:
        case And(children=below) | Or(children=below) | AnyOf(children=below):
            return below
        case Near(operands=operands):
            return operands
        case Not(child=child) | Within(child=child) | AtLeast(child=child):
            return (child,)
        case Term() | Meta():
            return ()


def terms(node: Node) -> Iterator[Term]:
    """Every term under `node`, negated ones too, in reading order."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Term):
            yield one
        waiting.extend(reversed(children(one)))


def positional(node: Node) -> bool:
    """Whether `node` has mentions of its own, so that NEAR and atleast can look at them."""
    match node:
        case Term():
            return True
        case Or(children=below):
            return node.once("positional", lambda: all(map(positional, below)))
        case Within(child=child):
            return positional(child)
        case _:
            return False


def needs_text(node: Node) -> bool:
    """Whether `node` can hold only where some positive text term is found.

    An expression for which this is false would match articles on their metadata, or on the
    absence of words, alone; the parser refuses it.
    """
    match node:
        case Term() | Near() | AtLeast():
            return True
        case And(children=below):
            return any(map(needs_text, below))
        case Or(children=below):
            return node.once("needs text", lambda: all(map(needs_text, below)))
        case AnyOf(least=least, children=below):
            return sum(not needs_text(child) for child in below) < least
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
            return " AND ".join(map(_bracketed, below))
        case Or(children=below):
            return " OR ".join(map(_bracketed, below))
        case Near(operands=operands, joints=joints):
            first, *rest = map(_bracketed, operands)
            return " ".join(
                [first, *(f"{_joint(j)} {said}" for j, said in zip(joints, rest, strict=True))]
            )
        case AtLeast(least=least, child=child):
            return f"atleast{least}({unparse(child)})"
        case AnyOf(least=least, name=name) if name:
            return f"any{least}(${name})"
        case AnyOf(least=least, children=below):
            return f"any{least}({', '.join(map(unparse, below))})"
        case Not(child=child):
            return f"NOT {_bracketed(child)}"
        case Within(field=field, child=child):
            return f"{field}:{_bracketed(child)}"
        case Meta(field=field, pattern=pattern):
            return f"{field}:{_value(pattern)}"


def _value(pattern: str) -> str:
    """A value of metadata, in quotes where it would end too early without."""
    if _BARE_VALUE.fullmatch(pattern) and pattern not in ("AND", "OR", "NOT"):
        return pattern
    return f"«{pattern}»" if any(mark in pattern for mark in '"“”') else f'"{pattern}"'


_BARE_VALUE = re.compile(r'[^\s"“”„«»(),$][^\s"“”„«»(),]*')


def _joint(joint: Joint) -> str:
    name = "ONEAR" if joint.ordered else "NEAR"
    match joint.unit:
        case Unit.WORDS:
            return f"{name}/{joint.most}"
        case Unit.SENTENCE:
            return f"{name}/s"
        case Unit.PARAGRAPH:
            return f"{name}/p"


def _bracketed(node: Node) -> str:
    text = unparse(node)
    compound = isinstance(node, And | Near) or (isinstance(node, Or) and not node.name)
    return f"({text})" if compound else text
