"""Which phrases speak for noise: log-odds with an informative prior.

After B. L. Monroe, M. P. Colaresi and K. M. Quinn, "Fightin' Words: Lexical Feature Selection and
Evaluation for Identifying the Content of Political Conflict", Political Analysis 16 (2008), on
articles in place of words: an exception looks at whether an article has a phrase, not how often.
The archive says how common a phrase is: what is common there needs more to speak for anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import log, sqrt
from typing import NamedTuple

PRIOR_ARTICLES = 10.0
"""As how many articles of the archive the prior weighs."""
FLAT = 0.5
"""Articles more that every phrase has: what the archive never had is not impossible."""


class Sample(NamedTuple):
    """In how many of some articles each phrase stands."""

    counts: Mapping[str, int]
    articles: int


class Odds(NamedTuple):
    """How much a phrase speaks for noise."""

    difference: float
    """Of the log-odds of noise and of what is useful."""
    z: float
    """The same in standard errors."""


def noise_odds(noise: Sample, useful: Sample, archive: Sample) -> dict[str, Odds]:
    """For each phrase of the noise how much it speaks for noise."""
    return {phrase: _odds(phrase, noise, useful, archive) for phrase in noise.counts}


def _odds(phrase: str, noise: Sample, useful: Sample, archive: Sample) -> Odds:
    share = archive.counts.get(phrase, 0) / archive.articles if archive.articles else 0.0
    prior = FLAT + PRIOR_ARTICLES * share
    others = FLAT + PRIOR_ARTICLES * (1 - share)
    odds, variance = [], 0.0
    for sample in (noise, useful):
        found = sample.counts.get(phrase, 0)
        have, lack = found + prior, sample.articles - found + others
        odds.append(log(have / lack))
        variance += 1 / have + 1 / lack
    difference = odds[0] - odds[1]
    return Odds(difference, difference / sqrt(variance))
