"""The keys of the rules in force: one set for all workers, and those before it."""

from __future__ import annotations

from service.store.keys.pattern import KeyPattern

RULES = KeyPattern(
    "rules_key",
    "rules",
    "hash",
    "which set of rules is in force",
    "no end",
    fields={
        "version": "counts what was put in force",
        "set": "its id: of its watchlists and of what its subscribers want",
        "content": "the key of what it holds",
        "offer": "the digest of the rules files that it comes from",
        "digest": "of its watchlists, as alerts name it",
        "watchlists": "how many it has",
        "subscribers": "how many of its subscribers can be used",
        "root": "the path of the rules files",
        "since": "ms",
        "by": "the worker that put it in force",
        "kept": "ids of faulty watchlists whose last good version it has, JSON",
        "left_out": "ids of faulty watchlists that it does not have, JSON",
        "accepted": "the digest of rules files that an operator wants in force, whatever they lose",
        "reported": "a digest of the faults that subscribers were told of last",
    },
)
RULES_CONTENT = KeyPattern(
    "rules_content_key",
    "rules:content:<content>",
    "hash",
    "what a set of rules holds; no secret and no address",
    "while it is one of the last sets",
    fields={"head": "compressed", "pieces": "the names of its pieces, with spaces"},
)
RULES_PIECE = KeyPattern(
    "rules_piece_key",
    "rules:piece:<piece>",
    "string",
    "some watchlists of sets of rules, compressed",
    "an hour until a set that has it is in force, then while one of the last sets has it",
)
RULES_HISTORY = KeyPattern(
    "rules_history_key",
    "rules:history",
    "stream",
    "the sets that came into force, with what they changed",
    "no end; the last hundred",
)
RULES_OFFERS = KeyPattern(
    "rules_offers_key",
    "rules:offers",
    "hash",
    "the rules files that workers have",
    "no end",
    fields={"<offer>": "µs at which a worker first had them, or had them again"},
)
RULES_WORKERS = KeyPattern(
    "rules_workers_key",
    "rules:workers",
    "hash",
    "the workers that run",
    "no end; a worker leaves it, or is taken out a minute after its end",
    fields={"<worker>": "its rules files, when it was seen, and what became of them, JSON"},
)
