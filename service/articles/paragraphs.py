"""Raw text → clean lines and paragraphs: one spelling of a space, nothing invisible, NFC."""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from html import unescape as unescape_all
from html.entities import html5

from service.articles.combining_marks import cap_marks

BREAK = "\n\n"
"""Between the paragraphs of a zone."""

# Line and paragraph separators other than \n that text copied off pages brings along.
_NEWLINES = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028]")
_PARAGRAPH_SEPARATOR = "\u2029"

# Invisible characters. Each of them would hide a word from a watchlist: C0 and C1
# controls, soft hyphen, grapheme joiner, Arabic letter mark, Hangul fillers, Khmer inherent vowels,
# Mongolian vowel separator, zero-width space, direction marks, embeddings and isolates, word joiner
# and invisible operators, byte order mark, anchors, codes that stand for no character, and tags
# (which some emoji flags are made of).
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e"
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffc\ufffe\uffff"
    "\U000e0000-\U000e007f]"
)
# C1 controls are what is left of Windows-1252 that was read as Latin-1: browsers take them for its
# quotes and dashes, too. 0x85 is not among them, for it is Unicode's next line as well.
_WINDOWS_1252 = {
    code: bytes([code]).decode("cp1252")
    for code in range(0x80, 0xA0)
    if code not in (0x81, 0x85, 0x8D, 0x8F, 0x90, 0x9D)
}
# Zero-width (non-)joiners are spelling in Arabic and Indic scripts, and glue in emoji; next to a
# Latin, Greek, Cyrillic or Armenian letter, or at an edge of the text, they only hide a word.
_STRAY_JOINER = re.compile(
    "(?<![\u0590-\U0010ffff])[\u200c\u200d]+|[\u200c\u200d]+(?![\u0590-\U0010ffff])"
)

# Half-width kana, whose voicing marks are characters of their own; Thai am as a ring and an aa,
# with a tone mark between them or not.
_APART = re.compile("[\uff66-\uff9f]+|\u0e4d(?P<tone>[\u0e48-\u0e4b]?)\u0e32")
# Those among the above that count as printable.
_SEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u3164\uff66-\uff9f\uffa0\ufffc\u0e4d]")

_REFERENCE = re.compile(
    r"&(?P<again>(?:amp;)*)(?P<name>#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
)
_ALNUM_RUN = re.compile(r"[^\W_]+")
_NO_ALNUM = bytes(code for code in range(256) if not chr(code).isalnum())
"""What Latin-1 has beside letters and digits."""
_CLEAN_ASCII = bytes(code for code in range(128) if code == 10 or chr(code).isprintable())
_CLEAN_LATIN_1 = _CLEAN_ASCII + bytes(c for c in range(128, 256) if chr(c).isprintable())
_HALVES = "surrogatepass"
"""For texts that hold half a surrogate pair."""
# Text that is about markup holds these, and no word is hidden by them.
_KEPT_AS_WRITTEN = frozenset({"lt", "gt"})

# Where mail programs and wire services break lines; a text with longer lines was never wrapped.
_WRAP_WIDTH = range(60, 101)
# A line that is broken off within a sentence is at least so long, has no stop and no colon at its
# end, and the next begins with a word in small letters.
_LEAST_LINE = 40
_OPEN = re.compile(r"[^\W_][,’'\"”»)]?$")
_LOWER = re.compile(r"[a-zß-öø-ÿα-ωά-ώа-яё]+(?![^\W\d_])")
# Fewer line breaks than this may be full by chance.
_LEAST_BREAKS = 3


def unescape(text: str, *, again: bool = False) -> str:
    """Resolve character references that end in a semicolon (`&amp;`, `&#8217;`).

    Those that were escaped once more are, too (`T&amp;uuml;rkiye`), but for `&amp;lt;` and
    `&amp;gt;`, which are resolved once. `again` says that all of the text has been resolved once.
    """
    resolved = _resolved_again if again else _resolved
    return _REFERENCE.sub(resolved, text) if "&" in text else text


def clean(text: str) -> str:
    r"""NFC with `\n` as the only line break, and without characters that nobody can see."""
    if is_clean(text):
        return text
    text = _NEWLINES.sub("\n", text).replace(_PARAGRAPH_SEPARATOR, BREAK)
    text = _INVISIBLE.sub("", text.translate(_WINDOWS_1252))
    return text if text.isascii() else composed(_STRAY_JOINER.sub("", text))


@functools.lru_cache(8)  # a body is asked for twice: as a field, and to be divided
def is_clean(text: str) -> bool:
    r"""Whether there is nothing to clean for certain: a quick look at all of the text at once.

    No space is printable but the plain one, nor is any invisible character but those of `_SEEN`.
    """
    try:  # of Latin-1 no character is combined with its neighbour
        return not text.encode("latin-1").translate(None, _CLEAN_LATIN_1)
    except UnicodeEncodeError:
        others = beyond_ascii(text, _CLEAN_ASCII)
    seen = others.isprintable() and _SEEN.search(others) is None
    return seen and cap_marks(text) == text and unicodedata.is_normalized("NFC", text)


