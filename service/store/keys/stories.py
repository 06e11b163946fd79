"""The keys of stories."""

from __future__ import annotations

from service.store.keys.pattern import KeyPattern, Pattern

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
        "teller": "the source of that, in small letters; empty where it does not say when",
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

REACHED_FIELD = Pattern("reached_field", "<watchlist>/<subscriber>")

MILESTONE_FIELD = Pattern("milestone_field", "<watchlist>#milestone")
