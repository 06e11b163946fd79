"""A message as a mail: its headers, a text for text clients, and the same in HTML.

Mail programs gather the mails of one story by `References`: all name one id for the
story, and was never a mail's own. (Gmail wants the same subject as well; so that of a later mail is
`Re:` and the headline under which the story began.)
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from service.delivery.channels.email.html import html
from service.delivery.channels.email.rules_block import Mail, Mailbox
from service.delivery.message.message import Message, plain
from service.delivery.message.plaintext import text

# Seven bits, so that every server takes it as it is and a signature on the way stays good.
_POLICY = SMTP.clone(cte_type="7bit")


def letter(said: Message, mail: Mail, *, delivery_id: str, at: datetime) -> EmailMessage:
    """The mail for one delivery; every attempt makes the same, but for its date."""
    made = EmailMessage(policy=_POLICY)
    made["From"] = _address(mail.sender)
    made["To"] = [_address(one) for one in mail.to]
    made["Subject"] = subject(said)
    made["Date"] = at
    made["Message-ID"] = _id(delivery_id, mail)
    if said.thread:
        made["In-Reply-To"] = made["References"] = _id(said.thread, mail)
    # Automatic replies, such as holiday notices, do not answer such a mail (RFC 3834).
    made["Auto-Submitted"] = "auto-generated"
    if mail.unsubscribe:
        made["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made.set_content(text(said))
    made.add_alternative(html(said, mail.unsubscribe), subtype="html")
    # By chance it would be another on every attempt.
    digest = hashlib.blake2b(delivery_id.encode(), digest_size=12).hexdigest()
    made.set_boundary(f"=_tocsin_{digest}")
    return made


def subject(said: Message) -> str:
    """The subject: the same for all mails about a story, but for the `Re:` of later ones."""
    headline = said.topic or plain(said.headline)
    line = f"[{said.severity}] {said.label}: {headline}"
    return unencoded(f"Re: {line}" if said.follows else line)


def unencoded(text: str) -> str:
    """A header's text in which nothing reads as an encoded word (RFC 2047).

    `EmailMessage` decodes encoded words in what it is given, and CPython before 3.11.10 and 3.12.5
    then writes the line breaks in them: a headline could add a header or end the head.
    """
    return text.replace("=?", "= ?")


def _address(mailbox: Mailbox) -> Address:
    return Address(unencoded(mailbox.name), mailbox.local, mailbox.domain)


def _id(name: str, mail: Mail) -> str:
    # What comes out of an event is not to end the header, or be no id at all.
    return f"<{re.sub(r'[^A-Za-z0-9_.-]', '-', name)}@{mail.sender.domain}>"
