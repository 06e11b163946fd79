"""Whom and what the rules name, read without their secrets and without compiling anything."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from service.delivery.channels.registry import CHANNELS
from service.errors import Fault
from service.rules.compilation.file_contents import RulesContents, read_contents
from service.rules.live.folder import DecodedTexts, read_files
from service.rules.schema import WatchlistSpec
from service.rules.subscribers.subscriber import Subscriber, SubscriberReader, no_settings
from service.rules.subscribers.substitution import Lookup

_RULES_HINT = "`tocsin check` lists the faults of the rules"


@dataclass(frozen=True)
class RuleNames:
    """What the rules files name now; the service may still run the last good version."""

    subscribers: dict[str, Subscriber]
    """Those without fault that are not disabled."""
    faulty: Collection[str]
    """Subscribers with faults."""
    faults: tuple[Fault, ...]
    """The faults of subscribers."""
    _contents: RulesContents

    @property
    def subscriber_ids(self) -> Collection[str]:
        """The ids of all subscribers, also of disabled and faulty ones."""
        return self._contents.subscriber_ids

    @property
    def watchlist_ids(self) -> Collection[str]:
        """The ids of all watchlists, also of faulty ones."""
        return self._contents.watchlist_ids

    def notified(self, watchlist: str) -> Sequence[str]:
        """The subscribers whom this watchlist notifies; none where its form is wrong."""
        drafts = self._contents.watchlists
        number = drafts.numbers.get(watchlist)
        if number is None:
            return ()
        return WatchlistSpec.model_validate_json(drafts.json_text(number)).notify

    @property
    def tags(self) -> Collection[str]:
        """The tags of all watchlists."""
        drafts = self._contents.watchlists
        specs = map(WatchlistSpec.model_validate_json, map(drafts.json_text, range(len(drafts))))
        return {tag for spec in specs for tag in spec.tags}


def read_names(
    rules: Path, lookup: Lookup | None = None, settings: Lookup = no_settings
) -> RuleNames:
    """What a rules file or folder names; `lookup` finds the subscribers' secrets.

    `settings` finds the settings that channels need.
    Raises ConfigError where the rules cannot be read.
    """
    files = DecodedTexts(read_files(rules))
    contents = read_contents(files)
    found = SubscriberReader(CHANNELS, lookup, settings).read(contents.subscribers, files)
    faults = tuple(sorted((*contents.faults, *found.faults)))
    return RuleNames(found.found, found.faulty, faults, contents)


def unknown_name(kind: str, name: str, known: Collection[str], hint: str = _RULES_HINT) -> str:
    """What to say of a name that is not among the known ones, with the closest; "" if it is.

    `hint` is said where none is close.
    """
    if name in known:
        return ""
    near = get_close_matches(name, known, n=1)
    return f"there is no {kind} {name}; {f'did you mean {near[0]}?' if near else hint}"
