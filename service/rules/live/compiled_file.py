"""Compiled rules in a file, for the next start and for the process that asked for them.

    16 bytes   the name of the format
    16 bytes   BLAKE2b of all that follows, so that a damaged file is noticed
     8 bytes   size of the whole file
     8 bytes   size of the header
    header     JSON: the cache key; each array's type, shape and offset; each text's offset and size
    the rest   arrays and texts, each at a multiple of 64 bytes

Numbers are little-endian; offsets count from the end of the header. A file holds no secret, and
nothing in it is executed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import mmap
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from service.errors import TocsinError
from service.rules.compilation.rule_set import RuleSet

_MAGIC = b"tocsin rules 1\n\0"
_HASH_BYTES = 16
_SIZES = len(_MAGIC) + _HASH_BYTES
"""Offset of the two sizes."""
_HEADER = _SIZES + 16
"""Offset of the header."""
_ALIGNMENT = 64
"""Bytes."""
_ARRAY_TYPE = re.compile(r"[<|][biuf][1248]")


class ForeignFile(TocsinError):
    """A file that this program did not write for these rules, or that is damaged."""


def write_rules(path: Path, key: str, rule_set: RuleSet) -> None:
    """Writes a set of rules, readable by this user only; the file is whole or does not exist.

    Raises OSError.
    """
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        file = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "r+b") as out:
            _write_parts(out, key, *rule_set.pack())
            os.fsync(out.fileno())
        unfinished.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise


def _write_parts(
    out: Any, key: str, arrays: Mapping[str, npt.NDArray[Any]], texts: Mapping[str, str]
) -> None:
    parts: list[memoryview | bytes] = []
    header: dict[str, Any] = {"key": key, "arrays": {}, "texts": {}}
    end = 0

    def place(part: memoryview | bytes) -> tuple[int, int]:
        nonlocal end
        begin = -(-end // _ALIGNMENT) * _ALIGNMENT
        parts.extend((b"\0" * (begin - end), part))
        end = begin + len(part)
        return begin, len(part)

    for name, array in arrays.items():
        flat = np.ascontiguousarray(array)
        begin, _ = place(flat.reshape(-1).view(np.uint8).data if flat.size else b"")
        header["arrays"][name] = [flat.dtype.str, list(flat.shape), begin]
    for name, text in texts.items():
        header["texts"][name] = place(text.encode())
    encoded = json.dumps(header).encode()
    encoded += b" " * (-(_HEADER + len(encoded)) % _ALIGNMENT)
    size = _HEADER + len(encoded) + end
    front = size.to_bytes(8, "little") + len(encoded).to_bytes(8, "little") + encoded
    hashed = hashlib.blake2b(front, digest_size=_HASH_BYTES)
    out.write(_MAGIC + b"\0" * _HASH_BYTES + front)
    for part in parts:
        out.write(part)
        hashed.update(part)
    out.seek(len(_MAGIC))
    out.write(hashed.digest())


def read_rules(path: Path, key: str) -> RuleSet:
    """The set of rules in a file, mapped into memory, not copied.

    Raises ForeignFile for a damaged file or one with another key; FileNotFoundError, OSError.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size < _HEADER:
            raise ForeignFile(f"{path}: the file is truncated")
        whole = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    if whole[: len(_MAGIC)] != _MAGIC:
        raise ForeignFile(f"{path}: it does not contain compiled rules of this version")
    if int.from_bytes(whole[_SIZES : _SIZES + 8], "little") != size:
        raise ForeignFile(f"{path}: the file is truncated")
    hashed = hashlib.blake2b(whole[_SIZES:], digest_size=_HASH_BYTES).digest()
    if hashed != whole[len(_MAGIC) : _SIZES]:
        raise ForeignFile(f"{path}: its content is damaged")
    begin = _HEADER + int.from_bytes(whole[_SIZES + 8 : _HEADER], "little")
    header = json.loads(bytes(whole[_HEADER:begin]))
    if header["key"] != key:
        raise ForeignFile(f"{path}: it contains other rules")
    arrays = {name: _map_array(whole[begin:], *place) for name, place in header["arrays"].items()}
    texts = {
        name: str(whole[begin + at : begin + at + length], "utf-8")
        for name, (at, length) in header["texts"].items()
    }
    return RuleSet.unpack(arrays, texts)


def _map_array(data: memoryview, kind: str, shape: list[int], begin: int) -> npt.NDArray[Any]:
    if not _ARRAY_TYPE.fullmatch(kind):
        raise ForeignFile(f"an array has the type {kind}, which compiled rules do not use")
    count = int(np.prod(shape))
    if not count:
        return np.empty(shape, kind)
    return np.frombuffer(data, kind, count, begin).reshape(shape)
