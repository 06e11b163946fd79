"""What may stand in a rules file, and how a mistake in it is told to the person who wrote it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from service.errors import Fault
from service.yamlpart import Part
from service.yamlplace import Document, Path, Value

Severity = Literal["info", "low", "medium", "high", "critical"]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=100)]
Text = Annotated[str, Field(min_length=1)]
Points = Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False)]
Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class _Spec(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BoostSpec(_Spec):
    """`{when: expression, points: number}`."""

    when: Text
    points: Points


class CheckSpec(_Spec):
    """One of a watchlist's own tests: a file beside the rules, or an article's fields."""

    match: Text | dict[str, Any] | None = None
    no_match: Text | dict[str, Any] | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> CheckSpec:
        if (self.match is None) == (self.no_match is None):
            raise ValueError("a test holds either `match:` or `no_match:`")
        return self


class WatchlistSpec(_Spec):
    """One item under `watchlists:`."""

    # Lists and blocks are made anew each time: pydantic copies a default at four times the cost.
    id: Id
    name: Text | None = None
    match: Text
    exceptions: Annotated[dict[str, Text], Field(alias="except", default_factory=dict)]
    severity: Severity = "medium"
    threshold: Percent = 0.0
    boost: Annotated[list[BoostSpec], Field(default_factory=list)]
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = "en"
    tags: Annotated[list[Text], Field(default_factory=list)]
    notify: Annotated[list[Text], Field(default_factory=list)]
    tests: Annotated[list[CheckSpec], Field(default_factory=list)]
    enabled: bool = True


class ListSpec(_Spec):
    """One entry under `lists:`: expressions, any of which may stand where `$name` stands."""

    items: Annotated[list[Text], Field(min_length=1)]
    enabled: bool = True


class WebhookSpec(_Spec):
    """Where a webhook goes; `secret` is one `whsec_…` or, while rotating, a list of them."""

    url: Text
    secret: Text | list[Text]


class SubscriberSpec(_Spec):
    """One item under `subscribers:`."""

    id: Id
    webhook: WebhookSpec
    min_score: Percent = 0.0
    severities: list[Severity] = []
    enabled: bool = True


_EXAMPLES = {
    "id": "id: my-watchlist",
    "match": "match: Pakistan AND Turkey AND fighter jet",
    "webhook": "webhook: {url: https://desk.example/hook, secret: ${DESK_SECRET}}",
    "watchlists": "- id: my-watchlist",
    "subscribers": "- id: desk",
    "url": "url: https://desk.example/hook",
    "secret": "secret: ${DESK_SECRET}",
    "when": 'when: "title:missile"',
    "points": "points: 10",
    "items": "items: [Turkey, Ankara]",
}

SpecT = TypeVar("SpecT", bound=_Spec)


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
    message = f"`{name}` is taken: {first.file} line {first.span.line + 1} has it already"
    part.faults.append(part.fault(path, message, "Give this one another name."))


def _place(part: Part, loc: tuple[int | str, ...]) -> Path:
    """The path of an error, without what pydantic adds for unions and aliases."""
    path = part.path
    for step in loc:
        if part.has((*path, step)):
            path = (*path, step)
    return path


def _fault(model: type[_Spec], part: Part, path: Path, detail: Mapping[str, Any]) -> Fault:
    kind = str(detail["type"])
    name = str(detail["loc"][-1]) if detail["loc"] else ""
    said = detail.get("input")
    if kind == "missing":
        example = _EXAMPLES.get(name, f"{name}: …")
        return part.fault(path, f"`{name}` is missing", f"Add, for example, `{example}`.")
    if kind == "extra_forbidden":
        return part.key_fault(
            path, f"`{name}` is not known here", _near(name, _keys(model, detail))
        )
    if kind == "string_pattern_mismatch" and name == "language":
        return part.fault(path, f"`{said}` is not a language", "Write a code such as en or pt-BR.")
    if kind == "string_pattern_mismatch":
        hint = "Use lower-case letters, digits and hyphens only: pak-turk-jets."
        return part.fault(path, f"`{said}` cannot be an id", hint)
    if kind == "literal_error":
        choices = str(detail["ctx"]["expected"]).replace("'", "")
        return part.fault(path, f"`{said}` is not a {_singular(name, path)}", f"Write {choices}.")
    if kind in _NUMBER:
        least, most = (-100, 100) if name == "points" else (0, 100)
        hint = f"Write a number from {least} to {most}."
        return part.fault(path, f"`{name}` is {_quoted(said)}", hint)
    if kind.startswith("bool"):
        return part.fault(path, f"`{name}` is {_quoted(said)}", "Write true or false.")
    if kind == "value_error":
        message = str(detail["msg"]).removeprefix("Value error, ")
        return part.fault(path, message, "Write `- match: {title: …}` or `- no_match: …`.")
    return _wrong_form(part, path, kind, said)


_NUMBER = frozenset(
    {
        "float_parsing",
        "float_type",
        "greater_than_equal",
        "less_than_equal",
        "finite_number",
    }
)


def _wrong_form(part: Part, path: Path, kind: str, said: object) -> Fault:
    name = next((str(step) for step in reversed(path) if isinstance(step, str)), "this")
    empty = said is None or said in ("", [])
    if empty:
        return part.fault(path, f"`{name}` is empty", "Write something after it, or remove it.")
    if kind == "list_type":
        return part.fault(path, f"`{name}` must be a list", f"Write `{name}: [{said}]`.")
    if kind in ("string_type", "dict_type", "model_type"):
        form = "a text" if kind == "string_type" else "a block of `key: value` lines"
        hint = "Put a text that holds : , [ ] { } into quotes."
        if kind != "string_type":
            hint = f"Write, for example, `{_EXAMPLES.get(name, f'{name}: {{key: value}}')}`."
        return part.fault(path, f"`{name}` must be {form}", hint)
    return part.fault(path, f"`{name}` has the wrong form", "See the example in the README.")


def _keys(model: type[_Spec], detail: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys that the block with the unknown key may hold."""
    inner: dict[str, type[_Spec]] = {"boost": BoostSpec, "tests": CheckSpec}
    inner["webhook"] = WebhookSpec
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
