"""Watchlists and lists as a rules file writes them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from service.rules.schema.spec import Example, Hint, Spec, mistake, unknown_key
from service.rules.schema.values import Duration, Id, Language, Percent, Points, Severity, Text


class BoostSpec(Spec):
    """`{when: expression, points: number}`."""

    when: Annotated[Text, Example('when: "title:missile"')]
    points: Annotated[Points, Example("points: 10")]


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
    """One of a watchlist's own tests: the path of a file, or an article's fields."""

    match: Sample | None = None
    no_match: Sample | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> CheckSpec:
        if (self.match is None) == (self.no_match is None):
            raise mistake(
                "a test has either `match:` or `no_match:`",
                "Write `- match: {title: …}` or `- no_match: …`.",
            )
        return self


class ThrottleSpec(Spec):
    """`{max: 20, per: 1h}`: alerts beyond `max` are held, and sent together in one message."""

    max: Annotated[
        int,
        Field(ge=1, le=100_000),
        Example("max: 20"),
        Hint("Write a number from 1 to 100000, without decimals."),
    ]
    per: Annotated[Duration, Example("per: 1h")]


class WatchlistSpec(Spec):
    """One item under `watchlists:`."""

    # Lists and blocks have a factory: pydantic takes four times as long to copy a default.
    id: Annotated[Id, Example("id: my-watchlist")]
    name: Text | None = None
    match: Annotated[Text, Example("match: Pakistan AND Turkey AND fighter jet")]
    exceptions: Annotated[
        dict[str, Text],
        Field(alias="except", default_factory=dict),
        Example("except: {sport: cricket OR football}"),
    ]
    severity: Severity = "medium"
    threshold: Percent = 0.0
    boost: Annotated[
        list[BoostSpec],
        Field(default_factory=list),
        Example('boost: [{when: "title:missile", points: 10}]'),
    ]
    language: Language = "en"
    repeat: Literal["story", "article"] = "story"
    throttle: Annotated[ThrottleSpec | None, Example("throttle: {max: 20, per: 1h}")] = None
    tags: Annotated[list[Text], Field(default_factory=list)]
    notify: Annotated[list[Text], Field(default_factory=list)]
    tests: Annotated[
        list[CheckSpec],
        Field(default_factory=list),
        Example("tests: [{match: {title: Turkey orders jets}}]"),
    ]
    enabled: bool = True


class ListSpec(Spec):
    """One entry under `lists:`: expressions; `$name` stands for any of them."""

    items: Annotated[list[Text], Field(min_length=1), Example("items: [Turkey, Ankara]")]
    enabled: bool = True
