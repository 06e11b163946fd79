"""The keys of the input stream: who reads it, how far, and what could not be read."""

from __future__ import annotations

from service.store.keys.pattern import KeyPattern

GROUP = "tocsin"
"""The consumer group of the input stream."""

DEAD_LETTERS = KeyPattern(
    "dead_letters_key", "dead", "stream", "the dead letters", "trimmed by `keep_alerts`"
)

PROGRESS = KeyPattern(
    "progress_key",
    "progress",
    "hash",
    "how far S is read",
    "no end",
    fields={
        "finished": "entries",
        "vanished": "entries that never were",
        "seen": "the last id",
        "group": "there was one",
        "store": "an id by which its readers know it again: a store that was emptied has another",
        "lost_deliveries": "deliveries whose record was gone when they were due",
    },
)

DECIDED = KeyPattern(
    "decided_key",
    "decided",
    "zset",
    "articles by the place in S of their newest decided entry",
    "while an older entry is pending",
)

SILENCES = KeyPattern(
    "silences_key", "silences", "hash", "silences", "until they end", fields={"<silence>": "JSON"}
)


WORKERS = KeyPattern(
    "workers_key",
    "workers",
    "hash",
    "the processes that run; in the first stream of an installation",
    "no end; a process leaves it, or is taken out a minute after its end",
    fields={"<worker>": "when it was seen, and what it says of itself, JSON"},
)

PACE = KeyPattern(
    "pace_key",
    "pace",
    "hash",
    "how long a process takes for its work, as it was measured last",
    "no end",
    fields={"match": "seconds for an article", "deliver": "seconds for a delivery"},
)


def key_prefix(stream: str) -> str:
    """How every key of a stream begins, but for the stream itself."""
    return f"tocsin:{{{stream}}}:"
