"""What a word does to a sentence that a full stop beside it may end (DESIGN.md §4).

A stop ends no sentence that belongs to a word: always so after a title (`Mr. Khan`); after a
shortened name or an initial unless the next word is one that begins sentences (`Lockheed Martin
Corp. said`, but `Lockheed Martin Corp. The`); before a number only (`No. 10`, `Rs. 500`); between a
German day and its month (`5. Mai`).
"""

from __future__ import annotations

from typing import Final

import regex


class StopRole:
    """The bits of one byte for each form of the engine's table; the lowest is `opcodes.CAPITAL`.

    They are plain numbers: an IntFlag takes a microsecond to join two, for each new word.
    """

    TITLE: Final = 2
    """Its stop is part of it: `Mr.`"""
    DOTTED: Final = 4
    """So is the last stop of `e.g.`"""
    OPENS: Final = 8
    """It begins a sentence where a stop before it leaves that open: `in the U.S. The plan`."""
    NAME: Final = 16
    """Its stop is part of it unless a word follows that begins sentences: `Corp.`, `J.`"""
    COUNTED: Final = 32
    """Its stop is part of it before a number, or its own, it being a day, before a month."""
    NUMBER: Final = 64
    """It begins with a digit, or is a Roman number."""
    MONTH: Final = 128


# Words read better than a list of strings: hence the texts.
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
    """What the word written so does to a sentence."""
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
    """Whether a sentence goes on after the stop of a word, by what bears on it on both sides.

    Of an initial (`J. A. Smith`) that comes after, nothing does: `after` is 0.
    `matching.kernel.positions` does the same.
    """
    if before & StopRole.COUNTED:
        wanted = StopRole.MONTH if before & StopRole.NUMBER else StopRole.NUMBER
        return bool(after & wanted)
    if before & StopRole.NAME:
        return not after & StopRole.OPENS
    return bool(before & StopRole.TITLE)


def continues_after_acronym(before: int, after: int) -> bool:
    """The same after the last stop of an acronym."""
    return bool(before & StopRole.DOTTED) or not after & StopRole.OPENS
