"""Arrays in large pages of memory, for data that kernels read at random places.

A processor caches the addresses of about two thousand pages. With pages of 4 KiB, a large set of
rules needs more; with pages of 2 MiB, the cache is always enough. With a hundred thousand
watchlists that saves a twentieth of all time, and more if other programs use the same caches.
"""

from __future__ import annotations

import contextlib
import mmap
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

PAGE_BYTES = 1 << 21
"""Of a large page."""
MIN_LARGE_BYTES = 1 << 18
"""An array of at least so many bytes lies in large pages."""
LINE_BYTES = 64
"""Of memory that a processor reads at a time."""


def zeros(size: int, kind: npt.DTypeLike) -> Array:
    """An array of `size` zeros; a large one lies in large pages if the system has them."""
    wanted = size * np.dtype(kind).itemsize
    if sys.platform != "linux" or wanted < MIN_LARGE_BYTES:
        return np.zeros(size, kind)
    room = mmap.mmap(-1, wanted + 2 * PAGE_BYTES, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    with contextlib.suppress(OSError):  # a system without large pages; the call is only advice
        room.madvise(mmap.MADV_HUGEPAGE)
    return _from(np.frombuffer(room, np.uint8), PAGE_BYTES)[:wanted].view(kind)


def together(sizes: Mapping[str, tuple[int, npt.DTypeLike]]) -> dict[str, Array]:
    """Arrays of zeros by name, one after the other in memory, each at the start of a line."""
    lengths = {name: size * np.dtype(kind).itemsize for name, (size, kind) in sizes.items()}
    room = _from(
        zeros(sum(lengths.values()) + LINE_BYTES * (len(lengths) + 1), np.uint8), LINE_BYTES
    )
    made: dict[str, Array] = {}
    for name, (_, kind) in sizes.items():
        made[name] = room[: lengths[name]].view(kind)
        room = _from(room[lengths[name] :], LINE_BYTES)
    return made


def copied(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Read-only copies that lie together in memory."""
    made = together({name: (array.size, array.dtype) for name, array in arrays.items()})
    for name, array in arrays.items():
        made[name][:] = array
        made[name].flags.writeable = False
    return made


def _from(room: npt.NDArray[np.uint8], border: int) -> npt.NDArray[np.uint8]:
    """The room from its first address that is a multiple of `border`, in bytes."""
    return room[-room.ctypes.data % border :]
