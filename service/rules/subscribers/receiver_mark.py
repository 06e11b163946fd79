"""A mark of where and how fast a subscriber receives, which shows no secret.

Redis keeps it, so that a worker that starts sees whether an address, a secret or a rate was changed
while no worker ran.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields, is_dataclass
from datetime import timedelta
from typing import Any, Final

from service.rules.secret import Secret
from service.rules.subscribers.channel import Channel
from service.rules.subscribers.subscriber import Subscriber

DIGEST_BYTES: Final = 2
"""So few that nobody finds a secret by trying: one in 65,536 others has the same digest."""


@dataclass(frozen=True, slots=True)
class ReceiverMark:
    """What is known of the receiver of a subscriber."""

    digest: str
    """Of its channel with all its secrets."""
    min_gap: timedelta
    """Least time between two deliveries."""

    def __str__(self) -> str:
        return f"{self.digest} {self.min_gap // timedelta(milliseconds=1)}"

    @staticmethod
    def read(text: str) -> ReceiverMark | None:
        """The mark that `str` made; None where it is of another version."""
        digest, _, gap = text.partition(" ")
        if len(digest) != 2 * DIGEST_BYTES or not (gap.isascii() and gap.isdecimal()):
            return None
        return ReceiverMark(digest, timedelta(milliseconds=int(gap)))


def receiver_mark(subscriber: Subscriber) -> ReceiverMark:
    """The mark of this subscriber's receiver: the same for the same receiver and rate."""
    said = json.dumps([subscriber.id, subscriber.channel.kind, _facts(subscriber.channel)])
    digest = hashlib.blake2b(said.encode(), digest_size=DIGEST_BYTES).hexdigest()
    return ReceiverMark(digest, subscriber.min_gap)


def _facts(value: Channel | Any) -> Any:
    """What a channel holds, as JSON can say it."""
    if isinstance(value, Secret):
        return value.reveal()
    if is_dataclass(value):
        return [[each.name, _facts(getattr(value, each.name))] for each in fields(value)]
    if isinstance(value, tuple | list):
        return [_facts(each) for each in value]
    return value if value is None or isinstance(value, str | int | float) else str(value)
