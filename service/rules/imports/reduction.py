"""A search without what holds for every news article or for none, and with plain nearness.

An expression has nearness between words, phrases and alternatives of them. Other systems also have
it between groups: these are taken apart here.
"""

from __future__ import annotations

from collections.abc import Iterable

from service.rules.imports.search import (
    All,
    Always,
    AnyOf,
    AtLeast,
    Near,
    Never,
    Noted,
    Search,
    Term,
    Unknown,
    Untranslatable,
    Within,
    Without,
)

MAX_PAIRS = 1_000
MAX_NEAR = 60
"""Pairs, to one of whose words another is near: all their words are written again."""
MAX_BETWEEN = 1000
"""Words between two parts that are near each other, in an expression."""


def reduced(search: Search, notes: list[str]) -> Search:
    """The search in simpler terms; what is not the same afterwards is added to `notes`."""
    match search:
        case Term(text) if not any(char.isalnum() for char in text):
            return Never(f"“{text}”", "signs are no words here")
        case Noted(part, note):
            notes.append(note)
            return reduced(part, notes)
        case All(parts):
            return _all(reduced(each, notes) for each in parts)
        case AnyOf(parts):
            return _any([reduced(each, notes) for each in parts], notes)
        case Without(part):
            return _without(part, notes)
        case Unknown(what):
            raise Untranslatable(f"it asks for {what}, which is not known here")
        case Near(left, right, between, ordered):
            near = reduced(left, notes), reduced(right, notes)
            if _alternatives(near[0]) * _alternatives(near[1]) > MAX_PAIRS:
                raise Untranslatable("it asks for nearness of too many parts; divide it")
            return _near(*near, between, ordered, notes)
        case AtLeast(count, part):
            inner = reduced(part, notes)
            return inner if isinstance(inner, Never | Always) else AtLeast(count, inner)
        case Within(field, part):
            inner = reduced(part, notes)
            return inner if isinstance(inner, Never | Always) else Within(field, inner)
        case _:
            return search


def _all(parts: Iterable[Search]) -> Search:
    kept: list[Search] = []
    for part in parts:
        if isinstance(part, Never):
            return part
        if isinstance(part, All):
            kept += part.parts
        elif not isinstance(part, Always):
            kept.append(part)
    if not kept:
        return Always()
    return kept[0] if len(kept) == 1 else All(tuple(kept))


def _any(parts: list[Search], notes: list[str]) -> Search:
    kept: list[Search] = []
    never = [part for part in parts if isinstance(part, Never)]
    for part in parts:
        if isinstance(part, Always):
            return part
        if isinstance(part, AnyOf):
            kept += part.parts
        elif not isinstance(part, Never):
            kept.append(part)
    if not kept:
        return never[0]
    notes += [f"the alternative of {part.what} is left out: {part.why}" for part in never]
    return kept[0] if len(kept) == 1 else AnyOf(tuple(kept))


def _without(part: Search, notes: list[str]) -> Search:
    """The exclusion. What cannot be excluded here is not: more articles are better than fewer."""
    kept: list[Search] = []
    for each in part.parts if isinstance(part, AnyOf) else (part,):
        if isinstance(each, Unknown):
            notes.append(f"the exclusion of {each.what} is left out: it is not known here")
            continue
        inner = reduced(each, notes)
        if isinstance(inner, Always):
            return Never("nothing that it does not exclude")
        if isinstance(inner, Never):
            notes.append(f"the exclusion of {inner.what} is left out: {inner.why}")
        else:
            kept += inner.parts if isinstance(inner, AnyOf) else [inner]
    if not kept:
        return Always()
    inner = kept[0] if len(kept) == 1 else AnyOf(tuple(kept))
    return inner.part if isinstance(inner, Without) else Without(inner)


def _near(
    left: Search, right: Search, between: int | str, ordered: bool, notes: list[str]
) -> Search:
    """Nearness of two parts: of each of their alternatives, and of each thing that both ask for."""
    for part in (left, right):
        if isinstance(part, Never):
            return part
        if isinstance(part, Always | Without | AtLeast) or _is_wide(part):
            raise Untranslatable(
                "nearness is between words here, not to an exclusion, a count or a field of more"
            )
    if isinstance(between, int) and between > MAX_BETWEEN:
        notes.append(f"a distance of {between} words is the whole article here")
        return _all([left, right])
    if _is_plain(left) and _is_plain(right):
        return Near(left, right, between, ordered)
    if isinstance(left, Near) and _is_chain(left) and ordered and _is_plain(right):
        return Near(left, right, between, ordered)
    for part in (left, right):
        if words := _words_of_pair(part):
            notes.append("nearness to a pair is nearness to one of the two, in any mention")
            parts = (words, right) if part is left else (left, words)
            return _all([part, _near(*parts, between, ordered, notes)])
    if isinstance(left, AnyOf):
        return _any([_near(each, right, between, ordered, notes) for each in left.parts], notes)
    if isinstance(left, All):
        return _all([_near(each, right, between, ordered, notes) for each in left.parts])
    if isinstance(right, AnyOf):
        return _any([_near(left, each, between, ordered, notes) for each in right.parts], notes)
    if isinstance(right, All):
        return _all([_near(left, each, between, ordered, notes) for each in right.parts])
    raise Untranslatable("nearness is between words and phrases here, not to a field of metadata")


def _words_of_pair(part: Search) -> Search | None:
    """What is near each other in a part that is a pair, or a pair and what is near it."""
    pairs = part.parts if isinstance(part, All) else (part,)
    if not all(isinstance(each, Near) for each in pairs):
        return None
    if len(pairs) > MAX_NEAR:
        raise Untranslatable("it asks for nearness of too many parts; divide it")
    waiting, words = list[Search](pairs), dict[Search, None]()
    while waiting:
        each = waiting.pop(0)
        match each:
            case AnyOf(parts):
                waiting += parts
            case Near(left, right):
                waiting += (left, right)
            case _:
                words[each] = None
    return AnyOf(tuple(words))


def _alternatives(part: Search) -> int:
    """The parts each of which is near something; alternatives of words are one."""
    if _is_plain(part) or not isinstance(part, All | AnyOf):
        return 1
    return sum(map(_alternatives, part.parts))


def _is_plain(part: Search) -> bool:
    if isinstance(part, AnyOf):
        return all(map(_is_plain, part.parts))
    return isinstance(part, Term) or (isinstance(part, Within) and _is_plain(part.part))


def _is_wide(part: Search) -> bool:
    """Whether it is a field in which more is asked for than words."""
    return isinstance(part, Within) and not _is_plain(part)


def _is_chain(near: Near) -> bool:
    """Words that follow each other: each is near the one before it, as in an expression."""
    left = near.left
    before = _is_chain(left) if isinstance(left, Near) else _is_plain(left)
    return near.ordered and before and _is_plain(near.right)
