"""Who receives alerts: what stands under `subscribers:` in rules files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from service.errors import Fault
from service.rules.channel import Channel, least_gap
from service.rules.hours import Digest, Quiet
from service.rules.schema import SubscriberSpec
from service.rules.subscribers.channel_block import compile_channel
from service.rules.subscribers.substitution import Lookup
from service.rules.validation import name_of, taken, validate
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


def compile_subscriber(
    spec: SubscriberSpec, part: Part, lookup: Lookup | None
) -> Subscriber | None:
    """A subscriber with its secrets filled in; None when faulty, the faults in the part's.

    Without a `lookup` no `${NAME}` is filled in.
    """
    channel = compile_channel(spec, part, lookup)
    if channel is None:
        return None
    return Subscriber(
        spec.id,
        channel,
        min_score=spec.min_score,
        severities=frozenset(spec.severities),
        concurrency=spec.concurrency,
        gap=max(spec.rate or 0.0, least_gap(channel)),
        digest=spec.digest.digest if spec.digest else None,
        quiet=spec.quiet.quiet if spec.quiet else None,
        reports=spec.reports,
        file=part.file,
    )


@dataclass
class Subscribers:
    """What stands under `subscribers:` in a set of files."""

    found: dict[str, Subscriber] = field(default_factory=dict)
    """Those without fault, but for disabled ones."""
    faulty: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)


def read_subscribers(
    places: Iterable[PartLocation], files: Mapping[str, str], lookup: Lookup | None
) -> Subscribers:
    """The subscribers at these places, in order; `files` are the texts that hold them."""
    documents: dict[str, Document] = {}
    first: dict[str, Part] = {}
    read = Subscribers()
    for place in places:
        if place.file not in documents:
            documents[place.file] = Document(place.file, files[place.file])
        part = Part(documents[place.file], ("subscribers", place.number), place.range)
        value = part.reread()
        spec = validate(SubscriberSpec, part, value)
        name = name_of(value)
        if name is None:
            continue
        if name in first:
            taken(part, "id", name, first[name])
            continue
        subscriber = None
        if spec is not None:
            first[name] = part
            subscriber = compile_subscriber(spec, part, lookup)
        if subscriber is None:
            read.faulty.add(name)
        elif spec is not None and spec.enabled:
            read.found[name] = subscriber
    read.faults += [fault for document in documents.values() for fault in document.faults]
    return read
