"""The user with the least rights, as the documents have it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, cast

from redis.asyncio import Redis

PAGE = Path(__file__).parents[2] / "docs" / "operating.md"
PASSWORD = "PASSWORD"


@cache
def documented() -> tuple[str, ...]:
    """The words that follow `ACL SETUSER`."""
    found = re.search(r"```text\nACL SETUSER (.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return tuple(found[1].split())


async def make_user(redis: Redis, streams: str = "articles-*") -> None:
    """Make the user, for streams whose names match a pattern."""
    version: Any = (await redis.info("server"))["redis_version"]
    words = [word.replace("articles", streams) for word in documented()]
    if version.startswith("7.0."):
        words.remove("+client|setinfo")  # as the documents say of it
    await cast("Any", redis).execute_command("ACL", "SETUSER", *words)


def allowed() -> set[str]:
    """The commands that it may run."""
    return {word.removeprefix("+") for word in documented() if word.startswith("+")}
