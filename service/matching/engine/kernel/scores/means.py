"""Masses of values that are made of others. Their results are those of `evaluation.score`, to the
last bit; sums that would have to be rounded once, as `math.fsum` does, go to the plain evaluator.
"""

from __future__ import annotations

import math

from service.matching.engine.kernel.scores.arrays import OVERFLOW
from service.matching.kernels import inner


@inner
def total_mass(first, last, space):
    """The sum of the masses from `first` to before `last`."""
    total = 0.0
    whole = True
    for at in range(first, last):
        mass = space.masses[at]
        whole = whole and mass == math.floor(mass)
        total += mass
    if not whole and last - first > 2:
        space.registers[OVERFLOW] = 1
    return total


@inner
def mean_mass(first, last, space):
    """The mass whose value is the geometric mean of these masses' values."""
    if last - first == 1:
        return space.masses[first]
    if last - first > 2:
        space.registers[OVERFLOW] = 1
    total = 0.0
    for at in range(first, last):
        mass = space.masses[at]
        total += math.log(mass / (mass + 1))
    value = math.exp(total / (last - first))
    return value / (1 - value)


@inner
def sort_last_masses(first, last, space):
    """Sorts these masses, the greatest last."""
    masses = space.masses
    for at in range(first + 1, last):
        mass = masses[at]
        place = at
        while place > first and masses[place - 1] > mass:
            masses[place] = masses[place - 1]
            place -= 1
        masses[place] = mass
