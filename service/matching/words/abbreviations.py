"""The role of a word next to a full stop: whether the stop ends a sentence (DESIGN.md §4).

A stop that belongs to a word does not end a sentence. It belongs to a title always (`Mr. Khan`); to
a short name or an initial unless the next word is one that begins sentences (`Lockheed Martin Corp.
said`, but `Lockheed Martin Corp. The`); to others before a number only (`No. 10`, `Rs. 500`); to a
German day before its month (`5. Mai`).
"""

from __future__ import annotations

from typing import Final

import regex


class StopRole:
    """Bits of one byte for each form of the engine's table; the lowest bit is `opcodes.CAPITAL`.

    They are plain numbers, because an IntFlag takes a microsecond to join two for each new word.
    """

    TITLE: Final = 2
    """The stop belongs to the word: `Mr.`"""
    DOTTED: Final = 4
    """The last stop belongs to the word: `e.g.`"""
    OPENS: Final = 8
    """The word begins a sentence if a stop before it may end one: `in the U.S. The plan`."""
    NAME: Final = 16
    """The stop belongs to the word unless a word follows that begins sentences: `Corp.`, `J.`"""
    COUNTED: Final = 32
    """The stop belongs to the word before a number; the stop of a day before a month."""
    NUMBER: Final = 64
    """The word begins with a digit, or is a Roman number."""
    MONTH: Final = 128


# The words are in texts, which read better than lists of strings.
_TITLES = frozenset(
    """mr mrs ms dr prof rev hon st messrs gen lt col maj capt cmdr adm sgt brig pvt sen gov pres
    amb atty supt insp vs bzw dra mme mlle sra srta ee ул им просп проф акад""".split()  # noqa: SIM905
)
_NAMES = frozenset(
    """sr jr sec rep govt etc approx dept intl assn univ inc ltd corp co bros jan feb mar apr jun
    jul aug sep sept oct nov dec mt ft ave blvd calif fla ariz conn minn mich wis okla tenn al cf
    ca usw str ud uds z u d o""".split()  # noqa: SIM905
)
_COUNTED = frozenset("no nos vol vols fig figs art p pp rs sect nr abs млн млрд тыс руб".split())  # noqa: SIM905
_DOTTED = frozenset({"zb", "ua", "dh", "eg", "ie"})
_MONTHS = frozenset(
    """januar jänner februar feber märz april mai juni juli august september oktober november
    dezember jahrhundert""".split()  # noqa: SIM905
)
_OPENING = frozenset(
    """the a an this that these those it he she they we i you but and or if in on at by for from
    as when while after before since however meanwhile his her their its our there here what who
    where why how some many most all both no not one two officials""".split()  # noqa: SIM905
)
_WORDS = (
    (_TITLES, StopRole.TITLE),
    (_NAMES, StopRole.NAME),
    (_COUNTED, StopRole.COUNTED),
    (_DOTTED, StopRole.DOTTED),
    (_MONTHS, StopRole.MONTH),
    (_OPENING, StopRole.OPENS),
)
_BY_WORD: dict[str, int] = {}
for _some, _role in _WORDS:
    for _word in _some:
        _BY_WORD[_word] = _BY_WORD.get(_word, 0) | _role
_ROMAN = regex.compile(r"[IVXLC]{2,}")
_DAY = regex.compile(r"\p{Nd}{1,2}")


def stop_role(surface: str) -> int:
    """The role of a word next to a stop, as bits of `StopRole`."""
    found = _BY_WORD.get(surface.lower(), 0)
    first = surface[0]
    if first.isdecimal():
        return StopRole.NUMBER | (StopRole.COUNTED if _DAY.fullmatch(surface) else 0)
    if len(surface) == 1 and first.isupper():
        return found & StopRole.OPENS | StopRole.NAME
    if first in "IVXLC" and _ROMAN.fullmatch(surface):
        return found | StopRole.NUMBER
    return found


def continues_after_stop(before: int, after: int) -> bool:
    """Whether a sentence continues after a stop, by the roles of the words before and after it.

    `after` is 0 for an initial (`J. A. Smith`). `kernel.positions` applies the same rule.
    """
    if before & StopRole.COUNTED:
        wanted = StopRole.MONTH if before & StopRole.NUMBER else StopRole.NUMBER
        return bool(after & wanted)
    if before & StopRole.NAME:
        return not after & StopRole.OPENS
    return bool(before & StopRole.TITLE)


def continues_after_acronym(before: int, after: int) -> bool:
    """Whether a sentence continues after the last stop of an acronym."""
    return bool(before & StopRole.DOTTED) or not after & StopRole.OPENS
