"""A mail's headers: ids, threads, unsubscribing, and that nobody writes headers of their own."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import events
from builders.renderings import AT, MAIL
from service.delivery.channels.email.html import html
from service.delivery.channels.email.letter import letter, subject
from service.delivery.channels.email.rules_block import Mailbox
from service.delivery.message.wording import message


def headers(body: bytes, **changed: object) -> dict[str, str]:
    """The headers as a mail program reads them."""
    mail = replace(MAIL, **changed)  # type: ignore[arg-type]
    made = letter(message(body), mail, delivery_id="dlv_1", at=AT)
    return {
        key: str(value) for key, value in message_from_bytes(bytes(made), policy=default).items()
    }


def test_mails_of_one_story_belong_together() -> None:
    """All refer to one id, which stands for the story; the first is no answer to another."""
    first, later = headers(events.created()), headers(events.spread())
    assert first["References"] == later["References"] == "<sty_5f1c@example.org>"
    assert first["In-Reply-To"] == "<sty_5f1c@example.org>"
    assert later["Subject"] == "Re: " + first["Subject"]


def test_a_corrected_headline_keeps_the_subject() -> None:
    """It is the one under which the story began."""
    said = message(events.updated())
    assert subject(said).startswith(
        "Re: [high] Pakistan–Turkey fighter jets: Pakistan and Turkey ag"
    )


def test_a_digest_begins_a_conversation_of_its_own() -> None:
    """It belongs to no story."""
    assert "References" not in headers(events.digest())


def test_unsubscribing_takes_one_click_where_it_is_configured() -> None:
    """As RFC 8058 has it; else there is no such header."""
    found = headers(events.created())
    assert found["List-Unsubscribe"] == "<https://desk.example/unsubscribe/editors>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert not [name for name in headers(events.created(), unsubscribe="") if "List" in name]


def test_no_machine_answers() -> None:
    """Holiday notices stay at home."""
    assert headers(events.created())["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(
    "inject", ["x\r\nBcc: spy@example.net", "x\nBcc: spy@example.net", "\u2028"]
)
def test_a_headline_writes_no_headers(inject: str) -> None:
    """Line breaks in it are spaces."""
    article, watchlist = {"title": inject}, {**events.WATCHLIST, "name": inject}
    found = headers(events.created(article=article, watchlist=watchlist))
    assert "Bcc" not in found
    assert "\n" not in found["Subject"]


@given(st.text(max_size=300), st.text(max_size=80))
def test_whatever_a_story_is_called_it_makes_one_id(title: str, story: str) -> None:
    """Ids and subjects of any text are valid headers."""
    body = events.created(article={"title": title}, story={"id": story})
    found = headers(body)
    assert found["References"].count("<") == found["References"].count("@") == 1
    assert {"From", "To", "Subject", "Date", "Message-ID"} <= found.keys()


def test_names_with_commas_and_marks_are_one_recipient() -> None:
    """`Jörg, on duty` is not two people."""
    to = (Mailbox("duty", "example.org", "Jörg, on duty"),)
    found = headers(events.created(), to=to)
    assert found["To"] == '"Jörg, on duty" <duty@example.org>'


@pytest.mark.parametrize("word", ["=?utf-8?q?=0D=0ABcc:_spy?=", "=?utf-8?b?DQpCY2M6IHNweQ==?="])
def test_a_name_with_an_encoded_word_stays_text(word: str) -> None:
    """Decoded, it would end the line: whoever writes rules could add headers to all mails."""
    named = Mailbox("duty", "example.org", word)
    found = headers(events.created(), to=(named,), sender=named)
    for name in ("From", "To"):
        assert "utf-8" in found[name]
        assert "\r" not in found[name]
    assert "Bcc" not in found


def test_html_loads_nothing_and_escapes_everything() -> None:
    """No picture, no font, no script; what an article says is text."""
    article = {**events.ARTICLE, "title": '<img src=x onerror="a">', "url": "javascript:alert(1)"}
    page = html(message(events.created(article=article, evidence=[])))
    assert "<img" not in page
    assert "&lt;img src=x onerror=&quot;a&quot;&gt;" in page
    for word in ("src=", "url(", "@import", "<script", "<link", "javascript:"):
        assert word not in page.replace("&lt;img src=", "")


def test_html_says_that_it_knows_the_dark() -> None:
    """Without the two marks mail programs turn the colours round by themselves."""
    page = html(message(events.created()))
    assert '<meta name="color-scheme" content="light dark">' in page
    assert '<meta name="supported-color-schemes" content="light dark">' in page
    assert "prefers-color-scheme: dark" in page
