"""The `email:` block of a rules file: recipients, sender, the address to unsubscribe at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import Field

from service.rules.schema import Example, Meaning, Spec, Text
from service.rules.secret import Secret
from service.rules.subscribers.channel_block import ChannelBlock, TextFault
from service.rules.subscribers.web_address import is_web_address

EXAMPLE = "email: {to: [editors@example.org], from: alerts@example.org}"

MAX_RECIPIENTS = 100
"""The limit that every mail server must take (RFC 5321, 4.5.3.1.8)."""

SMTP_HOST = "TOCSIN_SMTP_HOST"
"""The setting without which there is no e-mail."""


class MailSpec(Spec):
    """The block as it is written; `unsubscribe` is a URL for one-click headers."""

    to: Annotated[
        list[Text],
        Field(min_length=1, max_length=MAX_RECIPIENTS),
        Example("to: [editors@example.org]"),
        Meaning("The recipients' addresses."),
    ]
    sender: Annotated[
        Text,
        Field(alias="from"),
        Example("from: alerts@example.org"),
        Meaning("The address that the mails are from."),
    ]
    unsubscribe: Annotated[
        Text | None, Meaning("A URL for the mail program's own button to unsubscribe.")
    ] = None


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One e-mail address, and the name that mail programs show for it, if any."""

    local: str
    domain: str = ""
    """In ASCII, as servers name it; "" if the text is not an address."""
    name: str = ""

    @property
    def address(self) -> str:
        """The address alone."""
        return f"{self.local}@{self.domain}"


@dataclass(frozen=True, slots=True)
class Mail:
    """E-mail from one address to some."""

    kind: ClassVar[str] = "email"

    to: tuple[Mailbox, ...]
    """Each sees the others."""
    sender: Mailbox
    unsubscribe: str = ""
    """An https address that ends the subscription when it is posted to (RFC 8058)."""

    @property
    def all_secrets(self) -> tuple[Secret, ...]:
        """None: the login of the mail server is a setting."""
        return ()


def read_mail(spec: MailSpec, block: ChannelBlock) -> Mail:
    """The e-mail channel of a block; faults are recorded in the block."""
    block.require_setting(SMTP_HOST, "e-mail needs a mail server, and none is set")
    to = [block.text(text, _mailbox_fault, "to", number) for number, text in enumerate(spec.to)]
    sender = block.text(spec.sender, _mailbox_fault, "from")
    unsubscribe = ""
    if spec.unsubscribe is not None:
        unsubscribe = block.text(spec.unsubscribe, _unsubscribe_fault, "unsubscribe")
    return Mail(
        tuple(map(mailbox, to)),
        mailbox(sender),
        unsubscribe.replace("{subscriber}", block.subscriber_id),
    )


# As mail programs write them: an address, or a name and the address in angle brackets. Many servers
# do not take the other forms of the standards (quoted or non-Latin local parts, comments, groups).
_MAILBOX = re.compile(
    r"(?:(?P<name>[^\x00-\x1f<>\"@,;]*?)\s*<)?(?P<local>[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+)"
    r"@(?P<domain>[^\W_](?:[\w.-]*[^\W_])?)(?(name)>)"
)


def mailbox(text: str) -> Mailbox:
    """The address and the name in a text; another text, as `${NAME}`, becomes the local part."""
    found = _MAILBOX.fullmatch(text.strip())
    if not found:
        return Mailbox(text)
    try:
        domain = found["domain"].encode("idna").decode()
    except UnicodeError:  # a label that is empty or too long
        return Mailbox(text)
    return Mailbox(found["local"], domain, found["name"] or "")


def _mailbox_fault(text: str) -> TextFault | None:
    if mailbox(text).domain:
        return None
    hint = "Write one, such as editors@example.org or News desk <editors@example.org>."
    return TextFault("this is not an e-mail address", hint, code="T410")


def _unsubscribe_fault(text: str) -> TextFault | None:
    if is_web_address(text, "https"):
        return None
    message = "this is not an https address, which unsubscribing with one click needs"
    return TextFault(
        message, "Write a whole address: https://desk.example/unsubscribe/{subscriber}", code="T410"
    )
