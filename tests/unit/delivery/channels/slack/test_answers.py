"""What Slack's answers mean: tried again, given up, or the end of the subscriber."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from service.delivery.channels.slack.answers import (
    judge_bot,
    judge_hook,
    lost_thread,
    message_mark,
)
from service.delivery.http.answer import Answer
from service.delivery.outcome import Delivered, GiveUp, Outcome, Retry

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def hook(status: int, text: str, **headers: str) -> Outcome:
    """The outcome of a webhook's answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return judge_hook(Answer(status, named, text), NOW)


def bot(text: str, status: int = 200, **headers: str) -> Outcome:
    """The outcome of an answer from the API."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return judge_bot(Answer(status, named, text), NOW)


def refused(word: str) -> str:
    """What the API says when it refuses."""
    return json.dumps({"ok": False, "error": word})


def test_both_say_when_they_have_it() -> None:
    """A webhook says `ok`, the API says so in JSON and tells the message's mark."""
    said = '{"ok":true,"channel":"C1","ts":"1503435956.000247","message":{}}'
    assert hook(200, "ok") == Delivered()
    assert bot(said) == Delivered()
    assert message_mark(Answer(200, {}, said)) == "1503435956.000247"


def test_an_answer_that_was_cut_off_still_counts() -> None:
    """The message stands in the channel; to send it again would show it twice."""
    assert bot('{"ok":true,"channel":"C1","ts":"15034') == Delivered()


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (404, "no_service"),
        (404, "channel_not_found"),
        (410, "channel_is_archived"),
        (403, "action_prohibited"),
        (403, "invalid_token"),
    ],
)
def test_a_webhook_that_is_no_more_disables(status: int, word: str) -> None:
    """No alert will arrive there, and the reason names Slack's word and what to do."""
    outcome = hook(status, f"{word}\n")
    assert isinstance(outcome, GiveUp)
    assert outcome.disable
    assert outcome.reason.startswith(f"Slack says {word}: ")


@pytest.mark.parametrize("word", ["invalid_payload", "too_many_attachments", "no_text"])
def test_a_message_that_a_webhook_does_not_take_is_given_up(word: str) -> None:
    """The next one may be taken."""
    assert hook(400, word) == GiveUp(f"Slack says {word}: it does not take this message")


@pytest.mark.parametrize(
    ("status", "text"), [(404, "<html>nginx</html>"), (400, ""), (403, "no"), (500, "no_service")]
)
def test_what_slack_did_not_say_is_tried_again(status: int, text: str) -> None:
    """A proxy's page is no word of Slack's."""
    assert hook(status, text) == Retry(f"answered {status}", None)


def test_a_busy_slack_says_when_to_come_back() -> None:
    """By status and Retry-After, both ways."""
    assert hook(429, "rate_limited", retry_after="30") == Retry(
        "answered 429", timedelta(seconds=30)
    )
    assert bot(refused("ratelimited"), 429, retry_after="30") == Retry(
        "answered 429", timedelta(seconds=30)
    )
    assert bot(refused("ratelimited"), retry_after="30") == Retry(
        "Slack says ratelimited", timedelta(seconds=30)
    )


@pytest.mark.parametrize(
    "word",
    ["ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout", "x"],
)
def test_the_apis_passing_errors_are_tried_again(word: str) -> None:
    """Also those that are not known here."""
    assert bot(refused(word)) == Retry(f"Slack says {word}", None)


@pytest.mark.parametrize(
    "word",
    [
        *("no_service", "no_service_id", "no_team", "channel_not_found", "user_not_found"),
        *("channel_is_archived", "is_archived", "invalid_auth", "not_authed", "account_inactive"),
        *("token_revoked", "token_expired", "invalid_token", "team_disabled"),
        *("team_access_not_granted", "not_in_channel", "no_permission", "missing_scope"),
        *("not_allowed_token_type", "action_prohibited", "access_denied", "ekm_access_denied"),
        *("posting_to_general_channel_denied", "restricted_action"),
        "restricted_action_read_only_channel",
    ],
)
def test_a_place_where_nobody_may_post_disables(word: str) -> None:
    """Each word of Slack's for it; what comes later waits until somebody mended it."""
    for outcome in (bot(refused(word)), hook(403, word)):
        assert isinstance(outcome, GiveUp)
        assert outcome.disable


@pytest.mark.parametrize(
    "word",
    [
        *("msg_too_long", "msg_blocks_too_long", "no_text", "too_many_attachments"),
        *("invalid_arguments", "invalid_blocks", "invalid_blocks_format", "invalid_payload"),
    ],
)
def test_a_message_that_the_api_does_not_take_is_given_up(word: str) -> None:
    """The next one may be taken."""
    assert bot(refused(word)) == GiveUp(f"Slack says {word}: it does not take this message")


@pytest.mark.parametrize("text", ["", "ok", "[]", "null", '{"ok":1}', "[" * 10_000])
def test_what_is_no_answer_of_the_api_is_tried_again(text: str) -> None:
    """Somebody else may answer there."""
    assert bot(text) == Retry("answered 200, but not as Slack's API does")


def test_an_api_that_is_down_is_tried_again() -> None:
    """As any other server."""
    assert bot("<html>", 503, retry_after="7") == Retry("answered 503", timedelta(seconds=7))


@pytest.mark.parametrize(
    ("word", "lost"),
    [
        ("cannot_reply_to_message", True),
        ("message_not_found", True),
        ("thread_not_found", True),
        ("channel_not_found", False),
        ("ratelimited", False),
        ("", False),
    ],
)
def test_a_thread_that_is_gone_is_told_from_a_channel_that_is(word: str, *, lost: bool) -> None:
    """The message goes to the channel then, without its thread."""
    assert lost_thread(Answer(200, {}, refused(word))) is lost


def test_a_long_word_is_cut() -> None:
    """It is kept with the delivery, and shown in a line."""
    assert bot(refused("x" * 61)) == Retry(f"Slack says {'x' * 60}", None)


@pytest.mark.parametrize("text", ["", "[]", "[" * 100_000, '{"error": ["thread_not_found"]}'])
def test_no_thread_is_lost_by_what_is_no_answer(text: str) -> None:
    """Nor has it a mark."""
    assert not lost_thread(Answer(200, {}, text))
    assert message_mark(Answer(200, {}, text)) == ""


@pytest.mark.parametrize("mark", ["1", "1503435956.5", "", None, 1.5])
def test_a_mark_is_a_text(mark: object) -> None:
    """A thread is answered by it, as it is."""
    said = json.dumps({"ok": True, "ts": mark})
    assert message_mark(Answer(200, {}, said)) == (mark if isinstance(mark, str) else "")


@pytest.mark.parametrize(
    ("status", "disables"),
    [(399, False), (400, True), (428, True), (429, False), (499, True), (500, False)],
)
def test_a_webhooks_word_counts_where_it_refuses(status: int, *, disables: bool) -> None:
    """A busy server, or one that is down, may say anything."""
    outcome = hook(status, "no_service")
    assert (isinstance(outcome, GiveUp) and outcome.disable) is disables
