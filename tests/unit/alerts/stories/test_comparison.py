"""Which texts are one story: copies are, other events that are told in the same words are not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.alerts.stories.comparison import Comparison, Reason, compare
from service.alerts.stories.fingerprint import FACT_KEYS, KEYS, fingerprint
from service.alerts.stories.record import VERSION, unpack
from service.alerts.stories.story import NEAR_COPY

STATUS = """\
Monitor {0} changed its state to {1} at {2} on September 4. It was checked from Oslo, as ever. You \
receive this message because you subscribed to this page. Change the settings of your account, or \
remove the monitor from your list of monitors, to stop receiving such messages."""
PRICE = """\
The firm said it {} its contract price for heating oil sold to barges in the harbour by one cent a \
gallon, effective today. It said the change brings its price for number two fuel to 50.50 cents a \
gallon. Other suppliers have not announced changes."""
RELEASE = """\
{0} today announced a {1}. {2}.

About {0}. {0} is a leading provider of products and services for homes and firms, with operations \
in many countries. It is committed to quality, to its customers and to the places in which its \
people live. For more information, visit its website. This release contains statements that are \
subject to risks. Actual results may differ materially from those that are implied here."""


def compared(one: tuple[str, str], other: tuple[str, str]) -> Comparison:
    """Two articles, each its title and its text."""
    ours, theirs = (fingerprint(title, text, language="en") for title, text in (one, other))
    return compare(ours.record, theirs.record)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Mail is Up", ("Mail", "Up", "10:02")), ("Mail is Down", ("Mail", "Down", "10:02"))),
        (("Mail is Down", ("Mail", "Down", "10:02")), ("Mail is Down", ("Mail", "Down", "11:40"))),
        (("Mail is Up", ("Mail", "Up", "10:02")), ("Queue is Up", ("Queue", "Up", "10:02"))),
    ],
)
def test_each_state_of_a_status_page_is_news(
    one: tuple[str, tuple[str, str, str]], other: tuple[str, tuple[str, str, str]]
) -> None:
    """One word or one time is another event."""
    found = compared(*((title, STATUS.format(*facts)) for title, facts in (one, other)))
    assert found.alike
    assert not found.same


def test_a_price_that_is_raised_is_not_one_that_is_cut() -> None:
    """The numbers are the same, the titles are not."""
    raised = ("Globe RAISES heating oil barge price", PRICE.format("raised"))
    cut = ("Globe CUTS heating oil barge price", PRICE.format("lowered"))
    assert not compared(raised, cut).same
    assert compared(raised, (raised[0], raised[1] + " No reason was given.")).same


def test_two_releases_of_one_firm_are_two_stories() -> None:
    """Their news is in two lines, above ten about the firm."""
    one = ("Acme announces price change", RELEASE.format("Acme", "price change", "It is small"))
    other = ("Acme announces new office", RELEASE.format("Acme", "new office", "Many wanted it"))
    assert compared(one, other).reason is Reason.OTHER_BEGINNING
    assert compared(one, ("Acme: prices change", one[1])).same


TOLD = (
    "An earthquake of magnitude {} struck near {} on Tuesday, the survey said, at a depth of {} "
    "kilometres. There were no reports of damage, and the authorities did not warn of a tsunami. "
    "People ran into the streets, as the agency reported, and stayed there until the next morning."
)


@given(
    st.tuples(
        st.integers(30, 79), st.sampled_from(["Padang", "Cebu", "Oruro"]), st.integers(2, 90)
    ),
    st.tuples(
        st.integers(30, 79), st.sampled_from(["Padang", "Cebu", "Oruro"]), st.integers(2, 90)
    ),
)
def test_it_is_one_story_exactly_if_the_facts_are_the_same(
    one: tuple[int, str, int], other: tuple[int, str, int]
) -> None:
    """Whichever of them differs."""
    texts = [TOLD.format(size / 10, town, depth) for size, town, depth in (one, other)]
    found = compared(*(("Earthquake", text) for text in texts))
    assert found.alike
    assert found.same is (one == other)


def test_a_number_may_be_written_otherwise() -> None:
    """In words, with separators, and "per cent" as one word or two."""
    text = (
        "The council of Oruro bought six boats for 1,000 pesos in the third week, which is four "
        "per cent of what it has, and said that the others were 12.0 metres long and would stay. "
        "Nobody in the town had asked for them, the mayor said, but the old ones had become too "
        "slow, and a new harbour was to be built in any case before the winter came."
    )
    other = (
        text.replace("six", "6")
        .replace("1,000", "1000")
        .replace("third", "3rd")
        .replace("four per cent", "4 percent")
        .replace("12.0", "12")
    )
    assert compared(("Boats", text), ("Boats", other)).same
    assert not compared(("Boats", text), ("Boats", text.replace("six", "five"))).same


def test_a_record_of_another_version_is_not_compared() -> None:
    """Nor one that is cut off, nor anything else that stands in its place."""
    record = fingerprint("Earthquake", TOLD.format(4.1, "Padang", 10)).record
    assert record is not None
    packed = record.pack()
    assert unpack(packed) == record
    for other in (bytes([VERSION + 1]) + packed[1:], packed[:-1], packed + b"x", b"", b"\0"):
        assert unpack(other) is None
    assert compare(record, None).reason is Reason.UNKNOWN


WORDS = [f"word{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(300)]
"""Words that no text repeats."""


NOTICE = """\
The town hall will be closed {0} while {1}. We keep such work to the hours in which fewest people \
come, and announce it at least some days before. Other offices are open as usual. If you have \
questions, call the number at the end of this page, or write to us through the form. We apologise \
for the inconvenience and thank you for your patience and understanding."""


def test_other_words_in_the_frame_of_a_beginning_are_other_news() -> None:
    """No name and no number tells these apart, and most of both is the same."""
    one = ("Closure", NOTICE.format("over the weekend", "a heating is replaced"))
    other = ("Closure", NOTICE.format("on weekday mornings", "floors are polished"))
    assert compared(one, other).reason is Reason.OTHER_BEGINNING
    assert compared(one, one).same


def test_a_story_of_the_version_before_has_its_copies() -> None:
    """Its record has no filter of all words, as that of a long text: it is compared without."""
    text = NOTICE.format("over the weekend", "a heating is replaced")
    other = NOTICE.format("on weekday mornings", "floors are polished")
    told, copy, notice = (fingerprint("Closure", each).record for each in (text, text, other))
    assert told is not None
    assert told.word_filter
    packed = replace(told, word_filter=b"").pack()
    older = unpack(bytes([VERSION - 1]) + packed[1:])
    assert compare(copy, older).same
    assert compare(notice, older).same
    assert not compare(notice, told).same


def test_a_beginning_that_was_written_anew_is_none_of_another_frame() -> None:
    """The rest is the story's own; so it is where a sentence of the beginning is missing."""
    text = NOTICE.format("over the weekend", "a heating is replaced")
    rest = text.partition(". ")[2]
    anew = f"Nobody can visit officials then, since engineers have to mend pipes. {rest}"
    assert compared(("Closure", text), ("Closure", anew)).same
    assert compared(("Closure", text), ("Closure", rest)).same


