"""Events as messages: what is said, and that whatever comes in becomes a message."""

from __future__ import annotations

import copy
import json
import math
import re
import unicodedata
from random import Random
from typing import Any

import pytest
from hypothesis import given

from builders import events
from builders.renderings import AT, MAIL
from builders.seeded import seeded
from service.delivery.channels.email.html import html
from service.delivery.channels.email.letter import letter
from service.delivery.channels.slack.block_kit import (
    LONGEST_HEADER,
    LONGEST_LINKS,
    LONGEST_SECTION,
    blocks,
    notification,
)
from service.delivery.message.alert_wording import MAX_QUOTES
from service.delivery.message.fields import moment, web_address, words
from service.delivery.message.message import Message, Stretch, marked, plain
from service.delivery.message.plaintext import COLUMNS, details, text
from service.delivery.message.wording import heading, message


def test_words_are_marked_where_they_stand_as_words() -> None:
    """`US` is not marked within RUSSIA, but beside a possessive it is."""
    found = marked("RUSSIA and the US’s allies", ["US"])
    assert found == (Stretch("RUSSIA and the "), Stretch("US", marked=True), Stretch("’s allies"))


def test_words_of_scripts_without_spaces_are_marked() -> None:
    """Where no space stands around a word, it is marked all the same."""
    assert (
        plain(marked("土耳其与巴基斯坦签署协议", ["巴基斯坦"]), "*") == "土耳其与*巴基斯坦*签署协议"
    )


def test_overlapping_words_are_marked_once() -> None:
    """A phrase and a word within it make one mark, and nothing of the text is lost."""
    assert plain(marked("a fighter jet deal", ["fighter jet", "jet deal"]), "*") == (
        "a *fighter jet** deal*"
    )


def test_each_sentence_is_quoted_once() -> None:
    """Three mentions in one sentence are one quotation; those in the title mark the headline."""
    said = message(events.created())
    assert len(said.quotes) == 2
    assert [one.text for one in said.quotes[0].sentence if one.marked] == [
        "Pakistan",
        "Turkey",
        "fighter jets",
    ]
    assert [one.text for one in said.headline if one.marked] == [
        "Pakistan",
        "Turkey",
        "fighter jet",
    ]


def test_more_sentences_than_are_shown_are_counted() -> None:
    """Nothing is left out in silence."""
    many = [events.evidence("jet", "jet", f"Sentence {n} has a jet.") for n in range(20)]
    said = message(events.created(evidence=many))
    assert (len(said.quotes), said.more) == (MAX_QUOTES, 20 - MAX_QUOTES)


@pytest.mark.parametrize("name", ["alert", "updated", "retracted", "spread"])
def test_all_that_is_said_of_a_story_has_one_thread(name: str) -> None:
    """The story names the thread; only the first message begins it."""
    said = message(events.ALL[name])
    assert said.thread == "sty_5f1c"
    assert said.follows is (name != "alert")


def test_without_a_story_the_first_alert_names_the_thread() -> None:
    """An update belongs to the alert that it is about."""
    first = message(events.created(story=None))
    later = message(events.body("alert.updated", {"id": "alr_2", "alert_id": "alr_0b6d3c"}))
    assert first.thread == later.thread == "alr_0b6d3c"


@pytest.mark.parametrize("name", events.ALL)
def test_a_heading_is_what_the_message_begins_with(name: str) -> None:
    """A list of thousands makes no message for each."""
    type_, headline = heading(events.ALL[name])
    assert headline == plain(message(events.ALL[name]).headline)
    assert type_ == json.loads(events.ALL[name])["type"]


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"data": NaN}', b'{"type": "\\ud800"}'])
def test_an_event_that_cannot_be_read_has_a_heading(body: bytes) -> None:
    """A list says of it what its message says."""
    assert heading(body).headline == plain(message(body).headline)


def test_a_withdrawal_says_what_its_publisher_says() -> None:
    """It is no correction, and looks like none."""
    said = message(events.withdrawn())
    assert said.news == "Withdrawn by its publisher"
    assert said.facts[0] == ("The publisher says", "This story <has> been withdrawn.")


