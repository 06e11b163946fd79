"""Pieces of text that are compressed once, and then joined into one zlib stream again and again."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import NamedTuple

_LEVEL = 3
_BASE = 65521
"""Of Adler-32: the checksum's two sums are modulo this (RFC 1950)."""


class Piece(NamedTuple):
    """A compressed text."""

    data: bytes
    checksum: int
    """Adler-32 of the text."""
    size: int
    """Of the text, in bytes."""


def compress(text: bytes) -> Piece:
    """A piece, which refers to no other: it may follow any."""
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    data = compressor.compress(text) + compressor.flush(zlib.Z_FULL_FLUSH)
    return Piece(data, zlib.adler32(text), len(text))


def join(pieces: Iterable[Piece]) -> bytes:
    """The texts one after the other, as one zlib stream."""
    parts = [zlib.compress(b"", _LEVEL)[:2]]
    checksum = zlib.adler32(b"")
    for piece in pieces:
        parts.append(piece.data)
        checksum = _joined(checksum, piece)
    end = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS).flush()
    return b"".join((*parts, end, checksum.to_bytes(4, "big")))


def _joined(before: int, piece: Piece) -> int:
    """The checksum of a text that has `before`, and of a piece behind it."""
    low, high = before & 0xFFFF, before >> 16
    own_low, own_high = piece.checksum & 0xFFFF, piece.checksum >> 16
    # The piece begins with the first sum of what is before it, where its own began with 1.
    high = (high + own_high + (low - 1) * piece.size) % _BASE
    low = (low + own_low - 1) % _BASE
    return high << 16 | low