NAMED = """\
On {0}, {1} of Oruro and {2} of Salta {3} a {4} with {5} in Durban, the council of Tulsa {6}. Some \
3,400 residents of Preston and 17 from Boise had {7} {8} to the port since 2019. We keep such work \
to the hours in which fewest people come, and announce it at least some days before. Other offices \
are open as usual, and those who have questions may write to us through the form on this page."""
SIGNED = ("Monday", "Clara Holm", "Hugo Becker", "signed", "deal", "Rosa Novak", "said", "been")


def test_a_desk_may_replace_words_of_a_beginning_that_names_the_same() -> None:
    """Where it names hardly anything, these words are all that tells two notices apart."""
    text = NAMED.format(*SIGNED, "opposed")
    again = NAMED.format(*SIGNED[:4], "contract", SIGNED[5], "stated", "remained", "hostile")
    assert compared(("Boats", text), ("Boats", again)).same


def test_a_name_counts_as_another_word_in_the_frame_of_a_beginning() -> None:
    """Too few facts to tell by them alone, and too few words."""
    one, other = (
        ("Closure", NOTICE.format(f"on {day} in {city}", "a heating is replaced"))
        for day, city in (("weekends", "Oruro"), ("mornings", "Salta"))
    )
    assert compared(one, other).reason is Reason.OTHER_BEGINNING


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 0.68, 0.72, 0.9])
def test_capitals_tell_names_where_few_words_have_one(share: float) -> None:
    """In a text of headlines, or one that names nobody else, all words are compared."""
    words = [
        word.capitalize() if n < share * len(WORDS) else word
        for n, word in enumerate(sorted(WORDS, key=lambda word: word[::-1]))
    ]
    text = " ".join(f"The {' '.join(words[at : at + 10])}." for at in range(0, len(words), 10))
    record = fingerprint("", text).record
    assert record is not None
    assert record.plain is (share > 0.7)


def test_a_part_is_a_copy_of_the_whole_and_the_whole_of_it() -> None:
    """Though most of the whole is in the one only."""
    part, whole = ("", " ".join(WORDS[:100])), ("", " ".join(WORDS))
    assert compared(part, whole).similarity < NEAR_COPY
    assert compared(part, whole) == compared(whole, part)
    assert compared(part, whole).reason is Reason.COPY
    assert compared(("", " ".join(WORDS[:60])), whole).reason is Reason.OTHER_WORDING


@pytest.mark.parametrize("facts", range(4))
def test_facts_are_keys_from_the_second_on(facts: int) -> None:
    """They are looked for in pairs."""
    text = " ".join([*WORDS, *(str(100 + number) for number in range(facts))])
    keys = fingerprint("", text).bands
    assert len(keys) == KEYS + (FACT_KEYS if facts > 1 else 0)
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("ours", "theirs", "differ"),
    [
        ("Report on Oslo", "Report on Bergen", True),
        ("Report on Oslo", "Report on it", False),
        ("Report on Oslo", "What Bergen has", False),
    ],
)
def test_titles_differ_that_name_other_places_in_the_same_words(
    ours: str, theirs: str, differ: bool
) -> None:
    """Under each the same text: of two that are worded otherwise one may be a desk's own."""
    text = f"The mayor of Lund said so to Anna. {' '.join(WORDS)}"
    assert (compared((ours, text), (theirs, text)).reason is Reason.OTHER_TITLE) is differ
