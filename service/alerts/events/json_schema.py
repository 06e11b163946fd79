"""The JSON Schema of each event, for docs/events/."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict, TypeAdapter, with_config
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core.core_schema import CoreSchema

from service.alerts.events.event_types import (
    AlertCreated,
    AlertRetracted,
    AlertUpdated,
    DeliveryExhausted,
    DigestCreated,
    EventType,
    StoryUpdated,
    SubscriberDisabled,
    SubscriberTest,
)
from service.alerts.events.fault_types import RulesFault
from service.alerts.events.rhythm_types import (
    SourceQuiet,
    StreamQuiet,
    WatchlistQuiet,
    WatchlistSpike,
)

EVENTS: Mapping[EventType, type] = {
    "alert.created": AlertCreated,
    "alert.updated": AlertUpdated,
    "alert.retracted": AlertRetracted,
    "story.updated": StoryUpdated,
    "digest.created": DigestCreated,
    "subscriber.test": SubscriberTest,
    "subscriber.disabled": SubscriberDisabled,
    "delivery.exhausted": DeliveryExhausted,
    "rules.fault": RulesFault,
    "source.quiet": SourceQuiet,
    "stream.quiet": StreamQuiet,
    "watchlist.quiet": WatchlistQuiet,
    "watchlist.spike": WatchlistSpike,
}
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(kind: EventType) -> dict[str, Any]:
    """The schema of one type of event, as JSON values.

    It allows keys that it does not name, because a later version may add some.
    """
    described = with_config(ConfigDict(use_attribute_docstrings=True))(EVENTS[kind])
    made = TypeAdapter(described).json_schema(schema_generator=_WithoutFieldTitles)
    return {"$schema": DIALECT, **made}


class _WithoutFieldTitles(GenerateJsonSchema):
    """Leaves out `"title": "Published At"`, which only repeats the key."""

    def field_title_should_be_set(self, schema: CoreSchema) -> bool:
        """No field has a title."""
        del schema
        return False
