"""What Slack's answers mean: tried again, given up, or the end of the subscriber."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from service.delivery.channels.slack.answers import judge_bot, judge_hook, message_mark
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