def beyond_ascii(text: str, without: bytes = bytes(range(128))) -> str:
    """The text less some characters of ASCII: quickly found, most texts have few others."""
    return text.encode("utf-8", _HALVES).translate(None, without).decode("utf-8", _HALVES)


def visible(text: str) -> list[int]:
    """The indexes of the characters that `clean` keeps."""
    places = [*range(len(text))]
    for pattern in (_INVISIBLE, _STRAY_JOINER):  # in turn: a mark may be next to a joiner
        seen = "".join([text[at] for at in places])
        gone = {at for found in pattern.finditer(seen) for at in range(*found.span())}
        places = [place for at, place in enumerate(places) if at not in gone]
    return places


def composed(text: str) -> str:
    """NFC, and whole what compatible characters take apart: `ﾊﾟ` is パ, Thai am one letter."""
    return unicodedata.normalize("NFC", _APART.sub(_joined, cap_marks(text)))


def _joined(apart: re.Match[str]) -> str:
    if apart["tone"] is None:
        return unicodedata.normalize("NFKC", apart[0])
    return f"{apart['tone']}\u0e33"


def line(text: str) -> str:
    """The text as one line: clean, every run of white space one space."""
    return " ".join(clean(text).split()) if text else ""


def lines(text: str) -> list[str]:
    """The text's lines, clean, without the blank ones."""
    return [each for each in _all_lines(text) if each]


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a plain text, each one line.

    Every line is a paragraph, unless the text was hard-wrapped: then the lines between two blank
    ones are.
    """
    return _joined_lines(_all_lines(text))


def rejoined(text: str) -> list[str]:
    """The paragraphs of a summary, without the breaks within its sentences.

    A line is broken off where one that has no stop is followed by small letters. In the text of a
    page that might as well be a caption, or a link; a summary has none.
    """
    if not text:
        return []
    every = _all_lines(text)
    if len(every) == 1:
        return _joined_lines(every)
    neighbours = set(itertools.pairwise(every))
    found: list[list[str]] = []
    for each in _joined_lines(every):
        if found and (found[-1][-1], each) in neighbours and _breaks_off(found[-1][-1], each):
            found[-1].append(each)
        else:
            found.append([each])
    return [" ".join(run) for run in found]


def _breaks_off(upper: str, lower: str) -> bool:
    return bool(len(upper) >= _LEAST_LINE and _OPEN.search(upper) and _LOWER.match(lower))


def squash(text: str) -> str:
    """Letters and digits only, case-folded: two texts with one squash say the same words."""
    folded = text.casefold()
    try:  # ten times as fast as by its characters
        return folded.encode("latin-1").translate(None, _NO_ALNUM).decode("latin-1")
    except UnicodeEncodeError:
        return "".join(_ALNUM_RUN.findall(folded))


def _resolved(reference: re.Match[str]) -> str:
    if reference["again"]:
        return _resolved_again(reference)
    return _character(reference["name"])


def _resolved_again(reference: re.Match[str]) -> str:
    return f"&{name};" if (name := reference["name"]) in _KEPT_AS_WRITTEN else _character(name)


def _character(name: str) -> str:
    if name.startswith("#"):
        return unescape_all(f"&{name};")  # it replaces numbers that HTML redefines
    return html5.get(f"{name};", f"&{name};")


def _all_lines(text: str) -> list[str]:
    if "  " not in text and is_clean(text):  # then a space stands at most at a line's ends
        return [each.strip(" ") for each in text.split("\n")]
    return [" ".join(each.split()) for each in clean(text).split("\n")]


def _joined_lines(every: list[str]) -> list[str]:
    """The paragraphs that all lines of a text are; blank ones are none."""
    width = max(map(len, every))
    if width not in _WRAP_WIDTH:
        return [each for each in every if each]
    blocks = [list(block) for filled, block in itertools.groupby(every, bool) if filled]
    if not _is_wrapped(blocks, width):
        return [each for block in blocks for each in block]
    return [" ".join(block) for block in blocks]


def _is_wrapped(blocks: list[list[str]], width: int) -> bool:
    """Whether lines end where the next word would not have fitted, and mostly inside sentences.

    `width` is that of the longest line.
    """
    breaks = [pair for block in blocks for pair in itertools.pairwise(block)]
    if len(breaks) < _LEAST_BREAKS:
        return False
    full = sum(len(upper) + 1 + len(lower.split(" ", 1)[0]) > width for upper, lower in breaks)
    inside = sum(upper[-1] not in ".!?:" for upper, _ in breaks)
    return full >= 0.9 * len(breaks) and inside >= 0.5 * len(breaks)
