"""The repair of UTF-8 that was read as a single-byte encoding: “TÃ¼rkiye” → “Türkiye”.

ftfy repairs the encodings, text that was broken twice, and lost no-break spaces; it looks for
characters that are never neighbours in any language. The rule below is for what ftfy misses: pairs
of letters that end a word in one language and begin one in another, as in “ErdoÄŸan”.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

from service.articles.paragraphs import beyond_ascii

_ENCODINGS = ("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257")
"""What UTF-8 is read as by mistake: Latin-1 and Windows' own, Western to Baltic."""

_MAC = "√|‚Ä"
"""And on old Macs: “caf√©”, “don‚Äôt”."""

_LINE = re.compile(r"[^\n\r]+")
# No word goes from a lower-case letter over to one of these capitals and then to a mark; and none
# has one of the three beside one of the others.
_TELLING_PAIR = re.compile(
    "(?<=[a-zß-ÿ])[ÂÃÄÅÈ][\x80-\x9f¡-¬®-¿ŒœŠšŽžŸƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]|[ÃÄÅ][\x8c\x9a\x9c\x9e\x9fŒœšžŸ]"
)
# A no-break space became “Â ”, and what of “à” is left before a space that was one is “Ã”.
_LOST_SPACE = re.compile(r"(?<=[a-zß-ÿ0-9.,;:!?%)])Â(?=[ \xa0]|$)")
_LOST_A = r"(?<![A-ZÀ-Þ])Ã "


def repair(text: str) -> str:
    """The text with its broken letters repaired; a text without traces of them is unchanged.

    Each line is repaired by itself, because a page may be composed of several texts. If only a part
    of a line is broken, only that part changes. Lost characters, such as U+FFFD, stay lost.
    """
    return _LINE.sub(_repaired_line, text) if _may_be_broken(text) else text


def _repaired_line(line: re.Match[str]) -> str:
    text = line[0]
    if not _may_be_broken(text):
        return text
    text = _LOST_SPACE.sub("", _fix()(text))
    return _TELLING_PAIR.sub(lambda pair: bytes(map(_byte, pair[0])).decode(), text)


def _byte(character: str) -> int:
    """The byte that was read as this character."""
    return ord(character) if ord(character) < 256 else character.encode("cp1252")[0]


@functools.cache
def _fix() -> Callable[[str], str]:
    from ftfy import fix_encoding  # noqa: PLC0415 (0.15 s, and most articles are whole)

    return fix_encoding


# --- the cheap test --------------------------------------------------------------------------


def _may_be_broken(text: str) -> bool:
    """Whether neighbouring characters may be the bytes of one character: always so in broken text,
    seldom in good text.
    """
    if text.isascii():
        return False
    first, pairs, sequences = _traces()
    if first.isdisjoint(beyond_ascii(text)):
        return False
    return any(sequences.match(text, pair.start()) for pair in pairs.finditer(text))


@functools.cache
def _traces() -> tuple[frozenset[str], re.Pattern[str], re.Pattern[str]]:
    """With what sequences may begin, where they may, which is quickly found, and the sequences."""
    first = "".join(_characters_of(range(0xC2, 0xF5), each) for each in _ENCODINGS)
    more = "".join(_characters_of(range(0x80, 0xC0), each) for each in _ENCODINGS)
    sequences = [*map(_sequences, _ENCODINGS), _LOST_SPACE.pattern, _LOST_A, _MAC]
    first += "√‚"
    pairs = f"[{first}](?=[{more}Ä]|(?<=[ÂÃ])(?: |$))"
    return frozenset(first), re.compile(pairs), re.compile("|".join(sequences))


def _sequences(encoding: str) -> str:
    """UTF-8's sequences of two, three and four bytes, as the encoding reads them."""
    starts = (range(0xC2, 0xE0), range(0xE0, 0xF0), range(0xF0, 0xF5))
    two, three, four = (_characters_of(each, encoding) for each in starts)
    more = _characters_of(range(0x80, 0xC0), encoding) + "\ufffd"
    return f"[{two}][{more}]|[{three}][{more}]{{2}}|[{four}][{more}]{{3}}"


def _characters_of(octets: range, encoding: str) -> str:
    """Bytes as the encoding reads them, and as Latin-1 reads those that are its controls."""
    windows = bytes(octets).decode(encoding, errors="ignore")
    return windows + "".join(chr(each) for each in octets if each < 0xA0)
