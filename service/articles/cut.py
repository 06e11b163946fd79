"""Text that was set aside on the way from an entry to an article."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Cut:
    """Text that was set aside: page chrome, or a field's value that could not be read."""

    reason: str
    """The name of the rule, e.g. "also-read"."""
    text: str


class Trimmed(NamedTuple):
    """What is left of some paragraphs, and what was cut from them."""

    paragraphs: list[str]
    cuts: list[Cut]
