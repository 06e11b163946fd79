"""Whom and what the rules name, read without their secrets and without compiling anything."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches

import typer

from service.cli.input.context import Context
from service.delivery.channels.registry import CHANNELS
from service.errors import Fault
from service.rules.compilation.contents import RulesContents, read_contents
from service.rules.live.folder import DecodedTexts, read_files
from service.rules.schema import WatchlistSpec
from service.rules.subscribers.subscriber import Subscriber, SubscriberReader
from service.rules.subscribers.substitution import Lookup


@dataclass(frozen=True)
class Names:
    """What stands in the rules files now; the service may still run the last good version."""

    subscribers: dict[str, Subscriber]
    """Those without fault, but for disabled ones."""
    faulty: Collection[str]
    """Subscribers with faults."""
    faults: tuple[Fault, ...]
    """Those of subscribers."""
    _contents: RulesContents

    @property
    def subscriber_ids(self) -> Collection[str]:
        """The ids of all subscribers, also of disabled and faulty ones."""
        return self._contents.subscriber_ids

    @property
    def watchlists(self) -> Collection[str]:
        """The ids of all watchlists."""
        return {*self._contents.watchlists.numbers, *self._contents.faulty_ids}

    @property
    def tags(self) -> Collection[str]:
        """The tags of all watchlists."""
        drafts = self._contents.watchlists
        specs = map(WatchlistSpec.model_validate_json, map(drafts.json_text, range(len(drafts))))
        return {tag for spec in specs for tag in spec.tags}


def names(here: Context, lookup: Lookup | None = None) -> Names:
    """What TOCSIN_RULES names; `lookup` finds the subscribers' secrets. Raises ConfigError."""
    files = DecodedTexts(read_files(here.settings.match.rules))
    contents = read_contents(files)
    found = SubscriberReader(CHANNELS, lookup).read(contents.subscribers, files)
    faults = tuple(sorted((*contents.faults, *found.faults)))
    return Names(found.found, found.faulty, faults, contents)


def must_be_known(kind: str, name: str, known: Collection[str]) -> None:
    """Raises BadParameter, with what may have been meant, for a name that is not known."""
    if name in known:
        return
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else "`tocsin check` lists the faults of the rules"
    raise typer.BadParameter(f"there is no {kind} {name}; {hint}")
