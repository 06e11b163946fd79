"""The text of a file, in whatever encoding."""

from __future__ import annotations

import codecs
import contextlib
import re
from collections.abc import Iterator

from chardet import EncodingEra, detect

# The mark of UTF-32 begins as that of UTF-16 does, so it comes first.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
GZIP = b"\x1f\x8b"
"""How a file begins that gzip has packed."""
_NO_TEXT = (b"PK\x03\x04", b"%PDF-", GZIP, b"{\\rtf")
"""How files begin that look like text and are none: archives and documents of offices."""
_UNMARKED = re.compile(rb"\0[<{\[]|[<{\[]\0")
"""How markup and JSON begin in UTF-16, high and low byte first, without a mark."""
_MAX_HEAD_BYTES = 2048
"""Bytes among which a page or feed declares its encoding; the HTML standard says 1,024."""
_DECLARATION = re.compile(
    rb"<(?:\?xml\b[^>]*?\bencoding|meta\b[^>]*?\bcharset)\s*=\s*[\"']?\s*([\w.:-]{3,40})",
    re.IGNORECASE,
)
# The encoding standard's names for others: what says one of these was written as the other.
_AS_BROWSERS_DO = {
    "iso-8859-1": "windows-1252",
    "latin1": "windows-1252",
    "us-ascii": "windows-1252",
    "ascii": "windows-1252",
    "iso-8859-9": "windows-1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
}
# Python has more: codecs that refuse everything, that unpack, or that are slow on purpose.
_NOT_OF_TEXT = re.compile(
    r"undefined|idna|punycode|.*escape|utf.?7|rot.?13|mbcs|oem", re.IGNORECASE
)

_IN_USE = EncodingEra.MODERN_WEB | EncodingEra.LEGACY_ISO
"""Encodings of published text; those of DOS and mainframes are not tried."""
_MAX_DETECTED_BYTES = 200_000
"""Of a file whose encoding is looked for."""

# Of few letters `franзaise` may look likelier than it is; a text in another script has words in it.
_LATIN = re.compile(r"[A-Za-z][\u0370-\u05ea]|[\u0370-\u05ea][A-Za-z]")
_OTHER_SCRIPT = re.compile(r"[\u0370-\u05ea]{4}")


def decoded(content: bytes) -> str | None:
    """The text: as UTF-8, else in the declared encoding, else in the most likely one; None where
    the bytes are no text.
    """
    if content.startswith(_NO_TEXT):
        return None
    for encoding in _declared(content):
        with contextlib.suppress(LookupError, ValueError):
            return content.decode(encoding)
    text = content.decode("utf-8", "replace")
    broken = text.count("\N{REPLACEMENT CHARACTER}")
    whole = sum(char > "\x7f" for char in text) - broken
    # Bytes of another encoding are hardly ever UTF-8 by chance: a file was cut, or put together.
    if whole > broken and "\0" not in text:
        return text
    name = detect(content[:_MAX_DETECTED_BYTES], encoding_era=_IN_USE)["encoding"] or ""
    if name and "\0" not in text:
        with contextlib.suppress(LookupError, ValueError):
            text = content.decode(_AS_BROWSERS_DO.get(name.lower(), name))
            is_latin = _LATIN.search(text) and not _OTHER_SCRIPT.search(text)
            return content.decode("windows-1252") if is_latin else text
    return None


def _declared(content: bytes) -> Iterator[str]:
    """The encodings to try, UTF-8 first: what is UTF-8 by chance is so rare that it is meant."""
    if _UNMARKED.match(content):
        yield "utf-16-be" if content[:1] == b"\0" else "utf-16-le"
    yield next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    said = _DECLARATION.search(content[:_MAX_HEAD_BYTES])
    if said is not None:
        name = said[1].decode("ascii", "replace").lower()
        if not _NOT_OF_TEXT.fullmatch(name):
            yield _AS_BROWSERS_DO.get(name, name)
