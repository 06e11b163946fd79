"""The kinds of finding: what each is called, why it counts, and an example against and for it."""

from __future__ import annotations

import pkgutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of finding; its code stays the same in all versions."""

    code: str
    """`T` and three digits."""
    title: str
    reason: str
    """What comes of it if it stays."""
    wrong: str
    """Rules, or the keys of a watchlist, in which just this is found; empty: a report only."""
    right: str
    """The same without it."""
    beside: str = ""
    """A kind that is found there, too, as the one comes of the other."""
    secrets: bool = False
    """Whether it is looked for only where `${NAME}` is looked up."""

    archive: tuple[str, ...] = ()
    """Headlines of past articles, in which the example is found; empty: it needs none."""

    @property
    def is_advice(self) -> bool:
        """Whether the rules count nevertheless."""
        return self.code >= FIRST_ADVICE


FIRST_ADVICE = "T500"
"""Codes from here on are advice; those below are mistakes."""


@cache
def all_codes() -> Mapping[str, Code]:
    """All kinds by code, in order."""
    text = pkgutil.get_data("service.rules.findings", "codes.toml")
    if text is None:
        raise FileNotFoundError("codes.toml is missing from the package; install it again")
    found = tomllib.loads(text.decode())
    return MappingProxyType({code: _code(code, about) for code, about in found.items()})


def _code(code: str, about: Mapping[str, Any]) -> Code:
    return Code(code, **{**about, "archive": tuple(about.get("archive", ()))})


@cache
def archive_codes() -> frozenset[str]:
    """The codes of what is looked for only where past articles are."""
    return frozenset(code for code, one in all_codes().items() if one.archive)


@cache
def advice_codes() -> frozenset[str]:
    """The codes that a comment may have ignored: advice, but for that on such comments."""
    return frozenset(code for code, one in all_codes().items() if "T500" <= code < "T600")
