"""The e-mail channel, as the registry lists it."""

from __future__ import annotations

from service.delivery.channels.email.rules_block import EXAMPLE, Mail, MailSpec, read_mail
from service.delivery.senders import DeliveryChannel, Sender, SenderContext


def _open_sender(context: SenderContext) -> Sender:
    # Imported here: commands that only read rules do not wait for aiosmtplib to load.
    from service.delivery.channels.email.sender import MailSender  # noqa: PLC0415

    return MailSender(
        context.mail_server,
        context.recipients,
        timeout=context.timeout,
        verdict_links=context.verdict_links,
    )


EMAIL = DeliveryChannel(
    key=Mail.kind, spec=MailSpec, example=EXAMPLE, read=read_mail, open_sender=_open_sender
)
