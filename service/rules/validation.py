"""How a mistake in a rules file is told to the person who wrote it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from service.errors import Fault
from service.rules.schema import (
    ARTICLE_FIELDS,
    BoostSpec,
    CheckSpec,
    DigestSpec,
    MailSpec,
    QuietSpec,
    SlackSpec,
    Spec,
    ThrottleSpec,
    WebhookSpec,
)
from service.rules.yaml.document import Document, Path, Value
from service.rules.yaml.part import Part

_EXAMPLES = {
    "id": "id: my-watchlist",
    "match": "match: Pakistan AND Turkey AND fighter jet",
    "webhook": "webhook: {url: https://desk.example/hook, secret: ${DESK_SECRET}}",
    "slack": "slack: {webhook_url: ${SLACK_URL}}",
    "email": "email: {to: [editors@example.org], from: alerts@example.org}",
    "to": "to: [editors@example.org]",
    "from": "from: alerts@example.org",
    "watchlists": "- id: my-watchlist",
    "subscribers": "- id: desk",
    "url": "url: https://desk.example/hook",
    "secret": "secret: ${DESK_SECRET}",
    "headers": "headers: {X-Team: desk}",
    "when": 'when: "title:missile"',
    "points": "points: 10",
    "boost": 'boost: [{when: "title:missile", points: 10}]',
    "except": "except: {sport: cricket OR football}",
    "tests": "tests: [{match: {title: Turkey orders jets}}]",
    "items": "items: [Turkey, Ankara]",
    "throttle": "throttle: {max: 20, per: 1h}",
    "digest": 'digest: {at: "08:00", timezone: Europe/London}',
    "quiet": 'quiet: {from: "22:00", to: "07:00", timezone: Europe/London}',
    "max": "max: 20",
    "per": "per: 1h",
}

SpecT = TypeVar("SpecT", bound=Spec)


def validate(model: type[SpecT], part: Part, value: Value) -> SpecT | None:
    """`value`, which is the part's, as `model`; None when it is faulty and the faults are told."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        for detail in error.errors():
            where = _place(part, detail["loc"])
            part.faults.append(_fault(model, part, where, detail))
        return None


SECTION_KINDS: dict[str, type] = {"lists": dict, "watchlists": list, "subscribers": list}


def check_sections(document: Document) -> None:
    """Adds a fault for whatever stands at a file's top level and is not a section."""
    if document.value is None:
        return
    if not isinstance(document.value, dict):
        hint = "Begin with `watchlists:`, `lists:` or `subscribers:`."
        document.faults.append(document.fault((), "this is not a rules file", hint))
        return
    for key, value in document.value.items():
        kind = SECTION_KINDS.get(key)
        if kind is None:
            hint = _near(key, tuple(SECTION_KINDS))
            document.faults.append(document.key_fault((key,), f"`{key}` is not known here", hint))
        elif value is not None and not isinstance(value, kind):
            shape = "- id: …" if kind is list else "name: [word, word]"
            hint = f"Write `{key}:` and below it, indented, `{shape}`."
            message = f"`{key}` has the wrong form"
            document.faults.append(document.key_fault((key,), message, hint))


def name_of(value: Value) -> str | None:
    """The id of a watchlist or a subscriber, also where it stands alone instead of a block."""
    name = value.get("id") if isinstance(value, dict) else value
    return name if isinstance(name, str) else None


def taken(part: Part, key: str, name: str, first: Part) -> None:
    """Tells that the name of a part is that of an earlier one; it stands under `key`."""
    path = (*part.path, key) if key else part.path
    message = f"`{name}` is taken: {first.file} line {first.range.line + 1} has it already"
    part.faults.append(part.fault(path, message, "Give this one another name."))


def _place(part: Part, loc: tuple[int | str, ...]) -> Path:
    """The path of an error, without what pydantic adds for unions and aliases."""
    path = part.path
    for step in loc:
        if part.has((*path, step)):
            path = (*path, step)
    return path


