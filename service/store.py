"""Every Redis key that Tocsin keeps for one input stream S, and how its scripts are run.

    S                          stream  the articles; trimmed by age, never an entry that a group
                                       has still to read or to acknowledge
    tocsin:{S}:alert:<id>      hash    an event; `keep_alerts` beyond its last delivery's end
    tocsin:{S}:delivery:<id>   hash    with its attempts; for ever while pending, then `keep_alerts`
    tocsin:{S}:due             zset    pending delivery → ms at which it is due
    tocsin:{S}:deliveries:<st> zset    delivery → ms at which it came into that state;
                                       what has ended is trimmed by `keep_alerts`
    tocsin:{S}:dead            stream  the dead letters; trimmed by `keep_alerts`
    tocsin:{S}:disabled        hash    subscriber → why; until a delivery to it succeeds
    tocsin:{S}:bell            list    none or one element, until a waiting worker takes it

All of them hash to S's slot, so that a script may touch any of them on Redis Cluster.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from redis.exceptions import NoScriptError, ResponseError

from service.errors import ConfigError, StoreError

if TYPE_CHECKING:
    from redis.asyncio import Redis

GROUP = "tocsin"
STATES = ("pending", "delivered", "failed")

Argument = str | bytes | int


class Store:
    """The keys of one input stream and the client that reaches them.

    `redis` must not decode responses: articles are bytes. (It types its replies for both cases,
    which is why callers name them `Any`.) Raises ConfigError for a stream name
    that would put Tocsin's keys into another slot than the stream itself.
    """

    def __init__(self, redis: Redis, stream: str) -> None:
        if not stream or "{" in stream or "}" in stream:
            raise ConfigError(
                f"stream name {stream!r}: write one without braces, such as 'articles'; "
                "the keys beside it carry {its name} to share its place on a cluster"
            )
        self.redis = redis
        self.stream = stream
        self.prefix = f"tocsin:{{{stream}}}:"
        self.due = self.prefix + "due"
        self.dead = self.prefix + "dead"
        self.disabled = self.prefix + "disabled"
        self.bell = self.prefix + "bell"
        self.states = {state: f"{self.prefix}deliveries:{state}" for state in STATES}

    def alert(self, alert_id: str) -> str:
        """The key of one alert."""
        return f"{self.prefix}alert:{alert_id}"

    def delivery(self, delivery_id: str) -> str:
        """The key of one delivery."""
        return f"{self.prefix}delivery:{delivery_id}"

    async def run(
        self,
        script: str,
        keys: Sequence[str],
        args: Sequence[Argument] = (),
        records: Iterable[str] = (),
    ) -> Any:
        """Run `lua/<script>.lua`; `records` are the keys that it names by itself."""
        text, digest = _script(script)
        async with self.guarded(records):
            try:
                return await self.redis.evalsha(digest, len(keys), *keys, *args)
            except NoScriptError:  # a new, restarted or flushed server: EVAL loads it there
                return await self.redis.eval(text, len(keys), *keys, *args)

    @asynccontextmanager
    async def guarded(self, records: Iterable[str] = ()) -> AsyncIterator[None]:
        """Turn Redis's WRONGTYPE, which names no key, into a StoreError that does."""
        try:
            yield
        except ResponseError as error:
            if "WRONGTYPE" not in str(error):
                raise
            raise StoreError(await self._explain(records)) from error

    async def _explain(self, records: Iterable[str]) -> str:
        kept = self._kept() | dict.fromkeys(records, ("hash", "an alert or a delivery"))
        for key, (kind, use) in kept.items():
            reply: Any = await self.redis.type(key)
            found = reply.decode()
            if found not in (kind, "none"):
                return (
                    f"Redis key {key!r} holds a {found}; Tocsin keeps {use} there, as a {kind}. "
                    "The key was left as it is: rename or delete it, or give TOCSIN_STREAMS "
                    "another stream name"
                )
        return (
            f"a Redis key of stream {self.stream!r} held a value of a kind that Tocsin does not "
            f"keep there; look at S itself and the keys under {self.prefix!r}"
        )

    def _kept(self) -> dict[str, tuple[str, str]]:
        return {
            self.stream: ("stream", "the articles to read"),
            self.due: ("zset", "the times at which deliveries are due"),
            self.dead: ("stream", "the dead letters"),
            self.disabled: ("hash", "the disabled subscribers"),
            self.bell: ("list", "the bell that wakes deliverers"),
        } | {key: ("zset", f"the list of {state} deliveries") for state, key in self.states.items()}


@cache
def _script(name: str) -> tuple[str, str]:
    text = files("service").joinpath("lua", f"{name}.lua").read_text(encoding="utf-8")
    return text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
