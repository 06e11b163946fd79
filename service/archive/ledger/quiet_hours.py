"""Which deliveries of a replay wait for the end of quiet hours: as `unsent.py` finds in Redis."""

from __future__ import annotations

from service.alerts.alert import Event, delivery_id
from service.alerts.decide import without_unsent
from service.alerts.decision import Outcome, Retracted, Unsent
from service.alerts.routing import AT_ONCE
from service.archive.moments import to_ms


class Waiting:
    """The deliveries to subscribers that have quiet hours."""

    def __init__(self) -> None:
        self._not_before: dict[tuple[str, str], int] = {}
        """By event and subscriber, when the delivery may be tried (ms); 0: at once."""

    def add(self, event: Event) -> None:
        """Note the deliveries of an event; what is in a digest is none.

        Who need not be told of a retraction still has a route.
        """
        for name, route in event.routes.items():
            if name in event.subscribers and route.digest_due is None:
                not_before = to_ms(route.not_before) if route.not_before else 0
                self._not_before[event.id, name] = not_before

    def cancelled(self, outcome: Outcome, now: int) -> Outcome:
        """The outcome, without what nobody has to be told: as `UnsentDeliveries.cancelled`."""
        event = outcome.event
        if event is None or not isinstance(outcome.decision, Retracted):
            return outcome
        names = [one for one in event.subscribers if event.routes.get(one, AT_ONCE).not_before]
        sent = outcome.before.sent
        events = [outcome.draft.alert_id, *(sent.later_ids if sent else ())]
        known = [(each, name) for name in names for each in events]
        waits = {one: self._not_before[one] > now for one in known if one in self._not_before}
        unsent = tuple(
            Unsent(name, id_, delivery_id(id_, name))
            for (id_, name), still in waits.items()
            if still
        )
        if not unsent:
            return outcome
        for one in unsent:
            del self._not_before[one.event_id, one.subscriber]
        heard = {name for (_, name), still in waits.items() if not still}
        unheard = {one.subscriber for one in unsent} - heard
        return without_unsent(outcome, unsent, frozenset(unheard))