def test_a_retraction_is_to_be_seen_by_all() -> None:
    """A correction that hides in a thread would leave the first alert standing."""
    assert message(events.retracted()).alerts_all
    assert not message(events.updated()).alerts_all


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "ftp://news.example/",
        "https://",
        "http://[::1",
        "https://news.example/a b",
        "https://news.example/>|<!channel>",
        "https://news.example/" + "a" * 2000,
        "\u202ehttps://news.example/",
        None,
        7,
    ],
)
def test_what_is_no_web_address_is_no_link(url: object) -> None:
    """Only http and https, short enough for every channel, and with nothing that ends a link."""
    assert web_address(url) == ""


def test_what_steers_a_reader_is_taken_out() -> None:
    """No line breaks, control characters, overrides of direction or broken characters."""
    assert words("a\r\nBcc: x\u202eb\ud800c\x1b[31m") == "a Bcc: x b c [31m"
    assert words("شركة\u200f (أنقرة)") == "شركة\u200f (أنقرة)"


def test_a_name_keeps_its_direction_among_others() -> None:
    """The number behind an Arabic name stays behind it, in a list and in a line of a digest."""
    arabic = {**events.WATCHLIST, "name": "مراقبة"}
    held = [{"type": "alert.created", **events.alert_data(watchlist=arabic)}]
    data = {"watchlists": [{**arabic, "count": 2}, {**events.WATCHLIST, "count": 1}]}
    said = message(events.body("digest.created", {"count": 3, "alerts": held, **data}))
    assert ("Watchlists", "\u2068مراقبة\u2069 (2), Pakistan–Turkey fighter jets (1)") in said.facts
    assert said.items[0].about.startswith("\u2068مراقبة\u2069\u00a0· high")


def test_a_digest_of_many_watchlists_names_ten_and_counts_the_others() -> None:
    """Whole names, none cut in the middle."""
    many = [{"name": f"Watchlist number {number}", "count": 1} for number in range(60)]
    said = message(events.body("digest.created", {"count": 60, "watchlists": many}))
    (shown,) = [value for name, value in said.facts if name == "Watchlists"]
    assert shown.endswith("Watchlist number 9 (1) and 50 more")


def test_moments_are_written_for_people() -> None:
    """To the minute, with the zone; what is no moment stays as it is."""
    assert moment("2026-11-23T08:41:59.123Z") == "2026-11-23 08:41 UTC"
    assert moment("yesterday") == "yesterday"


SLACK_REFUSES = 13_000
"""Code points of blocks, as it was measured in slackapi/bolt-js#2509."""


def check(said: Message) -> None:
    """A message can be shown by every channel, within its limits."""
    made = blocks(said)
    assert len(made) <= 50
    assert len(json.dumps(made, ensure_ascii=False)) < SLACK_REFUSES
    header = made[0]["text"]["text"]
    assert 0 < len(header) <= LONGEST_HEADER
    for block in made:
        if block["type"] == "section":
            assert 0 < len(block["text"]["text"]) <= LONGEST_SECTION
        if block["type"] == "context":
            assert 1 <= len(block["elements"]) <= 10
            assert all(0 < len(one["text"]) <= 2000 for one in block["elements"])
        if block["type"] == "rich_text":
            for element in block["elements"]:
                for one in element["elements"]:
                    assert one.get("text", "x") != ""
    line = notification(said)
    assert "<" not in line
    assert ">" not in line
    mail = letter(said, MAIL, delivery_id="dlv_1", at=AT).as_bytes()
    assert all(len(each) <= 998 for each in mail.split(b"\r\n"))
    for each in text(said).split("\n"):
        width = sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in each)
        assert width <= COLUMNS or "://" in each or each.strip() == said.command
    (said.title + text(said) + details(said)).encode()


@pytest.mark.parametrize("name", tuple(events.ALL))
def test_every_event_can_be_shown(name: str) -> None:
    """Within the limits of every channel."""
    check(message(events.ALL[name]))


