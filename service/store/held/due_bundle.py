"""What a digest or a throttle holds once it is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.alerts.alert import rfc3339
from service.alerts.bundles.throttle_summary import HeldAlert
from service.store.client import from_milliseconds
from service.store.keys import DIGEST_BUNDLE


@dataclass(frozen=True, slots=True)
class DueBundle:
    """Held events that are to be sent now, as one event."""

    bundle: str
    """`w/` and the watchlist whose throttle held them, or `d/` and the subscriber."""
    due_since: bytes
    """ms, as the server keeps it."""
    version: bytes
    """A hash that changes with what is held."""
    held: tuple[HeldAlert, ...]
    at: datetime
    """When it was read, by the Redis server's clock."""
    is_disabled: bool
    """Whether it is the digest of a disabled subscriber."""

    @property
    def name(self) -> str:
        """The watchlist or the subscriber."""
        return self.bundle[2:]

    @property
    def is_digest(self) -> bool:
        """Whether a digest holds them, and not a throttle."""
        return self.bundle == DIGEST_BUNDLE.fill(self.name)

    @property
    def until(self) -> str:
        """Since when, as events write it."""
        return rfc3339(from_milliseconds(float(self.due_since)))


def read_due_bundle(row: Sequence[Any]) -> DueBundle:
    """A bundle as `due.lua` returns it."""
    bundle, due_since, version, events, now, is_disabled = row
    held = (
        HeldAlert(id_.decode(), float(score), tuple(names.decode().split()), at.decode())
        for id_, score, names, at in events
    )
    at = from_milliseconds(now)
    return DueBundle(bundle.decode(), due_since, version, tuple(held), at, bool(is_disabled))
