"""Files that keep what took long to unpack: it is done once on a machine.

Such a file is next to the source, like Python's own compiled files, or in the user's cache if that
place is not writable. It is mapped into memory, where processes share it. Where no place is
writable, each process unpacks for itself.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, NamedTuple

_SIZE_BYTES = _ALIGNED = 64
"""A file begins with the size of its header in so many digits, and each part begins at a multiple
of it."""


class Unpacked(NamedTuple):
    """What is kept."""

    facts: Any
    """As JSON knows them."""
    parts: Mapping[str, memoryview]
    """Numbers of any size, by name."""


def folders(source: str) -> list[Path]:
    """Where the files of a source may be, the first that will do before others."""
    found = [Path(source).with_name("__pycache__")]
    with contextlib.suppress(RuntimeError):  # a user without a home
        found.append(Path.home() / ".cache" / "tocsin")
    return found


def kept(
    name: str, places: Iterable[Path], packed: Path, given: Any, unpack: Callable[[], Unpacked]
) -> Unpacked | None:
    """What was unpacked, from a file in one of these folders; else it is unpacked, and kept there.

    None where it cannot be kept. `given` is all that decides what is unpacked of the file `packed`,
    as JSON knows it.
    """
    stamp = hashlib.blake2b(packed.read_bytes(), digest_size=8)
    stamp.update(json.dumps([sys.byteorder, given]).encode())
    files = [folder / f"{name}-{stamp.hexdigest()}" for folder in places]
    for file in files:
        with contextlib.suppress(OSError, ValueError):
            return _read(file)
    for file in files:
        with contextlib.suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as written:
                return _written(file, written, unpack)
    return None


def _written(file: Path, written: Any, unpack: Callable[[], Unpacked]) -> Unpacked:
    """What is unpacked; its file is whole as soon as it is there. Raises OSError."""
    own = Path(written.name)
    try:
        unpacked = unpack()
        sizes = {name: (part.format, part.nbytes) for name, part in unpacked.parts.items()}
        header = json.dumps([unpacked.facts, sizes]).encode()
        written.write(b"%*d" % (_SIZE_BYTES, len(header)))
        for part in (memoryview(header), *unpacked.parts.values()):
            written.write(part.cast("B"))
            written.write(bytes(-written.tell() % _ALIGNED))
        written.flush()
        with mmap(written.fileno(), 0) as whole:
            whole.flush()  # to the disk: a loss of power may else leave zeros in a whole file
        own.chmod(0o644)  # who builds an image is not who runs it
        own.replace(file)
    except BaseException:
        own.unlink()
        raise
    return unpacked


def _read(file: Path) -> Unpacked:
    """Raises OSError, and ValueError where a part is missing."""
    with file.open("rb") as opened:
        block = memoryview(mmap(opened.fileno(), 0, access=ACCESS_READ))
    at = _SIZE_BYTES + int(bytes(block[:_SIZE_BYTES]))
    facts, sizes = json.loads(bytes(block[_SIZE_BYTES:at]))
    parts = {}
    for name, (kind, size) in sizes.items():
        at += -at % _ALIGNED
        parts[name] = block[at : at + size].cast(kind)
        at += size
    if at + -at % _ALIGNED != len(block):
        raise ValueError(f"{file} is not whole")
    return Unpacked(facts, parts)
