"""A batch as `commit.lua` reads it: what is compared, what is written, and with which texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from service.alerts.alert import delivery_id
from service.alerts.decide import released_names
from service.alerts.decision import Held, Outcome, Retracted, Withdrawn
from service.alerts.history import SentAlert
from service.alerts.people.silence import muted_text
from service.store.client import Store, to_milliseconds
from service.store.commit.commands import commands, unsent_writes
from service.store.commit.event_plan import ScriptTexts, event_table, portion_count
from service.store.keys import (
    ALERT,
    ALERTED,
    ALERTS,
    DELIVERY,
    DIGEST_BUNDLE,
    HELD,
    LANE,
    MILESTONE_FIELD,
    MUTED_FIELD,
    PORTIONS,
    STORY_REACHED,
    THROTTLE,
    THROTTLE_BUNDLE,
)
from service.store.stories.copies import reach_field


class AlertPlan:
    """What one outcome writes; the keys are those of `store`."""

    def __init__(self, store: Store, outcome: Outcome) -> None:
        self._store = store
        self._outcome = outcome
        draft = outcome.draft
        self.alert_id = draft.alert_id
        self.alert = store.key(ALERT, draft.alert_id)
        self.alerts = store.key(ALERTS)
        self.alerted = store.key(ALERTED, draft.article.digest)
        self.reached = store.key(STORY_REACHED, draft.story_id)

    @property
    def throttle(self) -> str:
        """The key of the watchlist's throttle."""
        return self._store.key(THROTTLE, self._outcome.draft.watchlist_id)

    @property
    def bundle(self) -> str:
        """The name of what the throttle holds."""
        return THROTTLE_BUNDLE.fill(self._outcome.draft.watchlist_id)

    @property
    def held(self) -> str:
        """The key of what the throttle holds."""
        return self._store.key(HELD, self.bundle)

    @property
    def portions(self) -> int:
        """In how many portions the deliveries of its event are written; 0: with it."""
        event = self._outcome.event
        is_held = isinstance(self._outcome.decision, Held)
        return portion_count(event.subscribers) if event and not is_held else 0

    @property
    def subscribers(self) -> tuple[str, ...]:
        """Those whose deliveries are written with its event."""
        event = self._outcome.event
        return event.subscribers if event and not self.portions else ()

    @property
    def commands(self) -> int:
        """About how many commands the script runs for it: by that steps are bounded.

        Two each for the event and a delivery; five more where there was an alert to compare with.
        """
        before, unsent = self._outcome.before.sent, self._outcome.unsent
        written = 2 + self.portions + 2 * len(self.subscribers)
        return written + 4 * len(unsent) + (5 if before else 0)

    @property
    def is_recorded(self) -> bool:
        """Whether the record of the alert changes."""
        sent = self._outcome.after.sent
        return sent is not None and sent != self._outcome.before.sent

    @property
    def added(self) -> int:
        """How many alerts more the article has by it: -1 where one is withdrawn."""
        if isinstance(self._outcome.decision, Withdrawn):
            return -1
        return int(self.is_new)

    @property
    def is_new(self) -> bool:
        """Whether the alert is made by it."""
        return self.is_recorded and self._outcome.before.sent is None

    @property
    def released(self) -> tuple[str, ...]:
        """Whom a copy of its story may reach again; see `released_names`."""
        draft = self._outcome.draft
        is_gone = isinstance(self._outcome.decision, Retracted | Withdrawn)
        return released_names(draft, self._outcome.before) if is_gone and draft.story_id else ()

    @property
    def frees_story(self) -> bool:
        """Whether copies of a story may reach somebody again."""
        return bool(self.released or self._outcome.left)

    @property
    def left(self) -> str:
        """The key of whom the story has reached that its article has left; "" for none."""
        left = self._outcome.left
        return self._store.key(STORY_REACHED, left.story_id) if left else ""

    @property
    def guarded(self) -> tuple[str, ...]:
        """The names of the guards of what it alone changes."""
        stories = filter(None, (self.reached, self.left))
        reach = (f"{story} {self._outcome.draft.watchlist_id}" for story in stories)
        unsent = (self._store.key(DELIVERY, each.delivery_id) for each in self._outcome.unsent)
        return self.alert, self.throttle, *reach, *unsent

    @property
    def alerted_field(self) -> tuple[str, str]:
        """The alert among those of the article."""
        return self._outcome.draft.watchlist_id, self._outcome.draft.alert_id

    def event(self, timestamp: str, texts: ScriptTexts) -> dict[str, Any] | None:
        """Its event as the script reads it; all else is in `article_plan.py`."""
        return event_table(self._outcome, self.bundle, timestamp, texts)

    def finished(self) -> Iterable[list[Any]]:
        """The records that are complete with this, with further fields; the alert comes last."""
        event = self._outcome.event
        yield from ([each.event_id] for each in self._outcome.unsent)
        if event and not (self.is_recorded and event.id == self._outcome.draft.alert_id):
            yield [event.id]
        if self.is_recorded:
            yield [self._outcome.draft.alert_id, self._record()]

    def _record(self) -> list[str]:
        """The fields of the alert's record, as names and values in turn."""
        sent = self._outcome.after.sent
        if sent is None:
            return []
        record = {
            "latest": sent.latest_id,
            "later": " ".join(sent.later_ids),
            "subscribers": " ".join(sent.subscribers),
            "entry": sent.entry_id,
        }
        record |= {name: "1" for name, is_set in _flags(sent).items() if is_set}
        return [part for pair in record.items() for part in pair]

    def writes(self) -> Iterable[list[str | int]]:
        """Commands of Redis, in order."""
        draft, before, after = self._outcome.draft, self._outcome.before, self._outcome.after
        if self.released:
            fields = [reach_field(draft.watchlist_id, each) for each in self.released]
            yield from commands("HDEL", self.reached, fields)
        if left := self._outcome.left:
            fields = [reach_field(draft.watchlist_id, each) for each in left.names]
            yield from commands("HDEL", self.left, fields)
        if before.sent and after.sent and self.is_recorded:
            was, now = _flags(before.sent), _flags(after.sent)
            if unset := [name for name in now if was[name] and not now[name]]:
                yield ["HDEL", self.alert, *unset]
        yield from self._muted_writes()
        for one in self._outcome.unsent:
            yield from unsent_writes(self._store, one)
        if isinstance(self._outcome.decision, Withdrawn):
            yield ["ZREM", self.held, draft.alert_id]
            yield ["ZREM", self.alerts, draft.alert_id]
            yield ["HDEL", self.alerted, draft.watchlist_id]
            yield ["DEL", self.alert]
        if after.throttle != before.throttle and after.throttle.until:
            until = to_milliseconds(after.throttle.until)
            yield ["HSET", self.throttle, "till", until, "count", after.throttle.sent]
            yield ["PEXPIREAT", self.throttle, until]

    def _muted_writes(self) -> Iterable[list[str | int]]:
        event, muted = self._outcome.event, self._outcome.muted
        if event and muted:
            pairs = ((MUTED_FIELD.fill(name), muted_text(each)) for name, each in muted.items())
            key = self._store.key(ALERT, event.id)
            yield from commands("HSET", key, [part for pair in pairs for part in pair])

    def reached_fields(self) -> Mapping[str, str]:
        """What changes in the record of whom the article's story has reached."""
        draft, before, after = self._outcome.draft, self._outcome.before, self._outcome.after
        is_gone = isinstance(self._outcome.decision, Retracted | Withdrawn)
        if not draft.story_id or is_gone:
            return {}
        watchlist = draft.watchlist_id
        fields: dict[str, str] = {}
        if after.reach.first != before.reach.first:
            fields[watchlist] = after.reach.first
        for name, alert in after.reach.by_subscriber.items():
            if alert != before.reach.by_subscriber.get(name, ""):
                fields[reach_field(watchlist, name)] = alert
        if after.reach.milestone != before.reach.milestone:
            fields[MILESTONE_FIELD.fill(watchlist)] = str(after.reach.milestone)
        return fields

    def reads(self) -> Mapping[str, Sequence[str]]:
        """The keys that this writes, by the command that reads each: they must be of its type."""
        event, store, draft = self._outcome.event, self._store, self._outcome.draft
        hashes = [self.alerted, *([self.reached] if draft.story_id else [])]
        hashes += [self.left] if self.left else []
        zsets = [self.held] if isinstance(self._outcome.decision, Held | Withdrawn) else []
        if self._outcome.after.throttle != self._outcome.before.throttle:
            hashes.append(self.throttle)
        for each in self._outcome.unsent:
            hashes += [store.key(ALERT, each.event_id), store.key(DELIVERY, each.delivery_id)]
            zsets.append(store.key(LANE, each.subscriber))
        if event:
            due = {name for name, route in event.routes.items() if route.digest_due}
            digests = () if self.portions else due
            zsets += [store.key(HELD, DIGEST_BUNDLE.fill(name)) for name in digests]
            zsets += [store.key(PORTIONS, event.id)] if self.portions else []
        if event is None or event.id != draft.alert_id:
            hashes.append(self.alert)
        return {"HLEN": hashes, "ZCARD": zsets}

    def event_keys(self) -> Iterator[str]:
        """The hashes that are new with its event."""
        event = self._outcome.event
        if event:
            is_first = event.id == self._outcome.draft.alert_id
            yield self.alert if is_first else self._store.key(ALERT, event.id)
            for name in self.subscribers:
                yield self._store.key(DELIVERY, delivery_id(event.id, name))


def _flags(sent: SentAlert) -> dict[str, bool]:
    """The fields of a record that are there or not."""
    return {"held": sent.held, "retracted": sent.retracted}
