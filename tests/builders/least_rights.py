"""The user with the least rights, as the documents have it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "operating.md"
PASSWORD = "PASSWORD"


@cache
def documented() -> tuple[str, ...]:
    """The words that follow `ACL SETUSER`."""
    found = re.search(r"```text\nACL SETUSER (.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return tuple(found[1].split())


def rules_of(streams: str) -> list[str]:
    """The words for streams whose names match a pattern: the user's name, then its rights."""
    return [word.replace("articles", streams) for word in documented()]


def allowed() -> set[str]:
    """The commands that it may run."""
    return {word.removeprefix("+") for word in documented() if word.startswith("+")}
