"""The sections of a rules file, and the names of their items."""

from __future__ import annotations

from service.rules.schema.validation import did_you_mean
from service.rules.yaml.document import Document, Value
from service.rules.yaml.yaml_value import Part

SECTION_KINDS: dict[str, type] = {"lists": dict, "watchlists": list, "subscribers": list}


def check_sections(document: Document) -> None:
    """Add a fault for everything at a file's top level that is not a section."""
    if document.value is None:
        return
    if not isinstance(document.value, dict):
        hint = "Begin with `watchlists:`, `lists:` or `subscribers:`."
        document.faults.append(document.fault((), "this is not a rules file", hint))
        return
    for key, value in document.value.items():
        kind = SECTION_KINDS.get(key)
        if kind is None:
            hint = did_you_mean(key, tuple(SECTION_KINDS))
            document.faults.append(document.key_fault((key,), f"`{key}` is not known here", hint))
        elif value is not None and not isinstance(value, kind):
            shape = "- id: …" if kind is list else "name: [word, word]"
            hint = f"Write `{key}:` and below it, indented, `{shape}`."
            message = f"`{key}` has the wrong form"
            document.faults.append(document.key_fault((key,), message, hint))


def name_of(value: Value) -> str | None:
    """The id of a watchlist or a subscriber, also if it is written alone instead of a block."""
    name = value.get("id") if isinstance(value, dict) else value
    return name if isinstance(name, str) else None


def report_duplicate(part: Part, key: str, name: str, first: Part) -> None:
    """Add a fault: an earlier part has the name of this one, which is written under `key`."""
    path = (*part.path, key) if key else part.path
    message = f"`{name}` is taken: {first.file} line {first.range.line + 1} has it already"
    part.faults.append(part.fault(path, message, "Give this one another name."))
