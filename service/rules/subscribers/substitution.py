"""`${NAME}` in the texts of a rules file, replaced by the value of a secret."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

Lookup = Callable[[str], str | None]
"""The value of a `${NAME}`, None if it is not set."""

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Unset:
    """A `${NAME}` that has no value."""

    name: str
    at: tuple[int, int]
    """Its place in the text: code points."""


def has_variables(text: str) -> bool:
    """Whether a text holds a `${NAME}`."""
    return _VARIABLE.search(text) is not None


def substitute(text: str, lookup: Lookup) -> str | Unset:
    """`text` with the value of every `${NAME}`, or the first name that is not set."""
    filled, end = "", 0
    for found in _VARIABLE.finditer(text):
        value = lookup(found[1])
        if value is None:
            return Unset(found[1], found.span())
        filled += text[end : found.start()] + value
        end = found.end()
    return filled + text[end:]
