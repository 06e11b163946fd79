"""Where the reading of articles ends and delivery begins: alerts, deliveries and leases in Redis.

A batch of entries is committed by one script, acknowledgements last; ids are digests, so that
whatever is done twice is done once. A delivery is leased, sent, and settled; a lease that runs
out makes it due again, so that no worker's death loses one. All times are the Redis server's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from redis.exceptions import ResponseError

from service.alerts.alert import rfc3339
from service.alerts.stories.similarity import NEAR_COPY
from service.errors import StoreError
from service.store.client import Argument, Store, span_milliseconds
from service.store.commit.commit import Claimed, Committed, DeadLetter, Decided, Lag, commit, steps
from service.store.deliveries.deliveries import Ledger
from service.store.held.held import Holding
from service.store.keys import GROUP
from service.store.lanes.lanes import PATIENCE, Lanes
from service.store.lanes.state import LaneStates
from service.store.silences import Silences
from service.store.stories.stories import Relations
from service.store.threads import StoryThreads

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["Claimed", "Committed", "DeadLetter", "Decided", "Lag", "Outbox"]


class Outbox:
    """One input stream's outbox; `ledger` is the operator's view of it.

    Every method raises StoreError when a key holds what Tocsin does not keep there, and lets
    redis-py's own errors through: the caller knows whether to wait or to end.
    """

    def __init__(
        self,
        redis: Redis,
        stream: str,
        *,
        keep_alerts: timedelta = timedelta(days=30),
        keep_articles: timedelta = timedelta(days=7),
        story_window: timedelta = timedelta(hours=72),
        similarity: float = NEAR_COPY,
        disable_after: timedelta = PATIENCE,
    ) -> None:
        self.stream = stream
        self._store = Store(redis, stream)
        self._redis = redis
        self._keep_alerts = span_milliseconds(keep_alerts)
        self._keep_articles = span_milliseconds(keep_articles)
        self._story_window = span_milliseconds(story_window)
        self.ledger = Ledger(self._store)
        self.lane_states = LaneStates(self._store)
        self.threads = StoryThreads(self._store)
        self.relations = Relations(self._store, self._story_window, similarity)
        self.silences = Silences(self._store)
        self.lanes = Lanes(self._store, keep_alerts, disable_after)
        self.holding = Holding(self._store, self._keep_alerts)

    async def ensure_group(self) -> None:
        """Create the group at the stream's beginning, so that nothing written before is missed."""
        async with self._store.guarded():
            try:
                await self._redis.xgroup_create(self.stream, GROUP, id="0", mkstream=True)
            except ResponseError as error:
                if "BUSYGROUP" not in str(error):  # it stands already
                    raise

    async def publish(self, entries: Sequence[Mapping[str, str]]) -> list[str]:
        """Append entries to the input stream, as any XADD would; their ids."""
        async with self._store.guarded(), self._redis.pipeline(transaction=False) as pipe:
            for fields in entries:
                pipe.xadd(self.stream, dict[Any, Any](fields))
            ids: list[bytes] = await pipe.execute()
        return [entry_id.decode() for entry_id in ids]

    async def commit(
        self, decided: Sequence[Decided], dead: Sequence[DeadLetter] = (), *, at: datetime
    ) -> Committed:
        """Write alerts, deliveries and dead letters, then acknowledge: each entry wholly or not.

        When it raises, what is not acknowledged stays pending, and the same call may be made
        again: it completes the work and doubles nothing. A batch beyond STEP_BYTES takes
        several steps, each of whole entries. What is `stale` of it stays pending, to be decided
        anew: another reader has told of the same article since its past was asked for.
        """
        timestamp = rfc3339(at)
        head: list[Argument] = [timestamp, self._keep_alerts]
        head.append(self._story_window)
        total = Committed()
        for step in steps(decided, dead, timestamp):
            total += await commit(self._store, head, step)
        return total

    async def claim_idle(self, consumer: str, min_idle: timedelta) -> Claimed | None:
        """Take over one entry that no reader has touched for `min_idle`, the oldest first.

        Entries that were deleted from the stream meanwhile leave the list of pending ones.
        """
        idle = span_milliseconds(min_idle)
        async with self._store.guarded():
            while True:
                found: Any = await self._redis.xpending_range(
                    self.stream, GROUP, "-", "+", 1, idle=idle
                )
                if not found:
                    return None
                one, times = found[0]["message_id"], found[0]["times_delivered"]
                taken: Any = await self._redis.xclaim(self.stream, GROUP, consumer, idle, [one])
                for entry_id, fields in taken:
                    return Claimed(entry_id, fields, times + 1)

    async def keep(self, consumer: str, entry_ids: Sequence[bytes]) -> None:
        """Say that these entries are being worked on, so that nobody claims them as idle."""
        if entry_ids:
            async with self._store.guarded():
                # JUSTID: to go on with an entry is not to deliver it once more.
                ids: Any = list(entry_ids)
                await self._redis.xclaim(self.stream, GROUP, consumer, 0, ids, justid=True)

    async def lag(self) -> Lag:
        """How much is unread and unfinished. Raises StoreError while the group is missing."""
        async with self._store.guarded():
            groups: Any = await self._redis.xinfo_groups(self.stream)
            ours = next((group for group in groups if group["name"] == GROUP.encode()), None)
            if ours is None:
                raise StoreError(
                    f"stream {self.stream!r} has no group {GROUP!r}: somebody removed it, and "
                    "nothing is read until `tocsin run` creates it again"
                )
            oldest: Any = await self._redis.xpending_range(self.stream, GROUP, "-", "+", 1)
        idle = oldest[0]["time_since_delivered"] / 1000 if oldest else 0.0
        return Lag(ours["lag"], ours["pending"], idle)

    async def trim(self) -> tuple[int, int]:
        """Let go of what is older than its retention: how many articles and dead letters went.

        Never an entry that any group of the stream has still to read or to acknowledge.
        """
        articles, letters = await self._store.run("trim", [self._keep_articles, self._keep_alerts])
        return articles, letters
