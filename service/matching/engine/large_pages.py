"""Arrays in large pages of memory, for what the kernels reach into at random.

A processor remembers where some two thousand pages are, which at 4 KiB each is less than a large
set of rules takes; of pages of 2 MiB it never has to look one up. With a hundred thousand
watchlists that is a twentieth of all time, more where other programs want the same caches.
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

PAGE = 1 << 21
"""Bytes of a large page."""
LEAST = 1 << 18
"""Bytes from which an array is worth one."""
LINE = 64
"""Bytes of memory that a processor reads at a time."""


def zeros(size: int, kind: npt.DTypeLike) -> Array:
    """An array of so many zeros; a large one lies in large pages where the system has them."""
    wanted = size * np.dtype(kind).itemsize
    if sys.platform != "linux" or wanted < LEAST:
        return np.zeros(size, kind)
    room = mmap.mmap(-1, wanted + 2 * PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    with contextlib.suppress(OSError):  # a system without large pages; it is advice, no more
        room.madvise(mmap.MADV_HUGEPAGE)
    return _from(np.frombuffer(room, np.uint8), PAGE)[:wanted].view(kind)


def together(sizes: Mapping[str, tuple[int, npt.DTypeLike]]) -> dict[str, Array]:
    """Arrays of zeros by name, one behind the other, each from the beginning of a line on."""
    lengths = {name: size * np.dtype(kind).itemsize for name, (size, kind) in sizes.items()}
    room = _from(zeros(sum(lengths.values()) + LINE * (len(lengths) + 1), np.uint8), LINE)
    made: dict[str, Array] = {}
    for name, (_, kind) in sizes.items():
        made[name] = room[: lengths[name]].view(kind)
        room = _from(room[lengths[name] :], LINE)
    return made


def copied(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Copies that lie together and that nothing writes to."""
    made = together({name: (array.size, array.dtype) for name, array in arrays.items()})
    for name, array in arrays.items():
        made[name][:] = array
        made[name].flags.writeable = False
    return made


def _from(room: npt.NDArray[np.uint8], border: int) -> npt.NDArray[np.uint8]:
    """The room from its first address on that is a multiple of `border`."""
    return room[-room.ctypes.data % border :]
