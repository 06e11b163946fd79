"""Rules with the channels that ship."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from service.articles.article import Article
from service.articles.files.entries import UnreadableError, articles_in
from service.delivery.channels.registry import CHANNELS
from service.rules import rules
from service.rules.checks.own_tests import Samples
from service.rules.rules import Rules
from service.rules.subscribers.subscriber import SubscriberReader, no_settings
from service.rules.subscribers.substitution import Lookup

SECRETS = {"DESK_SECRET": "whsec_" + "QUJD" * 8}
SUBSCRIBERS = """
subscribers:
  - id: desk
    webhook: {url: "https://desk.example/hook", secret: "${DESK_SECRET}"}
"""


def a_reader(lookup: Lookup | None = None) -> SubscriberReader:
    """Reads the subscribers of rules files; without a `lookup` no `${NAME}` is replaced.

    It finds the settings, too, that channels need.
    """
    return SubscriberReader(CHANNELS, lookup, lookup or no_settings)


def load(files: Mapping[str, str], lookup: Lookup | None, previous: Rules | None = None) -> Rules:
    """The rules in `files` (name → text), as the service reads them."""
    return rules.load(files, a_reader(lookup), previous)


def fault_messages(text: str) -> str:
    """All faults of one rules file, as their author reads them; without their codes."""
    faults = load({"rules.yaml": text}, SECRETS.get).faults
    return "\n".join(str(fault).replace(f" ({fault.code})", "", 1) for fault in faults)


def _no_article(url: str, _: Path) -> Article:
    raise UnreadableError(f"there is no {url}")


ANY_FILE = Samples(Path.read_bytes, articles_in, _no_article, 1 << 20)
"""Where own tests have their articles from: any file, and no URL."""
