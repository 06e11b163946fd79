"""The form of a block in a rules file, and what the faults of its fields say.

Each field brings its own words: an `Example` of its line for where it is missing or has another
form, and its type a `Hint` for a value that is not valid. `schema.validation` makes faults of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError


class Spec(BaseModel):
    """A block of `key: value` lines."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Meaning:
    """Metadata of a field: what it is for, as an editor shows it beside the key."""

    text: str

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """The field's JSON Schema, with this description."""
        return handler(core) | {"description": self.text}


@dataclass(frozen=True, slots=True)
class Example:
    """Metadata of a field: its line as it may be written, such as `max: 20`."""

    line: str


@dataclass(frozen=True, slots=True)
class Hint:
    """Metadata of a type: what a fault says about a value that is not valid.

    `message` may hold `{name}`, the field's key, and `{value}`, in code marks.
    """

    text: str
    """What to write instead."""
    message: str = "`{name}` is {value}"


MISTAKE = "mistake"
UNKNOWN_KEY = "unknown_key"


def mistake(message: str, hint: str, *, code: str) -> PydanticCustomError:
    """The error of a validator that knows what is wrong and what to write instead."""
    return PydanticCustomError(
        MISTAKE, "{message}", {"message": message, "hint": hint, "code": code}
    )


def unknown_key(key: str, message: str, known: Sequence[str]) -> PydanticCustomError:
    """The error of a validator that found a key that is not one of `known`."""
    context = {"message": message, "key": key, "known": tuple(known)}
    return PydanticCustomError(UNKNOWN_KEY, "{message}", context)
