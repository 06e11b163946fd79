"""The keys of deliveries and of subscribers' lanes."""

from __future__ import annotations

from service.store.keys.pattern import KeyPattern, Pattern

STATES = ("pending", "delivered", "failed")
"""Those of a delivery."""

ATTEMPT_FIELD = Pattern("attempt_field", "attempt:<number>")

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

MOVED = KeyPattern(
    "moved_key",
    "moved",
    "hash",
    "the subscribers that are gone from the rules and whose deliveries go to another",
    "until the rules have the subscriber again",
    fields={"<subscriber>": "who receives them"},
)

RECEIVERS = KeyPattern(
    "receivers_key",
    "receivers",
    "hash",
    "the receivers that the rules named last",
    "until the rules have the subscriber no more and nothing waits for it; looked at each hour",
    fields={"<subscriber>": "two bytes of a digest of its channel, and its least gap in ms"},
)

BELL = KeyPattern(
    "bell_key", "bell", "list", "one element that wakes a worker", "until a worker takes it"
)

THREAD = KeyPattern(
    "thread_key", "thread:<subscriber>:<story>", "string", "the mark of its first message", "7 days"
)
CLAIM = KeyPattern(
    "claim_key",
    "claim:<delivery>:<text>",
    "string",
    "the stream that sends it, of several that tell of this text",
    "7 days",
)
RECIPIENTS = KeyPattern(
    "recipients_key", "recipients:<delivery>", "set", "who needs a mail no more", "`keep_alerts`"
)
