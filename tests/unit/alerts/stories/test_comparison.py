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
    assert compared(one, ("Prices of Acme change", one[1])).same


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


HEAD, LENGTHS = 16, 2
"""Bytes of a record's head, and of the two counts behind it that version 4 brought."""
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
    assert compared(one, other).reason is Reason.OTHER_PASSAGE
    assert compared(one, one).same


def test_a_long_story_of_the_version_before_has_its_copies() -> None:
    """What tells short notices apart is missing from an older record: only the same words join."""
    for words, kept in ((250, False), (251, True)):
        record = fingerprint("", " ".join(WORDS[:words])).record
        assert record is not None
        packed = replace(record, title_sequence_bytes=b"", body_sequence_bytes=b"").pack()
        older = unpack(bytes([VERSION - 1]) + packed[1:HEAD] + packed[HEAD + LENGTHS :])
        assert compare(record, older).reason is Reason.SAME_WORDS
        more = fingerprint("", " ".join(WORDS[: words + 1])).record
        assert compare(more, older).same is kept


def test_a_beginning_that_was_written_anew_names_the_same() -> None:
    """Without names nobody can tell it from another notice's; one may be missing in any text."""
    text = NOTICE.format("over the weekend", "a heating is replaced")
    rest = text.partition(". ")[2]
    anew = f"Nobody can visit officials then, since engineers have to mend pipes. {rest}"
    assert compared(("Closure", text), ("Closure", anew)).reason is Reason.OTHER_PASSAGE
    assert compared(("Closure", text), ("Closure", rest)).same
    told = NAMED.format(*SIGNED, "opposed")
    for names, is_same in ((NAMES, True), ("Anna and Boris", False)):
        lead = f"There is news of {names}, as all who were there have told us by now and will say."
        copy = f"{lead} {told.partition('. ')[2]}"
        assert compared(("Boats", told), ("Boats", copy)).same is is_same


NAMES = "Clara Holm of Oruro, Hugo Becker of Salta, Rosa Novak, Durban and Tulsa"
NAMED = """\
On {0}, {1} of Oruro and {2} of Salta {3} a {4} with {5} in Durban, the council of Tulsa {6}. Some \
3,400 residents of Preston and 17 from Boise had {7} {8} to the port since 2019. We keep such work \
to the hours in which fewest people come, and announce it at least some days before. Other offices \
are open as usual, and those who have questions may write to us through the form on this page."""
LONG = """\
 Boats may land at the old pier until the port is ready, and those who own one are asked to tell \
the harbour master how long it is. A list of the places that are left hangs at the door of the \
office, where a clerk answers questions in the mornings, and takes money for the year to come."""
SIGNED = ("Monday", "Clara Holm", "Hugo Becker", "signed", "deal", "Rosa Novak", "said", "been")


@pytest.mark.parametrize(("more", "is_same"), [("", False), (LONG, True)])
def test_a_desk_may_replace_words_of_a_longer_beginning_that_names_the_same(
    more: str, is_same: bool
) -> None:
    """Of a notice any word may be all that tells it from another."""
    text = NAMED.format(*SIGNED, "opposed") + more
    again = NAMED.format(*SIGNED[:4], "contract", SIGNED[5], "wrote", "remained", "hostile") + more
    assert compared(("Boats", text), ("Boats", again)).same is is_same


PASS = """\
{0} Pass is {1} {2} because of {3}. {4}. Drivers should carry chains, water and a blanket from the \
first snow to the last, and keep a full tank. The cameras at the summit show the road every few \
minutes. The {5} reports conditions as they are known to its crews. Then any road {6}."""
SLOTS = (
    "Cedar",
    "closed",
    "northbound",
    "a rockslide",
    "Crews work all night",
    "department",
    "is safe",
)


def passed(**slots: str) -> tuple[str, str]:
    """A notice with other fillers than the usual ones, by their numbers: `_1` is the second."""
    fillers = [slots.get(f"_{number}", each) for number, each in enumerate(SLOTS)]
    return (slots.get("title", "Pass report"), PASS.format(*fillers))


@pytest.mark.parametrize(
    "slots",
    [
        {"_0": "Raven"},
        {"_1": "open"},
        {"_1": "closed 24 hours"},
        {"_1": "not closed"},
        {"_2": "southbound"},
        {"_2": "in both directions"},
        {"_3": "avalanche control"},
        {"_3": "a rockslide and a fallen tree"},
        {"_4": "There is no estimate"},
        {"_5": "county"},
        {"title": "Pass closure"},
        {"_6": "is not safe"},
    ],
    ids=str,
)
def test_any_word_of_a_notice_may_be_its_news(slots: dict[str, str]) -> None:
    """A name, a state, a number, a direction, a cause, more of them, a sentence, a title."""
    found = compared(passed(), passed(**slots))
    assert found.alike
    assert not found.same


VERDICT = (
    "Judge Anna Keller of the District Court in Hamburg on Tuesday found Peter Brandt and Maria "
    "Lopez of Norton Holdings {} of fraud in the case that the Federal Prosecutor brought against "
    "Norton Holdings and Lakeside Bank over loans"
)


@pytest.mark.parametrize("body", ["", "Read more on our page"])
@pytest.mark.parametrize("other", ["innocent", "not guilty"])
def test_a_text_may_stand_in_the_title(other: str, body: str) -> None:
    """As in messages: it is compared as a body is, also with one."""
    text, changed = VERDICT.format("guilty"), VERDICT.format(other)
    assert compared((text, body), (changed, body)).reason is Reason.OTHER_PASSAGE
    assert compared((text, ""), ("Verdict", text)).same
    assert compared((text, body), (f"{text} .", body)).same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"_5": "centre"}, {"_5": "center"}),
        ({"_3": "the rockslide"}, {}),
        ({"_4": "Crews said six"}, {"_4": "Crews told 6"}),
        ({"_4": "It is closed. Crews work all night"}, {}),
        ({"title": "Drivers should carry chains"}, {}),
        ({"_0": "LONDON, Nov 30 (Agency) - Cedar"}, {}),
        ({"_4": "Crews work all night. " * 2}, {}),
    ],
    ids=str,
)
def test_what_a_desk_changes_is_no_news(one: dict[str, str], other: dict[str, str]) -> None:
    """Spellings, articles, numbers and words for "said"; sentences more or less; a headline, a
    dateline.
    """
    assert compared(passed(**one), passed(**other)).same


def test_a_name_counts_as_another_word_in_the_frame_of_a_beginning() -> None:
    """Too few facts to tell by them alone."""
    one, other = (
        ("Closure", NOTICE.format(f"on {day} in {city}", "a heating is replaced"))
        for day, city in (("weekends", "Oruro"), ("mornings", "Salta"))
    )
    assert compared(one, other).reason is Reason.OTHER_PASSAGE


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
