"""How the store reaches Redis: it builds keys, runs scripts and explains keys of a wrong type."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from redis.exceptions import NoScriptError, RedisError, ResponseError

from service.errors import ConfigError, StoreError
from service.store.keys import DELIVERIES, GROUP, KEYS, STATES, TEXTS, key_prefix
from service.store.keys.pattern import KeyPattern

if TYPE_CHECKING:
    from redis.asyncio import Redis

STORE_ERRORS = (RedisError, StoreError, OSError)
"""What any call to Redis may raise: no answer, a refusal, another program's key."""

Argument = str | bytes | int


class CallCounter(Protocol):
    """Whoever counts what is asked of Redis."""

    def answered(self, script: str, seconds: float) -> None:
        """A script was answered after so long."""

    def failed(self, error: Exception) -> None:
        """A call was refused, or not answered."""


class Store:
    """The keys of one input stream and the client that reaches them.

    `redis` must not decode responses: articles are bytes. (It types its replies for both cases,
    which is why callers name them `Any`.) Raises ConfigError for a stream name
    that would put Tocsin's keys into another slot than the stream itself.
    """

    def __init__(self, redis: Redis, stream: str, calls: CallCounter | None = None) -> None:
        if not stream or "{" in stream or "}" in stream:
            raise ConfigError(
                f"stream name {stream!r}: write one without braces, such as 'articles'; "
                "Tocsin's keys carry {its name} to share its slot on a cluster"
            )
        self.redis = redis
        self.stream = stream
        self.prefix = key_prefix(stream)
        self._calls = calls

    def key(self, pattern: KeyPattern, *names: str) -> str:
        """The key of this pattern with these names in its places."""
        return self.prefix + pattern.fill(*names)

    async def now(self) -> datetime:
        """The time by the Redis server's clock."""
        redis: Any = self.redis  # its replies are typed for both of redis-py's clients
        seconds, microseconds = await redis.time()
        return from_milliseconds(seconds * 1000 + microseconds / 1000)

    async def run(
        self, script: str, args: Sequence[Argument] = (), records: Iterable[str] = ()
    ) -> Any:
        """Run a script of this room, such as "lanes/lease".

        The script gets the prefix of all other keys than the stream as its first argument:
        `-- include keys` reads that. `records` are the keys that it finds out by its
        arguments; an error about a wrong type looks at them too.

        The prefix by itself is declared as a key beside the stream, and never exists. While its
        slot is moved key by key, a cluster therefore refuses the whole script (TRYAGAIN), which
        could else break off halfway at the first key that is not there.
        """
        text, digest = _script(script)
        keys = (2, self.stream, self.prefix)
        begun = time.perf_counter()
        async with self.guarded(records):
            try:
                reply = await self.redis.evalsha(digest, *keys, self.prefix, *args)
            except NoScriptError:  # a new, restarted or flushed server: EVAL loads it there
                reply = await self.redis.eval(text, *keys, self.prefix, *args)
        if self._calls is not None:
            self._calls.answered(script, time.perf_counter() - begun)
        return reply

    @asynccontextmanager
    async def guarded(self, records: Iterable[str] = ()) -> AsyncIterator[None]:
        """Turn Redis's WRONGTYPE, which names no key, into a StoreError that does."""
        try:
            yield
        except (RedisError, OSError) as error:
            if self._calls is not None:
                self._calls.failed(error)
            if not isinstance(error, ResponseError) or "WRONGTYPE" not in str(error):
                raise
            raise StoreError(await self._explain_wrong_type(records, str(error))) from error

    async def _explain_wrong_type(self, records: Iterable[str], reason: str) -> str:
        # A script names the key after the word, where it knows it.
        named = re.findall(rf"WRONGTYPE ({re.escape(self.prefix)}\S+)", reason)
        suspects = dict.fromkeys((self.stream, *self._fixed_keys(), *records, *named))
        for key in suspects:
            expected = self._expected(key)
            reply: Any = await self.redis.type(key)
            found = reply.decode()
            if expected and found not in (expected[0], "none"):
                return (
                    f"Redis key {key!r} holds a {found}; Tocsin keeps {expected[1]} there, as a "
                    f"{expected[0]}. The key was left as it is: rename or delete it, or give "
                    "TOCSIN_STREAMS another stream name"
                )
        return (
            f"a Redis key of stream {self.stream!r} held a value of a kind that Tocsin does not "
            f"keep there; look at S itself and the keys under {self.prefix!r}"
        )

    def _fixed_keys(self) -> list[str]:
        fixed = [self.key(pattern) for pattern in KEYS if "<" not in pattern.text]
        return [*fixed, *(self.key(DELIVERIES, state) for state in STATES)]

    def _expected(self, key: str) -> tuple[str, str] | None:
        """The Redis type of a key of ours, and what is kept there."""
        if key == self.stream:
            return "stream", "the articles to read"
        rest = key.removeprefix(self.prefix)
        found = next((pattern for pattern in KEYS if pattern.matches(rest)), None)
        return (found.type, found.use) if found else None


def from_milliseconds(milliseconds: float) -> datetime:
    """A time as Redis keeps it."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def to_milliseconds(at: datetime) -> int:
    """A time as Redis keeps it."""
    return round(at.timestamp() * 1000)


def span_milliseconds(span: timedelta) -> int:
    """A length of time for Redis, which takes none of 0."""
    return max(1, round(span.total_seconds() * 1000))


# What several scripts begin with is in a file of its own; `keys` is made by `lua_keys`.
_INCLUDE = re.compile(r"^-- include (\S+)$", re.MULTILINE)


def script_text(name: str) -> str:
    """A script of this room with what it includes."""
    text = _expanded(_file_text(name))
    return text.replace("-- include keys\n", lua_keys(text) + "\n")


def lua_keys(script: str) -> str:
    """The functions for keys and texts that a script calls; the prefix is its first argument."""
    used = set(re.findall(r"\b(\w+)\(", script))
    lines = ["local prefix, GROUP = ARGV[1], '" + GROUP + "'"]
    lines += [each.lua("prefix") for each in KEYS if each.name in used]
    lines += [each.lua() for each in TEXTS if each.name in used]
    return "\n".join(lines)


def _expanded(text: str) -> str:
    return _INCLUDE.sub(
        lambda found: found[0] if found[1] == "keys" else _expanded(_file_text(found[1])), text
    )


def _file_text(name: str) -> str:
    return Path(__file__).parent.joinpath(f"{name}.lua").read_text(encoding="utf-8")


@cache
def _script(name: str) -> tuple[str, str]:
    text = script_text(name)
    return text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