def test_an_alert_of_the_largest_kind_can_be_shown() -> None:
    """Long sentences full of marks, in a script that takes its space."""
    sentence = "巴基斯坦与土耳其" * 60
    many = [
        events.evidence(word, word, f"{number}{sentence}")
        for number in range(30)
        for word in ("巴基斯坦", "土耳其")
    ]
    article = {**events.ARTICLE, "title": sentence, "url": "https://n.example/" + "a" * 1900}
    said = message(events.created(evidence=many, article=article))
    check(said)
    *_, last = blocks(said)[1]["elements"]
    assert re.fullmatch(r"and (?!22)\d+ more sentences", last["elements"][0]["text"])


def test_a_digest_of_the_largest_kind_can_be_shown() -> None:
    """Every alert, though not every link: of the last ones first."""
    watchlist = {**events.WATCHLIST, "name": "W" * 100}
    article = {**events.ARTICLE, "title": '"' * 300, "source": "S" * 60}
    article["url"] = "https://n.example/" + "a" * 280
    held = [{"type": "alert.retracted", **events.alert_data(article=article, watchlist=watchlist)}]
    data = {"count": 10, "watchlists": [{**watchlist, "count": 1}] * 30, "alerts": held * 10}
    said = message(events.body("digest.created", data))
    check(said)
    linked = [one["elements"][0]["type"] for one in blocks(said)[1]["elements"][1]["elements"]]
    assert linked == sorted(linked)
    assert set(linked) == {"link", "text"}
    assert len(linked) == 10


def test_what_has_room_in_slack_stays_whatever_its_script() -> None:
    """A Chinese headline counts by its characters, as Slack counts them."""
    article = {**events.ARTICLE, "title": "巴" * 300, "url": "https://n.example/" + "a" * 280}
    held = [{"type": "alert.created", **events.alert_data(article=article)}] * 10
    data = {"count": 10, "watchlists": [{**events.WATCHLIST, "count": 10}], "alerts": held}
    said = message(events.body("digest.created", data))
    check(said)
    items = blocks(said)[1]["elements"][1]["elements"]
    assert [one["elements"][0]["type"] for one in items] == ["link"] * 10


@pytest.mark.parametrize(("over", "kind"), [(0, "link"), (1, "text")])
def test_an_address_in_a_digest_is_a_link_unless_it_is_long(over: int, kind: str) -> None:
    """The longest that is one, and one character more."""
    begin = "https://n.example/"
    article = {**events.ARTICLE, "url": begin + "a" * (LONGEST_LINKS + over - len(begin))}
    held = [{"type": "alert.created", **events.alert_data(article=article)}]
    data = {"count": 1, "watchlists": [{**events.WATCHLIST, "count": 1}], "alerts": held}
    said = message(events.body("digest.created", data))
    (item,) = blocks(said)[1]["elements"][1]["elements"]
    assert item["elements"][0]["type"] == kind


def test_a_headline_full_of_marks_can_be_shown() -> None:
    """As one link: each stretch of it would hold the address again."""
    title = "Turkey jet " * 27
    article = {**events.ARTICLE, "title": title, "url": "https://n.example/" + "a" * 280}
    found = [events.evidence("Turkey", "Turkey", title, "title")]
    said = message(events.created(article=article, evidence=found))
    check(said)
    (headline,) = blocks(said)[1]["elements"][0]["elements"]
    assert (headline["text"], headline["url"]) == (title.strip(), article["url"])


def test_a_report_says_what_to_type_on_a_line_of_its_own() -> None:
    """Unbroken in the text, set apart in Slack and HTML; and what was said is not said again."""
    said = message(events.report())
    assert said.notice.endswith("the command says how to send what it missed:")
    assert "\n\n  tocsin subscribers enable desk\n\n" in text(said)
    assert ">tocsin subscribers enable desk</pre>" in html(said)
    (command,) = [
        one for one in blocks(said)[1]["elements"] if one["type"] == "rich_text_preformatted"
    ]
    assert command["elements"] == [{"type": "text", "text": "tocsin subscribers enable desk"}]
    assert dict(said.facts) == {
        "Delivery": "dlv_7", "Event": "alr_77aa01", "Alert": "alr_0b6d3c", "Attempts": "1",
    }  # fmt: skip


