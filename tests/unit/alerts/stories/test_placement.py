"""Which story an article belongs to, without a store."""

from __future__ import annotations

from dataclasses import replace

from service.alerts.stories.comparison import Reason
from service.alerts.stories.fingerprint import Fingerprint, fingerprint
from service.alerts.stories.placement import (
    MAX_COMPARED,
    NearStory,
    Placement,
    Placer,
    UnplacedArticle,
)
from service.alerts.stories.story import NEAR_COPY

TEXT = " ".join(f"word{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(200))
OTHER = TEXT.replace("word", "thing")
COPY = f"{TEXT}. Nobody was hurt."
HOUR = 3_600_000
QUAKE = """\
An earthquake of magnitude {} struck near {} on Tuesday, the survey said. It was at a depth of {} \
kilometres. There were no reports of damage, and the authorities did not warn of a tsunami. People \
in {} ran into the streets, as the agency reported, and stayed there for fear of more."""
PADANG = QUAKE.format(4.1, "Padang", 10, "Padang")
CEBU = QUAKE.format(5.6, "Cebu", 35, "Cebu")


def an_article(text: str = TEXT, own: str = "sty_own", **fields: object) -> UnplacedArticle:
    """An article that is in no story."""
    return replace(UnplacedArticle(fingerprint("", text), own), **fields)  # type: ignore[arg-type]


def near(text: str, story: str = "sty_near", published: int = 0) -> NearStory:
    """A story that began with this text."""
    return NearStory(story, fingerprint("", text).record, published)


def place(*articles: UnplacedArticle) -> list[Placement]:
    """The stories of articles that are placed together."""
    return list(Placer(NEAR_COPY, 72 * HOUR).place(articles))


def placed(*articles: UnplacedArticle) -> list[tuple[str, bool]]:
    """The story of each, and whether it begins that."""
    return [(each.story_id, each.begins) for each in place(*articles)]


def test_an_article_that_nothing_is_like_begins_a_story() -> None:
    """A story that shares keys need not be a copy."""
    assert placed(an_article(near=(near(OTHER),))) == [("sty_own", True)]


def test_a_copy_joins() -> None:
    """The story that it is most like."""
    stories = (near(OTHER, "sty_other"), near(COPY), near(TEXT, "sty_best"))
    assert placed(an_article(near=stories)) == [("sty_best", False)]


def test_a_key_that_few_stories_of_a_batch_have_tells_most() -> None:
    """However many share keys that all have: so many are compared."""
    common, rare = (b"1run1", b"2run2"), b"3run3"
    others = [
        an_article(TEXT.replace("word", f"w{number}"), f"sty_{number}")
        for number in range(MAX_COMPARED + 4)
    ]
    shared = [replace(each, fingerprint=replace(each.fingerprint, bands=common)) for each in others]
    first = an_article(TEXT, "sty_first")
    first = replace(first, fingerprint=replace(first.fingerprint, bands=(rare,)))
    copy = replace(
        first, own_story="sty_copy", fingerprint=replace(first.fingerprint, bands=(*common, rare))
    )
    assert placed(*shared, first, copy)[-1] == ("sty_first", False)


def test_of_equal_stories_the_first_found_is_joined() -> None:
    """So that two workers join the same one."""
    stories = (near(TEXT, "sty_1"), near(TEXT, "sty_2"))
    assert placed(an_article(near=stories)) == [("sty_1", False)]


def test_a_source_that_says_few_words_again_tells_another_event() -> None:
    """An hour later, by the time that it gives. A copy elsewhere and a list read twice join."""
    down = fingerprint("Service is down")

    def joins(published: int, teller: str, text: Fingerprint = down) -> bool:
        story = NearStory("sty_near", text.record, HOUR, "status")
        article = UnplacedArticle(text, "sty_own", published, near=(story,), teller=teller)
        return placed(article) == [("sty_near", False)]

    assert not joins(2 * HOUR, "status")
    assert not joins(0, "status")
    assert joins(2 * HOUR - 1, "status")
    assert joins(2 * HOUR, "gazette")
    assert joins(2 * HOUR, "status", fingerprint("", TEXT))
    first, again = (
        UnplacedArticle(down, own, at, teller="status")
        for own, at in (("sty_1", 0), ("sty_2", HOUR))
    )
    (_, second) = place(first, again)
    assert (second.story_id, second.begins) == ("sty_2", True)
    assert second.comparison is not None
    assert second.comparison.reason is Reason.SAID_AGAIN


def test_a_later_article_joins_what_an_earlier_one_begins() -> None:
    """They are placed together, and the store knows neither."""
    assert placed(an_article(), an_article(COPY, "sty_copy")) == [
        ("sty_own", True),
        ("sty_own", False),
    ]


def test_an_article_stays_in_its_story() -> None:
    """The one that it began, whatever its text; and one of which it is still a copy."""
    own = an_article(known=near(OTHER, "sty_own"), near=(near(TEXT),))
    assert placed(own) == [("sty_own", False)]
    copy = an_article(known=near(COPY, "sty_known"), near=(near(TEXT),))
    assert placed(copy) == [("sty_known", False)]


def test_an_article_with_another_text_leaves_its_story() -> None:
    """A page may get another text."""
    assert placed(an_article(known=near(OTHER, "sty_known"))) == [("sty_own", True)]


def test_a_corrected_fact_does_not_take_an_article_out_of_its_story() -> None:
    """Only another wording does."""
    known = near(PADANG, "sty_known")
    assert placed(an_article(PADANG.replace("4.1", "4.3"), known=known)) == [("sty_known", False)]


def test_another_event_in_the_same_words_begins_a_story() -> None:
    """And it is said which story it is worded like, and why it is another."""
    (placement,) = place(an_article(CEBU, near=(near(PADANG),)))
    assert (placement.begins, placement.compared_story) == (True, "sty_near")
    assert placement.comparison is not None
    assert placement.comparison.reason is Reason.OTHER_FACTS


def test_a_copy_finds_its_own_event_among_others_in_the_same_words() -> None:
    """In a batch as well as in the store."""
    copy = an_article(PADANG + " A fence fell down in Bungus, said Nora Quill.", "sty_copy")
    stored = (near(CEBU, "sty_cebu"), near(PADANG, "sty_padang"))
    assert placed(replace(copy, near=stored)) == [("sty_padang", False)]
    batch = (an_article(CEBU, "sty_cebu"), an_article(PADANG, "sty_padang"), copy)
    assert placed(*batch)[-1] == ("sty_padang", False)


def test_a_story_ends_with_its_window() -> None:
    """Which counts from the times of publication, whichever came first."""
    for hours, story in ((72, "sty_near"), (-72, "sty_near"), (73, "sty_own"), (-73, "sty_own")):
        at = 100 * HOUR
        article = an_article(published=at + hours * HOUR, near=(near(TEXT, published=at),))
        assert [each.story_id for each in place(article)] == [story]


def test_only_so_many_stories_are_compared() -> None:
    """However many share a key."""
    strangers = tuple(near(OTHER, f"sty_{number}") for number in range(MAX_COMPARED))
    hidden = an_article(near=(*strangers, near(TEXT, "sty_hidden")))
    assert placed(hidden) == [("sty_own", True)]


def test_of_the_stories_of_a_batch_those_that_share_most_keys_are_compared() -> None:
    """Strangers that share one key come before the story, and do not hide it."""
    copied = fingerprint("", TEXT)
    strangers = [
        an_article(fingerprint=replace(fingerprint("", other), bands=copied.bands[:1]), own=other)
        for other in (TEXT.replace("word", f"x{chr(97 + n)}rd") for n in range(MAX_COMPARED))
    ]
    *_, story, copy = placed(*strangers, an_article(own="sty_first"), an_article(COPY))
    assert (story, copy) == (("sty_first", True), ("sty_first", False))


def test_what_cannot_be_compared_is_no_copy() -> None:
    """A text without words, and a record of another version."""
    unknown = NearStory("sty_known", None)
    for fingerprint_ in (Fingerprint(None, ()), fingerprint(TEXT)):
        article = an_article(fingerprint=fingerprint_, known=unknown, near=(unknown,))
        assert placed(article) == [("sty_own", True)]


NOTICE = """\
{} will meet in the parish hall. {}. Those who come by car may leave it behind the mill, where \
nobody lives. The hall has a lift and a loop, and dogs may come in on a lead. If you would like to \
help with chairs, please speak to one of the wardens after the service. We thank all who give."""
CHOIR, CLUB = (NOTICE.format("The choir", each) for each in ("Tea is served", "Bring a cushion"))


def test_a_copy_without_what_tells_two_stories_apart_begins_a_third() -> None:
    """Nobody can say whose it is; with it, or with the same words as one of both, it joins."""
    stories = (near(CHOIR, "sty_choir"), near(CLUB, "sty_club"))
    short = CHOIR.replace("Tea is served. ", "")
    (placement,) = place(an_article(short, near=stories))
    assert (placement.story_id, placement.begins) == ("sty_own", True)
    assert placement.comparison is not None
    assert placement.comparison.reason is Reason.TWO_STORIES
    assert placed(an_article(short, near=stories[:1])) == [("sty_choir", False)]
    again = near(f"{CHOIR} More is on our page.", "sty_choir")  # a text of that story, not another
    assert placed(an_article(short, near=(stories[0], again))) == [("sty_choir", False)]
    assert placed(an_article(short, near=(*stories, near(short, "sty_short")))) == [
        ("sty_short", False)
    ]
    longer = f"{CLUB} The wardens are in the hall on most days."
    assert placed(an_article(longer, near=stories)) == [("sty_club", False)]
