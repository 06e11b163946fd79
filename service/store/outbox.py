"""Everything that Redis keeps of one input stream, from its articles to its deliveries.

A batch of entries is committed by one script, acknowledgements last; ids are digests, so that a
commit that is repeated changes nothing. A delivery is leased, sent, and settled; a lease that runs
out makes it due again, so that no worker's death loses one. All times are the Redis server's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from service.alerts.stories.story import NEAR_COPY
from service.store.client import CallCounter, Store
from service.store.commit.commit import Commits, Committed, DeadLetter, Decided
from service.store.commit.portions import Portions
from service.store.dead_letters.dead_letters import DeadLetters
from service.store.deliveries.alert_index import AlertIndex
from service.store.deliveries.alert_records import AlertRecords
from service.store.deliveries.deliveries import Deliveries
from service.store.deliveries.moves.moves import Moves
from service.store.deliveries.moves.receivers import Receivers
from service.store.deliveries.unsent import UnsentDeliveries
from service.store.held.held_events import HeldEvents
from service.store.input_stream.entry_search import EntrySearch
from service.store.input_stream.input_stream import InputStream
from service.store.input_stream.own_pending import OwnPending
from service.store.input_stream.rhythm.arrivals import Arrivals
from service.store.input_stream.rhythm.rhythm_record import RhythmRecord
from service.store.input_stream.store_identity import StoreIdentity
from service.store.input_stream.workers import Workers
from service.store.lanes.health import DISABLE_AFTER
from service.store.lanes.lanes import Lanes
from service.store.lanes.state import LaneStates
from service.store.people.silences import Silences
from service.store.people.verdicts import Verdicts
from service.store.rules.rules_record import RulesRecord
from service.store.sent.claims import DeliveryClaims
from service.store.sent.recipients import MailRecipients
from service.store.sent.threads import StoryThreads
from service.store.stories.copies import StoryCopies
from service.store.stories.histories import Histories
from service.store.stories.known.article_histories import ArticleHistories
from service.store.stories.known.texts import ArticleTexts
from service.store.stories.stories import Stories
from service.telemetry.spans import Recorder

if TYPE_CHECKING:
    from redis.asyncio import Redis


class Outbox:
    """One input stream's parts of the store.

    Every method of them raises StoreError when a key holds what Tocsin does not keep there, and
    lets redis-py's own errors through: the caller knows whether to wait or to end.
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
        disable_after: timedelta = DISABLE_AFTER,
        calls: CallCounter | None = None,
        spans: Recorder | None = None,
    ) -> None:
        store = self._store = Store(redis, stream, calls)
        self.redis = redis
        self.stream = stream
        self.spans = spans or Recorder()
        self.identity = StoreIdentity(store)
        self.input_stream = InputStream(store, keep_articles, keep_alerts)
        self.entry_search = EntrySearch(store)
        self.histories = Histories(store, story_window, similarity)
        self.story_copies = StoryCopies(store)
        self.texts = ArticleTexts(store)
        self.article_histories = ArticleHistories(store, self.texts, self.histories)
        self.portions = Portions(store)
        self.commits = Commits(store, self.portions, keep_alerts, story_window)
        self.deliveries = Deliveries(store)
        self.moves = Moves(store, keep_alerts)
        self.receivers = Receivers(store)
        self.alert_records = AlertRecords(store)
        self.alert_index = AlertIndex(store)
        self.unsent = UnsentDeliveries(store)
        self.dead_letters = DeadLetters(store)
        self.lanes = Lanes(store, self.portions, keep_alerts, disable_after)
        self.lane_states = LaneStates(store)
        self.held_events = HeldEvents(store, keep_alerts)
        self.silences = Silences(store)
        self.verdicts = Verdicts(store, keep_alerts)
        self.stories = Stories(store)
        self.threads = StoryThreads(store)
        self.claims = DeliveryClaims(store)
        self.recipients = MailRecipients(store, keep_alerts)
        self.rules = RulesRecord(store, keep_alerts)
        self.workers = Workers(store)
        self.arrivals = Arrivals(store)
        self.rhythms = RhythmRecord(store, keep_alerts)

    def own_pending(self, consumer: str) -> OwnPending:
        """What is pending for one consumer of the group."""
        return OwnPending(self._store, consumer)

    async def commit(
        self, decided: Sequence[Decided], dead: Sequence[DeadLetter] = (), *, at: datetime
    ) -> Committed:
        """Write a batch and acknowledge its entries: see `Commits.commit`."""
        with self.spans.commit(self.stream, len(decided) + len(dead)):
            return await self.commits.commit(decided, dead, at=at)
