"""A subscriber's block in a rules file → how to reach it, with every `${NAME}` filled in."""

from __future__ import annotations

import re

from service.rules.channel import Channel, Mail, Mailbox, Relay, SlackBot, SlackHook
from service.rules.schema import MailSpec, SlackSpec, SubscriberSpec
from service.rules.subscribers.substitution import Filling, Lookup
from service.rules.subscribers.webhook_block import compile_webhook, is_web_address
from service.rules.yaml.document import Path
from service.rules.yaml.part import Part

CHANNELS = ("webhook", "slack", "email", "relay")
"""The keys of which a subscriber has one."""

SMTP_HOST = "TOCSIN_SMTP_HOST"
"""The setting without which there is no e-mail; settings are looked up where `${NAME}` are."""


def compile_channel(spec: SubscriberSpec, part: Part, lookup: Lookup | None) -> Channel | None:
    """The subscriber's channel; None when it is faulty, the faults in the part's.

    Without a `lookup` no `${NAME}` is filled in.
    """
    written = part.reread()
    order = list(written) if isinstance(written, dict) else []
    given = [name for name in order if name in CHANNELS and getattr(spec, name) is not None]
    if not given:
        hint = "Add `webhook:`, `slack:`, `email:` or `relay:`; docs/channels.md shows each."
        part.faults.append(part.fault(part.path, "nothing says how to reach this subscriber", hint))
        return None
    if len(given) > 1:
        message = f"`{given[1]}` stands beside `{given[0]}`, and a subscriber has one channel"
        hint = "Keep one of them, and make a second subscriber for the other."
        part.faults.append(part.key_fault((*part.path, given[1]), message, hint))
        return None
    before = len(part.faults)
    channel = _compile(spec, Filling(part, lookup), (*part.path, given[0]))
    return channel if len(part.faults) == before else None


def _compile(spec: SubscriberSpec, filling: Filling, path: Path) -> Channel | None:
    if spec.webhook is not None:
        return compile_webhook(spec.webhook, filling, path)
    if spec.slack is not None:
        return _slack(spec.slack, filling, path)
    if spec.email is not None:
        return _mail(spec.email, filling, path, spec.id)
    return Relay(filling.secret(spec.relay or "", path, _relay_fault))


def _slack(spec: SlackSpec, filling: Filling, path: Path) -> SlackHook | SlackBot | None:
    match spec.webhook_url, spec.token, spec.channel:
        case str(url), None, None:
            return SlackHook(filling.secret(url, (*path, "webhook_url"), _hook_fault))
        case None, str(token), str(channel):
            return SlackBot(
                filling.secret(token, (*path, "token"), _token_fault),
                filling.text(channel, (*path, "channel"), _channel_fault),
            )
        case _:
            filling.fault(
                path,
                "Slack takes either a webhook or a bot's token with a channel",
                "Write `slack: {webhook_url: ${SLACK_URL}}` or "
                "`slack: {token: ${SLACK_TOKEN}, channel: C0123ABCD}`.",
            )
            return None


def _mail(spec: MailSpec, filling: Filling, path: Path, subscriber: str) -> Mail:
    filling.require(SMTP_HOST, path, "e-mail needs a mail server, and none is set")
    to = [filling.text(t, (*path, "to", n), _mailbox_fault) for n, t in enumerate(spec.to)]
    sender = filling.text(spec.sender, (*path, "from"), _mailbox_fault)
    unsubscribe = ""
    if spec.unsubscribe is not None:
        unsubscribe = filling.text(spec.unsubscribe, (*path, "unsubscribe"), _unsubscribe_fault)
    return Mail(
        tuple(mailbox(text) for text in to),
        mailbox(sender),
        unsubscribe.replace("{subscriber}", subscriber),
    )


_GOOD = "", ""


def _hook_fault(text: str) -> tuple[str, str]:
    if is_web_address(text, "http", "https"):
        return _GOOD
    hint = "Copy the webhook's whole address from Slack: https://hooks.slack.com/services/…"
    return "this is not a web address", hint


def _token_fault(text: str) -> tuple[str, str]:
    if re.fullmatch(r"xox[\x21-\x7e]+", text):
        return _GOOD
    return "this is not a Slack token", "Copy the app's Bot User OAuth Token; it begins with xoxb-."


def _channel_fault(text: str) -> tuple[str, str]:
    # An id, because a name is anybody's who renames a channel.
    if re.fullmatch(r"[CDGU][A-Z0-9]{2,}", text):
        return _GOOD
    hint = "Write the id, such as C0123ABCD; Slack shows it at the end of the channel's details."
    return "this is not the id of a Slack channel", hint


# As mail programs write them: an address, or a name and the address in angle brackets. What else
# the standards allow (quoted or non-Latin local parts, comments, groups) many servers do not.
_MAILBOX = re.compile(
    r"(?:(?P<name>[^\x00-\x1f<>\"@,;]*?)\s*<)?(?P<local>[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+)"
    r"@(?P<domain>[^\W_](?:[\w.-]*[^\W_])?)(?(name)>)"
)


def _mailbox_fault(text: str) -> tuple[str, str]:
    if mailbox(text).domain:
        return _GOOD
    hint = "Write one, such as editors@example.org or News desk <editors@example.org>."
    return "this is not an e-mail address", hint


def mailbox(text: str) -> Mailbox:
    """The address and the name in a text; what is none stays as it is: not filled in, or faulty."""
    found = _MAILBOX.fullmatch(text.strip())
    if not found:
        return Mailbox(text)
    try:
        domain = found["domain"].encode("idna").decode()
    except UnicodeError:  # an empty or endless label
        return Mailbox(text)
    return Mailbox(found["local"], domain, found["name"] or "")


def _unsubscribe_fault(text: str) -> tuple[str, str]:
    if is_web_address(text, "https"):
        return _GOOD
    hint = "Write a whole address: https://desk.example/unsubscribe/{subscriber}"
    return "this is not an https address, which unsubscribing with one click needs", hint


def _relay_fault(text: str) -> tuple[str, str]:
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*://\S+", text):
        return _GOOD
    hint = "Write one, such as ntfys://ntfy.example/alerts; Apprise's documentation lists them."
    return "this is not an Apprise URL", hint
