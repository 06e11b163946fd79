"""Changed rules reach what waits: quiet hours, digests, rates, addresses and secrets."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from service.alerts.routing import route
from service.rules.rules import Rules
from service.store.client import STORE_ERRORS
from service.store.outbox import Outbox

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ChangedSubscriber:
    """A subscriber for whom something that waits may be sent sooner."""

    id: str
    elsewhere: bool
    """Whether it is reached elsewhere, or with another secret."""


def changed_subscribers(
    before: Rules | None, after: Rules, terms_of: Collection[str]
) -> Iterator[ChangedSubscriber]:
    """Those whose channel, rate or hours have changed; `terms_of`: whose filters or hours have."""
    for id_ in sorted(after.terms.keys() | after.subscribers.keys()):
        was, now = before.subscribers.get(id_) if before else None, after.subscribers.get(id_)
        elsewhere = was is not None and now is not None and was.channel != now.channel
        faster = was is not None and now is not None and now.min_gap < was.min_gap
        if elsewhere or faster or id_ in terms_of:
            yield ChangedSubscriber(id_, elsewhere)


async def reach_waiting(
    outboxes: Sequence[Outbox],
    now: Callable[[], datetime],
    before: Rules | None,
    after: Rules,
    terms_of: Collection[str],
) -> None:
    """Have what waits judged again by the new rules; what still has to wait is put off again."""
    for changed in changed_subscribers(before, after, terms_of):
        terms = after.terms.get(changed.id)
        # Without a digest of its own any more, what is held is sent now, as the last one.
        routed = route("", now(), quiet=terms.quiet, digest=terms.digest) if terms else None
        for outbox in outboxes:
            try:
                await outbox.deliveries.forward(changed.id, tried=changed.elsewhere)
                if routed is not None:
                    due = routed.digest_due or routed.not_before or now()
                    await outbox.held_events.bring_digest_forward(changed.id, due)
            except STORE_ERRORS as error:
                log.warning(
                    "rules.waiting_not_reached",
                    stream=outbox.stream,
                    subscriber_id=changed.id,
                    error=str(error),
                )
