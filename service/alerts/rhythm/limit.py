"""How many usual gaps a series may be silent until that is told.

By chance alone one gap in e ** x is longer than x usual gaps. Clumps, days that differ and rates
that are known badly make more long gaps. So these are counted, and measured by how much they are
longer: a generalized Pareto distribution, by its first two moments, says how rare longer ones are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

HALF_LIFE_WEEKS = 4
"""What is known of a rate is forgotten by half in so long a time …"""
KEPT_ARRIVALS = 20.0
"""… but so many arrivals are kept: who sends once a week is known by months …"""
SHAPE_HALF_LIFE_WEEKS = 26
"""… how its gaps and days differ, which takes many to know …"""
LONGEST_HALF_LIFE_WEEKS = 52
"""… and that there was a long silence."""
LONG = 3.0
"""Gaps of so many usual ones or more are long: in clumps, those between them."""
PRIOR_GAPS = 5.0
"""So many long gaps as chance spreads them are added to those that were measured …"""
PRIOR_SQUARES = 20.0
"""… and to their squares, of which more are needed to know them."""
MOST_UNSURE = 2.0
"""The tail may be so much heavier, over the number of long gaps it was measured by: 1 by chance
alone, more in clumps, up to this."""
LEAST_STEP = 1e-6
"""Slots of so few usual gaps are no steps."""
SURE = 40.0
"""A slot of so many usual gaps is never without an arrival by chance."""
SHARE_BY_CHANCE = 0.5
"""Of the false alarms that are allowed. The others are for what is not as it was."""
NO_CHANCE = 3.0
"""A silence of so many scales beyond the limit is no chance: it has a cause, as a holiday."""
MORE_THAN_LONGEST = 2.0
"""A silence is told where it is so much longer than the longest that ended by itself …"""
MOST_LONGEST = 5.0
"""… but after so many times the limit at the latest: a long outage does not hide the next one."""


@dataclass(frozen=True, slots=True)
class LongGaps:
    """The long gaps of a series; older ones count less."""

    count: float = 0.0
    by_chance: float = 0.0
    """How many there would be by chance alone."""
    excess: float = 0.0
    """By how much they were longer than `LONG`, in usual gaps."""
    squares: float = 0.0
    """The squares of that."""

    @property
    def scale(self) -> float:
        """By how much a long gap is longer in the mean: 1 by chance alone; gaps between clumps of
        three are three times as long.
        """
        return (self.excess + PRIOR_GAPS) / (self.count + PRIOR_GAPS)

    @property
    def clump(self) -> float:
        """So many arrivals come at a time."""
        return max(1.0, self.scale)

    def add(self, gap: float, step: float, most: float) -> LongGaps:
        """One gap more, which counts for `most` at the most.

        It was seen in whole slots of `step` usual gaps each; 0: to any length. By chance alone its
        end is somewhere in the last one.
        """
        long = math.ceil(LONG / step) * step if step > LEAST_STEP else LONG
        by_chance = self.by_chance + math.exp(-long)
        if gap < long:
            return LongGaps(self.count, by_chance, self.excess, self.squares)
        within = 1 - step / math.expm1(step) if LEAST_STEP < step < SURE else float(step >= SURE)
        excess = min(gap, max(most, long)) - long + within
        squares = self.squares + excess**2
        return LongGaps(self.count + 1, by_chance, self.excess + excess, squares)

    def after_weeks(self, weeks: float) -> LongGaps:
        """The same when so many weeks have passed."""
        share = 0.5 ** (weeks / SHAPE_HALF_LIFE_WEEKS)
        rest = (self.count, self.by_chance, self.excess, self.squares)
        return LongGaps(*(share * each for each in rest))

    def limit(self, gaps_a_year: float, alarms_a_year: float) -> float:
        """The length, in usual gaps, that so few gaps of a year are expected to exceed.

        0 alarms: there is none.
        """
        if alarms_a_year <= 0:
            return math.inf
        share = math.exp(-LONG) * (self.count + PRIOR_GAPS) / (self.by_chance + PRIOR_GAPS)
        rare = max(1.0, gaps_a_year * share / (SHARE_BY_CHANCE * alarms_a_year))
        mean = self.scale
        square = (self.squares + PRIOR_SQUARES * 2 * mean**2) / (self.count + PRIOR_SQUARES)
        # At the least that of chance; a tail that ends somewhere is not believed.
        varies = max(1.0, square / mean**2 - 1)
        # That there are none where chance would make some is known as well.
        unsure = min(max(1.0, mean), MOST_UNSURE) / (max(self.count, self.by_chance) + PRIOR_GAPS)
        shape = 0.5 * (1 - 1 / varies) + unsure
        return LONG + mean * 0.5 * (1 + 1 / varies) * math.expm1(shape * math.log(rare)) / shape


NO_LONG_GAPS = LongGaps()


def kept_share(weeks: float, arrivals: float) -> float:
    """How much of a rate that so many arrivals tell is still known after so many weeks."""
    share: float = 0.5 ** (weeks / HALF_LIFE_WEEKS)
    return max(share, min(1.0, KEPT_ARRIVALS / arrivals)) if arrivals > 0 else share


def longest_after(longest: float, gap: float, limit: float, scale: float) -> float:
    """The least silence that is told after one has ended; `limit` is that by chance."""
    if gap < limit + NO_CHANCE * scale:
        return longest
    return max(longest, min(MORE_THAN_LONGEST * gap, MOST_LONGEST * limit))
