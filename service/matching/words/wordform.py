"""One word → the forms that it is compared by (DESIGN.md §4)."""

from __future__ import annotations

import pkgutil
import unicodedata
from functools import cache, lru_cache

import regex

from service.articles.combining_marks import cap_marks

POSSESSIVE_MARKS = "'’ʼ´`′"
"""What is typed before the s of a possessive."""
_POSSESSIVES = frozenset({f"{mark}{s}" for mark in POSSESSIVE_MARKS for s in "sS"})
_PLURAL = regex.compile(r"\d+[sS]|\p{L}{1,5}\d+s|[\p{Lu}\d]{2,}s")
_UNMARKED = regex.compile(r"\p{Latin}|\p{Greek}|\p{Cyrillic}|\p{Arabic}")
_GROUPED = regex.compile(r"\d{1,3}(?:,\d{3})+|\d{1,3}(?:\.\d{3}){2,}")
"""A number with marks between its thousands. One full stop may be a decimal point."""

# Characters that Unicode does not decompose, but that people type without stroke, ligature or curl.
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
        "ـ": "",  # stretches a line of Arabic
        "ي": "ی",  # Arabic and Persian keyboards have yeh and kaf of their own
        "ى": "ی",
        "ئ": "ی",
        "ك": "ک",
        "ة": "ه",  # typed without its dots
        "ۀ": "ه",
        "ہ": "ه",
        "ٱ": "ا",
    }
)

_APART = frozenset({"على", "وعلى"})
"""“On” in Arabic is not the name علي, although yeh is typed without dots elsewhere."""
DOTLESS = frozenset({"tr", "az"})
"""Languages in which the capital of i is İ, and that of ı is I."""
_DOTTED = "i\u0307"
"""How İ becomes small in other languages."""
_UNTYPED = str.maketrans({**dict.fromkeys(POSSESSIVE_MARKS, "'"), "\u200c": "", "\u200d": ""})
_QUOTES = str.maketrans(dict.fromkeys(POSSESSIVE_MARKS, "'"))

_ACRONYM_LENGTH = 4

MAX_REMEMBERED_WORDS = 200_000
"""Most words whose folded form is remembered."""
MAX_REMEMBERED_CHARS = 64
"""Longer words are not remembered: a text of endless words must not fill the memory."""


def fold(word: str) -> str:
    """`word` without differences of typing: case, compatibility forms, marks, curly quotes, the
    marks between thousands.

    Marks are removed from Latin, Greek, Cyrillic and Arabic letters; in other scripts they matter.
    """
    if word.isascii():
        return _ungrouped(word) if word[:1].isdigit() else word.lower()
    return _folded(word) if len(word) <= MAX_REMEMBERED_CHARS else _folded.__wrapped__(word)


@lru_cache(maxsize=MAX_REMEMBERED_WORDS)
def _folded(word: str) -> str:
    if word in _APART:
        return word
    word = word.translate(_QUOTES)  # NFKC makes ´ a space and a mark
    text = unicodedata.normalize("NFKC", cap_marks(word)).replace("İ", "i").casefold()
    text = cap_marks(text.translate(_LETTERS))  # without a joiner, two runs are one
    out: list[str] = []
    base = ""
    for char in unicodedata.normalize("NFD", text):
        if not unicodedata.combining(char):
            base = char
        elif _UNMARKED.match(base):
            continue
        out.append(str(unicodedata.decimal(char)) if char.isdecimal() else char)
    return _ungrouped(unicodedata.normalize("NFC", "".join(out)))


def _ungrouped(word: str) -> str:
    """`10000` for `10,000`; other words in lower case."""
    small = word.lower()
    return small.replace(",", "").replace(".", "") if _GROUPED.fullmatch(small) else small


def lowered(word: str, language: str) -> str:
    """`word` in lower case with its marks, as tables of forms have it.

    In Turkish and Azerbaijani the capital of i is İ, and that of ı is I.
    """
    if language in DOTLESS and not word.islower():
        word = word.replace("İ", "i").replace("I", "ı")
    if word.isascii():
        return word.lower()
    return (
        unicodedata.normalize("NFC", cap_marks(word))
        .lower()
        .replace(_DOTTED, "i")
        .translate(_UNTYPED)
    )


def bare(word: str) -> str:
    """`word` without the mark of a possessive: `jet` of `jet's`."""
    return word[:-2] if word[-2:] in _POSSESSIVES else word


def designation(word: str) -> str:
    """`word` without a possessive, nor the plural of a designation or an acronym.

    No dictionary has those: `16` of `16s`, `UAV` of `UAVs`.
    """
    if word[-1:] not in ("s", "S"):  # most words
        return word
    word = bare(word)
    return word[:-1] if is_plural(word) else word


def is_one_form(word: str) -> bool:
    """Whether a text's word is compared as it is only: without a possessive, a plural or marks."""
    if not (word.isascii() and word.isalnum()):
        return False
    return word[-1] not in ("s", "S") or word[-2:-1].islower()


def is_plural(word: str) -> bool:
    """Whether the word is the plural of a designation or an acronym, which no dictionary has."""
    if word[-1:] not in ("s", "S") or word[-2:-1].islower():  # most words
        return False
    return _PLURAL.fullmatch(word) is not None


def is_acronym(word: str) -> bool:
    """Whether a word of a rule is an acronym, which has no other form: two to four capitals."""
    return word.isupper() and 1 < len(word) <= _ACRONYM_LENGTH


def is_known_acronym(word: str) -> bool:
    """Whether a text's word is an acronym although its letters are a form of a word, too: `US`.

    Other words of four capitals may be shouted: `US JETS strike`.
    """
    return word in _known_acronyms()


@cache
def _known_acronyms() -> frozenset[str]:
    text = pkgutil.get_data("service.matching.words", "tables/acronyms.txt")
    if text is None:
        raise FileNotFoundError("acronyms.txt is missing from the package; install it again")
    lines = text.decode().splitlines()
    return frozenset(word for line in lines if line[:1] != "#" for word in line.split())


def spelling(word: str) -> str:
    """`word` as `cs()` compares it: composed characters, straight quotes."""
    return (
        word if word.isascii() else unicodedata.normalize("NFC", cap_marks(word)).translate(_QUOTES)
    )


def has_capital(word: str) -> bool:
    """Whether `caps()` accepts the word."""
    if word.isascii():
        return word != word.lower()
    return any(char.isupper() or char.istitle() for char in word)
