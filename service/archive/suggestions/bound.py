"""How large a share may be of which a sample is known: the bound of Clopper and Pearson.

C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits illustrated in the case
of the binomial", Biometrika 26 (1934): the bound holds in at least the stated share of samples,
whatever the true share and however small the sample.
"""

from __future__ import annotations

from math import ceil, exp, expm1, fsum, lgamma, log, log1p

_STEPS = 60
"""Of the search: each halves what is left, so the bound is exact to the last bits."""


def upper_bound(found: int, of: int, error: float) -> float:
    """The largest share with which as few as `found` of `of` are found with probability `error`.

    The true share lies above it in at most a share `error` of all samples. Of a sample of 0 nothing
    is known: 1.
    """
    if found >= of:
        return 1.0
    if found == 0:
        return -expm1(log(error) / of)
    low, high = found / of, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if at_most(found, of, middle) > error:
            low = middle
        else:
            high = middle
    return high


def at_most(found: int, of: int, share: float) -> float:
    """The probability of at most `found` of `of`, where each is one with probability `share`."""
    if share <= 0:
        return 1.0
    if share >= 1:
        return float(found >= of)
    return min(1.0, fsum(exp(_log_probability(each, of, share)) for each in range(found + 1)))


def sample_for(bound: float, error: float) -> int:
    """How many are needed for that bound where none of them is found."""
    return ceil(log(error) / log1p(-bound))


def _log_probability(found: int, of: int, share: float) -> float:
    ways = lgamma(of + 1) - lgamma(found + 1) - lgamma(of - found + 1)
    return ways + found * log(share) + (of - found) * log1p(-share)
