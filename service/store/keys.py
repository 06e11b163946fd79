"""Every Redis key that Tocsin keeps for one input stream S: name, type, use and lifetime.

The articles are in S itself; every other key begins with `tocsin:{S}:`. All of them hash to S's
slot, so that a script may touch any of them on Redis Cluster. Python (`Store.key`) and the scripts
(`lua_keys` in `client.py`) build keys from these patterns.
"""

from __future__ import annotations

from service.store.key_pattern import KeyPattern, Pattern

GROUP = "tocsin"
"""The consumer group of the input stream."""
STATES = ("pending", "delivered", "failed")
"""Those of a delivery."""

# What is built in the same way in several places, and is no key.
ATTEMPT_FIELD = Pattern("attempt_field", "attempt:<number>")
REACHED_FIELD = Pattern("reached_field", "<watchlist>/<subscriber>")
MILESTONE_FIELD = Pattern("milestone_field", "<watchlist>#milestone")
DIGEST_BUNDLE = Pattern("digest_bundle", "d/<subscriber>")
THROTTLE_BUNDLE = Pattern("throttle_bundle", "w/<watchlist>")
MUTED_FIELD = Pattern("muted_field", "muted:<subscriber>")
TEXTS = (ATTEMPT_FIELD, MUTED_FIELD, REACHED_FIELD, MILESTONE_FIELD, DIGEST_BUNDLE, THROTTLE_BUNDLE)

