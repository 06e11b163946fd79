"""What a search of another system asks for, in terms that all systems share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

TOO_DEEP = "it is nested too deeply; divide it"


class Untranslatable(Exception):
    """A search, or a part of it, that an expression cannot say; the text is the reason."""


class Spelling(Enum):
    """What a word of the search finds in the system that it comes from."""

    FORMS = "forms"
    """Its other forms too."""
    EXACT = "exact"
    """This spelling, in any case."""
    CASED = "cased"
    """This spelling and case."""
    CAPITAL = "capital"
    """This word with a capital."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or words that follow each other; `*` and `?` stand for characters."""

    text: str
    spelling: Spelling = Spelling.EXACT


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Search, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One part at least holds."""

    parts: tuple[Search, ...]


@dataclass(frozen=True, slots=True)
class Without:
    """The part does not hold."""

    part: Search


@dataclass(frozen=True, slots=True)
class Near:
    """Two parts with at most `between` words between them, or in one sentence or paragraph."""

    left: Search
    right: Search
    between: int | str
    """A number of words, `s` or `p`."""
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class AtLeast:
    """So many mentions."""

    count: int
    part: Search


@dataclass(frozen=True, slots=True)
class Within:
    """The part holds in a field of text: `title`, `lead`, `body` or `headline`."""

    field: str
    part: Search


@dataclass(frozen=True, slots=True)
class Metadata:
    """A field of metadata has this value, in which `*` is any text."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Never:
    """Asks for what no news article has, such as a hashtag, or what no expression finds."""

    what: str
    why: str = "no news article has it"


@dataclass(frozen=True, slots=True)
class Unknown:
    """Asks for what cannot be told of an article here, such as a code of the system's own."""

    what: str


@dataclass(frozen=True, slots=True)
class Always:
    """Holds for every article: the exclusion of what none has."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A part that is not quite the same here, with a sentence that says how."""

    part: Search
    note: str


Search = (
    Term
    | All
    | AnyOf
    | Without
    | Near
    | AtLeast
    | Within
    | Metadata
    | Never
    | Unknown
    | Always
    | Noted
)
