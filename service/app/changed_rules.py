"""Changed rules reach what waits: quiet hours, digests, rates, addresses and secrets."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import structlog

from service.alerts.routing import route
from service.rules.rules import Rules
from service.rules.subscribers.receiver_mark import ReceiverMark, receiver_mark
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


def moved_receivers(
    known: Mapping[str, str], now: Mapping[str, ReceiverMark]
) -> Iterator[ChangedSubscriber]:
    """Those who are reached elsewhere, or at a higher rate, than their known mark says."""
    for id_, mark in sorted(now.items()):
        was = ReceiverMark.read(known.get(id_, ""))
        if was is not None and was != mark:
            elsewhere = was.digest != mark.digest
            if elsewhere or mark.min_gap < was.min_gap:
                yield ChangedSubscriber(id_, elsewhere)


class WaitingDeliveries:
    """What waits for subscribers in these outboxes, to be judged again when rules change."""

    def __init__(self, outboxes: Sequence[Outbox]) -> None:
        self._outboxes = outboxes
        self._left: dict[tuple[int, str], ChangedSubscriber] = {}
        """Those who were not reached, by the number of the outbox and their id."""
        self._rules: Rules | None = None
        self._marks: dict[str, ReceiverMark] = {}
        """Of the subscribers of these rules."""
        self._known: dict[int, dict[str, str]] = {}
        """The marks that Redis has, by the number of the outbox."""

    async def reach(self, before: Rules | None, after: Rules, terms_of: Collection[str]) -> None:
        """Have what waits judged by the new rules; what still has to wait is put off again."""
        self._rules = after
        # Redis may know of a receiver that the rules before these had not: who was taken out of
        # them and comes back may be elsewhere now.
        self._known.clear()
        self._marks = {id_: receiver_mark(one) for id_, one in after.subscribers.items()}
        for changed in changed_subscribers(before, after, terms_of):
            for number in range(len(self._outboxes)):
                self._leave(number, changed)
        for number, outbox in enumerate(self._outboxes):
            try:
                await self._compare(number)
            except STORE_ERRORS as error:
                log.warning("rules.receivers_not_read", stream=outbox.stream, error=str(error))
        for number, id_ in [*self._left]:
            try:
                await self._reach(number, id_)
            except STORE_ERRORS as error:
                stream = self._outboxes[number].stream
                log.warning(
                    "rules.waiting_not_reached", stream=stream, subscriber_id=id_, error=str(error)
                )

    async def reach_left(self) -> None:
        """Try those again who were not reached. Raises what the store raises."""
        for number in range(len(self._outboxes)):
            await self._compare(number)
        for number, id_ in [*self._left]:
            await self._reach(number, id_)

    def _leave(self, number: int, changed: ChangedSubscriber) -> None:
        left = self._left.get((number, changed.id))
        elsewhere = changed.elsewhere or (left is not None and left.elsewhere)
        self._left[number, changed.id] = ChangedSubscriber(changed.id, elsewhere)

    async def _compare(self, number: int) -> None:
        """Find who was changed since Redis was told of them, which is read once for these rules."""
        receivers = self._outboxes[number].receivers
        if number not in self._known:
            self._known[number] = await receivers.known()
            for changed in moved_receivers(self._known[number], self._marks):
                self._leave(number, changed)
        known = self._known[number]
        news = {
            id_: str(mark)
            for id_, mark in self._marks.items()
            if known.get(id_) != str(mark) and (number, id_) not in self._left
        }
        await receivers.keep(news)
        known.update(news)

    async def forget_receivers(self, rules: Rules) -> None:
        """Forget who is in no rules and has nothing to wait for. Raises what the store raises."""
        for outbox in self._outboxes:
            await outbox.receivers.forget_others(rules.subscribers)

    async def follow_moves(self, rules: Rules) -> None:
        """Give what came meanwhile for subscribers that were moved to those who have it now.

        Such as corrections of alerts that they have heard. Raises what the store raises.
        """
        for outbox in self._outboxes:
            moved = await outbox.moves.known()
            for old in moved:
                new = _heir(old, moved, rules)
                if old in rules.terms:
                    await outbox.moves.forget(old)
                elif new:
                    await outbox.moves.move(old, new)

    async def _reach(self, number: int, id_: str) -> None:
        """Times are by the clock of Redis, as those at which digests and quiet hours end."""
        changed, mark = self._left[number, id_], self._marks.get(id_)
        outbox, terms = self._outboxes[number], self._rules and self._rules.terms.get(id_)
        # Without a digest of its own any more, what is held is sent now, as the last one.
        now = await outbox.silences.now()
        routed = route("", now, quiet=terms.quiet, digest=terms.digest) if terms else None
        await outbox.moves.forward(id_, tried=changed.elsewhere)
        if routed is not None:
            due = routed.digest_due or routed.not_before or now
            await outbox.held_events.bring_digest_forward(id_, due)
        if mark is not None:
            await outbox.receivers.keep({id_: str(mark)})
            if number in self._known:
                self._known[number][id_] = str(mark)
        # Rules may have changed meanwhile, and then it is to be done once more.
        if self._left.get((number, id_)) is changed:
            del self._left[number, id_]


def _heir(old: str, moved: Mapping[str, str], rules: Rules) -> str:
    """Who has what was moved, by one move or by several; "" where the rules have none of them."""
    name, seen = old, {old}
    while (name := moved.get(name, "")) and name not in seen:
        if name in rules.terms:
            return name
        seen.add(name)
    return ""
