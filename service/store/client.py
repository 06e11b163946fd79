"""Every Redis key that Tocsin keeps for one input stream S, and how its scripts are run.

    S                          stream  the articles; trimmed by age, never an entry that a group
                                       has still to read or to acknowledge
    tocsin:{S}:alert:<id>      hash    an event; `keep_alerts` beyond its last delivery's end
    tocsin:{S}:delivery:<id>   hash    with its attempts; for ever while pending, then `keep_alerts`
    tocsin:{S}:lanes           zset    subscriber → ms at which its lane is looked at next
    tocsin:{S}:lane:<sub>      zset    pending delivery → ms at which it is due
    tocsin:{S}:lane:<sub>:out  zset    delivery that is being sent → ms at which its lease ends
    tocsin:{S}:lane:<sub>:state        hash    failures in a row, when it may go on; for ever
    tocsin:{S}:lane:<sub>:aside        zset    as the lane, while one of its keys is of another type
    tocsin:{S}:deliveries:<st> zset    delivery → ms at which it came into that state;
                                       what has ended is trimmed by `keep_alerts`
    tocsin:{S}:dead            stream  the dead letters; trimmed by `keep_alerts`
    tocsin:{S}:disabled        hash    subscriber → why; until it is enabled or a resend arrives
    tocsin:{S}:thread:<su>:<d> string  subscriber, digest of a story → its first message's mark;
                                       7 days from that message
    tocsin:{S}:bell            list    none or one element, until a waiting worker takes it
    tocsin:{S}:alerted:<art>   hash    watchlist → its alert of this article; `keep_alerts` beyond
                                       the last one
    tocsin:{S}:story:<id>      hash    a story's first article, and how many it has; all that begins
                                       so lives for the story's window
    tocsin:{S}:story:<id>:sources      hash  name in small letters → as it is spelled
    tocsin:{S}:story:<id>:told hash    whom which watchlist told of it
    tocsin:{S}:story-of:<art>  string  the story that an article belongs to; as long as the story
    tocsin:{S}:near:<key>      string  the newest stories with a phrase in common; for the window
    tocsin:{S}:throttle:<wl>   hash    how many alerts a watchlist made in its span; for the span
    tocsin:{S}:held:<pot>      zset    events → score that are told of together: beyond the throttle
                                       of a watchlist (w/<wl>), in the digest of a subscriber
                                       (d/<sub>); until then
    tocsin:{S}:summaries       zset    pot → ms from which it is due; as long
    tocsin:{S}:decided         zset    article → place in S of its newest entry that was decided; as
                                       long as an older entry is pending
    tocsin:{S}:silences        hash    id → what is not sent, and until when

All of them hash to S's slot, so that a script may touch any of them on Redis Cluster.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redis.exceptions import NoScriptError, RedisError, ResponseError

from service.articles.identity import digest
from service.errors import ConfigError, StoreError

if TYPE_CHECKING:
    from redis.asyncio import Redis

GROUP = "tocsin"
STATES = ("pending", "delivered", "failed")
STORE_ERRORS = (RedisError, StoreError, OSError)
"""What any call to Redis may raise: no answer, a refusal, another program's key."""

Argument = str | bytes | int
Kind = tuple[str, str]
"""A key's Redis type, and what Tocsin keeps there."""


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
        self.lanes = self.prefix + "lanes"
        self.dead = self.prefix + "dead"
        self.disabled = self.prefix + "disabled"
        self.bell = self.prefix + "bell"
        self.summaries = self.prefix + "summaries"
        self.silences = self.prefix + "silences"
        self.decided = self.prefix + "decided"
        self.states = {state: f"{self.prefix}deliveries:{state}" for state in STATES}

    def records(
        self, alerts: Iterable[str] = (), deliveries: Iterable[str] = ()
    ) -> dict[str, Kind]:
        """The keys of alerts and of deliveries, as `run` wants them."""
        keys = (*map(self.alert, alerts), *map(self.delivery, deliveries))
        return dict.fromkeys(keys, ("hash", "an alert or a delivery"))

    def alert(self, alert_id: str) -> str:
        """The key of one alert."""
        return f"{self.prefix}alert:{alert_id}"

    def lane(self, subscriber: str) -> str:
        """The key of a subscriber's pending deliveries."""
        return f"{self.prefix}lane:{subscriber}"

    def alerted(self, article_id: str) -> str:
        """The key of what was told of one article."""
        return f"{self.prefix}alerted:{digest(article_id)}"

    def held(self, pot: str) -> str:
        """The key of what is told of together."""
        return f"{self.prefix}held:{pot}"

    def throttle(self, watchlist_id: str) -> str:
        """The key of what a watchlist's throttle has counted."""
        return f"{self.prefix}throttle:{watchlist_id}"

    def delivery(self, delivery_id: str) -> str:
        """The key of one delivery."""
        return f"{self.prefix}delivery:{delivery_id}"

    def thread(self, subscriber: str, story: str) -> str:
        """The key of one story's thread at one subscriber."""
        return f"{self.prefix}thread:{subscriber}:{story}"

    async def run(
        self,
        script: str,
        keys: Sequence[str],
        args: Sequence[Argument] = (),
        records: Mapping[str, Kind] | None = None,
    ) -> Any:
        """Run a script of this room, such as "lanes/lease"; `records` are the keys it names."""
        text, digest = _script(script)
        async with self.guarded(records):
            try:
                return await self.redis.evalsha(digest, len(keys), *keys, *args)
            except NoScriptError:  # a new, restarted or flushed server: EVAL loads it there
                return await self.redis.eval(text, len(keys), *keys, *args)

    @asynccontextmanager
    async def guarded(self, records: Mapping[str, Kind] | None = None) -> AsyncIterator[None]:
        """Turn Redis's WRONGTYPE, which names no key, into a StoreError that does."""
        try:
            yield
        except ResponseError as error:
            if "WRONGTYPE" not in str(error):
                raise
            raise StoreError(await self._explain(records or {}, str(error))) from error

    async def _explain(self, records: Mapping[str, Kind], reason: str) -> str:
        kept = {**self._kept(), **records, **self._named(reason)}
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

    def _named(self, reason: str) -> dict[str, Kind]:
        """The key that a script found to hold something else, where it names it."""
        found = re.search(rf"WRONGTYPE ({re.escape(self.prefix)}(lane|held|alert):\S+)", reason)
        if not found:
            return {}
        key, what = found.groups()
        kind = "hash" if what == "alert" or key.endswith(":state") else "zset"
        return {key: (kind, "an alert" if what == "alert" else "what a subscriber is to get")}

    def _kept(self) -> dict[str, Kind]:
        return {
            self.stream: ("stream", "the articles to read"),
            self.lanes: ("zset", "the times at which lanes are due"),
            self.dead: ("stream", "the dead letters"),
            self.disabled: ("hash", "the disabled subscribers"),
            self.bell: ("list", "the bell that wakes deliverers"),
            self.summaries: ("zset", "the times at which summaries are due"),
            self.silences: ("hash", "the silences"),
            self.decided: ("zset", "the newest decisions of articles"),
        } | {key: ("zset", f"the list of {state} deliveries") for state, key in self.states.items()}


# What several scripts begin with stands in a file of its own.
_INCLUDE = re.compile(r"^-- include (\S+)$", re.MULTILINE)


def _text(name: str) -> str:
    return Path(__file__).parent.joinpath(f"{name}.lua").read_text(encoding="utf-8")


@cache
def _script(name: str) -> tuple[str, str]:
    text = _INCLUDE.sub(lambda found: _text(found[1]), _text(name))
    return text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
