"""What an HTTP answer means for a delivery, and which part of it may be kept."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, unquote_plus, urlsplit

from service.delivery.outcome import Delivered, GiveUp, Outcome, Retry

SECRET_PART_MIN_CHARS = 16
"""Characters; a part of a URL's path that is as long may be a secret of its own."""
RESPONSE_MAX_CHARS = 1_000
"""Code points of an answer that are kept with the attempt."""

BUSY = frozenset({429, 502, 503, 504})
"""The statuses whose Retry-After is honoured."""
GONE = 410
ABORT = "abort-message"
"""In the header `webhook-delivery`, as Svix has it: https://docs.svix.com/receiving/delivery-control"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver said."""

    status: int
    headers: Mapping[str, str]
    text: str
    """The beginning of the body."""
    cut: str = ""
    """Why the rest of the body did not come, if so."""


def judge(status: int, headers: Mapping[str, str], now: datetime) -> Outcome:
    """What a status code means for the delivery (DESIGN.md §7)."""
    if 200 <= status < 300:
        return Delivered()
    # Checked before 410: this receiver still exists, and refuses one message only.
    if ABORT in re.split(r"[,\s]+", headers.get("webhook-delivery", "").lower()):
        return GiveUp(f"answered {status} and webhook-delivery: {ABORT}")
    if status == GONE:
        return GiveUp("answered 410: the receiver is gone", disable=True)
    if 300 <= status < 400:
        return Retry(f"answered {status}: redirects are not followed, give the final URL")
    wait = retry_after(headers.get("retry-after", ""), now) if status in BUSY else None
    return Retry(f"answered {status}", wait)


def retry_after(text: str, now: datetime) -> timedelta | None:
    """From `now` to what a Retry-After header says, in either form; None for neither."""
    if re.fullmatch(r"\s*[0-9]{1,9}\s*", text):
        return timedelta(seconds=int(text.strip()))  # which knows more spaces than int() does
    try:
        then = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # a year, or a zone, that no date has
        return None
    return max(timedelta(0), (then if then.tzinfo else then.replace(tzinfo=UTC)) - now)


def redact(text: str, url: str, *secrets: str) -> str:
    """`text` without the parts of the URL that may be secret, nor other secrets of the channel.

    Many servers echo the path, some all that they got.
    """
    if not text:  # most answers
        return text
    parts = urlsplit(url)
    values = [pair.partition("=")[2] for pair in parts.query.split("&")]
    whole = f"{parts.path}?{parts.query}"
    login = parts.username or "", parts.password or ""
    # As the header has it that the login becomes.
    basic = b64encode(":".join(map(unquote, login)).encode()).decode() if any(login) else ""
    tokens = [one.rpartition(" ")[2] for one in secrets]  # without "Bearer"
    long = [part for part in parts.path.split("/") if len(part) >= SECRET_PART_MIN_CHARS]
    secret = {whole, parts.path, parts.query, *values, *login, basic, *secrets, *tokens, *long}
    forms = {form for one in secret for form in (one, unquote(one), unquote_plus(one))}
    forms |= {form.replace("/", r"\/") for form in forms}  # as PHP writes JSON
    # The longest first, lest a part of one leave the rest of it behind.
    for form in sorted(forms, key=len, reverse=True):
        if len(form) >= 4:
            text = text.replace(form, "***")
    return text
