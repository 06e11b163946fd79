"""The query language's syntax tree: frozen, comparable, without behaviour (DESIGN.md §4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum

from service.matching.words.variants import needs_capital


class Style(Enum):
    """How the words of a term are compared with the words of an article."""

    INFLECTED = "inflected"
    """Bare words: any inflected form, in any case."""
    EXACT = "exact"
    """Quoted words: exactly these forms, in any case."""
    CASED = "cs"
    """`cs(…)`: exactly that spelling and case."""
    CAPITALISED = "caps"
    """`caps(…)`: any inflected form that holds at least one capital."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word or a phrase; its words follow one another in one paragraph of one zone."""

    words: tuple[str, ...]
    """Surface forms as the analyst wrote them, split as article text is split.

    A word that holds `*` (any run of characters, also none) or `?` (exactly one) is a pattern,
    compared folded with an article's folded words; surface forms never hold either.
    """
    style: Style
    label: str
    """The term as written, for the score's breakdown and the evidence."""
    variants: tuple[tuple[str, ...], ...] = field(default=(), compare=False)
    """Other words that it may be written in: F16 for `F-16` (`words.variants`)."""


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
    """Of a list: answers that were worked out before; thousands of expressions may name it."""

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
    """The unit that the distance of two operands is measured in."""

    WORDS = "words"
    SENTENCE = "sentence"
    PARAGRAPH = "paragraph"


@dataclass(frozen=True, slots=True)
class Joint:
    """The operator between two operands of NEAR: `NEAR/5`, `ONEAR/2`, `NEAR/s`, `NEAR/p`."""

    unit: Unit
    most: int = 0
    """Most words between the two, if the unit is words."""
    ordered: bool = False
    """Whether the left operand must come first (`ONEAR`)."""


@dataclass(frozen=True, slots=True)
class Near:
    """All operands are mentioned near one another: each pair of neighbours is as near as asked.

    The operands are positional: terms, ORs of them and these within fields.
    """

    operands: tuple[Node, ...]
    joints: tuple[Joint, ...]
    """One fewer than operands: `joints[i]` is between operands i and i + 1."""


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The child, positional or a Near, occurs at least `least` times: `atleast3(missile)`."""

    least: int
    child: Node


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least `least` of the children hold: `any2(a, b, c)`."""

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


def written(term: Term) -> tuple[Term, ...]:
    """The term in each way that it may be written, as it stands first."""
    style = _style_of(term, term.words)
    if style is term.style and not term.variants:  # most terms
        return (term,)
    others = (
        replace(term, words=row, style=_style_of(term, row), variants=()) for row in term.variants
    )
    return (replace(term, style=style, variants=()), *others)


def _style_of(term: Term, row: tuple[str, ...]) -> Style:
    """The style of a way to write a term: `A 320` for A320 needs a capital, and so does `A-10`."""
    if term.style is Style.INFLECTED and needs_capital(term.words, row):
        return Style.CAPITALISED
    return term.style


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
