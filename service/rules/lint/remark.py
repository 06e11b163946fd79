"""What one kind of advice says of one place in an expression."""

from __future__ import annotations

from typing import NamedTuple


class Remark(NamedTuple):
    """Advice before it has a place in a file."""

    code: str
    """The kind of advice, such as `T504` (`rules.findings.codes`)."""
    message: str
    about: str = ""
    """The text of the expression that it is about, as written there; empty: all of it."""
    instead: str = ""
    """What to write in place of `about`, where there is no doubt."""