ALERT = KeyPattern(
    "alert_key",
    "alert:<alert>",
    "hash",
    "an event",
    "`keep_alerts` beyond the end of its last delivery",
    fields={
        "type": "of the event",
        "body": "as subscribers receive it, JSON",
        "watchlist": "its id",
        "article": "its id",
        "at": "when it was written, RFC 3339",
        "open": "how many deliveries are pending and bundles hold it",
        "revision": "of the article; written last, so without it the event is not finished",
        "entry": "of the first event of an alert: the last stream entry that changed the alert",
        "latest": "of the first event: the id of the last event about the alert",
        "later": "of the first event: the ids of those after it",
        "subscribers": "of the first event: who received the last one",
        "held": "of the first event: a throttle holds it",
        "retracted": "of the first event: the last one is a retraction",
        "muted:<subscriber>": "the silence that kept the event from the subscriber, JSON",
    },
)
DELIVERY = KeyPattern(
    "delivery_key",
    "delivery:<delivery>",
    "hash",
    "a delivery with its attempts",
    "no end while it is pending, then `keep_alerts`",
    fields={
        "state": "pending, delivered or failed",
        "alert": "the id of its event",
        "subscriber": "its id",
        "watchlist": "its id",
        "article": "its id",
        "created": "ms",
        "attempts": "how many were begun",
        "base": "how many of these were made before its schedule began",
        "token": "of the lease, while a worker has it",
        "forced": "an operator asked for it to be sent now",
        "note": "why it waits or failed",
        "attempt:<number>": "JSON",
    },
)
DELIVERIES = KeyPattern(
    "deliveries_key",
    "deliveries:<state>",
    "zset",
    "the list of deliveries in one state, by the ms at which they came into it",
    "no end; ended deliveries are trimmed by `keep_alerts`",
)
LANES = KeyPattern(
    "lanes_key", "lanes", "zset", "subscribers by the ms at which their lane is due", "no end"
)
LANE = KeyPattern(
    "lane_key",
    "lane:<subscriber>",
    "zset",
    "a subscriber's pending deliveries by the ms at which they are due",
    "until its deliveries have ended",
)
LANE_OUT = KeyPattern(
    "out_key",
    "lane:<subscriber>:out",
    "zset",
    "the deliveries that are being sent by the ms at which their lease ends",
    "until their leases end",
)
LANE_STATE = KeyPattern(
    "state_key",
    "lane:<subscriber>:state",
    "hash",
    "the state of a subscriber's lane",
    "no end",
    fields={
        "failures": "in a row",
        "failing_since": "ms of the first of these",
        "failing_for": "ms from the first to the last, a day at most for each gap",
        "last_failure": "ms",
        "next_probe": "ms from which the open circuit allows an attempt",
        "paused_until": "ms until which the receiver asked for a pause",
        "next_start": "ms from which its rate allows an attempt",
        "last_start": "ms of the last lease",
        "confirmed": "the receiver has accepted a delivery",
        "last_success": "ms of the last success",
        "slow": "the last answer took too long",
        "forward": "ms up to which deliveries were brought forward; absent: there are none left",
        "place": "counts what waits for a moment in quiet hours, to keep the order",
    },
)
LANE_ASIDE = KeyPattern(
    "aside_key",
    "lane:<subscriber>:aside",
    "zset",
    "a subscriber's new deliveries while another key of its lane has a wrong type",
    "until that key is gone",
)
DISABLED = KeyPattern(
    "disabled_key",
    "disabled",
    "hash",
    "the disabled subscribers",
    "until the subscriber is enabled, or accepts a delivery that an operator asked for",
    fields={"<subscriber>": "the reason and the time, JSON"},
)
BELL = KeyPattern(
    "bell_key", "bell", "list", "one element that wakes a worker", "until a worker takes it"
)
DEAD_LETTERS = KeyPattern(
    "dead_letters_key", "dead", "stream", "the dead letters", "trimmed by `keep_alerts`"
)
THREAD = KeyPattern(
    "thread_key", "thread:<subscriber>:<story>", "string", "the mark of its first message", "7 days"
)
RECIPIENTS = KeyPattern(
    "recipients_key", "recipients:<delivery>", "set", "who needs a mail no more", "`keep_alerts`"
)
ALERTED = KeyPattern(
    "alerted_key",
    "alerted:<article>",
    "hash",
    "the alerts of an article",
    "`keep_alerts` beyond the last event",
    fields={"<watchlist>": "its alert of the article"},
)
PROGRESS = KeyPattern(
    "progress_key",
    "progress",
    "hash",
    "how far S is read",
    "no end",
    fields={"finished": "entries", "vanished": "entries that never were", "seen": "the last id"},
)
ARTICLE_TEXTS = KeyPattern(
    "texts_key",
    "texts:<article>",
    "hash",
    "the texts that have alerted under the id of an article",
    "`keep_alerts` beyond the last event",
    fields={"<text>": "the place of its entry, and a sketch of its words"},
)
STORY = KeyPattern(
    "story_key",
    "story:<story>",
    "hash",
    "a story",
    "the story's window",
    fields={
        "first": "ms at which it began",
        "articles": "how many it has",
        "record": "of its first article's text, with the version of its form",
        "published": "ms at which that was published",
    },
)
STORY_COPIES = KeyPattern(
    "copies_key",
    "story:<story>:copies",
    "hash",
    "the first articles of a story",
    "as long as the story",
    fields={"<article>": "its stream entry, id, source, title, URL and time, JSON"},
)
STORY_SOURCES = KeyPattern(
    "sources_key",
    "story:<story>:sources",
    "hash",
    "the sources of a story",
    "as long as the story",
    fields={"<source>": "name in small letters → as it is spelled"},
)
STORY_REACHED = KeyPattern(
    "reached_key",
    "story:<story>:told",
    "hash",
    "the alert by which a story reached each subscriber",
    "the story's window, from its first alert",
    fields={
        "<watchlist>": "its first alert",
        "<watchlist>/<subscriber>": "the alert that reached the subscriber",
        "<watchlist>#milestone": "the last milestone that was announced",
    },
)
STORY_OF = KeyPattern(
    "story_of_key", "story-of:<article>", "string", "an article's story", "as long as the story"
)
NEAR = KeyPattern(
    "near_key", "near:<phrase>", "string", "the newest stories with a phrase", "the story's window"
)
THROTTLE = KeyPattern(
    "throttle_key",
    "throttle:<watchlist>",
    "hash",
    "the number of alerts that a watchlist has sent in the span of its throttle",
    "the span of the throttle",
    fields={"till": "ms at which the span ends", "count": "alerts in the span"},
)
HELD = KeyPattern(
    "held_key",
    "held:<bundle>",
    "zset",
    "the events that a throttle (w/…) or a digest (d/…) holds, by score",
    "until they are sent as one event",
)
BUNDLES = KeyPattern(
    "bundles_key", "summaries", "zset", "bundles by the ms when they are due", "until they are sent"
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

KEYS: tuple[KeyPattern, ...] = tuple(
    each for each in tuple(globals().values()) if isinstance(each, KeyPattern)
)


def key_prefix(stream: str) -> str:
    """How every key of a stream begins, but for the stream itself."""
    return f"tocsin:{{{stream}}}:"
