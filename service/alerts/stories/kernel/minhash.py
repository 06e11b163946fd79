"""The compiled loop of MinHash: the minima of hashes of a text's words."""

from __future__ import annotations

import numpy as np

from service.alerts.stories.kernel.words import Hashes, Wide
from service.matching.kernels import compiled, inner

_JOIN, _TWO = np.uint64(0xD1342543DE82EF95), np.uint64(32)  # an odd factor loses no bits
_MOST = np.uint32(0xFFFFFFFF)


def least(words: Wide, places: tuple[int, ...], factors: Hashes, addends: Hashes) -> Hashes:
    """The minimum of each permutation over the features of the words, as one array.

    A feature is a hash of the words at the offsets `places` from a word, in that order. An odd
    factor and an addend make a permutation of the 32-bit numbers.
    """
    features = np.empty(max(0, len(words) - places[-1]), np.uint32)
    found = np.empty(len(factors), np.uint32)
    _least(words, np.array(places), features, factors, addends, found)
    return found


@inner
def mixed(value):
    """Mixes the bits of a value: the finaliser of SplitMix64 (Steele 2014)."""
    value = value + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@compiled
def _least(words, places, features, factors, addends, found) -> None:
    for at in range(len(features)):
        joined = np.uint64(0)
        for place in places:
            joined = joined * _JOIN + words[at + place]
        features[at] = np.uint32(mixed(joined) >> _TWO)
    for number in range(len(found)):
        found[number] = _MOST
    for feature in features:  # outside, so that the compiler makes one instruction of several steps
        for number in range(len(found)):
            image = np.uint32(feature * factors[number] + addends[number])
            found[number] = min(found[number], image)
