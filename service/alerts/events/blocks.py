"""The blocks that events are made of (DESIGN.md §6). What is not known is empty.

Each class is the shape of a JSON object; its docstrings become the descriptions in docs/events/.
"""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from service.rules.schema import Severity

# A description that several classes share is given here: docstrings are not inherited.
EventId = Annotated[
    str, Field(description="Id of the event: the same for all subscribers and on every attempt.")
]
AlertId = Annotated[str, Field(description="`data.id` of the first event about this alert.")]
RulesDigest = Annotated[
    str, Field(description="Digest of the rule set that the article was judged by.")
]
Shortened = Annotated[
    list[str],
    Field(description="The keys whose values were shortened, so that the body fits its limit."),
]
Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""RFC 3339 in UTC, with milliseconds."""
Zone = Annotated[str, Field(json_schema_extra={"enum": ["title", "lead", "body"]})]
Offset = Annotated[int, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]
Unit = Annotated[float, Field(ge=0, le=1)]


class WatchlistFacts(TypedDict):
    """A watchlist, as the rules name it."""

    id: str
    name: str
    severity: Severity
    tags: list[str]


class WatchlistCount(WatchlistFacts):
    """A watchlist in a digest."""

    count: Count
    """How many stories and alerts of this watchlist the digest counts."""


class ArticleFacts(TypedDict):
    """Which article it is, without its text. What is not known is empty."""

    id: str
    """Unique within its `scope`: two sources may use the same ids."""
    scope: str
    """The source that the entry named, in small letters, else the host of its URL."""
    url: str
    title: str
    summary: str
    """The lead: at most 1,000 characters, then `…`."""
    source: str
    author: str
    language: str
    """BCP 47."""
    published_at: str
    """RFC 3339, or empty."""


class EvidenceFacts(TypedDict):
    """Words of the article that prove the match."""

    term: str
    """The term of the expression that the longest mention belongs to."""
    terms: list[str]
    """All terms that these words belong to."""
    zone: Zone
    start: Offset
    """Code points from the start of the zone."""
    end: Offset
    text: str
    """The words as the article spells them."""
    sentence: str
    """The sentence around the words; `…` where it was cut."""


class TermWeight(TypedDict):
    """What one term adds to the score."""

    term: str
    mass: Annotated[float, Field(ge=0)]
    """The sum over its mentions: 4 in the title, 2 in the lead, 1 in the body."""
    value: Unit
    """mass / (mass + 1)."""


class ClauseWeight(TypedDict):
    """What one clause of the expression adds to the score."""

    clause: str
    mass: Annotated[float, Field(ge=0)]
    value: Unit


class BoostPoints(TypedDict):
    """A boost that holds."""

    when: str
    """The expression of the boost."""
    points: float
    """Points added; negative: taken off."""


class ScoreFacts(TypedDict):
    """The score: 100 × geometric mean of the clauses' values × closeness, plus the boosts."""

    value: Annotated[float, Field(ge=0, le=100)]
    closeness: Unit
    terms: list[TermWeight]
    clauses: list[ClauseWeight]
    boosts: list[BoostPoints]


class StoryFacts(TypedDict):
    """The story that the article belongs to: an article and its near-copies."""

    id: str
    first_seen: Time
    """When its first article was read."""
    articles: Count
    """How many articles it has, this one included."""
    sources: list[str]
    """At most 50 of its sources, in alphabetical order."""


Change = TypedDict(
    "Change",
    {
        "field": Literal["title", "summary", "score", "evidence"],
        "from": Annotated[
            str | float | list[str],
            Field(description="The value that the last event had; for evidence, its sentences."),
        ],
        "to": Annotated[str | float | list[str], Field(description="The value now.")],
    },
)
Change.__doc__ = "One thing that a correction changed."


class StoryIfKnown(TypedDict, total=False):
    """The story, which very few events do not have."""

    story: StoryFacts


class Sent(TypedDict):
    """What the data of every event has."""

    id: EventId
    shortened: NotRequired[Shortened]
