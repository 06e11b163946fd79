"""A value of a rules file against its `Spec`: the typed value, or faults with their places."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import ValidationError

from service.errors import Fault, Fix
from service.rules.schema.spec import MISTAKE, UNKNOWN_KEY, Example, Hint, Spec
from service.rules.yaml.document import KeyPath, Value
from service.rules.yaml.yaml_value import Part

SpecT = TypeVar("SpecT", bound=Spec)

_QUOTES = "Put a text that holds : , [ ] { } into quotes."
_BLOCK = "`{name}` must be a block of `key: value` lines", "Write, for example, `{example}`."
_BOOLEAN = "`{name}` is {value}", "Write true or false."

_WRONG_FORM: Mapping[str, tuple[str, str]] = {
    "missing": ("`{name}` is missing", "Add, for example, `{example}`."),
    "list_type": ("`{name}` must be a list", "Write `{example}`."),
    "string_type": ("`{name}` must be a text", _QUOTES),
    "dict_type": _BLOCK,
    "model_type": _BLOCK,
}
"""pydantic's errors about the form of a value, each with its message and hint."""

_WRONG_VALUE: Mapping[str, tuple[str, str]] = {
    "bool_parsing": _BOOLEAN,
    "bool_type": _BOOLEAN,
    "literal_error": ("{value} is not a {name}", "Write {expected}."),
}
"""Those about a value whose type has no `Hint`."""

_QUOTED = re.compile(r'"[^"]*"')
_NOT_A_LIST = {
    "match": "Write one text, and join its parts with OR or AND: `match: jet OR tank`.",
    "language": "Write one: that of the watchlist's words. The article's own counts too.",
}
"""For a list in the place of one text."""

_OTHER = "`{name}` has the wrong form", "See the example in the README."

_PLACEHOLDERS = {"list_type": "[…]", "dict_type": "{key: value}", "model_type": "{key: value}"}
"""The value that is shown for a field that has no `Example`."""


def validate(model: type[SpecT], part: Part, value: Value) -> SpecT | None:
    """`value`, which is the part's, as `model`; None if it is faulty: the faults are the part's."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        for detail in error.errors():
            part.faults.append(_fault(model, part, detail))
        return None


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """The hint for an unknown key: the one that looks like it, else all."""
    near = difflib.get_close_matches(word, known, n=1)
    return f"Did you mean `{near[0]}`?" if near else f"Known here: {', '.join(known)}."


def _fault(model: type[Spec], part: Part, detail: Mapping[str, Any]) -> Fault:
    kind, loc, context = str(detail["type"]), detail["loc"], detail.get("ctx", {})
    path = _path(part, loc)
    if kind == "extra_forbidden":
        key = str(loc[-1])
        known = _SchemaPlace.at(model, loc[:-1]).keys
        return part.key_fault(
            path, f"`{key}` is not known here", did_you_mean(key, known), code="T101"
        )
    if kind == UNKNOWN_KEY:
        hint = did_you_mean(context["key"], context["known"])
        if " " in context["key"]:
            hint = "A comma ends a text here. Put the whole text into single quotes."
        return part.key_fault((*path, context["key"]), context["message"], hint, code="T101")
    if kind == MISTAKE:
        return part.fault(path, context["message"], context["hint"], code=context["code"])
    place = _SchemaPlace.at(model, loc)
    names = [step for step in (loc if kind == "missing" else path) if isinstance(step, str)]
    message, hint = _texts(kind, names[-1] if names else "this", place, detail)
    code, fix = _code(kind, detail), _in_lower_case(kind, detail)
    # Of a subscriber it may be a secret.
    if detail.get("input") is None and kind != "missing" and part.path[0] == "watchlists":
        hint = _not_taken(part.rest_of_line(path).strip()) or hint
    return part.fault(path, message, hint, code=code, fix=fix)


def _code(kind: str, detail: Mapping[str, Any]) -> str:
    if kind == "missing":
        return "T102"
    if detail.get("input") is None or detail["input"] in ("", []):
        return "T105"
    return "T103" if kind in _WRONG_FORM else "T104"


def _in_lower_case(kind: str, detail: Mapping[str, Any]) -> Fix | None:
    """What corrects a value that is one of those expected but for its capitals."""
    given = detail.get("input")
    expected = str(detail.get("ctx", {}).get("expected", ""))
    if (
        kind != "literal_error"
        or not isinstance(given, str)
        or f"'{given.lower()}'" not in expected
    ):
        return None
    return Fix(given, given.lower())


def _not_taken(written: str) -> str:
    """Why YAML takes what stands there for nothing, and what to write; empty: nothing does."""
    if written.startswith("#"):
        return f"In YAML “#” begins a comment. Put the text into single quotes: '{written}'."
    if written.startswith("!"):
        return (
            "In YAML “!” begins the name of a type. Put the text into single quotes; to find a "
            f"word only in this spelling and case, write cs({written[1:]})."
        )
    return ""


def _texts(kind: str, name: str, place: _SchemaPlace, detail: Mapping[str, Any]) -> tuple[str, str]:
    """Message and hint of an error about a field's value."""
    given = detail.get("input")
    if kind in _WRONG_FORM:
        message, hint = _WRONG_FORM[kind]
    elif place.hint is not None:
        message, hint = place.hint.message, place.hint.text
    else:
        message, hint = _WRONG_VALUE.get(kind, _OTHER)
    if kind != "missing" and (given is None or given in ("", [])):
        message = "`{name}` is empty"
        if place.hint is None and kind not in _WRONG_VALUE:
            hint = "Write something after it, or remove it."
    example = place.example or f"{name}: {_PLACEHOLDERS.get(kind, '…')}"
    if kind == "list_type" and isinstance(given, str):  # anything else may hold a secret
        simple = f"{name}: [{given}]"
        example = _QUOTED.sub(lambda _: f'"{given}"', example) if place.takes_blocks else simple
    if kind == "string_type" and isinstance(given, list) and name in _NOT_A_LIST:
        hint = _NOT_A_LIST[name]
    expected = str(detail.get("ctx", {}).get("expected", "")).replace("'", "")
    values = {"name": name, "value": f"`{given}`", "example": example, "expected": expected}
    return _filled(message, values), _filled(hint, values)


