"""Sentences that say why two texts are one story or two."""

from __future__ import annotations

import pytest

from service.alerts.stories.comparison import Comparison, Reason, compare
from service.alerts.stories.fingerprint import fingerprint, read_zones
from service.alerts.stories.wording import MAX_PLACES_SHOWN, place_texts, why

QUAKE = """\
An earthquake of magnitude {} struck near {} at night, the survey said, which had asked people \
to report what they felt. There were no reports of damage by the morning. It was felt in {} as \
well, and people there ran into the streets. The authorities did not warn of a tsunami, and said \
that the quake was at a depth of {} kilometres."""
ONE = ("", QUAKE.format(4.1, "Padang", "Medan", 10), "")
OTHER = ("", QUAKE.format(5.6, "Cebu", "Davao", 35), "")


def said(one: tuple[str, str, str], other: tuple[str, str, str], *, both: bool = True) -> str:
    """The sentence about two texts."""
    ours, theirs = (fingerprint(*each, language="en").record for each in (one, other))
    found = compare(ours, theirs)
    texts = [
        place_texts(read_zones(*each, language="en"), found, theirs=each is other)
        for each in (one, other)
    ]
    return why(found, texts[0], texts[1] if both else None)


def test_what_differs_is_named_by_its_words() -> None:
    """With the word before it, of both texts."""
    sentence = said(ONE, OTHER)
    assert sentence.startswith("another story: the wording is alike (")
    assert "but 4 of 5 numbers and names in the same places differ" in sentence
    assert "magnitude 4.1 / magnitude 5.6" in sentence
    assert "near Padang / near Cebu" in sentence


def test_one_side_is_enough() -> None:
    """Of the other text only hashes are stored."""
    sentence = said(ONE, OTHER, both=False)
    assert "(here: " in sentence
    assert "magnitude 4.1" in sentence
    assert "5.6" not in sentence


def test_a_copy_says_how_much_is_common() -> None:
    """And that the numbers and names agree."""
    copy = ("Padang shaken", ONE[1] + " Nobody was hurt.", "")
    assert said(ONE, copy).startswith("the same story: ")
    assert "0 of 4 numbers and names in the same places differ" in said(ONE, copy)
    assert said(ONE, ONE) == "the same story: both have the same words"


def test_every_reason_has_a_sentence() -> None:
    """In one line, which says first whether it is the same story."""
    for reason in Reason:
        found = Comparison(reason, 0.5, 24, tuple(range(9)))
        sentence = why(found, {number: f"no {number}" for number in range(9)})
        assert sentence.split(":")[0] == ("the same story" if found.same else "another story")
        assert sentence.count("no ") <= MAX_PLACES_SHOWN
        assert "\n" not in sentence


@pytest.mark.parametrize(
    ("reason", "what"),
    [(Reason.OTHER_FACTS, "numbers and names"), (Reason.OTHER_WORDS, "words")],
)
def test_it_says_what_was_counted(reason: Reason, what: str) -> None:
    """Numbers and names, or all words of a text that has none."""
    assert f"but 2 of 7 {what} in the same" in why(Comparison(reason, 0.9, 7, (1, 2)))


NOTICE = """\
The pass is {} northbound because of snow. Crews expect to work through the night. Drivers should \
carry chains, water and a blanket, and keep a full tank. The cameras at the summit show the road \
every few minutes, and conditions are reported as they are known to the crews at the time."""


@pytest.mark.parametrize(
    ("ours", "theirs", "shown"),
    [
        ("open", "closed", "is open / is closed"),
        ("open", "open with chains", "open / open with chains"),
        ("open with chains", "open", "open with chains / open"),
    ],
)
def test_a_passage_of_a_short_notice_is_shown(ours: str, theirs: str, shown: str) -> None:
    """Of both texts, with the word before it; also where one has nothing there."""
    one, other = (("Pass", NOTICE.format(each), "") for each in (ours, theirs))
    sentence = said(one, other)
    assert sentence.startswith("another story: the wording is alike (")
    assert sentence.endswith(f"but other words stand between the same ones ({shown})")
    here = shown.split(" / ", maxsplit=1)[0]
    assert said(one, other, both=False).endswith(f"(here: {here})")
