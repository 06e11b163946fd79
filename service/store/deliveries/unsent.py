"""Which deliveries about a retracted alert wait out quiet hours, and were never tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from service.alerts.alert import delivery_id
from service.alerts.decide import without_unsent
from service.alerts.decision import Outcome, Retracted, Unsent
from service.alerts.routing import AT_ONCE
from service.store.client import Store, to_milliseconds
from service.store.keys import DELIVERY, LANE
from service.store.stories.version import Guard

STATE_FIELDS = ("state", "attempts", "forced")
"""Fields of a delivery."""
NEVER_TRIED = ("pending", "0", "")
"""What they hold while it waits for its first attempt and nobody has asked for it."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A delivery about the alert that there is."""

    one: Unsent
    waits: bool


class UnsentDeliveries:
    """Those of one stream. Raises redis-py's errors."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def cancelled(self, outcome: Outcome) -> Outcome:
        """The outcome, without what nobody has to be told.

        Where a retraction comes in a subscriber's quiet hours, what waits of its alert is
        cancelled; a subscriber who has heard nothing of the alert does not hear of its end.
        """
        event = outcome.event
        if event is None or not isinstance(outcome.decision, Retracted):
            return outcome
        names = [one for one in event.subscribers if event.routes.get(one, AT_ONCE).not_before]
        if not names:
            return outcome
        known = await self._known(outcome, names)
        unsent = tuple(each.one for each in known if each.waits)
        heard = {each.one.subscriber for each in known if not each.waits}
        unheard = {one.subscriber for one in unsent} - heard
        return without_unsent(outcome, unsent, frozenset(unheard)) if unsent else outcome

    async def _known(self, outcome: Outcome, names: list[str]) -> list[_Known]:
        sent = outcome.before.sent
        events = [outcome.draft.alert_id, *(sent.later_ids if sent else ())]
        asked = [Unsent(name, each, delivery_id(each, name)) for name in names for each in events]
        key = self._store.key
        async with self._store.redis.pipeline(transaction=False) as pipe:
            for one in asked:
                pipe.hmget(key(DELIVERY, one.delivery_id), *STATE_FIELDS)
                pipe.zscore(key(LANE, one.subscriber), one.delivery_id)
            # A key of another kind is that of a lane that waits for it to go: nothing is cancelled.
            found: list[Any] = await pipe.execute(raise_on_error=False)
        now = to_milliseconds(await self._store.now())
        known = []
        for one, state, due in zip(asked, found[::2], found[1::2], strict=True):
            if isinstance(state, Exception) or state[0] is None:
                continue
            untried = tuple((each or b"").decode() for each in state) == NEVER_TRIED
            known.append(_Known(one, untried and isinstance(due, float) and due > now))
        return known

    def guard(self, one: Unsent) -> Guard:
        """By what a commit sees that it still waits."""
        key = self._store.key(DELIVERY, one.delivery_id)
        return Guard(key, ("HMGET", key, *STATE_FIELDS), NEVER_TRIED)