def _fault(model: type[Spec], part: Part, path: Path, detail: Mapping[str, Any]) -> Fault:
    kind = str(detail["type"])
    name = str(detail["loc"][-1]) if detail["loc"] else ""
    said = detail.get("input")
    if kind == "missing":
        example = _EXAMPLES.get(name, f"{name}: …")
        return part.fault(path, f"`{name}` is missing", f"Add, for example, `{example}`.")
    if kind in ("extra_forbidden", "article_field"):
        return _unknown(model, part, path, detail)
    if kind == "string_pattern_mismatch" and name == "language":
        return part.fault(path, f"`{said}` is not a language", "Write a code such as en or pt-BR.")
    if kind == "string_pattern_mismatch":
        hint = "Use lower-case letters, digits and hyphens only: pak-turk-jets."
        return part.fault(path, f"`{said}` cannot be an id", hint)
    if kind == "literal_error":
        choices = str(detail["ctx"]["expected"]).replace("'", "")
        return part.fault(path, f"`{said}` is not a {_singular(name, path)}", f"Write {choices}.")
    if kind == "span":
        hint = "Write a length of time such as 90s, 20m, 6h or 2d; 30d is the longest."
        return part.fault(path, f"`{name}` is {_quoted(said)}", hint)
    if kind == "clock":
        hint = 'Write a time of day in quotes, by a clock of 24 hours: "08:00".'
        return part.fault(path, f"`{said}` is not a time of day", hint)
    if kind == "zone":
        hint = "Write a name such as Europe/London or UTC."
        return part.fault(path, f"`{said}` is not a time zone", hint)
    if kind == "rate":
        hint = "Write how many in a second, a minute or an hour: 10/s, 100/m or 1000/h."
        return part.fault(path, f"`{name}` is {_quoted(said)}", hint)
    if kind in _NUMBER:
        hint = f"Write a number from {_RANGES.get(name, '0 to 100')}."
        return part.fault(path, f"`{name}` is {_quoted(said)}", hint)
    if kind.startswith("bool"):
        return part.fault(path, f"`{name}` is {_quoted(said)}", "Write true or false.")
    if kind == "value_error":
        message = str(detail["msg"]).removeprefix("Value error, ")
        block = next((step for step in ("digest", "quiet") if step in path), "")
        hint = f"Write, for example, `{_EXAMPLES[block]}`." if block else _CHECK
        return part.fault(path, message, hint)
    return _wrong_form(part, path, kind, said)


def _unknown(model: type[Spec], part: Part, path: Path, detail: Mapping[str, Any]) -> Fault:
    """A key that nobody knows, of a block or of a test's article."""
    if str(detail["type"]) == "article_field":
        name = str(detail["ctx"]["name"])
        message, known = f"`{name}` is no field of an article", ARTICLE_FIELDS
        return part.key_fault((*path, name), message, _near(name, known))
    name = str(detail["loc"][-1])
    return part.key_fault(path, f"`{name}` is not known here", _near(name, _keys(model, detail)))


_CHECK = "Write `- match: {title: …}` or `- no_match: …`."
_NUMBER = frozenset(
    {
        "float_parsing",
        "float_type",
        "greater_than_equal",
        "less_than_equal",
        "finite_number",
        "int_parsing",
        "int_from_float",
        "int_type",
    }
)
_RANGES = {
    "points": "-100 to 100",
    "max": "1 to 100000, without decimals",
    "concurrency": "1 to 100, without decimals",
}


def _wrong_form(part: Part, path: Path, kind: str, said: object) -> Fault:
    name = next((str(step) for step in reversed(path) if isinstance(step, str)), "this")
    empty = said is None or said in ("", [])
    if empty:
        return part.fault(path, f"`{name}` is empty", "Write something after it, or remove it.")
    if kind == "list_type":
        example = f"{name}: [{said}]"
        if not isinstance(said, str):  # it may hold a secret
            example = _EXAMPLES.get(name, f"{name}: […]")
        return part.fault(path, f"`{name}` must be a list", f"Write `{example}`.")
    if kind in ("string_type", "dict_type", "model_type"):
        form = "a text" if kind == "string_type" else "a block of `key: value` lines"
        hint = "Put a text that holds : , [ ] { } into quotes."
        if kind != "string_type":
            hint = f"Write, for example, `{_EXAMPLES.get(name, f'{name}: {{key: value}}')}`."
        return part.fault(path, f"`{name}` must be {form}", hint)
    return part.fault(path, f"`{name}` has the wrong form", "See the example in the README.")


def _keys(model: type[Spec], detail: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys that the block with the unknown key may hold."""
    inner: dict[str, type[Spec]] = {
        "boost": BoostSpec,
        "digest": DigestSpec,
        "email": MailSpec,
        "quiet": QuietSpec,
        "slack": SlackSpec,
        "tests": CheckSpec,
        "throttle": ThrottleSpec,
        "webhook": WebhookSpec,
    }
    names = [step for step in detail["loc"][:-1] if isinstance(step, str)]
    block = inner.get(names[0], model) if names else model
    return tuple(info.alias or name for name, info in block.model_fields.items())


def _near(word: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f"Did you mean `{near[0]}`?" if near else f"Known here: {', '.join(known)}."


def _singular(name: str, path: Path) -> str:
    return {"severities": "severity"}.get(str(path[-2]) if len(path) > 1 else "", name)


def _quoted(said: object) -> str:
    return "empty" if said is None else f"`{said}`"
