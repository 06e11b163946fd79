"""What Slack's answers mean for a delivery: status and word of a webhook, `ok` and word of its API.

A channel or a token that is no good is no good for every alert, so it disables the subscriber.
Words that are not known here are tried again, because only what is surely final may end a delivery.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from service.delivery.http.answer import Answer, judge, retry_after
from service.delivery.outcome import Delivered, GiveUp, Outcome, Retry

# Slack's words for what no second attempt changes, with what to do about it.
_MISSING = "make a new webhook, or give the id of a channel that exists"
_REVOKED = "install the Slack app again, and give its new token or webhook"
_RIGHTS = "let the Slack app post there (invite it to the channel; scope chat:write)"
_CLOSED = {
    **dict.fromkeys(
        ("no_service", "no_service_id", "no_team", "channel_not_found", "user_not_found"), _MISSING
    ),
    **dict.fromkeys(("channel_is_archived", "is_archived"), _MISSING),
    **dict.fromkeys(
        ("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"),
        _REVOKED,
    ),
    **dict.fromkeys(("invalid_token", "team_disabled", "team_access_not_granted"), _REVOKED),
    **dict.fromkeys(
        ("not_in_channel", "no_permission", "missing_scope", "not_allowed_token_type"), _RIGHTS
    ),
    **dict.fromkeys(
        (
            "action_prohibited",
            "access_denied",
            "ekm_access_denied",
            "posting_to_general_channel_denied",
            "restricted_action",
            "restricted_action_read_only_channel",
        ),
        _RIGHTS,
    ),
}
_UNFIT = frozenset(
    {
        "invalid_arguments",
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_payload",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "too_many_attachments",
    }
)
"""The message is not one that Slack takes, which is our own mistake; the next may be."""
_THREAD = frozenset({"cannot_reply_to_message", "message_not_found", "thread_not_found"})
"""The thread's first message cannot be answered any more."""


def judge_hook(answer: Answer, now: datetime) -> Outcome:
    """The outcome of a webhook's answer: a status, and a word as its text."""
    if 400 <= answer.status < 500 and answer.status != 429:
        final = _final(answer.text.strip())
        if final:
            return final
    return judge(answer.status, answer.headers, now)


def judge_bot(answer: Answer, now: datetime) -> Outcome:
    """The outcome of an answer from the API: 200 and `ok`, or a word as `error`."""
    said = _read(answer)
    word = str(said.get("error", ""))
    # An answer that was cut off has said it all the same.
    if answer.status == 200 and (said.get("ok") is True or answer.text.startswith('{"ok":true')):
        return Delivered()
    final = _final(word)
    if final:
        return final
    if answer.status != 200:
        return judge(answer.status, answer.headers, now)
    if not word:
        return Retry("answered 200, but not as Slack's API does")
    wait = retry_after(answer.headers.get("retry-after", ""), now)
    return Retry(f"Slack says {word[:60]}", wait)


def message_mark(answer: Answer) -> str:
    """The `ts` of the message that the API posted; "" if it has none."""
    mark = _read(answer).get("ts")
    return mark if isinstance(mark, str) else ""


def lost_thread(answer: Answer) -> bool:
    """Whether the message is refused because of the thread that it should go to."""
    return str(_read(answer).get("error", "")) in _THREAD


def _final(word: str) -> GiveUp | None:
    if word in _CLOSED:
        return GiveUp(f"Slack says {word}: {_CLOSED[word]}", disable=True)
    if word in _UNFIT:
        return GiveUp(f"Slack says {word}: it does not take this message")
    return None


def _read(answer: Answer) -> Mapping[str, Any]:
    try:
        said = json.loads(answer.text)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
