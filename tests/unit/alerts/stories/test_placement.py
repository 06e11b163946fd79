"""Which story an article belongs to, without a store."""

from __future__ import annotations

from dataclasses import replace

from service.alerts.stories.fingerprint import fingerprint
from service.alerts.stories.placement import (
    MAX_COMPARED,
    NearStory,
    Placement,
    UnplacedArticle,
    place_articles,
)
from service.alerts.stories.similarity import NEAR_COPY, PAIRS, Fingerprint

TEXT = " ".join(f"word{number}" for number in range(200))
OTHER = " ".join(f"thing{number}" for number in range(200))
COPY = TEXT.replace("word7 ", "seventh ")


def an_article(text: str = TEXT, own: str = "sty_own", **fields: object) -> UnplacedArticle:
    """An article that is in no story."""
    return replace(UnplacedArticle(fingerprint(text), own), **fields)  # type: ignore[arg-type]


def near(text: str, story: str = "sty_near", shared: int = 9) -> NearStory:
    """A story that began with this text."""
    return NearStory(story, fingerprint(text), shared)


def place(*articles: UnplacedArticle) -> list[Placement]:
    """The stories of articles that are placed together."""
    return list(place_articles(articles, NEAR_COPY))


def test_an_article_that_nothing_is_like_begins_a_story() -> None:
    """A story that shares keys need not be a copy."""
    assert place(an_article(near=(near(OTHER),))) == [Placement("sty_own", begins=True)]


def test_a_copy_joins() -> None:
    """The story that it is most like."""
    stories = (near(OTHER, "sty_other"), near(COPY), near(TEXT, "sty_best", 8))
    assert place(an_article(near=stories)) == [Placement("sty_best", begins=False)]


def test_of_equal_stories_the_first_found_is_joined() -> None:
    """So that two workers join the same one."""
    stories = (near(TEXT, "sty_1"), near(TEXT, "sty_2"))
    assert place(an_article(near=stories)) == [Placement("sty_1", begins=False)]


def test_a_later_article_joins_what_an_earlier_one_begins() -> None:
    """They are placed together, and the store knows neither."""
    assert place(an_article(), an_article(COPY, "sty_copy")) == [
        Placement("sty_own", begins=True),
        Placement("sty_own", begins=False),
    ]


def test_an_article_stays_in_its_story() -> None:
    """The one that it began, whatever its text; and one of which it is still a copy."""
    own = an_article(known=near(OTHER, "sty_own"), near=(near(TEXT),))
    assert place(own) == [Placement("sty_own", begins=False)]
    copy = an_article(known=near(COPY, "sty_known"), near=(near(TEXT),))
    assert place(copy) == [Placement("sty_known", begins=False)]


def test_an_article_with_another_text_leaves_its_story() -> None:
    """A page may get another text."""
    assert place(an_article(known=near(OTHER, "sty_known"))) == [Placement("sty_own", begins=True)]


def test_only_the_stories_that_share_most_are_compared() -> None:
    """However many share a key."""
    strangers = tuple(near(OTHER, f"sty_{number}", 20) for number in range(MAX_COMPARED))
    hidden = an_article(near=(*strangers, near(TEXT, "sty_hidden", 1)))
    assert place(hidden) == [Placement("sty_own", begins=True)]


def test_texts_without_words_are_no_copies() -> None:
    """Each begins a story of its own."""
    empty = Fingerprint(b"", ())
    stored = NearStory("sty_known", Fingerprint(b"\0", ()))
    assert place(an_article(fingerprint=empty, near=(stored,))) == [
        Placement("sty_own", begins=True)
    ]
    assert len(fingerprint(TEXT).signature) >= PAIRS
