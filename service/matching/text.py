"""Text → words: tokenising, folding, inflection, sentences (DESIGN.md §4).

The same functions read articles and expressions, so both sides always agree on what a word is.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import regex

from service.matching.inflection import dictionary_form, has_dictionary

# Han, Hiragana, Katakana and Thai are written without spaces: each character is a word, and a run
# of them in an expression is a phrase.
RUN = r"[\p{Han}\p{Hiragana}\p{Katakana}ー\p{Thai}]"
# Marks, and the joiners of Persian and Hindi, belong to the letter before them.
MARK = r"\p{M}\u200C\u200D"
_LETTER = rf"[\p{{L}}\p{{N}}{MARK}]"
_POSSESSIVE_END = rf"(?: ['’][sS] (?! {_LETTER} ) )?"
_JOINING = rf"[[\p{{L}}\p{{N}}{MARK}]--{RUN}]"
_DIGIT = rf"[\p{{N}}--{RUN}]"
# `matching.kernel.scan` reads the same words without a regular expression; a test compares them.
# The first alternative says no more than the last, of most words and in half the time.
_WORD = regex.compile(
    rf"""
    [A-Za-z]{{2,}}+ (?= [\ \n.,:;!?"”)] )
  | (?P<run> {RUN} [{MARK}]* )
  | (?P<acronym> (?: \p{{L}} \. ){{2,}} \p{{L}}? (?! [\p{{L}}\p{{N}}] ) {_POSSESSIVE_END} )
  | {_DIGIT}++ (?: [.,] {_DIGIT}++ )++
  | (?! [{MARK}] ) {_JOINING}++ {_POSSESSIVE_END}
    """,
    regex.VERBOSE | regex.VERSION1,
)
_POSSESSIVES = frozenset({"'s", "'S", "’s", "’S"})
_PLURAL_NUMBER = regex.compile(r"(\d+)s", regex.IGNORECASE)
_UNMARKED = regex.compile(r"\p{Latin}|\p{Greek}|\p{Cyrillic}")

# What Unicode does not decompose but readers type without its stroke, ligature or curl.
_LETTERS = str.maketrans(
    {
        "ø": "o",
        "æ": "ae",
        "œ": "oe",
        "ß": "ss",
        "đ": "d",
        "ð": "d",
        "ł": "l",
        "þ": "th",
        "ı": "i",
        "’": "'",
        "‘": "'",
        "ʼ": "'",
        "\u200c": "",  # joiners: Persian and Hindi are typed with and without them
        "\u200d": "",
    }
)

_ACRONYM_LENGTH = 4

REMEMBERED = 200_000
"""Most words whose folded form is remembered, and most whose dictionary form is."""
LONGEST = 64
"""Longest of them, in characters: a text of endless words must not fill the memory."""


class Token(NamedTuple):
    """One word of a text; `start` and `end` are code-point offsets into it."""

    start: int
    end: int
    surface: str
    """As written, but for the dots of an acronym: `U.S.` is `US`."""
    paragraph: int
    sentence: int
    """Counts from 0 within the text, as `paragraph` does."""


def tokenise(text: str) -> list[Token]:
    """The words of one zone, in order; a blank line starts a new paragraph."""
    read = divide(text)
    columns = (read.starts, read.ends, read.surfaces, read.paragraphs, read.within)
    return list(map(Token, *columns))


def words(text: str) -> tuple[str, ...]:
    """The surface forms of the words in `text`, as an expression's term holds them."""
    return tuple(divide(text).surfaces)


def fold(word: str) -> str:
    """`word` without what typing varies: case, compatibility forms, marks, curly quotes.

    Marks are stripped from Latin, Greek and Cyrillic letters only; elsewhere they are letters.
    """
    if word.isascii():
        return word.lower()
    return _folded(word) if len(word) <= LONGEST else _folded.__wrapped__(word)


@lru_cache(maxsize=REMEMBERED)
def _folded(word: str) -> str:
    text = unicodedata.normalize("NFKC", word).replace("İ", "i").casefold()
    text = text.translate(_LETTERS)
    out: list[str] = []
    base = ""
    for char in unicodedata.normalize("NFD", text):
        if not unicodedata.combining(char):
            base = char
        elif _UNMARKED.match(base):
            continue
        out.append(char)
    return unicodedata.normalize("NFC", "".join(out))


def lemma(word: str, language: str) -> str:
    """The folded dictionary form of `word`, itself folded where the language has no dictionary.

    A word of up to four capitals is an acronym and has no other form (`US` is not `we`, `AIDS` is
    not `aid`); a possessive or a designation's plural is taken off first (`jet's`, `F-16s`).
    """
    if len(word) > LONGEST:
        return _lemma.__wrapped__(word, language)
    return _lemma(word, language)


@lru_cache(maxsize=REMEMBERED)
def _lemma(word: str, language: str) -> str:
    primary = language.partition("-")[0]
    if word.isascii() and word.isalpha() and word.islower() and has_dictionary(primary):
        return fold(dictionary_form(word, primary))  # of most words there is no more to ask
    bare = word[:-2] if word[-2:] in _POSSESSIVES else word
    if bare[:1].isdecimal() and (number := _PLURAL_NUMBER.fullmatch(bare)):
        return number.group(1)
    if bare.isupper() and 1 < len(bare) <= _ACRONYM_LENGTH:
        return fold(bare)
    return fold(dictionary_form(bare, primary) if has_dictionary(primary) else bare)


def spelling(word: str) -> str:
    """`word` as `cs()` compares it: composed characters, straight quotes."""
    return word if word.isascii() else unicodedata.normalize("NFC", word).replace("’", "'")


def has_capital(word: str) -> bool:
    """Whether `caps()` accepts the word."""
    if word.isascii():
        return word != word.lower()
    return any(char.isupper() or char.istitle() for char in word)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A stretch of a text, as code-point offsets; `paragraph` counts from 0."""

    start: int
    end: int
    paragraph: int


_PARAGRAPH = regex.compile(r"\s*\n[^\S\n]*\n\s*")
STOPS = ".!?…؟۔।॥"
WIDE_STOPS = "。！？"
_ENDING = frozenset("\n" + STOPS + WIDE_STOPS)
CLOSERS = "\"'”’»)]"
WIDE_CLOSERS = "」』”’）"
OPENERS = "\"'“‘«([¿¡"
_STOP = regex.compile(
    rf"(?P<mark>[{STOPS}]+)[{regex.escape(CLOSERS)}]*(?P<gap>\s+)[{regex.escape(OPENERS)}]*$"
    rf"|(?P<wide>[{WIDE_STOPS}]+[{WIDE_CLOSERS}]*)"
)
CAN_OPEN = r"[\p{Lu}\p{Lt}\p{Lo}\p{N}]"
_OPENING = regex.compile(CAN_OPEN)
# Titles, ranks, forms and months: what follows them is the rest of a name or a number.
_ABBREVIATIONS = frozenset(
    """mr mrs ms dr prof rev hon st sr jr messrs gen lt col maj capt cmdr adm sgt brig pvt
    sen rep gov pres sec amb atty supt insp no nos vol vols fig figs art sect vs etc approx dept
    inc ltd corp co bros jan feb mar apr jun jul aug sep sept oct nov dec mt ft ave blvd al cf
    bzw ca usw nr abs str sra srta ud uds dra mme mlle""".split()  # noqa: SIM905 - words read better than a list of strings
)
_DOTTED_ABBREVIATIONS = frozenset({"zb", "ua", "dh", "eg", "ie"})
# After an acronym's dot only these tell a new sentence from the rest of a name (`U.S. Army`).
_OPENING_WORDS = frozenset(
    """the a an this that these those it he she they we i you but and or if in on at by for from
    as when while after before since however meanwhile his her their its our there here what who
    where why how some many most all both no not one two officials""".split()  # noqa: SIM905 - as above
)


@dataclass(frozen=True, slots=True)
class Bearing:
    """What a word does to a sentence that a stop beside it may end."""

    abbreviates: bool
    """Its stop is part of it: `Mr.`, or the initial in `J. Smith`."""
    abbreviates_dotted: bool
    """So is the last stop of `e.g.`."""
    opens: bool
    """After the last stop of `U.S.`, it begins a new sentence."""


BEARS_NOTHING = Bearing(abbreviates=False, abbreviates_dotted=False, opens=False)
_BEARS_SOMETHING = _ABBREVIATIONS | _DOTTED_ABBREVIATIONS | _OPENING_WORDS


def bearing(surface: str) -> Bearing:
    """What the word written so does to a sentence."""
    lower = surface.lower()
    initial = len(surface) == 1 and surface.isupper()
    if not initial and lower not in _BEARS_SOMETHING:
        return BEARS_NOTHING
    return Bearing(
        initial or lower in _ABBREVIATIONS, lower in _DOTTED_ABBREVIATIONS, lower in _OPENING_WORDS
    )


def sentences(text: str) -> list[Sentence]:
    """The sentences of a text, in order, covering all of it but the white space between them.

    The rule looks at what stands between two words. A blank line ends a sentence; so does a stop
    (`.` `!` `?` `…` and their like) before white space and a capital, a digit or a letter of a
    script without case, unless that stop belongs to an abbreviation or an initial (`Mr. Khan`,
    `J. Smith`) or to an acronym that the same sentence goes on after (`U.S. Army`, but `in the
    U.S. The plan`). The full-width stops end one wherever they stand.
    """
    return divide(text).sentences


class Divided(NamedTuple):
    """A text's words, as columns of what `Token` tells of each, and its sentences."""

    starts: list[int]
    ends: list[int]
    surfaces: list[str]
    paragraphs: list[int]
    within: list[int]
    """The number of each word's sentence."""
    sentences: list[Sentence]


def divide(text: str) -> Divided:
    """The words and the sentences of a text, as `tokenise` and `sentences` give them."""
    read = Divided([], [], [], [], [], [])
    starts, ends, surfaces, paragraphs, within, found = read
    start = paragraph = last = 0
    before: regex.Match[str] | None = None
    dotted = False
    for word in _WORD.finditer(text):
        begin, end = word.span()
        gap = begin - last
        # Most gaps are one blank, or none; nothing ends there.
        if (dotted or gap > 1 or (gap == 1 and text[last] in WIDE_STOPS)) and before is not None:
            stop = _end(text, before, word)
            if stop is not None:
                found.append(Sentence(start, stop[0], paragraph))
                start, paragraph = stop[1], paragraph + stop[2]
        surface = text[begin:end]
        dotted = False
        if "." in surface and word.lastgroup == "acronym":
            dotted = surface[-1] == "."
            surface = surface.replace(".", "")
        starts.append(begin)
        ends.append(end)
        surfaces.append(surface)
        paragraphs.append(paragraph)
        within.append(len(found))
        before, last = word, end
    found.append(Sentence(start, len(text), paragraph))
    return read


def _end(
    text: str, before: regex.Match[str], after: regex.Match[str]
) -> tuple[int, int, bool] | None:
    """Where the sentence ends that the words on both sides of a gap do not share.

    Gives the end of one, the start of the next, and whether a paragraph ends too.
    """
    dotted = bool(before.group("acronym")) and text[before.end() - 1] == "."
    low, high = before.end(), after.start()
    gap = text[low:high]
    if not dotted and _ENDING.isdisjoint(gap):
        return None
    blank = _PARAGRAPH.search(text, low, high) if "\n" in gap else None
    if blank:
        *_, last = _PARAGRAPH.finditer(text, low, high)
        return blank.start(), last.end(), True
    stop = _STOP.search(text, low - dotted, high)
    if stop is None:
        return None
    if stop.group("wide"):
        return stop.end(), stop.end(), False
    if not _OPENING.match(text, high):
        return None
    bare = stop.group("mark") == "." and stop.start() == low - dotted
    if bare and stop.end("mark") == stop.start("gap") and _goes_on(before, after, dotted=dotted):
        return None
    return stop.start("gap"), stop.end("gap"), False


def _goes_on(before: regex.Match[str], after: regex.Match[str], *, dotted: bool) -> bool:
    if not dotted:
        return bearing(before.group()).abbreviates
    return (
        bearing(before.group().replace(".", "")).abbreviates_dotted
        or not bearing(after.group()).opens
    )
