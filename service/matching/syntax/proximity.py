"""`NEAR/5`, `ONEAR/2`, `NEAR/s`, `NEAR/p` → a joint, or what to write instead (DESIGN.md §4)."""

from __future__ import annotations

from functools import lru_cache

from service.errors import QueryError
from service.matching.syntax.symbols import shown
from service.matching.syntax.tree import Joint, Unit

MAX_DISTANCE = 1000
"""Most words that NEAR may leave between its operands."""

_UNITS = {"s": Unit.SENTENCE, "p": Unit.PARAGRAPH}
_FORMS = "NEAR/5 (at most five words between), NEAR/s (same sentence) or NEAR/p (same paragraph)"


def is_joint(said: str) -> bool:
    """Whether a run of characters is meant as NEAR or ONEAR, written correctly or not."""
    return said in ("NEAR", "ONEAR") or said.startswith(("NEAR/", "ONEAR/"))


def joint(said: str, start: int) -> Joint:
    """The joint that `said`, at `start`, means. Raises QueryError."""
    try:
        return _joint(said)
    except ValueError as error:
        message, hint, *fix = error.args
        raise QueryError(
            message, start, start + len(said), hint, code="T314", fix=fix[0] if fix else None
        ) from None


@lru_cache(maxsize=4096)
def _joint(said: str) -> Joint:
    """The joint; raises ValueError with message and hint, and the correct text if there is one."""
    name, _, distance = said.partition("/")
    ordered = name == "ONEAR"
    if distance in _UNITS:
        if ordered:
            hint = f"Write NEAR/{distance}, or ONEAR/5 for this order and at most five words."
            raise ValueError(f"“{said}”: ONEAR takes a number of words only", hint)
        return Joint(_UNITS[distance])
    if distance.isascii() and distance.isdigit():
        most = distance.lstrip("0")
        if len(most) > 4 or int(most or 0) > MAX_DISTANCE:  # int refuses very long numbers
            hint = f"Write a number from 0 to {MAX_DISTANCE}, or NEAR/p for one paragraph, or AND."
            raise ValueError(f"“{shown(said)}”: more than {MAX_DISTANCE} words is not near", hint)
        return Joint(Unit.WORDS, int(most or 0), ordered)
    if not distance:
        forms = "ONEAR/5 (in this order, at most five words between)" if ordered else _FORMS
        hint = f'Write {forms}. To look for the word itself, put it in quotes: "{name.lower()}".'
        raise ValueError(f"{name} needs a distance", hint)
    if distance.lower() in _UNITS:
        raise ValueError(
            f"“{said}” is not an operator here",
            f"Write {name}/{distance.lower()} instead.",
            f"{name}/{distance.lower()}",
        )
    if (
        distance[-1] == "f" and distance[:-1].isdigit() and len(distance) < 5
    ):  # Brandwatch writes its ordered operator so
        fix = f"ONEAR/{distance[:-1]}"
        raise ValueError(f"“{said}” is not an operator here", f"Write {fix}.", fix)
    raise ValueError(f"“{shown(said)}” does not say how near", f"Write {_FORMS}.")
