"""Sorted strings of bytes → a minimal automaton, as `words.dictionary.automaton` reads it.

Strings that begin or end alike share those parts, which makes millions of them a few megabytes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from benchmarks.words.minimal import layout, minimal


def packed(keys: Sequence[bytes]) -> bytes:
    """The automaton of these keys, which are sorted and without repetition."""
    text = np.frombuffer(b"".join(keys), np.uint8)
    ends = np.cumsum([0, *map(len, keys)], dtype=np.int64)
    built: npt.NDArray[np.uint8] = layout(*minimal(text, ends))
    return built.tobytes()
