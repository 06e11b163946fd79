"""What a set of rules files holds, before its expressions are read.

Watchlists become records as the files are read, so that they never stand in memory as YAML.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError

from service.errors import Fault
from service.matching.syntax.lexer import LIST_NAME
from service.rules.compilation.records import Drafts, raw
from service.rules.compilation.tasks import Each, here
from service.rules.schema import ListSpec, WatchlistSpec
from service.rules.validation import SECTION_KINDS, check_sections, name_of, taken, validate
from service.rules.yaml import libyaml as yamltext
from service.rules.yaml import plain as yamlplain
from service.rules.yaml.document import Document, Value
from service.rules.yaml.part import Part, Place, Span


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


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one file holds."""

    document: Document
    drafts: Drafts
    """The watchlists whose form is right and whose ids are free, as of a single file."""
    spans: array[int]
    """Of those, as in `Inventory.spans`."""
    others: Sequence[Part]
    """All else."""


def take(files: Mapping[str, str], each: Each = here) -> Inventory:
    """What these files (name → text) hold; `each` gathers it."""
    found = Inventory()
    names = sorted(files)
    for gathered in each(gather, [(name, files[name]) for name in names]):
        _include(found, gathered)
    return found


def gather(file: tuple[str, str], taken: Container[str] = frozenset()) -> Gathered:
    """What a file (name and text) holds; `taken`: ids that its watchlists cannot have."""
    document = Document(*file)
    try:
        return _gathered(document, yamlplain.parts(document), taken)
    except yamlplain.NotPlain:
        return _gathered(document, yamltext.parts(document), taken)


def _gathered(document: Document, parts: Iterable[Part], taken: Container[str]) -> Gathered:
    """Keeps watchlists at once as records, so that they never stand in memory as YAML."""
    drafts, spans = Drafts(), array("q")
    others = [part for part in parts if not _drafted(part, drafts, spans, taken)]
    if document.faults:  # only the end tells whether a file may be used
        return Gathered(document, Drafts(), array("q"), ())
    return Gathered(document, drafts, spans, others)


_WATCHLIST = TypeAdapter(WatchlistSpec)


def _drafted(part: Part, drafts: Drafts, spans: array[int], taken: Container[str]) -> bool:
    """Keeps a watchlist; False for anything else, and where its form is wrong or its id taken."""
    section, number = part.path
    if section != "watchlists" or not isinstance(number, int):
        return False
    try:
        spec = _WATCHLIST.validate_python(part.value)
    except ValidationError:
        return False
    if spec.id in drafts.numbers or spec.id in taken:
        return False
    text = _WATCHLIST.dump_json(spec, by_alias=True, exclude_defaults=True)
    lines = part.lines["tests"] if spec.tests else ()
    drafts.add(spec.id, raw(spec.id, text, lines), 0, part.span.line + 1)
    spans.extend((number, *part.span))
    return True


def _include(found: Inventory, gathered: Gathered) -> None:
    """Adds one file to what was found."""
    document, known = gathered.document, found.watchlists.numbers
    if not known.keys().isdisjoint(gathered.drafts.numbers):
        gathered = gather((document.file, document.text), known)
        document = gathered.document
    found.documents.append(document)
    if document.faults:
        found.broken.add(document.file)
        return
    found.watchlists.extend(gathered.drafts, len(found.documents) - 1)
    found.spans.extend(gathered.spans)
    check_sections(document)
    for part in gathered.others:
        section, key = part.path
        if SECTION_KINDS.get(str(section)) is (dict if isinstance(key, str) else list):
            {"lists": _list, "watchlists": _watchlist, "subscribers": _subscriber}[str(section)](
                found, part
            )


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
        if isinstance(text, str) and text.strip():
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
