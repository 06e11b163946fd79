"""What a kind of channel is, and the channel that a subscriber has.

The kinds themselves are defined with what sends over them, in `service.delivery.channels`, and come
in as arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Protocol

from pydantic import create_model

from service.rules.schema import Example, Meaning, SubscriberSpec
from service.rules.secret import Secret
from service.rules.subscribers.channel_block import ChannelBlock, TextFault
from service.rules.subscribers.substitution import Lookup
from service.rules.yaml.yaml_value import Part


class Channel(Protocol):
    """How one subscriber is reached: an immutable value of its kind."""

    kind: ClassVar[str]
    """The key of its kind."""

    @property
    def all_secrets(self) -> tuple[Secret, ...]:
        """What no log may show."""


@dataclass(frozen=True, slots=True)
class BlockFault:
    """A fault of a channel that is found outside of the rules file; `key` is at fault."""

    key: str
    fault: TextFault


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelKind:
    """A kind of channel, as far as rules files are concerned."""

    key: str
    """The key of its block: `webhook`."""
    spec: type
    """The type of its block for pydantic: a `Spec`, or `Text` where it is one text."""
    example: str
    """Its block as it may be written, for hints: `relay: ${APPRISE_URL}`."""
    read: Callable[[Any, ChannelBlock], Channel | None]
    """The channel of a block of type `spec`; faults are recorded in the block."""
    inspect: Callable[[Any], Iterable[BlockFault]] = lambda _: ()
    """What is wrong with the files that a faultless channel names; the only part that reads any."""
    min_gap: timedelta = timedelta(0)
    """The time between two messages that its service asks for."""


ChannelKinds = tuple[ChannelKind, ...]


def _meaning(kind: ChannelKind) -> Meaning:
    return Meaning(f"Sends to it by {kind.key}, for example `{kind.example}`.")


@lru_cache
def subscriber_spec(kinds: ChannelKinds) -> type[SubscriberSpec]:
    """The type of an item under `subscribers:`, with a field for each kind of channel."""
    fields: dict[str, Any] = {
        kind.key: (Annotated[kind.spec | None, Example(kind.example), _meaning(kind)], None)
        for kind in kinds
    }
    return create_model("SubscriberSpec", __base__=SubscriberSpec, **fields)


@dataclass(frozen=True, slots=True)
class SubscriberChannel:
    """The channel of a subscriber, with its kind."""

    kind: ChannelKind
    channel: Channel


def read_channel(
    spec: SubscriberSpec,
    kinds: ChannelKinds,
    part: Part,
    lookup: Lookup | None,
    settings: Lookup,
) -> SubscriberChannel | None:
    """The channel of a subscriber; None if it is faulty: the faults are in the part's.

    Without a `lookup` no `${NAME}` is replaced. `settings` finds those of Tocsin.
    """
    kind = _only_kind(spec, kinds, part)
    if kind is None:
        return None
    block = ChannelBlock(part, kind.key, spec.id, lookup, settings)
    channel = kind.read(getattr(spec, kind.key), block)
    if channel is None:
        return None
    if block.has_values:
        for found in kind.inspect(channel):
            block.fault(found.fault, found.key)
    return SubscriberChannel(kind, channel) if block.is_faultless else None


def _only_kind(spec: SubscriberSpec, kinds: ChannelKinds, part: Part) -> ChannelKind | None:
    """The kind of the one channel that a subscriber has; None, with a fault, unless it has one."""
    written = part.reread()
    by_key = {kind.key: kind for kind in kinds if getattr(spec, kind.key) is not None}
    given = [key for key in written if key in by_key] if isinstance(written, dict) else []
    if not given:
        *most, last = (f"`{kind.key}:`" for kind in kinds)
        keys = f"{', '.join(most)} or {last}" if most else last
        hint = f"Add {keys}; docs/channels.md shows each."
        part.faults.append(
            part.fault(part.path, "this subscriber has no channel", hint, code="T401")
        )
        return None
    if len(given) > 1:
        message = f"`{given[1]}` is a second channel; this subscriber already has `{given[0]}`"
        hint = "Keep one of them, and add a second subscriber for the other."
        part.faults.append(part.key_fault((*part.path, given[1]), message, hint, code="T402"))
        return None
    return by_key[given[0]]
