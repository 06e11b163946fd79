"""The keys of events, and of what throttles and digests hold."""

from __future__ import annotations

from service.store.keys.pattern import KeyPattern, Pattern

MUTED_FIELD = Pattern("muted_field", "muted:<subscriber>")
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
        "trace": "the traceparent of the entry that made it; absent: it has none",
        "open": "how many deliveries are pending and bundles hold it",
        "revision": "of the article; written last, so without it the event is not finished",
        "entry": "of the first event of an alert: the last stream entry that changed the alert",
        "latest": "of the first event: the id of the last event about the alert",
        "later": "of the first event: the ids of those after it",
        "subscribers": "of the first event: who has heard of it",
        "held": "of the first event: a throttle holds it",
        "retracted": "of the first event: the last one is a retraction",
        "verdicts": "of the first event: what was said of it last, the last one last, JSON",
        "muted:<subscriber>": "the silence that kept the event from the subscriber, JSON",
    },
)

ALERTS = KeyPattern(
    "alerts_key",
    "alerts",
    "zset",
    "the list of alerts, by the ms at which they were made",
    "no end; trimmed by `keep_alerts`",
)

JUDGED = KeyPattern(
    "judged_key",
    "judged:<alert>",
    "hash",
    "the entry whose article a verdict is about",
    "`keep_alerts`",
    fields={" id": "its id in the stream", "<name>": "a field of it"},
)

ALERTED = KeyPattern(
    "alerted_key",
    "alerted:<article>",
    "hash",
    "the alerts of an article",
    "`keep_alerts` beyond the last event",
    fields={"<watchlist>": "its alert of the article"},
)

ARTICLE_TEXTS = KeyPattern(
    "texts_key",
    "texts:<article>",
    "hash",
    "the texts that have alerted under the id of an article",
    "`keep_alerts` beyond the last event",
    fields={"<text>": "the place of its entry, and a sketch of its words"},
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

PORTIONS = KeyPattern(
    "portions_key",
    "portions:<event>",
    "zset",
    "an event's deliveries that are not written yet, dozens in each portion, JSON, in order",
    "until these deliveries are written",
)

PORTIONED = KeyPattern(
    "portioned_key",
    "portioned",
    "zset",
    "events that have portions, by the ms from which the next one is written",
    "until these deliveries are written",
)

DIGEST_BUNDLE = Pattern("digest_bundle", "d/<subscriber>")

THROTTLE_BUNDLE = Pattern("throttle_bundle", "w/<watchlist>")
