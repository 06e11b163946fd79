"""What a set of rules files holds, before its expressions are read.

Watchlists become records as the files are read, so that they never stand in memory as YAML.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError

from service import yamlplain, yamltext
from service.errors import Fault
from service.matching.lexer import LIST_NAME
from service.records import Drafts, raw
from service.rulesfile import SECTION_KINDS, check_sections, name_of, taken, validate
from service.specs import ListSpec, WatchlistSpec
from service.yamlpart import Part, Place, Span
from service.yamlplace import Document, Value


@dataclass
class Inventory:
    """Lists, watchlists and subscribers as they stand in the files, and what is wrong so far."""

    documents: list[Document] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    """Files that are no YAML: what they hold is not known."""
    lists: dict[str, tuple[ListSpec, Part]] = field(default_factory=dict)
    faulty_lists: set[str] = field(default_factory=set)
    watchlists: Drafts = field(default_factory=Drafts)
    faulty: set[str] = field(default_factory=set)
    """Ids of watchlists whose form is wrong."""
    malformed: list[tuple[str, Part]] = field(default_factory=list)
    """The expressions of those: what is wrong with them is told too."""
    subscribers: list[Place] = field(default_factory=list)
    """No more is kept of them here: they may hold secrets."""
    names: set[str] = field(default_factory=set)
    """The ids of the subscribers."""
    spans: array[int] = field(default_factory=lambda: array("q"))
    """Five numbers for each of the watchlists: its number in its file, and its place there."""

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All that is wrong so far, by place."""
        return tuple(sorted(fault for document in self.documents for fault in document.faults))

    def part(self, number: int) -> Part:
        """Where a watchlist stands."""
        item, *span = self.spans[5 * number : 5 * number + 5]
        document = self.documents[self.watchlists.place(number)[0]]
        return Part(document, ("watchlists", item), Span(*span))


def take(files: Mapping[str, str]) -> Inventory:
    """What these files (name → text) hold."""
    found = Inventory()
    for name in sorted(files):
        _read(found, Document(name, files[name]))
    return found


def _read(found: Inventory, document: Document) -> None:
    """Adds one file to what was found."""
    before = len(found.watchlists)
    found.documents.append(document)
    try:
        later = _drafts(found, yamlplain.parts(document))
    except yamlplain.NotPlain:
        _forget(found, before)
        later = _drafts(found, yamltext.parts(document))
    if document.faults:  # only the end tells whether a file may be used
        found.broken.add(document.file)
        _forget(found, before)
        return
    check_sections(document)
    for part in later:
        section, key = part.path
        if SECTION_KINDS.get(str(section)) is (dict if isinstance(key, str) else list):
            {"lists": _list, "watchlists": _watchlist, "subscribers": _subscriber}[str(section)](
                found, part
            )


def _drafts(found: Inventory, parts: Iterable[Part]) -> list[Part]:
    """Keeps the watchlists of a file; returns the other parts, and those that cannot be kept."""
    return [part for part in parts if not _drafted(found, part)]


def _forget(found: Inventory, before: int) -> None:
    found.watchlists.cut(before)
    del found.spans[5 * before :]


_WATCHLIST = TypeAdapter(WatchlistSpec)


def _drafted(found: Inventory, part: Part) -> bool:
    """Keeps a watchlist; False for anything else, and where its form is wrong or its id taken."""
    section, number = part.path
    if section != "watchlists" or not isinstance(number, int):
        return False
    try:
        spec = _WATCHLIST.validate_python(part.value)
    except ValidationError:
        return False
    if spec.id in found.watchlists.numbers:
        return False
    text = _WATCHLIST.dump_json(spec, by_alias=True, exclude_defaults=True)
    lines = part.lines["tests"] if spec.tests else ()
    file, line = len(found.documents) - 1, part.span.line + 1
    found.watchlists.add(spec.id, raw(spec.id, text, lines), file, line)
    found.spans.extend((number, *part.span))
    return True


def _watchlist(found: Inventory, part: Part) -> None:
    """Tells what is wrong with a watchlist that could not be kept."""
    spec = validate(WatchlistSpec, part, part.value)
    name = name_of(part.value)
    if name is None:
        return
    number = found.watchlists.numbers.get(name)
    if number is not None and found.part(number).comes_before(part):
        taken(part, "id", name, found.part(number))
    elif spec is None:
        found.faulty.add(name)
        text = part.value.get("match") if isinstance(part.value, dict) else None
        if isinstance(text, str):
            found.malformed.append((text, part))


def _list(found: Inventory, part: Part) -> None:
    name = str(part.path[1])
    value: Value = part.value if isinstance(part.value, dict) else {"items": part.value}
    spec = validate(ListSpec, part, value)
    if not re.fullmatch(LIST_NAME, name):
        instead = re.sub(r"[^\w-]+", "-", name).strip("-") or "places"
        message = f"`{name}` is no name that an expression can say"
        hint = f"Write letters, digits, - and _ only: {instead}, which expressions name ${instead}."
        part.faults.append(part.key_fault(part.path, message, hint))
        return
    if name in found.lists:
        taken(part, "", name, found.lists[name][1])
    elif spec is None:
        found.faulty_lists.add(name)
    else:
        found.lists[name] = (spec, part)


def _subscriber(found: Inventory, part: Part) -> None:
    name = name_of(part.value)
    if name is not None:
        found.names.add(name)
    number = int(part.path[1])
    found.subscribers.append(Place(part.file, number, part.span))
