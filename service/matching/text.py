"""Text → words: tokenising, folding, inflection, sentences (DESIGN.md §4).

The same functions read articles and expressions, so both sides always agree on what a word is.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import regex
import simplemma

# Han, Hiragana, Katakana and Thai are written without spaces: each character is a word, and a run
# of them in an expression is a phrase.
_RUN = r"[\p{Han}\p{Hiragana}\p{Katakana}ー\p{Thai}]"
_WORD = regex.compile(
    rf"""
    (?P<run> {_RUN} \p{{Mn}}* )
  | (?P<acronym> (?: \p{{L}} \. ){{2,}} \p{{L}}? (?! [\p{{L}}\p{{N}}] ) (?: ['’]s\b )? )
  | \p{{N}}+ (?: [.,] \p{{N}}+ )+
  | (?: (?! {_RUN} ) [\p{{L}}\p{{N}}\p{{M}}] )+ (?: ['’]s\b )?
    """,
    regex.VERBOSE,
)
_POSSESSIVE = regex.compile(r"['’]s$", regex.IGNORECASE)
_PLURAL_NUMBER = regex.compile(r"(\d+)s", regex.IGNORECASE)
_UNMARKED = regex.compile(r"\p{Latin}|\p{Greek}|\p{Cyrillic}")

# Letters that Unicode does not decompose but readers type without their stroke or ligature.
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
    }
)
_QUOTES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'"})

_ACRONYM_LENGTH = 4


@dataclass(frozen=True, slots=True)
class Token:
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
    bounds = sentences(text)
    tokens: list[Token] = []
    sentence = 0
    for found in _WORD.finditer(text):
        while sentence + 1 < len(bounds) and bounds[sentence + 1].start <= found.start():
            sentence += 1
        surface = found.group()
        if found.group("acronym"):
            surface = surface.replace(".", "")
        paragraph = bounds[sentence].paragraph
        tokens.append(Token(found.start(), found.end(), surface, paragraph, sentence))
    return tokens


def words(text: str) -> tuple[str, ...]:
    """The surface forms of the words in `text`, as an expression's term holds them."""
    return tuple(token.surface for token in tokenise(text))


@lru_cache(maxsize=200_000)
def fold(word: str) -> str:
    """`word` without what typing varies: case, compatibility forms, marks, curly quotes.

    Marks are stripped from Latin, Greek and Cyrillic letters only; elsewhere they are letters.
    """
    text = unicodedata.normalize("NFKC", word).replace("İ", "i").casefold()
    text = text.translate(_LETTERS).translate(_QUOTES)
    out: list[str] = []
    base = ""
    for char in unicodedata.normalize("NFD", text):
        if not unicodedata.combining(char):
            base = char
        elif _UNMARKED.match(base):
            continue
        out.append(char)
    return unicodedata.normalize("NFC", "".join(out))


@lru_cache(maxsize=200_000)
def lemma(word: str, language: str) -> str:
    """The folded dictionary form of `word`, itself folded where the language has no dictionary.

    A word of up to four capitals is an acronym and has no other form (`US` is not `we`, `AIDS` is
    not `aid`); a possessive or a designation's plural is taken off first (`jet's`, `F-16s`).
    """
    bare = _POSSESSIVE.sub("", word)
    number = _PLURAL_NUMBER.fullmatch(bare)
    if number:
        return number.group(1)
    if bare.isupper() and 1 < len(bare) <= _ACRONYM_LENGTH:
        return fold(bare)
    try:
        return fold(simplemma.lemmatize(bare, lang=language.partition("-")[0]))
    except ValueError:  # simplemma's word for a language that it has no dictionary of
        return fold(bare)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A stretch of a text, as code-point offsets; `paragraph` counts from 0."""

    start: int
    end: int
    paragraph: int


_PARAGRAPH = regex.compile(r"(?:[^\S\n]*\n){2,}\s*")
# A sentence ends at . ! ? … (and their closing quotes) where white space and something that can
# open a sentence follow; the full-width marks end one wherever they stand.
_END = regex.compile(
    r"(?P<mark>[.!?…]+)[\"'”’»)\]]*(?P<gap>\s+)(?=[\"'“‘«(\[¿¡]*[\p{Lu}\p{Lt}\p{Lo}\p{N}])|[。！？]+[」』”’）]*"
)
_LAST_WORD = regex.compile(r"(?:\p{L}\.)+\p{L}$|[\p{L}\p{N}]+$")
_NEXT_WORD = regex.compile(r"[\p{L}\p{N}]+")
# Titles, ranks, forms and months: what follows them is the rest of a name or a number.
_ABBREVIATIONS = frozenset(
    """mr mrs ms dr prof rev hon st sr jr messrs gen lt col maj capt cmdr adm sgt brig pvt
    sen rep gov pres sec amb atty supt insp no nos vol vols fig figs art sect vs etc approx dept
    inc ltd corp co bros jan feb mar apr jun jul aug sep sept oct nov dec mt ft ave blvd al cf
    z.b u.a d.h bzw ca usw nr abs str sra srta ud uds dra mme mlle""".split()  # noqa: SIM905 - words read better than a list of strings
)
# After an acronym's dot only these tell a new sentence from the rest of a name (`U.S. Army`).
_OPENERS = frozenset(
    """the a an this that these those it he she they we i you but and or if in on at by for from
    as when while after before since however meanwhile his her their its our there here what who
    where why how some many most all both no not one two officials""".split()  # noqa: SIM905 - as above
)


def sentences(text: str) -> list[Sentence]:
    """The sentences of a text, in order, covering all of it but the white space between them.

    The rule: a blank line ends one; so does a stop, `!`, `?` or `…` before white space and a
    capital, a digit or a letter of a script without case, unless the stop belongs to an
    abbreviation or an initial (`Mr. Khan`, `J. Smith`) or to an acronym that the same sentence
    goes on after (`U.S. Army`, but `in the U.S. The plan`).
    """
    found: list[Sentence] = []
    start, number = 0, 0
    for gap in [*_PARAGRAPH.finditer(text), None]:
        end = gap.start() if gap else len(text)
        found.extend(_split(text, start, end, number))
        if gap is None:
            break
        start, number = gap.end(), number + 1
    return found or [Sentence(0, len(text), 0)]


def _split(text: str, start: int, end: int, paragraph: int) -> list[Sentence]:
    found: list[Sentence] = []
    for mark in _END.finditer(text, start, end):
        bare = mark.end("mark") == mark.start("gap")
        if bare and mark.group("mark") == "." and _goes_on(text, start, mark):
            continue
        stop = mark.start("gap") if mark.group("gap") else mark.end()
        found.append(Sentence(start, stop, paragraph))
        start = mark.end()
    if start < end:
        found.append(Sentence(start, end, paragraph))
    return found


def _goes_on(text: str, start: int, mark: regex.Match[str]) -> bool:
    last = _LAST_WORD.search(text, max(start, mark.start() - 40), mark.start())
    if last is None:
        return False
    word = last.group().lower()
    if "." in word and word not in _ABBREVIATIONS:
        following = _NEXT_WORD.search(text, mark.end())
        return following is None or following.group().lower() not in _OPENERS
    initial = len(word) == 1 and last.group().isupper()
    return initial or word in _ABBREVIATIONS
