"""The user of the documents: it may run what Tocsin runs, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from builders.least_rights import allowed

SERVICE = Path(__file__).parents[4] / "service"
ROOMS = ("app", "archive", "cli", "store", "stream", "views", "web")
METHODS = {
    "delete": "del",
    "xpending_range": "xpending",
    "pipeline": "exec",
    "xgroup_create": "xgroup|create",
    "xinfo_groups": "xinfo|groups",
    "cluster": "cluster|slots",
}
"""Methods of redis-py that are not called as their command is."""
ELSEWHERE = {"client|setinfo", "multi", "select", "xreadgroup"}
"""What redis-py and FastStream run for us: at the start of a connection, and to read a stream."""
NOT_OURS = {"shutdown", "cluster|slots"}
"""What only the embedded server is asked, as its default user; and what only a cluster needs."""


async def test_it_may_run_all_that_the_program_names_and_no_more(redis: Redis) -> None:
    """In scripts, in what Python gives to scripts, and by redis-py's methods."""
    listed: Any = await redis.command_list()
    known = {name.decode() for name in listed}
    used = set()
    for room in ROOMS:
        for path in (SERVICE / room).rglob("*.*"):
            if path.suffix == ".lua":
                used |= named_in_lua(path.read_text(encoding="utf-8"), known)
            elif path.suffix == ".py" and path.parent.name != "keys":
                used |= named_in_python(path.read_text(encoding="utf-8"), known)
    assert (used | ELSEWHERE) - NOT_OURS == allowed()


def named_in_lua(text: str, known: set[str]) -> set[str]:
    """The commands of a script; of one that has others below it, the one that is meant."""
    found = set()
    for word, below in re.findall(r"'([A-Z]+)'(?:, '([A-Z]+)')?", text):
        whole = f"{word}|{below}".lower()
        found |= {each for each in (whole, word.lower()) if each in known}
        found -= {word.lower()} if whole in known else set()
    return found


def named_in_python(text: str, known: set[str]) -> set[str]:
    """The commands that a module names, or calls as methods of a client."""
    methods = re.findall(r"(?:redis|pipe|asked|_redis\(\)|field)\.([a-z_]+)\(", text)
    named = (word.lower() for word in re.findall(r'"([A-Z]+)"', text))
    called = (METHODS.get(name, name) for name in methods)
    return {name for name in (*named, *called) if name in known}
