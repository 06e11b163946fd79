"""What a Redis key looks like, and how Python and Lua build one from the same pattern."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from functools import cache
from typing import Literal

RedisType = Literal["hash", "list", "set", "stream", "string", "zset"]
_PART = re.compile(r"<(\w+)>")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text with places for names, such as `lane:<subscriber>:out`."""

    name: str
    """That of the function that builds it in Lua."""
    text: str

    def fill(self, *parts: str) -> str:
        """The text with these names in its places, in their order."""
        template, places = _template(self.text)
        if len(parts) != places:
            raise ValueError(f"{self.text}: {len(parts)} names for {places} places")
        return template % parts

    def lua(self, prefix: str = "") -> str:
        """A function of Lua that fills the pattern; `prefix` is an expression that comes first."""
        literals, places = _PART.split(self.text)[::2], _PART.findall(self.text)
        terms = [prefix] if prefix else []
        for literal, place in zip(literals, (*places, ""), strict=True):
            terms += ([f"'{literal}'"] if literal else []) + ([place] if place else [])
        return f"local function {self.name}({', '.join(places)}) return {' .. '.join(terms)} end"


@dataclass(frozen=True, slots=True)
class KeyPattern(Pattern):
    """One kind of key."""

    type: RedisType
    use: str
    """What Tocsin keeps there."""
    lifetime: str
    _: KW_ONLY
    fields: Mapping[str, str] = field(default_factory=dict)
    """Of a hash: its fields; `<name>` stands for any name."""

    def matches(self, rest: str) -> bool:
        """Whether a key, without its prefix, is of this kind."""
        parts = (re.escape(literal) for literal in _PART.split(self.text)[::2])
        return re.fullmatch("[^:]+".join(parts), rest) is not None


@cache
def _template(text: str) -> tuple[str, int]:
    """A pattern for the operator `%`, and how many places it has."""
    return _PART.subn("%s", text.replace("%", "%%"))
