"""Links by which the readers of a message say whether its alert was useful, or noise.

A link names an alert, a subscriber, a verdict and the last day on which it is good, and is signed
(HMAC-SHA256) by a secret of the service: whoever has it may give this one verdict, and no other.
What it leads to stores nothing before somebody presses a button there (`service.web.verdict_form`),
because mail servers open links to look at them.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import quote

from service.alerts.people.verdict import VERDICTS, VerdictWord
from service.delivery.message.message import Message, VerdictLink
from service.rules.secret import Secret

PATH = "/verdict/"
"""How the path of a link begins, behind the base URL."""
SIGNATURE_BYTES = 16
"""Half of the digest, which RFC 2104 allows: links stay short."""
LABELS = {"useful": "Useful", "noise": "Noise"}
_PURPOSE = "tocsin verdict link 1"
"""Signed too, so that a signature for anything else is none for this."""
_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class LinkedVerdict(NamedTuple):
    """What a link says."""

    alert: str
    subscriber: str
    verdict: VerdictWord
    last_day: int
    """The last day on which it is good, in days since 1970 (UTC)."""

    def is_expired(self, at: datetime) -> bool:
        """Whether that day is over."""
        return (at - _EPOCH) // _DAY > self.last_day


@dataclass(frozen=True, slots=True)
class VerdictLinks:
    """Makes the links, and reads them."""

    base: str
    """The URL that leads to this service from outside, without a slash at its end."""
    secret: Secret
    keep: timedelta
    """How long a link is good: as long as alerts are kept."""

    def added(self, said: Message, subscriber: str, at: datetime) -> Message:
        """The message with its links, if it is about one alert; `at`: when it is sent.

        Links that are made within one day are the same, so that a retry sends the same message.
        """
        if not said.alert:
            return said
        last_day = (at + self.keep - _EPOCH) // _DAY
        links = tuple(
            VerdictLink(LABELS[word], self._url(said.alert, subscriber, word, str(last_day)))
            for word in VERDICTS
        )
        return replace(said, verdicts=links)

    def read(self, parts: Sequence[str]) -> LinkedVerdict | None:
        """What the parts of a link's path say behind `PATH`, decoded; None for one that is forged.

        The signature is compared in constant time, and before anything that it signs is used.
        """
        if len(parts) != len(LinkedVerdict._fields) + 1:
            return None
        *signed, signature = parts
        if not hmac.compare_digest(self._signature(signed).encode(), signature.encode()):
            return None
        alert, subscriber, verdict, last_day = signed
        word = next((each for each in VERDICTS if each == verdict), None)
        return None if word is None else LinkedVerdict(alert, subscriber, word, int(last_day))

    def _url(self, *signed: str) -> str:
        parts = (*(quote(part, safe="") for part in signed), self._signature(signed))
        return f"{self.base}{PATH}{'/'.join(parts)}"

    def _signature(self, signed: Sequence[str]) -> str:
        key = self.secret.reveal().encode()
        digest = hmac.digest(key, "\0".join((_PURPOSE, *signed)).encode(), "sha256")
        return base64.urlsafe_b64encode(digest[:SIGNATURE_BYTES]).rstrip(b"=").decode()


def with_verdicts(
    said: Message, links: VerdictLinks | None, subscriber: str, at: datetime
) -> Message:
    """The message with its links, if the settings ask for them."""
    return said if links is None else links.added(said, subscriber, at)
