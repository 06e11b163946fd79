"""Metadata that searches of other systems ask for: values, sites and countries."""

from __future__ import annotations

import re

from babel.core import get_global

from service.rules.imports.search import (
    AnyOf,
    Metadata,
    Noted,
    Search,
    Term,
    Untranslatable,
    Without,
)


def values(field: str, part: Search, pattern: str = "{}") -> Search:
    """Metadata of each value in a part; `pattern` is what a value becomes."""
    match part:
        case Term(text):
            return Metadata(field, pattern.format(text.strip('"').lower()))
        case AnyOf(parts):
            return AnyOf(tuple(values(field, each, pattern) for each in parts))
        case Without(inner):
            return Without(values(field, inner, pattern))
        case Noted(inner, _):
            return values(field, inner, pattern)
        case _:
            raise Untranslatable(f"what is searched in {field} is no list of values")


def site(part: Search) -> Search:
    """Articles of these hosts, or below these addresses."""
    match part:
        case Term(text):
            address = text.strip('"').lower().removeprefix("http://").removeprefix("https://")
            address = address.removeprefix("www.").lstrip("*.").rstrip("/")
            address = address.removesuffix("/*")
            if not address:
                raise Untranslatable("it names no site")
            end = "" if address.endswith("*") else "*" if "/" in address else "/*"
            hosts = (f"*//{address}{end}", f"*.{address}{end}")
            return AnyOf(tuple(Metadata("url", host) for host in hosts))
        case AnyOf(parts):
            return AnyOf(tuple(map(site, parts)))
        case Noted(inner, _):
            return site(inner)
        case _:
            raise Untranslatable("what is searched in sites is no list of them")


def countries(part: Search) -> Search:
    """Countries by their codes of two letters, which articles have, also where three are given."""
    shorter = get_global("territory_aliases")

    def short(term: Search) -> Search:
        match term:
            case Term(text) if re.fullmatch(r"[A-Za-z]{2}", text):
                return term
            case Term(text) if text.upper() in shorter:
                return Term(shorter[text.upper()][0])
            case AnyOf(parts):
                return AnyOf(tuple(map(short, parts)))
            case _:
                raise Untranslatable("country: stands before what is no code of a country")

    return values("country", short(part))
