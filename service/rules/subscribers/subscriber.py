"""Who receives alerts: what stands under `subscribers:` in rules files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from service.errors import Fault
from service.rules.hours import Digest, Quiet
from service.rules.schema import SubscriberSpec
from service.rules.schema.validation import validate
from service.rules.sections import name_of, report_duplicate
from service.rules.subscribers.channel import (
    Channel,
    ChannelKinds,
    read_channel,
    subscriber_spec,
)
from service.rules.subscribers.substitution import Lookup
from service.rules.yaml.document import Document
from service.rules.yaml.part import Part, PartLocation


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
    """Deliveries on their way to it at a time, at most."""
    gap: float = 0.0
    """Seconds between two deliveries, at least."""
    digest: Digest | None = None
    """How often it hears of everything together; None: of each event by itself."""
    quiet: Quiet | None = None
    """When it is left alone."""
    reports: bool = False
    """Whether it is told of deliveries and subscribers that have failed for good."""
    file: str = ""
    """The rules file that it stands in."""


@dataclass
class Subscribers:
    """What a set of files has under `subscribers:`."""

    found: dict[str, Subscriber] = field(default_factory=dict)
    """Those without fault, except disabled ones."""
    faulty: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SubscriberReader:
    """Reads subscribers out of rules files.

    `kinds` are the channels that a subscriber may have. Without a `lookup` no `${NAME}` is
    replaced: to check rules where the secrets are not at hand.
    """

    kinds: ChannelKinds
    lookup: Lookup | None

    def read(self, places: Iterable[PartLocation], files: Mapping[str, str]) -> Subscribers:
        """The subscribers at these places, in order; `files` (name → text) hold them."""
        model = subscriber_spec(self.kinds)
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
                continue
            subscriber = None
            if spec is not None:
                first[name] = part
                subscriber = self._subscriber(spec, part)
            if subscriber is None:
                read.faulty.add(name)
            elif spec is not None and spec.enabled:
                read.found[name] = subscriber
        read.faults += [fault for document in documents.values() for fault in document.faults]
        return read

    def _subscriber(self, spec: SubscriberSpec, part: Part) -> Subscriber | None:
        """A subscriber with its secrets filled in; None if faulty: the faults are the part's."""
        found = read_channel(spec, self.kinds, part, self.lookup)
        if found is None:
            return None
        return Subscriber(
            spec.id,
            found.channel,
            min_score=spec.min_score,
            severities=frozenset(spec.severities),
            concurrency=spec.concurrency,
            gap=max(spec.rate or 0.0, found.kind.min_gap.total_seconds()),
            digest=spec.digest.digest if spec.digest else None,
            quiet=spec.quiet.quiet if spec.quiet else None,
            reports=spec.reports,
            file=part.file,
        )
