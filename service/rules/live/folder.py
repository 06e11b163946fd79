"""The rules files on the disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from service.errors import ConfigError

Signature = tuple[tuple[str, int, int, int, int], ...]
"""Of each file its name, number, size, time of change, and time of any change to it, in ns."""
TICK = 2_000_000_000
"""Nanoseconds within which two changes may be given one time: most systems tell 10 ms apart, the
coarsest 2 s."""


def files(path: Path) -> list[Path]:
    """The rules files under a folder, in order, or the one file that `path` is.

    Raises ConfigError where there is neither.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise ConfigError(f"{path}: there are no rules; create the folder, or set TOCSIN_RULES")
    found = (*path.rglob("*.yaml"), *path.rglob("*.yml"))
    return sorted(each for each in found if each.is_file() and not _hidden(each.relative_to(path)))


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def signature(path: Path) -> Signature:
    """What tells that a file changed, without reading it. Raises ConfigError, OSError."""
    stats = ((str(each), each.stat()) for each in files(path))
    return tuple(
        (name, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
        for name, stat in stats
    )


def settled(found: Signature, since: int) -> bool:
    """Whether no file has changed `since`, in nanoseconds since 1970.

    When that is a tick ago, a change from now on changes the signature.
    """
    return all(changed < since for *_, changed in found)


def read(path: Path) -> dict[str, bytes]:
    """The content of each rules file. Raises ConfigError."""
    out: dict[str, bytes] = {}
    for each in files(path):
        try:
            out[str(each)] = each.read_bytes()
        except OSError as error:
            raise ConfigError(f"{each}: {error.strerror}; let this user read it") from error
    return out


class Texts(Mapping[str, str]):
    """Contents as texts, each made when asked for; a byte that is not UTF-8 becomes a fault."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self._contents = contents

    def __getitem__(self, name: str) -> str:
        return self._contents[name].decode("utf-8-sig", "surrogateescape")

    def __iter__(self) -> Iterator[str]:
        return iter(self._contents)

    def __len__(self) -> int:
        return len(self._contents)
