"""What a decision rests on, so that a commit sees whether it is still true."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from service.articles.identity import Identity


class Guard(NamedTuple):
    """A reading of Redis, and what it gave when the decision was made."""

    name: str
    """What it is about: an entry that is not committed makes later ones of the same name stale."""
    read: tuple[str, ...]
    """The command."""
    found: tuple[str, ...]
    """Its answer; empty texts for what was not there."""


MOST_FIELDS = 1_000
"""That one guard reads: a script passes on a few thousand."""


def field_guards(
    name: str, key: str, fields: Sequence[str], found: Sequence[str]
) -> Iterator[Guard]:
    """Guards of this name for fields of a hash."""
    for start in range(0, len(fields), MOST_FIELDS):
        part = slice(start, start + MOST_FIELDS)
        yield Guard(name, ("HMGET", key, *fields[part]), tuple(found[part]))


@dataclass(frozen=True, slots=True)
class TextRecord:
    """What is kept of a text that alerts."""

    key: str
    name: str
    packed: str
    """Its sketch."""
    is_another: bool = False
    """Whether only texts with which it has nothing in common have alerted under the id."""
    surplus: str = ""
    """Another text that is to be forgotten; "" for none."""

    def writes(self, entry_id: str, keep: int) -> list[list[str | int]]:
        """The commands of Redis; `keep` is in ms."""
        value = f"{place_of(entry_id):.17g} {self.packed}"
        forgotten: list[list[str | int]] = (
            [["HDEL", self.key, self.surplus]] if self.surplus else []
        )
        return [["HSET", self.key, self.name, value], ["PEXPIRE", self.key, keep], *forgotten]


@dataclass(frozen=True, slots=True)
class JudgedVersion:
    """The version of an article's history that a decision rests on."""

    article: Identity
    guards: tuple[Guard, ...]
    text: TextRecord | None = None
    origin: str = ""
    """The entry that this one repeats: it is as old as that; "" for any other."""


def place_of(entry_id: str) -> float:
    """Where an entry is in its stream, as a score: beyond the 4,096th of one ms all are one."""
    milliseconds, sequence = entry_id.split("-")
    return int(milliseconds) + min(int(sequence), 4095) / 4096


def is_superseded(entry_id: str, newest: str) -> bool:
    """Whether the newest decided entry of the same article, a score, comes after this one."""
    return bool(newest) and float(newest) > place_of(entry_id)
