"""What a set of rules files holds, before any expression is parsed.

Watchlists become records as the files are read, so that memory never holds them all as YAML values.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError

from service.errors import Fault
from service.matching.syntax.lexer import LIST_NAME
from service.rules.compilation.drafts import WatchlistDrafts
from service.rules.compilation.tasks import MapTasks, run_inline
from service.rules.compilation.watchlist_records import encode_record
from service.rules.schema import ListSpec, WatchlistSpec
from service.rules.schema.validation import validate
from service.rules.sections import SECTION_KINDS, check_sections, name_of, report_duplicate
from service.rules.yaml.document import Document, Value
from service.rules.yaml.libyaml import read_parts
from service.rules.yaml.simple_yaml import NotPlain, read_plain_parts
from service.rules.yaml.yaml_value import Part, PartLocation, SourceRange


@dataclass(frozen=True, slots=True)
class ListEntry:
    """A list whose form is right, and its place."""

    spec: ListSpec
    part: Part


@dataclass(frozen=True, slots=True)
class MalformedWatchlist:
    """The expression of a watchlist whose form is wrong, and its place."""

    match: str
    part: Part


@dataclass
class RulesContents:
    """The lists, watchlists and subscribers of a set of rules files."""

    documents: list[Document] = field(default_factory=list)
    """In the order of their names, each with the faults of its form."""
    unclear: dict[str, Part] = field(default_factory=dict)
    """The first place of each watchlist whose form is wrong, or that is there twice, by its id."""
    broken_files: set[str] = field(default_factory=set)
    """Files that are not YAML; nothing in them is known."""
    lists: dict[str, ListEntry] = field(default_factory=dict)
    faulty_lists: set[str] = field(default_factory=set)
    """Names of lists whose form is wrong, or that are there twice."""
    watchlists: WatchlistDrafts = field(default_factory=WatchlistDrafts)
    malformed: list[MalformedWatchlist] = field(default_factory=list)
    """Those of them that have an expression."""
    subscribers: list[PartLocation] = field(default_factory=list)
    """Only their places: subscribers may hold secrets."""
    subscriber_ids: set[str] = field(default_factory=set)
    ranges: array[int] = field(default_factory=lambda: array("q"))
    """Five numbers for each watchlist: its number in its section, and its `SourceRange`."""

    @property
    def faults(self) -> list[Fault]:
        """The faults of form in all files."""
        return [fault for document in self.documents for fault in document.faults]

    @property
    def files(self) -> list[str]:
        """The names of all files, in order."""
        return [document.file for document in self.documents]

    @property
    def list_specs(self) -> Mapping[str, ListSpec]:
        """The lists whose form is right, by name."""
        entries = self.lists.items()
        return {name: entry.spec for name, entry in entries if name not in self.faulty_lists}

    @property
    def watchlist_ids(self) -> set[str]:
        """The ids of all watchlists, also of faulty and disabled ones."""
        return {*self.watchlists.numbers, *self.unclear}

    def part(self, number: int) -> Part:
        """The place of a watchlist."""
        item, *offsets = self.ranges[5 * number : 5 * number + 5]
        document = self.documents[self.watchlists.file_number(number)]
        return Part(document, ("watchlists", item), SourceRange(*offsets))


@dataclass(frozen=True, slots=True)
class FileContents:
    """What one file holds."""

    document: Document
    drafts: WatchlistDrafts
    """The watchlists whose form is right and whose ids are unique in the file."""
    ranges: array[int]
    """Their places, as in `RulesContents.ranges`."""
    others: Sequence[Part]
    """All other parts."""


def read_contents(files: Mapping[str, str], map_tasks: MapTasks = run_inline) -> RulesContents:
    """What these files (name → text) hold; `map_tasks` reads each file."""
    contents = RulesContents()
    names = sorted(files)
    for file in map_tasks(read_file, [(name, files[name]) for name in names]):
        _merge_file(contents, file)
    return contents


def read_file(file: tuple[str, str], taken_ids: Container[str] = frozenset()) -> FileContents:
    """What a file (name and text) holds; `taken_ids`: ids of watchlists in earlier files."""
    document = Document(*file)
    try:
        return _read_parts(document, read_plain_parts(document), taken_ids)
    except NotPlain:
        return _read_parts(document, read_parts(document), taken_ids)


def _read_parts(
    document: Document, parts: Iterable[Part], taken_ids: Container[str]
) -> FileContents:
    drafts, ranges = WatchlistDrafts(), array("q")
    others = [part for part in parts if not _add_watchlist(part, drafts, ranges, taken_ids)]
    if document.faults:  # a file with a fault of YAML shows it only at its end
        return FileContents(document, WatchlistDrafts(), array("q"), ())
    return FileContents(document, drafts, ranges, others)


_WATCHLIST = TypeAdapter(WatchlistSpec)


def _add_watchlist(
    part: Part, drafts: WatchlistDrafts, ranges: array[int], taken_ids: Container[str]
) -> bool:
    """Adds a watchlist to the drafts; False if it is none, is malformed, or its id is taken."""
    section, number = part.path
    if section != "watchlists" or not isinstance(number, int):
        return False
    try:
        spec = _WATCHLIST.validate_python(part.value)
    except ValidationError:
        return False
    if spec.id in drafts.numbers or spec.id in taken_ids:
        return False
    text = _WATCHLIST.dump_json(spec, by_alias=True, exclude_defaults=True)
    test_lines = part.lines["tests"] if spec.tests else ()
    drafts.add(spec.id, encode_record(spec.id, text, test_lines), 0, part.range.line + 1)
    ranges.extend((number, *part.range))
    return True


def _merge_file(contents: RulesContents, file: FileContents) -> None:
    document, known = file.document, contents.watchlists.numbers
    if not known.keys().isdisjoint(file.drafts.numbers):
        file = read_file((document.file, document.text), known)
        document = file.document
    contents.documents.append(document)
    if document.faults:
        contents.broken_files.add(document.file)
        return
    contents.watchlists.extend(file.drafts, len(contents.documents) - 1)
    contents.ranges.extend(file.ranges)
    check_sections(document)
    for part in file.others:
        section, key = part.path
        if SECTION_KINDS.get(str(section)) is (dict if isinstance(key, str) else list):
            _MERGE[str(section)](contents, part)


def _merge_malformed_watchlist(contents: RulesContents, part: Part) -> None:
    """Reports the faults of a watchlist that is not in the drafts."""
    spec = validate(WatchlistSpec, part, part.value)
    name = name_of(part.value)
    if name is None:
        return
    number = contents.watchlists.numbers.get(name)
    other = contents.unclear.get(name) if number is None else contents.part(number)
    contents.unclear.setdefault(name, other or part)
    if other is not None:
        report_duplicate(part, "id", name, other)
    if spec is None:
        text = part.value.get("match") if isinstance(part.value, dict) else None
        if isinstance(text, str) and text.strip():
            contents.malformed.append(MalformedWatchlist(text, part))


def _merge_list(contents: RulesContents, part: Part) -> None:
    name = str(part.path[1])
    value: Value = part.value if isinstance(part.value, dict) else {"items": part.value}
    spec = validate(ListSpec, part, value)
    if not re.fullmatch(LIST_NAME, name):
        valid = re.sub(r"[^\w-]+", "-", name).strip("-") or "places"
        message = f"`{name}` is not a valid list name"
        hint = f"Use letters, digits, - and _ only: {valid}. Expressions name it ${valid}."
        part.faults.append(part.key_fault(part.path, message, hint, code="T108"))
    elif name in contents.lists:
        report_duplicate(part, "", name, contents.lists[name].part)
        contents.faulty_lists.add(name)
    elif spec is None:
        contents.faulty_lists.add(name)
    else:
        contents.lists[name] = ListEntry(spec, part)


def _merge_subscriber(contents: RulesContents, part: Part) -> None:
    name = name_of(part.value)
    if name is not None:
        contents.subscriber_ids.add(name)
    contents.subscribers.append(PartLocation(part.file, int(part.path[1]), part.range))


_MERGE = {
    "lists": _merge_list,
    "watchlists": _merge_malformed_watchlist,
    "subscribers": _merge_subscriber,
}
