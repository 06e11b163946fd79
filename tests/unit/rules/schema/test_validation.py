"""The messages of faults: the form of a value, then the words of its type, then those for all."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import Field, model_validator

from service.errors import Fault
from service.rules.schema import Example, Hint, Spec, Text, mistake, unknown_key
from service.rules.schema.validation import did_you_mean, validate
from service.rules.yaml.document import Document
from service.rules.yaml.libyaml import read_parts

Size = Annotated[int, Field(ge=1, le=9), Hint("Write 1 to 9, not {value}.", "{value} is no size")]


class Engine(Spec):
    """A block within a block."""

    power: Annotated[Size, Example("power: 3")]
    fuel: Literal["gas", "coal"] = "gas"
    loud: bool = False

    @model_validator(mode="after")
    def _coal_is_loud(self) -> Engine:
        if self.fuel == "coal" and not self.loud:
            raise mistake("coal is loud", "Write `loud: true`, or {name}.", code="T106")
        if self.fuel == "coal" and self.power == 9:
            raise unknown_key("steam", "`steam` is not a fuel", ("gas", "coal"))
        return self


class Train(Spec):
    """The whole block."""

    name: Text
    engine: Annotated[Engine | None, Example("engine: {power: 3}")] = None
    spares: Annotated[list[Engine], Example("spares: [{power: 3}]")] = Field(default_factory=list)
    sizes: dict[str, Size] = Field(default_factory=dict)
    stops: list[Text] = Field(default_factory=list)
    code: Annotated[str, Field(alias="class", max_length=3)] = "x"


def faults(lines: str) -> tuple[Train | None, list[Fault]]:
    """What validation makes of a train with these lines, which begin on line 2 in column 5."""
    document = Document("r.yaml", "watchlists:\n  - " + lines.replace("\n", "\n    ") + "\n")
    (part,) = read_parts(document)
    return validate(Train, part, part.value), document.faults


@pytest.mark.parametrize(
    ("lines", "message", "hint"),
    [
        ("stops: [a]", "`name` is missing", "Add, for example, `name: …`."),
        ("name: a\nengine: {}", "`power` is missing", "Add, for example, `power: 3`."),
        ("name: a\nengine: {power: 12}", "`12` is no size", "Write 1 to 9, not `12`."),
        ("name: a\nengine: {power: }", "`power` is empty", "Write 1 to 9, not `None`."),
        ("name: a\nsizes: {b: 12}", "`12` is no size", "Write 1 to 9, not `12`."),
        ("name: ''", "`name` is empty", "Write something after it, or remove it."),
        ("name: [a]", "`name` must be a text", "Put a text that holds : , [ ] { } into quotes."),
        ("name: a\nstops: b", "`stops` must be a list", "Write `stops: [b]`."),
        ("name: a\nstops: {b: c}", "`stops` must be a list", "Write `stops: […]`."),
        ("name: a\nspares: {b: c}", "`spares` must be a list", "Write `spares: [{power: 3}]`."),
        (
            "name: a\nspares: [3]",
            "`spares` must be a block of `key: value` lines",
            "Write, for example, `spares: [{power: 3}]`.",
        ),
        (
            "name: a\nsizes: 3",
            "`sizes` must be a block of `key: value` lines",
            "Write, for example, `sizes: {key: value}`.",
        ),
        (
            "name: a\nengine: {power: 3, fuel: oil}",
            "`oil` is not a fuel",
            "Write gas or coal.",
        ),
        (
            "name: a\nengine: {power: 3, loud: maybe}",
            "`loud` is `maybe`",
            "Write true or false.",
        ),
        ("name: a\nengine: {power: 3, loud: }", "`loud` is empty", "Write true or false."),
        (
            "name: a\nclass: abcd",
            "`class` has the wrong form",
            "See the example in the README.",
        ),
        (
            "name: a\nengine: {power: 3, fuel: coal}",
            "coal is loud",
            "Write `loud: true`, or {name}.",
        ),
        (
            "name: a\nengine: {power: 9, fuel: coal, loud: true}",
            "`steam` is not a fuel",
            "Known here: gas, coal.",
        ),
    ],
)
def test_a_fault_has_the_words_of_its_field(lines: str, message: str, hint: str) -> None:
    """Message and hint of each kind of error, for fields with and without words of their own."""
    train, (fault,) = faults(lines)
    assert train is None
    assert (fault.message, fault.hint) == (message, hint)


@pytest.mark.parametrize(
    ("lines", "hint"),
    [
        ("name: a\nklass: b", "Did you mean `class`?"),
        ("name: a\ncode: b", "Known here: name, engine, spares, sizes, stops, class."),
        ("name: a\nengine: {power: 3, fule: gas}", "Did you mean `fuel`?"),
        ("name: a\nspares: [{power: 3}, {power: 3, steam: 1}]", "Known here: power, fuel, loud."),
    ],
)
def test_an_unknown_key_is_compared_with_those_of_its_own_block(lines: str, hint: str) -> None:
    """Also in a block within a list, and by the keys as rules files write them."""
    _, (fault,) = faults(lines)
    assert fault.hint == hint


def test_a_fault_points_at_the_value() -> None:
    """In the second block of a list; an unknown key is pointed at itself."""
    _, found = faults("name: a\nspares: [{power: 3}, {power: 10}]\nnome: b")
    places = [(fault.line, fault.column, fault.width) for fault in found]
    assert places == [(3, 34, 2), (4, 5, 4)]


def test_what_is_right_becomes_the_typed_value() -> None:
    """Without a fault."""
    train, found = faults("name: a\nspares: [{power: 3}]\nclass: b")
    assert train == Train.model_validate({"name": "a", "spares": [{"power": 3}], "class": "b"})
    assert found == []


def test_a_key_that_looks_like_none_gets_all() -> None:
    """Else the one that is nearest."""
    assert did_you_mean("mach", ("id", "match")) == "Did you mean `match`?"
    assert did_you_mean("zzz", ("id", "match")) == "Known here: id, match."
