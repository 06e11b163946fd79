"""A receiver that remembers what it accepted, when, and whether the signature was right."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic

from standardwebhooks import Webhook as Verifier
from starlette.requests import Request
from starlette.responses import Response

from harness.receiver import Behaviour, Receiver


@dataclass(frozen=True, slots=True)
class Accepted:
    """A webhook that was answered with 2xx."""

    article: str
    id: str
    when: float
    """By the monotonic clock."""


class Witness(Receiver):
    """A receiver with a secret of its own."""

    def __init__(self, name: str, usual: Behaviour | None = None) -> None:
        super().__init__()
        self.name = name
        self.secret = "whsec_" + base64.b64encode(f"the secret of {name:>12}".encode()).decode()
        self.accepted: list[Accepted] = []
        self.wrong_signatures = 0
        self._verifier = Verifier(self.secret)
        if usual is not None:
            self.usual = usual

    @property
    def articles(self) -> set[str]:
        """The articles whose alerts were accepted."""
        return {one.article for one in self.accepted}

    @property
    def repeats(self) -> int:
        """How many came again under their webhook-id."""
        return sum(count - 1 for count in Counter(one.id for one in self.accepted).values())

    @property
    def doubles(self) -> int:
        """How many came again under another webhook-id, which is never right."""
        ids: dict[str, set[str]] = {}
        for one in self.accepted:
            ids.setdefault(one.article, set()).add(one.id)
        return sum(len(each) - 1 for each in ids.values())

    async def _receive(self, request: Request) -> Response:
        client = tuple(request.scope["client"])
        body, headers = await request.body(), request.headers
        self.wrong_signatures += not self._signed(headers, body)
        response = await super()._receive(request)
        gone = self._transports[client].is_closing() or self.closing.is_set()
        if response.status_code < 300 and not gone:
            data = json.loads(body)["data"]
            self.accepted.append(
                Accepted(data["article"]["id"], headers["webhook-id"], monotonic())
            )
        return response

    def _signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the signature is that of what came.

        The library would also refuse a timestamp that is not now: clocks jump here.
        """
        at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        right = self._verifier.sign(headers["webhook-id"], at, body.decode())
        return right in headers["webhook-signature"].split()
