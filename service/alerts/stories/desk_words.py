"""Words that a desk exchanges or leaves out, by language; `desk_words.txt` holds them."""

from __future__ import annotations

import pkgutil
from functools import cache

import numpy as np

from service.alerts.stories.kernel.sequence import LEFT_OUT, ExchangedWords
from service.alerts.stories.kernel.words import read_words


def desk_words(language: str) -> ExchangedWords:
    """Those of a language (BCP 47); none where it is not listed."""
    lists = _listed()
    return lists.get(language.partition("-")[0].lower().replace("nb", "no"), lists[""])


@cache
def _listed() -> dict[str, ExchangedWords]:
    data = pkgutil.get_data("service.alerts.stories", "desk_words.txt")
    if data is None:
        raise FileNotFoundError("desk_words.txt is missing from the package; install it again")
    found: dict[str, dict[int, int]] = {"": {}}
    language = ""
    for line in data.decode().splitlines():
        if line.startswith("["):
            language = line.strip("[]")
            found[language] = {}
        elif line.startswith("-"):
            found[language] |= dict.fromkeys(map(_hash, line.split()[1:]), int(LEFT_OUT))
        elif line and not line.startswith("#"):
            for group in line.split():
                first, *others = map(_hash, group.split("/"))
                found[language] |= dict.fromkeys(others, first)
    return {name: _arrays(words) for name, words in found.items()}


def _hash(word: str) -> int:
    return int(read_words(word).hashes[0])


def _arrays(words: dict[int, int]) -> ExchangedWords:
    hashes = sorted(words)
    return ExchangedWords(
        np.array(hashes, np.uint64), np.array([words[each] for each in hashes], np.uint64)
    )
