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
        document.faults.append(document.fault((), "this is not a rules file", hint, code="T005"))
        return
    for key, value in document.value.items():
        kind = SECTION_KINDS.get(key)
        if kind is None:
            hint = did_you_mean(key, tuple(SECTION_KINDS))
            document.faults.append(
                document.key_fault((key,), f"`{key}` is not known here", hint, code="T101")
            )
        elif value is not None and not isinstance(value, kind):
            shape = "- id: …" if kind is list else "name: [word, word]"
            hint = f"Write `{key}:` and below it, indented, `{shape}`."
            message = f"`{key}` has the wrong form"
            document.faults.append(document.key_fault((key,), message, hint, code="T103"))


def name_of(value: Value) -> str | None:
    """The id of a watchlist or a subscriber, also if it is written alone instead of a block."""
    name = value.get("id") if isinstance(value, dict) else value
    return name if isinstance(name, str) else None


def report_duplicate(part: Part, key: str, name: str, other: Part) -> None:
    """Add a fault to each of two parts with one name, which is written under `key`.

    Which of them is meant is not known, so neither is used.
    """
    for one, another in ((other, part), (part, other)):
        path = (*one.path, key) if key else one.path
        message = f"`{name}` is here and in {another.file} line {another.range.line + 1}"
        hint = "Give one of them another name; until then neither is used."
        one.faults.append(one.fault(path, message, hint, code="T201"))