def _filled(text: str, values: Mapping[str, str]) -> str:
    """A text of the tables with its placeholders replaced; other braces stay."""
    return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], found[0]), text)


def _path(part: Part, loc: Sequence[int | str]) -> KeyPath:
    """The path of an error, without the steps that pydantic adds for unions and aliases."""
    path = part.path
    for step in loc:
        if part.has((*path, step)):
            path = (*path, step)
    return path


@dataclass(frozen=True, slots=True)
class _SchemaPlace:
    """What the schema says about a place in a block."""

    types: tuple[Any, ...]
    """The types that a value may have there."""
    metadata: tuple[object, ...]
    """That of the field and of the types."""

    @classmethod
    def at(cls, model: type[Spec], loc: Sequence[int | str]) -> _SchemaPlace:
        """The place that pydantic names; steps that the schema does not have are passed over."""
        place = cls((model,), ())
        for step in loc:
            place = place._below(step) or place
        return place

    @property
    def hint(self) -> Hint | None:
        """The hint about a value there, if any."""
        return next((each for each in self.metadata if isinstance(each, Hint)), None)

    @property
    def example(self) -> str:
        """An example of the line there; "" if there is none."""
        return next((each.line for each in self.metadata if isinstance(each, Example)), "")

    @property
    def takes_blocks(self) -> bool:
        """Whether it is a list whose items are blocks."""
        items = [_item_type(each, 0) for each in self.types]
        return any(isinstance(each, type) and issubclass(each, Spec) for each in items)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the block there."""
        return tuple(
            info.alias or name for spec in self._specs() for name, info in spec.model_fields.items()
        )

    def _specs(self) -> Iterator[type[Spec]]:
        for each in self.types:
            if isinstance(each, type) and issubclass(each, Spec):
                yield each

    def _below(self, step: int | str) -> _SchemaPlace | None:
        """The place one step below this one; None if there is none."""
        for spec in self._specs():
            for name, info in spec.model_fields.items():
                if step == (info.alias or name):
                    types, metadata = _unfold(info.annotation)
                    return _SchemaPlace(types, (*info.metadata, *metadata))
        for each in self.types:
            item = _item_type(each, step)
            if item is not None:
                types, metadata = _unfold(item)
                examples = [each for each in self.metadata if isinstance(each, Example)]
                return _SchemaPlace(types, (*metadata, *examples))
        return None


def _item_type(type_: Any, step: int | str) -> Any:
    """The type of the items of a list, or of the values of a block of any keys; else None."""
    origin, inner = get_origin(type_), get_args(type_)
    if isinstance(step, str):
        return inner[1] if origin is dict else None
    return inner[0] if origin in (list, tuple) else None


def _unfold(annotation: Any) -> tuple[tuple[Any, ...], tuple[object, ...]]:
    """The types that an annotation allows, and all metadata in it."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *metadata = get_args(annotation)
        types, below = _unfold(inner)
        return types, (*metadata, *below)
    if origin in (Union, UnionType):
        found = [_unfold(each) for each in get_args(annotation)]
        return (
            tuple(each for types, _ in found for each in types),
            tuple(each for _, metadata in found for each in metadata),
        )
    return (annotation,), ()
