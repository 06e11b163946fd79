"""JSON inside a stream entry's field, and the wrappings that message libraries put around it."""

from __future__ import annotations

import json
import re
import struct
from typing import Any

from service.errors import BadEntry

_MAGIC = b"\x89BIN\x0d\x0a\x1a\x0a"
"""FastStream's BinaryMessageFormatV1 begins with it."""
_BINARY_HEADER = struct.Struct(">HII")
"""After the magic: version, where the headers start, where the data starts."""
_BINARY_VERSION = 1


_NOT_TEXT = re.compile("[\0\ud800-\udfff]")
_SIGNATURES = (
    "%PDF-",
    "%!PS-",
    "{\\rtf",
    "PK\x03\x04",
    "\x89PNG",
    "\ufffdPNG",
    "GIF87a",
    "GIF89a",
    "\x1f\x8b",
    "\xff\xd8\xff",
    "\ufffd\ufffd\ufffd",
)
"""How files of other kinds begin, read as UTF-8 with or without faults, or as Latin-1."""
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]")
_LOOKED_AT = 500
_LEAST_BINARY = 40
_MOST_CONTROLS = 0.1


class Number(str):
    """A JSON number as it was written: an id of 5,000 digits stays one, and nothing is rounded."""

    __slots__ = ()


_DECODER = json.JSONDecoder(
    strict=False,  # a raw line break in a string is against the standard, and clear all the same
    parse_int=Number,
    parse_float=Number,
    parse_constant=lambda _: None,
)


def read_object(name: str, raw: bytes) -> dict[str, Any]:
    """The JSON object in a field's bytes, plain or in FastStream's binary format.

    Numbers come as `Number`; NaN and Infinity, which pandas writes where a value is missing, as
    None; of a name given twice the last counts. Raises BadEntry for anything but an object.
    """
    if raw.startswith(_MAGIC):
        raw = _binary_data(name, raw)
    return parse_object(name, decode(name, raw.removeprefix(b"\xef\xbb\xbf")))


def parse_object(name: str, text: str) -> dict[str, Any]:
    """The JSON object in a text; see `read_object`."""
    value = parse(name, text)
    if not isinstance(value, dict):
        raise BadEntry(
            f"field `{name}` holds {kind(value)}, not a JSON object; send "
            '{"title": "…", "body": "…"}'
        )
    return value


def parse(name: str, text: str) -> Any:
    """The JSON value in a text; see `read_object`."""
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise BadEntry(
            f"field `{name}` is broken JSON at line {error.lineno}, column {error.colno}: "
            f"{error.msg}; send one whole JSON value"
        ) from error
    except RecursionError as error:
        raise BadEntry(
            f"field `{name}` is JSON nested too deeply to be an article; send a flat object"
        ) from error


def decode(name: str, raw: bytes) -> str:
    """A field's bytes as text. Raises BadEntry when they are not UTF-8."""
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise BadEntry(
            f"field `{name}` is not UTF-8 at byte {error.start} (0x{raw[error.start]:02x}); "
            "encode the text as UTF-8",
            "encoding",
        ) from error


def check_is_text(name: str, value: str) -> None:
    """Raises BadEntry for a string that is no text: half a character, a PDF, a picture."""
    if _is_binary(value):
        raise BadEntry(
            f"field `{name}` holds a file that is no text, such as a PDF or a picture; send the "
            "text that it shows",
            "encoding",
        )
    found = None if _is_text(value) else _NOT_TEXT.search(value)
    if found is None:
        return
    what = (
        "a NUL character" if found[0] == "\0" else f"half a surrogate pair (U+{ord(found[0]):04X})"
    )
    raise BadEntry(
        f"field `{name}` holds {what} at character {found.start()}, which no text does; "
        "send the text decoded, not raw bytes",
        "encoding",
    )


def _is_text(value: str) -> bool:
    """Whether a string holds no NUL and no half of a surrogate pair: UTF-8 has no bytes for one."""
    try:
        return "\0" not in value and (value.isascii() or bool(value.encode()))
    except UnicodeEncodeError:
        return False


def is_file(text: str) -> bool:
    """Whether a text begins as files of other kinds do."""
    return _start(text).startswith(_SIGNATURES)


def _start(text: str) -> str:
    return text[:_LOOKED_AT].lstrip("\ufeff \t\r\n")


def _is_binary(text: str) -> bool:
    """Whether a text is the bytes of a file of another kind, read as text."""
    if is_file(text):
        return True
    start = _start(text)
    if len(start) < _LEAST_BINARY or start.replace("\n", "").isprintable():
        return False
    return len(_CONTROL.findall(start)) > _MOST_CONTROLS * len(start)


def kind(value: object) -> str:
    """A JSON value's kind, in the words that a reason uses."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case Number():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
        case _:
            return "an object"


def _binary_data(name: str, raw: bytes) -> bytes:
    body = raw[len(_MAGIC) :]
    if len(body) >= _BINARY_HEADER.size:
        version, headers_start, data_start = _BINARY_HEADER.unpack_from(body)
        in_order = len(_MAGIC) + _BINARY_HEADER.size <= headers_start < data_start <= len(raw)
        if version == _BINARY_VERSION and in_order:
            return raw[data_start:]
    raise BadEntry(
        f"field `{name}` begins like a FastStream binary message and is cut short or of another "
        "version than 1; publish it again, or send plain JSON"
    )
