"""What commits made, by the ids of alerts and events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, asdict, dataclass

from service.alerts.decision import AlertDraft, Counted, Created, Held, Repeated, Retracted, Updated
from service.store.commit.commit import Committed


@dataclass(frozen=True, slots=True)
class Made:
    """What commits came to."""

    created: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    retracted: tuple[str, ...] = ()
    stories: tuple[str, ...] = ()
    """`story.updated` events."""
    repeated: tuple[str, ...] = ()
    counted: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    _: KW_ONLY
    deliveries: int = 0
    dead: int = 0
    others: int = 0

    def __add__(self, more: Made) -> Made:
        both = {name: value + getattr(more, name) for name, value in asdict(self).items()}
        return Made(**both)


def made_by(committed: Committed) -> Made:
    """What one commit came to."""
    found: dict[str, list[str]] = {}
    for name, id_ in _ids(committed):
        found.setdefault(name, []).append(id_)
    ids = {name: tuple(each) for name, each in found.items()}
    return Made(
        **ids,
        deliveries=committed.deliveries,
        dead=len(committed.dead),
        others=committed.others,
    )


def _ids(committed: Committed) -> Iterator[tuple[str, str]]:
    for outcome in (each for entry in committed.done for each in entry.outcomes):
        alert, event = outcome.draft.alert_id, outcome.event
        match outcome.decision:
            case Created():
                yield "created", alert
            case Held():
                yield "held", alert
            case Updated() if event:
                yield "updated", event.id
            case Retracted() if event:
                yield "retracted", event.id
            case Counted():
                yield "counted", alert
                if event:
                    yield "stories", event.id
            case Repeated() if isinstance(outcome.draft, AlertDraft):
                yield "repeated", alert
            case _:
                pass
