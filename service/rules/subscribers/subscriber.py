"""Who receives alerts: the items under `subscribers:` in rules files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from service.errors import Fault
from service.rules.schema import SubscriberSpec
from service.rules.schema.hours import DigestTimes, QuietHours
from service.rules.schema.validation import validate
from service.rules.sections import name_of, report_duplicate
from service.rules.subscribers.channel import (
    Channel,
    ChannelKinds,
    read_channel,
    subscriber_spec,
)
from service.rules.subscribers.substitution import GivenValues, Lookup
from service.rules.subscribers.terms import Terms
from service.rules.yaml.document import Document
from service.rules.yaml.yaml_value import Part, PartLocation


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One receiver of alerts."""

    id: str
    channel: Channel
    min_score: float = 0.0
    """Alerts that score less are recorded, not sent."""
    severities: frozenset[str] = frozenset()
    """Only alerts of these severities are sent; empty: of all."""
    concurrency: int = 4
    """Most deliveries that are sent to it at the same time."""
    min_gap: timedelta = timedelta(0)
    """Least time between two deliveries."""
    digest: DigestTimes | None = None
    """When it is sent a digest of all events; None: each event is sent by itself."""
    quiet: QuietHours | None = None
    """When nothing is sent to it."""
    reports: bool = False
    """Whether it hears of exhausted deliveries, disabled subscribers and mistakes in the rules."""
    file: str = ""
    """The rules file that it is in."""

    @property
    def terms(self) -> Terms:
        """What it wants to hear, and when."""
        return Terms(self.min_score, self.severities, self.digest, self.quiet)


@dataclass
class Subscribers:
    """What a set of files has under `subscribers:`."""

    found: dict[str, Subscriber] = field(default_factory=dict)
    """Those without fault, except disabled ones."""
    disabled: set[str] = field(default_factory=set)
    """Those without fault that have `enabled: false`."""
    faulty: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)


def no_settings(_: str) -> None:
    """A lookup for whom no setting is set."""


@dataclass(frozen=True, slots=True)
class SubscriberReader:
    """Reads subscribers out of rules files.

    `kinds` are the channels that a subscriber may have. Without a `lookup` no `${NAME}` is
    replaced: to check rules on a machine without the secrets.
    """

    kinds: ChannelKinds
    lookup: Lookup | None
    settings: Lookup = no_settings
    """The value of a setting that a channel needs, None if it is not set."""

    def read(self, places: Iterable[PartLocation], files: Mapping[str, str]) -> Subscribers:
        """The subscribers at these places, in order; `files` (name → text) hold them."""
        model = subscriber_spec(self.kinds)
        given = GivenValues(self.lookup) if self.lookup is not None else None
        documents: dict[str, Document] = {}
        first: dict[str, Part] = {}
        read = Subscribers()
        for place in places:
            if place.file not in documents:
                documents[place.file] = Document(place.file, files[place.file])
            part = Part(documents[place.file], ("subscribers", place.number), place.range)
            value = part.reread()
            spec = validate(model, part, value)
            name = name_of(value)
            if name is None:
                continue
            if name in first:
                report_duplicate(part, "id", name, first[name])
                read.faulty.add(name)
                continue
            first[name] = part
            subscriber = self._subscriber(spec, part, given) if spec is not None else None
            if spec is None or subscriber is None:
                read.faulty.add(name)
            elif spec.enabled:
                read.found[name] = subscriber
            else:
                read.disabled.add(name)
        for name in read.faulty:
            read.found.pop(name, None)
            read.disabled.discard(name)
        faults = [fault for document in documents.values() for fault in document.faults]
        read.faults += [given.hidden(fault) for fault in faults] if given else faults
        return read

    def _subscriber(
        self, spec: SubscriberSpec, part: Part, given: GivenValues | None
    ) -> Subscriber | None:
        """A subscriber with its secrets filled in; None if faulty: the faults are the part's."""
        found = read_channel(spec, self.kinds, part, given, self.settings)
        if found is None:
            return None
        return Subscriber(
            spec.id,
            found.channel,
            min_score=spec.min_score,
            severities=frozenset(spec.severities),
            concurrency=spec.concurrency,
            min_gap=max(spec.rate or timedelta(0), found.kind.min_gap),
            digest=spec.digest.times if spec.digest else None,
            quiet=spec.quiet.hours if spec.quiet else None,
            reports=spec.reports,
            file=part.file,
        )
