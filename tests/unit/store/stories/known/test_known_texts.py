"""Which of the texts under one id a text is, at every edge of what decides it."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from service.alerts.stories.fingerprint import fingerprint
from service.alerts.stories.overlap import TextSketch, sketch
from service.articles.identity import EARLIER, Identity
from service.store.stories.known.known_texts import (
    FIRST,
    LEAST_BELOW,
    LEAST_KNOWN,
    MAX_TEXTS,
    KnownText,
    identified,
)
from service.store.stories.query import ArticleText, StoryQuery, WatchlistQuery

BASE = Identity("gazette", "12345")
JETS = WatchlistQuery("jets", ("desk",), throttled=False)
FINGERPRINT = fingerprint("Deal", "", "Pakistan and Turkey signed a contract.")


def words(first: int, end: int) -> str:
    """Different words that count, by number."""
    return " ".join(f"words{number:05}" for number in range(first, end))


def known_text(first: int, end: int, place: float = 1.0) -> KnownText:
    """A text of these words that has alerted."""
    return KnownText(place, sketch(words(first, end)))


def asked(text: str, below: str | None = None, **other: Any) -> StoryQuery:
    """An article of this text, whose title says nothing unless `below` leaves some of it out."""
    zones = ("", text) if below is None else (text.removesuffix(below), below)
    query = StoryQuery("7-0", BASE, "r7", zones=zones, watchlists=(JETS,))
    return replace(query, fingerprint=FINGERPRINT, **other)


def text_of(found: StoryQuery) -> ArticleText:
    """Which text it is said to be."""
    assert found.text is not None
    return found.text


def test_what_alerts_nowhere_and_is_known_nowhere_changes_nothing() -> None:
    """Its text is not even looked at. Each of the three that matter has it looked at."""
    silent = replace(asked(words(0, 20)), watchlists=(), article=Identity("gazette", "12345", "x"))
    assert identified(silent, BASE, {}, None) == replace(silent, article=BASE)
    assert text_of(identified(silent, BASE, {FIRST: known_text(50, 70)}, None)).name == "r7"
    assert text_of(identified(silent, BASE, {}, sketch(words(50, 70)))).name == FIRST
    assert text_of(identified(asked(words(0, 20)), BASE, {}, None)).name == FIRST


def test_the_first_text_has_the_name_of_its_id_and_another_that_of_its_revision() -> None:
    """Whatever has alerted goes on under the identity that it had."""
    query = asked(words(0, 20))
    first = identified(query, BASE, {}, None)
    assert first == replace(query, article=BASE, text=ArticleText(FIRST, sketch(query.words)))
    other = identified(query, BASE, {FIRST: known_text(50, 70)}, None)
    assert other.article == BASE._replace(text="r7")
    assert other.text == ArticleText("r7", sketch(query.words), 1)
    for name in (FIRST, "r3"):
        again = identified(query, BASE, {name: known_text(0, 19)}, None)
        assert again.article == (BASE if name == FIRST else BASE._replace(text="r3"))
        assert again.text == ArticleText(name, sketch(query.words), 1, sketch(words(0, 19)))


def test_a_correction_is_of_the_text_that_it_has_most_in_common_with() -> None:
    """In whatever order they are kept; all of them are as long as the article."""
    shared = {"far": 12, "near": 16, "nearer": 19, "none": 0}
    texts = {
        name: KnownText(1.0, sketch(f"{words(0, end)} {words(100, 120 - end)}"))
        for name, end in shared.items()
    }
    for order in permutations(texts):
        found = identified(asked(words(0, 20)), BASE, {name: texts[name] for name in order}, None)
        assert text_of(found).name == "nearer"
        assert text_of(found).before == texts["nearer"].sketch
        assert text_of(found).known == 4


@pytest.mark.parametrize("number", [1, MAX_TEXTS - 1, MAX_TEXTS, MAX_TEXTS + 1])
def test_where_too_many_are_kept_the_oldest_is_forgotten_for_another(number: int) -> None:
    """By its place in the stream; a correction makes none too many."""
    assert MAX_TEXTS == 16
    texts = {
        f"r{each}": known_text(100 * each, 100 * each + 20, place=100.0 - each)
        for each in range(100, 100 + number)
    }
    oldest = f"r{99 + number}"
    other = text_of(identified(asked(words(0, 20)), BASE, texts, None))
    assert other.surplus == (oldest if number >= MAX_TEXTS else "")
    assert (other.name, other.known, other.before) == ("r7", number, None)
    correction = text_of(identified(asked(words(10_000, 10_019)), BASE, texts, None))
    assert (correction.name, correction.surplus) == ("r100", "")


@pytest.mark.parametrize("below", range(LEAST_BELOW - 2, LEAST_BELOW + 3))
@pytest.mark.parametrize("known", range(LEAST_KNOWN - 2, LEAST_KNOWN + 3))
def test_a_title_alone_makes_a_correction_of_short_texts_only(below: int, known: int) -> None:
    """Of five words below it, and twelve of what is known, the words below it have to agree."""
    title = words(0, 8)
    query = asked(f"{title} {words(100, 100 + below)}", words(100, 100 + below))
    other = KnownText(1.0, sketch(f"{title} {words(200, 192 + known)}"))
    assert other.sketch.count == known
    is_other = below >= 5 and known >= 12
    found = identified(query, BASE, {FIRST: other}, None)
    assert text_of(found).name == ("r7" if is_other else FIRST)
    agrees = KnownText(1.0, sketch(f"{title} {words(100, 92 + known)}"))
    assert text_of(identified(query, BASE, {FIRST: agrees}, None)).name == FIRST
    # What agrees below another title is a correction only if it does with the title, too.
    long = asked(f"{words(300, 400)} {words(100, 105)}", words(100, 105))
    assert text_of(identified(long, BASE, {FIRST: known_text(100, 200)}, None)).name == "r7"


def withdrawn(name: str, sketch: TextSketch, known: int) -> ArticleText:
    """What a notice leaves of a text."""
    return ArticleText(name, sketch, known, before=sketch, is_withdrawn=True)


def test_a_notice_takes_back_the_only_text_whatever_it_says() -> None:
    """It alerts nobody by itself: it joins no story and no watchlist matches it."""
    query = asked(words(0, 20), is_notice=True)
    for name in (FIRST, "r3"):
        only = known_text(50, 70)
        found = identified(query, BASE, {name: only}, None)
        assert found.text == withdrawn(name, only.sketch, 1)
        assert found.article == (BASE if name == FIRST else BASE._replace(text="r3"))
        assert (found.fingerprint, found.watchlists) == (None, ())


def test_of_several_texts_a_notice_takes_back_the_one_that_it_is_like() -> None:
    """None, where it is like several, or like none: it is another text then."""
    query = asked(words(0, 20), is_notice=True)
    texts = {FIRST: known_text(50, 70), "r3": known_text(0, 18), "r4": known_text(70, 90)}
    found = identified(query, BASE, texts, None)
    assert found.text == withdrawn("r3", texts["r3"].sketch, 3)
    assert found.article == BASE._replace(text="r3")
    for alike in ({"r3": known_text(0, 18), "r4": known_text(2, 20)}, {"r3": known_text(30, 50)}):
        found = identified(query, BASE, {FIRST: known_text(50, 70)} | alike, None)
        assert found.text == ArticleText("r7", sketch(query.words), 1 + len(alike))
        assert (found.fingerprint, found.watchlists) == (FINGERPRINT, (JETS,))


@pytest.mark.parametrize("unmarked", ["", words(0, 5), words(0, 4) + " " + words(900, 901)])
@pytest.mark.parametrize("alike", [True, False])
@pytest.mark.parametrize("is_told", [True, False])
def test_a_title_that_only_looks_marked_makes_no_notice(
    unmarked: str, *, alike: bool, is_told: bool
) -> None:
    """It is one if, but for the mark, a known text has its words and the text corrects that."""
    query = asked(words(0, 20), is_notice=True, unmarked=unmarked)
    before = sketch(words(0, 18) if alike else words(0, 5) + " " + words(50, 70))
    if is_told:
        found = identified(query, BASE, {}, before)
    else:
        found = identified(query, BASE, {FIRST: KnownText(1.0, before)}, None)
    is_notice = not unmarked or (alike and "00900" not in unmarked)
    assert found.is_notice == is_notice
    assert text_of(found).is_withdrawn == is_notice


@pytest.mark.parametrize(
    ("said", "is_notice"),
    [
        ({"unmarked": words(0, 5)}, True),
        ({"unmarked": words(900, 905)}, False),
        ({"notice": words(0, 5)}, False),
        ({"notice": words(900, 905)}, True),
    ],
)
def test_one_of_several_texts_says_what_a_notice_is(
    said: dict[str, str], *, is_notice: bool
) -> None:
    """The one that it corrects, whatever the others under the id say."""
    query = asked(words(0, 20), is_notice=True, **said)
    texts = {FIRST: known_text(50, 70), "r3": known_text(0, 18), "r4": known_text(70, 90)}
    found = identified(query, BASE, texts, None)
    assert found.is_notice == is_notice
    assert text_of(found).is_withdrawn == is_notice


def test_what_an_earlier_version_told_is_corrected_under_its_old_identity() -> None:
    """By a correction, and by a notice, whatever that says; anything else is another text."""
    told = sketch(words(0, 18))
    ours = sketch(words(0, 20))
    found = identified(asked(words(0, 20)), BASE, {}, told)
    assert found.article == BASE._replace(text=EARLIER)
    assert found.text == ArticleText(EARLIER, ours, before=told)
    assert (found.fingerprint, found.watchlists) == (FINGERPRINT, (JETS,))
    far = sketch(words(50, 70))
    for each in (told, far):
        found = identified(asked(words(0, 20), is_notice=True), BASE, {}, each)
        assert found.article == BASE._replace(text=EARLIER)
        assert found.text == ArticleText(EARLIER, ours, before=each, is_withdrawn=True)
        assert (found.fingerprint, found.watchlists) == (None, ())
    other = identified(asked(words(0, 20)), BASE, {}, far)
    assert (other.article, other.text) == (BASE, ArticleText(FIRST, ours))
