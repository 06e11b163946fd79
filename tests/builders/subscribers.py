"""Rules files with one subscriber, `desk`, whose channel has its secrets filled in."""

from __future__ import annotations

from builders.rules import load
from service.rules.rules import Rules
from service.rules.subscribers.subscriber import Subscriber

VALUES = {
    "DESK_SECRET": "whsec_" + "QUJD" * 8,
    "SLACK_URL": "https://hooks.slack.com/services/T0/B0/T0ken",
    "SLACK_TOKEN": "xoxb-1234-T0ken",
    "APPRISE_URL": "ntfys://ntfy.example/T0ken",
    "TOCSIN_SMTP_HOST": "mail.example",
}


def rules_with(channel: str) -> Rules:
    """The rules in which `desk` has these lines, which begin on line 3 in column 5."""
    return load({"rules.yaml": f"subscribers:\n  - id: desk\n    {channel}\n"}, VALUES.get)


def a_subscriber(channel: str) -> Subscriber:
    """The subscriber with this channel, which has no fault."""
    rules = rules_with(channel)
    assert rules.faults == ()
    return rules.subscribers["desk"]


def fault_messages(channel: str) -> str:
    """All faults of a subscriber with these lines, as their author reads them; without their
    codes.
    """
    faults = rules_with(channel).faults
    return "\n".join(str(fault).replace(f" ({fault.code})", "", 1) for fault in faults)
