"""The `pager:` block of a rules file: where a pager service listens, and the token for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, ClassVar

from service.rules.schema import Example, Spec, Text
from service.rules.secret import Secret
from service.rules.subscribers.channel_block import ChannelBlock, TextFault
from service.rules.subscribers.web_address import is_web_address

EXAMPLE = "pager: {url: https://pager.example/page, token: ${PAGER_TOKEN}}"

MIN_GAP = timedelta(milliseconds=200)
"""Between two pages to one team."""


class PagerSpec(Spec):
    """The block as it is written."""

    url: Annotated[Text, Example("url: https://pager.example/page")]
    token: Annotated[Text, Example("token: ${PAGER_TOKEN}")]


@dataclass(frozen=True, slots=True)
class Pager:
    """A team's pagers."""

    kind: ClassVar[str] = "pager"

    url: str
    token: Secret

    @property
    def all_secrets(self) -> tuple[Secret, ...]:
        """The token."""
        return (self.token,)


def read_pager(spec: PagerSpec, block: ChannelBlock) -> Pager:
    """The pager of a block; faults are recorded in the block."""
    return Pager(
        block.text(spec.url, _url_fault, "url"),
        block.secret(spec.token, _token_fault, "token"),
    )


def _url_fault(text: str) -> TextFault | None:
    if is_web_address(text, "http", "https"):
        return None
    hint = "Write the whole address: https://pager.example/page"
    return TextFault("this is not a web address", hint, code="T406")


def _token_fault(text: str) -> TextFault | None:
    if text.startswith("pg-"):
        return None
    return TextFault(
        "this is not a pager token", "Copy it from the pager service: pg-…", code="T412"
    )
