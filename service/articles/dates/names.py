"""The names of months and of days of the week in many languages, as `names.txt` lists them."""

from __future__ import annotations

import functools
import pkgutil
from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple


class Names(NamedTuple):
    """Numbers by name, in lower case."""

    months: Mapping[str, int]
    """From 1. A name that is two months in two languages is none of them."""
    weekdays: Mapping[str, set[int]]
    """The days of the week, from 0 for Monday, that each word may be."""


@functools.cache
def names() -> Names:
    """The names of all languages."""
    data = pkgutil.get_data("service.articles.dates", "names.txt")
    if data is None:
        raise FileNotFoundError("names.txt")
    months: dict[str, int] = {}
    weekdays: defaultdict[str, set[int]] = defaultdict(set)
    for line in data.decode().splitlines():
        number, _, listed = line.partition(":")
        if line.startswith(("#", "[")):
            kind = line
            continue
        for name in listed.split(", "):
            if kind == "[month]":
                months[name.strip()] = int(number)
            else:
                weekdays[name.strip()].add(int(number))
    return Names(months, weekdays)
