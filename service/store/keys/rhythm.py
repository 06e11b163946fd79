"""The keys of rhythms: what came when, and who is quiet.

What came is counted beside its stream; all else is in the first stream of an installation.
"""

from __future__ import annotations

from service.store.keys.pattern import KeyPattern

ARRIVALS = KeyPattern(
    "arrivals_key",
    "rhythm:slot:<slot>",
    "hash",
    "what came in a slot of five minutes",
    "until it is evaluated, two days at most",
    fields={
        "articles": "how many",
        "full": "there: more names came than are counted",
        "s:<source>": "articles of a source",
        "w:<watchlist>": "new stories of a watchlist",
    },
)
RHYTHM = KeyPattern(
    "rhythm_key",
    "rhythm",
    "hash",
    "how far the slots are evaluated",
    "no end",
    fields={
        "version": "counts what was written",
        "slot": "the next slot",
        "articles": "how many were read",
        "days": "how many had been read when each day began, JSON",
        "looked:<stream>": "the slots of which all is known, as bits",
        "sent:<stream>": "those of them with an article, as bits",
    },
)
RHYTHMS = KeyPattern(
    "rhythms_key",
    "rhythm:series",
    "hash",
    "the rhythm of each source, stream and watchlist",
    "no end; a series leaves it 60 days after its end, two weeks if little is known of it",
    fields={"<kind>:<name>": "as `service/alerts/rhythm/` packs it"},
)
RHYTHM_DUE = KeyPattern(
    "rhythm_due_key",
    "rhythm:due:<unit>",
    "zset",
    "series by the slot, or by the article, with which they are to be looked at",
    "as `rhythm:series`",
)
QUIET = KeyPattern(
    "quiet_key",
    "rhythm:quiet",
    "hash",
    "who is quiet for longer than usual",
    "until it sends again, or is forgotten",
    fields={"<kind>:<name>": "since when, JSON"},
)
