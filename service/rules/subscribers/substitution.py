"""`${NAME}` in the texts of a rules file, replaced by the value of a secret."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import PurePath

from service.errors import Fault

Lookup = Callable[[str], str | None]
"""The value of a `${NAME}`, None if it is not set."""

MIN_HIDDEN_CHARS = 4
"""A shorter value is no secret, and a part of ordinary words."""

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Unset:
    """A `${NAME}` that has no value."""

    name: str
    at: tuple[int, int]
    """Its place in the text: code points."""


class GivenValues:
    """A lookup that remembers what it gave, so that no fault shows it."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._names: dict[str, str] = {}
        """The name of each value, also as a path writes it."""

    def __call__(self, name: str) -> str | None:
        """The value of a name, None if it is not set."""
        value = self._lookup(name)
        for text in {value, str(PurePath(value))} if value else ():
            if len(text) >= MIN_HIDDEN_CHARS:
                self._names[text] = name
        return value

    def hidden(self, fault: Fault) -> Fault:
        """The fault with `${NAME}` in the place of each value."""
        message, hint, source = fault.message, fault.hint, fault.source
        # The longest first: one may lie within another.
        for value in sorted(self._names, key=len, reverse=True):
            name = f"${{{self._names[value]}}}"
            message, hint, source = (text.replace(value, name) for text in (message, hint, source))
        return replace(fault, message=message, hint=hint, source=source)


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
