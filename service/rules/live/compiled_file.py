"""Compiled rules in a file, for the next start and for the process that asked for them.

    16 bytes   what it is, and in which format
    16 bytes   BLAKE2b of all that follows: a torn or foreign file is noticed
     8 bytes   size of the whole file
     8 bytes   size of the header
    header     JSON: the key; each array's type and place; each text's place
    the rest   arrays and texts, each at a multiple of 64 bytes

Numbers are little-endian. A file holds no secret, and nothing in it is executed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import mmap
import os
import re
import secrets
import sys
import tempfile
import time
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from service.errors import TocsinError
from service.rules.compilation.rule_set import RuleSet

KEPT = 3
"""Files that stay in a folder: the rules in force, and those before them, should they come back."""
LEFT = 3600.0
"""Seconds after which an unfinished file is what a killed process left."""

_MAGIC = b"tocsin rules 1\n\0"
_DIGEST = 16
_START = len(_MAGIC) + _DIGEST
_ALIGNED = 64
_TYPE = re.compile(r"[<|][biuf][1248]")
_LIBRARIES = ("numpy", "pydantic", "pyyaml", "regex", "simplemma")


class ForeignFile(TocsinError):
    """A file that is not what this program wrote for these rules."""


_PACKAGE = Path(__file__).parents[2]  # all of it: the engine decides too, not this room alone


@cache
def program() -> bytes:
    """A digest of all that decides what compiled rules look like: this program and its libraries.

    Asked for once, at the start: what is installed over a running program does not change it.
    """
    said = hashlib.blake2b(digest_size=16)
    for name in ("tocsin", *_LIBRARIES):
        said.update(f"{name} {version(name)}\n".encode())
    said.update(f"{sys.version_info[:2]} {unicodedata.unidata_version} {sys.byteorder}".encode())
    for path in sources():
        said.update(f"\n{path.relative_to(_PACKAGE)} ".encode())
        said.update(path.read_bytes())
    return said.digest()


def sources() -> list[Path]:
    """The files of the whole package that decide what compiled rules look like."""
    return sorted((*_PACKAGE.rglob("*.py"), *_PACKAGE.rglob("*.txt")))


def key(files: Mapping[str, bytes]) -> str:
    """The name of the compiled form of these rules files: another one for any change in them."""
    said = hashlib.blake2b(program(), digest_size=16)
    for name in sorted(files):
        said.update(f"\n{len(name)} {len(files[name])} {name}".encode(errors="surrogateescape"))
        said.update(files[name])
    return said.hexdigest()


def path_in(folder: Path, key: str) -> Path:
    """Where rules of this key stand in a folder."""
    return folder / f"{key}.rules"


def write(path: Path, key: str, rule_set: RuleSet) -> None:
    """Write a set of rules, for nobody but this user; it stands there wholly or not at all.

    Raises OSError.
    """
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        file = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "r+b") as out:
            _write(out, key, *rule_set.pack())
            os.fsync(out.fileno())
        unfinished.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise


def write_somewhere(folder: Path, key: str, rule_set: RuleSet, *, to_stay: bool) -> Path:
    """Write a set of rules into a folder or, where that takes no file, into a temporary one.

    What is not `to_stay` goes into a temporary one, where no start will find it. Returns the
    file's path. Raises OSError where there is no place at all.
    """
    try:
        if not to_stay:
            raise OSError("what has faults is told again at the next start, so it is not stored")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write(path_in(folder, key), key, rule_set)
    except OSError:
        # Containers with a read-only file system have /dev/shm, if nothing else.
        for temporary in (None, "/dev/shm"):  # noqa: S108 - mkdtemp makes a folder of our own
            with contextlib.suppress(OSError):
                folder = Path(tempfile.mkdtemp(prefix="tocsin-", dir=temporary))
                write(path_in(folder, key), key, rule_set)
                break
        else:
            raise
    return path_in(folder, key)


def _write(
    out: Any, key: str, arrays: Mapping[str, npt.NDArray[Any]], texts: Mapping[str, str]
) -> None:
    parts: list[memoryview | bytes] = []
    header: dict[str, Any] = {"key": key, "arrays": {}, "texts": {}}
    end = 0

    def place(part: memoryview | bytes) -> tuple[int, int]:
        nonlocal end
        begin = -(-end // _ALIGNED) * _ALIGNED
        parts.extend((b"\0" * (begin - end), part))
        end = begin + len(part)
        return begin, len(part)

    for name, array in arrays.items():
        flat = np.ascontiguousarray(array)
        begin, _ = place(flat.reshape(-1).view(np.uint8).data if flat.size else b"")
        header["arrays"][name] = [flat.dtype.str, list(flat.shape), begin]
    for name, text in texts.items():
        header["texts"][name] = place(text.encode())
    said = json.dumps(header).encode()
    said += b" " * (-(_START + 16 + len(said)) % _ALIGNED)
    size = _START + 16 + len(said) + end
    front = size.to_bytes(8, "little") + len(said).to_bytes(8, "little") + said
    digest = hashlib.blake2b(front, digest_size=_DIGEST)
    out.write(_MAGIC + b"\0" * _DIGEST + front)
    for part in parts:
        out.write(part)
        digest.update(part)
    out.seek(len(_MAGIC))
    out.write(digest.digest())


def read(path: Path, key: str) -> RuleSet:
    """The set of rules in a file, mapped into memory, not copied.

    Raises ForeignFile for a file that is torn or is not of this key; FileNotFoundError, OSError.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size < _START + 16:
            raise ForeignFile(f"{path}: it is cut off")
        whole = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    if whole[: len(_MAGIC)] != _MAGIC:
        raise ForeignFile(f"{path}: it holds no compiled rules, or those of another version")
    if int.from_bytes(whole[_START : _START + 8], "little") != size:
        raise ForeignFile(f"{path}: it is cut off")
    digest = hashlib.blake2b(whole[_START:], digest_size=_DIGEST).digest()
    if digest != whole[len(_MAGIC) : _START]:
        raise ForeignFile(f"{path}: its content is damaged")
    front = _START + 16
    begin = front + int.from_bytes(whole[_START + 8 : front], "little")
    header = json.loads(bytes(whole[front:begin]))
    if header["key"] != key:
        raise ForeignFile(f"{path}: it is of other rules")
    arrays = {name: _array(whole[begin:], *place) for name, place in header["arrays"].items()}
    texts = {
        name: str(whole[begin + at : begin + at + length], "utf-8")
        for name, (at, length) in header["texts"].items()
    }
    return RuleSet.unpack(arrays, texts)


def _array(data: memoryview, kind: str, shape: list[int], begin: int) -> npt.NDArray[Any]:
    if not _TYPE.fullmatch(kind):
        raise ForeignFile(f"an array of type {kind}")
    count = int(np.prod(shape))
    if not count:
        return np.empty(shape, kind)
    return np.frombuffer(data, kind, count, begin).reshape(shape)


def tidy(folder: Path) -> None:
    """Remove all but the newest files, and what a killed process left unfinished.

    A file that is mapped stays usable for whoever mapped it. Raises OSError.
    """
    newest = sorted(folder.glob("*.rules"), key=_written)
    unfinished = (each for each in folder.glob("*.tmp") if time.time() - _written(each) > LEFT)
    for path in (*newest[:-KEPT], *unfinished):
        path.unlink(missing_ok=True)


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # another process tidies up too
        return 0.0
