"""The JSON Schema of a rules file, for editors and other programs."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from service.rules.schema.subscriber import SubscriberSpec
from service.rules.schema.watchlist import ListSpec, WatchlistSpec

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_LIST_NAME = r"^[A-Za-z0-9_-]+$"
_SECTIONS = {
    "watchlists": "What to look for.",
    "lists": "Names for groups of words: an expression writes `$name`.",
    "subscribers": "Who gets alerts, and how.",
}


class _WithoutTitles(GenerateJsonSchema):
    """Without a title for each key that only says the key again."""

    def field_title_should_be_set(self, schema: object) -> bool:
        """None."""
        del schema
        return False


def rules_schema(subscriber: type[SubscriberSpec]) -> dict[str, Any]:
    """The schema of a whole file; `subscriber` has a field for each kind of channel.

    It knows form and values of every key. What only the rules together show, such as a subscriber
    that there is not, `tocsin check` finds.
    """
    models: tuple[tuple[type, Any], ...] = (
        (WatchlistSpec, TypeAdapter(WatchlistSpec)),
        (ListSpec, TypeAdapter(ListSpec)),
        (subscriber, TypeAdapter(subscriber)),
    )
    inputs = [(model, "validation", adapter) for model, adapter in models]
    references, shared = TypeAdapter.json_schemas(inputs, schema_generator=_WithoutTitles)  # type: ignore[arg-type]
    watchlist, entry, receiver = (references[model, "validation"] for model, _ in models)
    text = {"type": "string", "minLength": 1}
    items = {"type": "array", "items": text, "minItems": 1}
    sections: dict[str, dict[str, Any]] = {
        "watchlists": {"type": ["array", "null"], "items": watchlist},
        "lists": {
            "type": ["object", "null"],
            "propertyNames": {"pattern": _LIST_NAME},
            "additionalProperties": {"anyOf": [items, entry]},
        },
        "subscribers": {"type": ["array", "null"], "items": receiver},
    }
    return {
        "$schema": DRAFT,
        "title": "Tocsin rules",
        "type": "object",
        "properties": {
            name: section | {"description": _SECTIONS[name]} for name, section in sections.items()
        },
        "additionalProperties": False,
        **shared,
    }
