"""Watchlists and lists as a rules file writes them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from service.rules.schema.spec import Example, Hint, Meaning, Spec, mistake, unknown_key
from service.rules.schema.values import (
    Duration,
    ExpectedSending,
    Id,
    Language,
    Percent,
    Points,
    Scores,
    Severity,
    Text,
)


class BoostSpec(Spec):
    """`{when: expression, points: number}`."""

    when: Annotated[
        Text,
        Example('when: "title:missile"'),
        Meaning("An expression. Where it holds, too, the points are added to the score."),
    ]
    points: Annotated[Points, Example("points: 10"), Meaning("From -100 to 100.")]


ARTICLE_FIELDS = (
    *("title", "summary", "body", "html"),
    *("id", "url", "source", "author", "language", "country", "published_at", "tags"),
)
"""The fields of an article, as stream entries name them (`service.articles.entry`)."""


def _only_article_fields(article: str | dict[str, Any]) -> str | dict[str, Any]:
    """An article of a test. Raises for an unknown field: any `no_match` of a `titel` holds."""
    for name in article if isinstance(article, dict) else ():
        if name not in ARTICLE_FIELDS:
            raise unknown_key(name, f"`{name}` is not a field of an article", ARTICLE_FIELDS)
    return article


Sample = Annotated[Text | dict[str, Any], AfterValidator(_only_article_fields)]


class CheckSpec(Spec):
    """One of a watchlist's own tests: an article's fields, the path of a file, or a URL."""

    match: Annotated[
        Sample | None,
        Meaning(
            "An article that must match: its fields, the path of a file in the rules folder, "
            "or the URL of an article on the stream."
        ),
    ] = None
    no_match: Annotated[Sample | None, Meaning("An article that must not match.")] = None
    score: Annotated[
        Scores | None,
        Example("score: 40..60"),
        Meaning("The least and the most that it may score, such as 40..60."),
    ] = None
    evidence: Annotated[
        list[Text],
        Field(default_factory=list),
        Example("evidence: [fighter jets, Ankara]"),
        Meaning("Words of the article that must be among those that prove the match, as written."),
    ]
    notify: Annotated[
        dict[Text, ExpectedSending],
        Field(default_factory=dict),
        Example('notify: {desk: at once, duty: "not, medium"}'),
        Meaning(
            "How subscribers must be sent its alert: at once, digest or not; not, score or not, "
            "medium names the filter that leaves it out."
        ),
    ]

    @model_validator(mode="after")
    def _one_of_two(self) -> CheckSpec:
        if (self.match is None) == (self.no_match is None):
            raise mistake(
                "a test has either `match:` or `no_match:`",
                "Write `- match: {title: …}` or `- no_match: …`.",
                code="T106",
            )
        if self.match is None and (self.score or self.evidence or self.notify):
            raise mistake(
                "what must not match has no score and no evidence, and is sent to nobody",
                "Remove `score:`, `evidence:` and `notify:`, or write `match:`.",
                code="T109",
            )
        return self


class ThrottleSpec(Spec):
    """`{max: 20, per: 1h}`: alerts beyond `max` are held, and sent together in one message."""

    max: Annotated[
        int,
        Field(ge=1, le=100_000),
        Example("max: 20"),
        Hint("Write a number from 1 to 100000, without decimals."),
        Meaning("Alerts that are sent at once; those beyond are sent together, in one message."),
    ]
    per: Annotated[
        Duration, Example("per: 1h"), Meaning("The time for which they are counted, such as 1h.")
    ]


class WatchlistSpec(Spec):
    """One item under `watchlists:`."""

    # Lists and blocks have a factory: pydantic takes four times as long to copy a default.
    id: Annotated[
        Id,
        Example("id: my-watchlist"),
        Meaning(
            "Its name for programs: lower-case letters, digits and hyphens. "
            "Alerts are known by it, so keep it."
        ),
    ]
    name: Annotated[
        Text | None, Meaning("Its name for people, in messages. Without it: the id.")
    ] = None
    match: Annotated[
        Text,
        Example("match: Pakistan AND Turkey AND fighter jet"),
        Meaning(
            "What an article must say: words, phrases, AND, OR, NOT, NEAR/5, title:(…), $lists. "
            "See docs/query-language.md."
        ),
    ]
    exceptions: Annotated[
        dict[str, Text],
        Field(alias="except", default_factory=dict),
        Example("except: {sport: cricket OR football}"),
        Meaning("Expressions by name: an article that matches one of them is not alerted."),
    ]
    severity: Annotated[Severity, Meaning("How grave a match is. Subscribers choose by it.")] = (
        "medium"
    )
    threshold: Annotated[
        Percent, Meaning("The score, from 0 to 100, below which nothing is alerted.")
    ] = 0.0
    boost: Annotated[
        list[BoostSpec],
        Field(default_factory=list),
        Example('boost: [{when: "title:missile", points: 10}]'),
        Meaning("What raises or lowers the score."),
    ]
    language: Annotated[
        Language, Meaning("The language of its words: it decides which forms they find.")
    ] = "en"
    repeat: Annotated[
        Literal["story", "article"],
        Meaning("story: near-copies of one text alert once. article: each article alerts."),
    ] = "story"
    throttle: Annotated[
        ThrottleSpec | None,
        Example("throttle: {max: 20, per: 1h}"),
        Meaning("At most so many alerts at once."),
    ] = None
    tags: Annotated[
        list[Text], Field(default_factory=list), Meaning("Words for silences and for receivers.")
    ]
    notify: Annotated[
        list[Text],
        Field(default_factory=list),
        Meaning("The ids of the subscribers who get its alerts."),
    ]
    tests: Annotated[
        list[CheckSpec],
        Field(default_factory=list),
        Example("tests: [{match: {title: Turkey orders jets}}]"),
        Meaning("Articles that must match, and articles that must not: `tocsin test` tries them."),
    ]
    enabled: Annotated[bool, Meaning("false: it matches nothing, and stays in the file.")] = True


class ListSpec(Spec):
    """One entry under `lists:`: expressions; `$name` stands for any of them."""

    items: Annotated[
        list[Text],
        Field(min_length=1),
        Example("items: [Turkey, Ankara]"),
        Meaning("Expressions; `$name` stands for any of them."),
    ]
    enabled: Annotated[bool, Meaning("false: no expression may name it.")] = True
