"""The name of the compiled form of rules files: it changes with the files and with the program."""

from __future__ import annotations

import hashlib
import sys
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path

from service.rules.in_force.file_names import relative_name

_PACKAGE = Path(__file__).parents[2]  # the whole package: the engine's code counts too
_LIBRARIES = ("numpy", "pydantic", "pyyaml", "regex", "simplemma")


@cache
def program_hash() -> bytes:
    """A hash of all that decides what compiled rules look like: this program and its libraries.

    It is computed once: a program that is running does not change when another version is installed
    over it.
    """
    hashed = hashlib.blake2b(digest_size=16)
    for name in ("tocsin", *_LIBRARIES):
        hashed.update(f"{name} {version(name)}\n".encode())
    hashed.update(f"{sys.version_info[:2]} {unicodedata.unidata_version} {sys.byteorder}".encode())
    for path in program_files():
        hashed.update(f"\n{path.relative_to(_PACKAGE)} ".encode())
        hashed.update(path.read_bytes())
    return hashed.digest()


def program_files() -> list[Path]:
    """The files of the whole package that decide what compiled rules look like."""
    return sorted(
        path for ending in ("py", "txt", "forms") for path in _PACKAGE.rglob(f"*.{ending}")
    )


def file_digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """The digest of each file's content."""
    return {name: file_digest(content) for name, content in files.items()}


def file_digest(content: bytes) -> str:
    """The digest of a file's content."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def cache_key(digests: Mapping[str, str]) -> str:
    """The key of rules files with these digests: any change in them gives another key."""
    return _digest(program_hash(), digests)


def shared_key(set_id: str) -> str:
    """The key of a set of rules that workers share."""
    return hashlib.blake2b(set_id.encode(), key=program_hash(), digest_size=16).hexdigest()


def offer_digest(root: Path, digests: Mapping[str, str]) -> str:
    """What rules files with these digests are called among workers, which may have them in another
    folder.
    """
    named = {relative_name(name, str(root)): digest for name, digest in digests.items()}
    return _digest(b"", named)[:16]


def _digest(begin: bytes, digests: Mapping[str, str]) -> str:
    hashed = hashlib.blake2b(begin, digest_size=16)
    for name in sorted(digests):
        hashed.update(f"\n{len(name)} {name} {digests[name]}".encode(errors="surrogateescape"))
    return hashed.hexdigest()
