"""Signed links for verdicts: what they say, how long, and that the secret alone makes them."""

from __future__ import annotations

import base64
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as some

from builders import events
from service.delivery.message.message import Message
from service.delivery.message.wording import message
from service.delivery.verdict_links import (
    PATH,
    SIGNATURE_BYTES,
    LinkedVerdict,
    VerdictLinks,
    with_verdicts,
)
from service.rules.secret import Secret

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
LINKS = VerdictLinks("https://alerts.example.org/news", Secret("s" * 32), timedelta(days=30))
SAID = message(events.ALL["alert"])


def parts(url: str) -> list[str]:
    """The parts of a link's path, as a server is given them."""
    path = unquote(urlsplit(url).path)
    return path.removeprefix("/news" + PATH).split("/")


def link(said: Message = SAID, subscriber: str = "desk", at: datetime = AT) -> str:
    """The link by which a reader says that an alert was noise."""
    return LINKS.added(said, subscriber, at).verdicts[1].url


def test_a_link_says_alert_subscriber_and_verdict() -> None:
    """One for each verdict, below the base URL."""
    added = LINKS.added(SAID, "desk", AT).verdicts
    assert [one.label for one in added] == ["Useful", "Noise"]
    assert all(one.url.startswith("https://alerts.example.org/news/verdict/alr_") for one in added)
    found = [LINKS.read(parts(one.url)) for one in added]
    assert [(one.alert, one.subscriber, one.verdict) for one in found if one] == [
        (SAID.alert, "desk", "useful"), (SAID.alert, "desk", "noise"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["alert", "updated", "spread"])
def test_an_event_about_one_alert_has_links_to_its_first_event(name: str) -> None:
    """A correction and a story that spreads are about the same alert."""
    assert message(events.ALL[name]).alert == SAID.alert
    assert len(LINKS.added(message(events.ALL[name]), "desk", AT).verdicts) == 2


@pytest.mark.parametrize("name", ["digest", "throttled", "retracted", "notice", "report"])
def test_other_events_have_none(name: str) -> None:
    """There is no one alert to judge, or nothing left of it."""
    assert LINKS.added(message(events.ALL[name]), "desk", AT).verdicts == ()


def test_without_settings_nobody_is_asked() -> None:
    """The message stays as it is."""
    assert with_verdicts(SAID, None, "desk", AT) is SAID
    assert with_verdicts(SAID, LINKS, "desk", AT).verdicts


def test_a_link_is_the_same_all_day_and_good_for_as_long_as_alerts_are_kept() -> None:
    """A retry sends the same message; the last day counts whole."""
    assert link(at=AT) == link(at=AT + timedelta(hours=14))
    found = LINKS.read(parts(link()))
    assert found is not None
    last = datetime(2026, 12, 23, 23, 59, 59, tzinfo=UTC)
    assert not found.is_expired(AT + LINKS.keep)
    assert not found.is_expired(last)
    assert found.is_expired(last + timedelta(seconds=1))


def test_nothing_that_a_link_says_can_be_changed() -> None:
    """Not one part of it, nor its length; another secret knows none of them."""
    good = parts(link())
    assert LINKS.read(good) is not None
    for number, part in enumerate(good):
        for other in (part + "0", part[:-1], "", "x", part.upper() + "ı"):
            assert LINKS.read([*good[:number], other, *good[number + 1 :]]) is None, (number, other)
    assert LINKS.read([*good, ""]) is None
    assert LINKS.read(good[1:]) is None
    assert LINKS.read([]) is None
    others = VerdictLinks(LINKS.base, Secret("t" * 32), LINKS.keep)
    assert others.read(good) is None


def test_parts_cannot_be_moved_into_one_another() -> None:
    """Whatever separates what is signed: no other division of it has the same signature."""
    *said, signature = parts(link())
    joined = "\0".join(said)
    for moved in (
        [joined, "", "", ""], ["", *said[1:]], [said[0] + said[1], *said[2:], ""],
        [f"{said[0]}\0{said[1]}", said[2], said[3], ""],
    ):  # fmt: skip
        assert LINKS.read([*moved, signature]) is None


def test_what_else_the_secret_signed_is_no_link() -> None:
    """The same parts, signed without what the signature is for."""
    *said, signature = parts(link())
    digest = hmac.digest(b"s" * 32, "\0".join(said).encode(), "sha256")[:SIGNATURE_BYTES]
    other = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert len(other) == len(signature)
    assert LINKS.read([*said, other]) is None


@given(some.lists(some.text(max_size=20), max_size=7))
def test_no_path_is_an_error(path: list[str]) -> None:
    """Whatever somebody asks for, it is no link."""
    assert LINKS.read(path) is None


@given(some.text(min_size=1, max_size=30), some.text(min_size=1, max_size=30))
def test_any_names_come_back(alert: str, subscriber: str) -> None:
    """Of what they are made, a URL shows nothing; a slash within one is no part of its own."""
    said = Message("high", "x", (), alert=alert)
    url = LINKS.added(said, subscriber, AT).verdicts[0].url
    assert url.isascii()
    raw = urlsplit(url).path.removeprefix("/news" + PATH).split("/")
    found = LINKS.read([unquote(part) for part in raw])
    assert found == LinkedVerdict(alert, subscriber, "useful", found.last_day if found else 0)


def test_the_secret_is_not_shown() -> None:
    """Neither by the links nor in them."""
    assert "ssss" not in repr(LINKS) + link()
