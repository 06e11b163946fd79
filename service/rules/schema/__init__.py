"""What a rules file may contain: the form of each block, and the faults of another form."""

from __future__ import annotations

from service.rules.schema.spec import Example, Hint, Meaning, Spec, mistake, unknown_key
from service.rules.schema.subscriber import DigestSpec, QuietSpec, SubscriberSpec
from service.rules.schema.values import Severity, Text
from service.rules.schema.watchlist import (
    ARTICLE_FIELDS,
    BoostSpec,
    CheckSpec,
    ListSpec,
    ThrottleSpec,
    WatchlistSpec,
)

__all__ = [
    "ARTICLE_FIELDS",
    "BoostSpec",
    "CheckSpec",
    "DigestSpec",
    "Example",
    "Hint",
    "ListSpec",
    "Meaning",
    "QuietSpec",
    "Severity",
    "Spec",
    "SubscriberSpec",
    "Text",
    "ThrottleSpec",
    "WatchlistSpec",
    "mistake",
    "unknown_key",
]