def test_lines_are_measured_in_columns() -> None:
    """A Chinese character takes two, also among others."""
    sentence = "JF-17 雷电战斗机 " * 30
    said = message(events.created(evidence=[events.evidence("x", "JF-17", sentence)]))
    check(said)
    assert len([line for line in text(said).split("\n") if line.startswith("| ")]) > 5


HOSTILE = ["<!channel>", "\r\nBcc: a@b.example", "\ud800", "https://n.example/", "x" * 9000]


def odd_text(chance: Random) -> str:
    """Characters of any kind, most of them of the first 256."""
    most = [0x100, 0x100, 0x3000, 0x110000]
    return "".join(chr(chance.randrange(chance.choice(most))) for _ in range(chance.randint(0, 20)))


def odd_value(chance: Random, depth: int = 2) -> Any:
    """Anything that JSON can say."""
    match chance.randrange(9 if depth else 7):
        case 0:
            return None
        case 1:
            return chance.random() < 0.5
        case 2:
            return chance.choice([0, -1, 2**63, chance.randint(-(10**6), 10**6)])
        case 3:
            return chance.choice([math.nan, math.inf, -0.0, chance.uniform(-1e9, 1e9), 1e308])
        case 4 | 5:
            return odd_text(chance)
        case 6:
            return chance.choice(HOSTILE)
        case 7:
            return [odd_value(chance, depth - 1) for _ in range(chance.randint(0, 3))]
        case _:
            keys = [odd_text(chance)[:8] for _ in range(chance.randint(0, 3))]
            return {key: odd_value(chance, depth - 1) for key in keys}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in an event."""
    inner: dict[Any, Any] = {}
    if isinstance(value, dict | list):
        inner = value if isinstance(value, dict) else dict(enumerate(value))
    found = [path] if path else []
    return found + [place for key, one in inner.items() for place in places(one, (*path, key))]


EVENTS = {name: json.loads(body) for name, body in events.ALL.items()}


PLACES = {name: places(event) for name, event in EVENTS.items()}


def changes(chance: Random) -> tuple[str, list[tuple[tuple[Any, ...], Any]]]:
    """Other values for some places of an event."""
    name = chance.choice([*EVENTS])
    some = [chance.choice(PLACES[name]) for _ in range(chance.randint(0, 6))]
    return name, [(place, odd_value(chance)) for place in some]


@given(seeded(changes))
def test_a_mutilated_event_can_be_shown(
    changed: tuple[str, list[tuple[tuple[Any, ...], Any]]],
) -> None:
    """Whatever is missing, odd or hostile in an event: it is shown, within the limits."""
    name, new_values = changed
    event = copy.deepcopy(EVENTS[name])
    for (*way, last), new in new_values:
        place = event
        for step in way:
            inner = place if isinstance(place, dict | list) else {}
            known = step in inner if isinstance(inner, dict) else step in range(len(inner))
            place = inner[step] if known else {}
        if isinstance(place, dict):
            place[last] = new
    check(message(json.dumps(event).encode()))


def some_places(chance: Random) -> tuple[str, list[tuple[Any, ...]]]:
    """An event, and four places in it."""
    name = chance.choice([*EVENTS])
    return name, chance.sample(PLACES[name], 4)


@given(seeded(some_places))
def test_an_event_with_parts_missing_can_be_shown(
    chosen: tuple[str, list[tuple[Any, ...]]],
) -> None:
    """Any part of it may be absent."""
    name, absent = chosen
    event = copy.deepcopy(EVENTS[name])
    for *way, last in absent:
        place = event
        for step in way:
            place = place.get(step, {}) if isinstance(place, dict) else {}
        if isinstance(place, dict):
            place.pop(last, None)
    check(message(json.dumps(event).encode()))


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"\xff", b"[" * 100_000, b'{"type": {}}'])
def test_what_is_no_event_is_shown_as_such(body: bytes) -> None:
    """A body that cannot be read is told of, not lost."""
    said = message(body)
    assert said.label == "Tocsin"
    check(said)
