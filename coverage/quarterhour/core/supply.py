"""Floating catchment areas: how much supply there is for each person, with competition.

Words: S_j the supply of facility j (beds, places), P_i the people in need at place i, f_ij the
weight of the walk between them, 0 beyond the cutoff. All methods give R_j, supply per person
counted at a facility, and A_i, supply per person at a place.

    two steps     R_j = S_j / Σ_i P_i f_ij             A_i = Σ_j f_ij R_j
    three steps   R_j = S_j / Σ_i P_i G_ij f_ij        A_i = Σ_j G_ij f_ij R_j
    balanced      R_j = S_j / Σ_i P_i G_ij             A_i = Σ_j G_ij R_j
    as published  R_j = S_j / Σ_i P_i G_ij             A_i = Σ_j H_ij R_j

with G_ij = f_ij / Σ_k f_ik, the share of the people at i who turn to j, and
H_ij = f_ij / Σ_k f_kj.

Two steps with f = 1: Luo and Wang 2003, Environment and Planning B 30:865-884; with a decaying f
the enhanced method of Luo and Qi 2009, Health & Place 15:1100-1107. Three steps: Wan, Zou and
Sternberg 2012, International Journal of Geographical Information Science 26:1073-1089. Balanced:
Páez, Higgins and Vivona 2019, PLoS ONE 14(6):e0218773, who count everybody once (G) and hand the
level of service R_j out once (H). Their A_i depends on how finely places are cut, for the columns
of H add up to 1 over places, not over people; `balanced` hands S_j out to people in proportion to
the P_i G_ij they were counted with, so that A_i is supply per person.

Contract: P_i and S_j are not negative. Invariant of the first three: Σ_i P_i A_i = Σ_j S_j over the
facilities with demand in reach (Σ_i P_i f_ij > 0), asserted to 1 in 10^9. Invariants of the
balanced ones: Σ_j Σ_i P_i G_ij is the people in reach of a facility; of the published one also
Σ_i A_i = Σ_j R_j.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.core.reach import TravelTimes

    FloatArray = NDArray[np.float64]

DECAYS = ("none", "steps", "gaussian", "linear")
TWO_STEP, THREE_STEP, BALANCED, PUBLISHED = "two_step", "three_step", "balanced", "published"

STEP_WEIGHTS = (1.0, 0.68, 0.22)
"""Weights of the thirds of the cutoff: Luo and Qi 2009 for 0-10, 10-20 and 20-30 minutes by car
(the slower of their two sets, a Gaussian); for walks nobody has measured them."""

EXACT = 1e-9
"""How far sums of floats may differ from what they must be, as a share."""


def decay_weights(ms: NDArray[np.int32], cutoff_ms: int, decay: str) -> FloatArray:
    """Weight f of walks within the cutoff, in (0, 1]; 0 beyond it. With T = cutoff + 1 ms:

        none      1
        steps     1, 0.68, 0.22 in the first, second and last third of the cutoff, ends inclusive
        gaussian  (exp(-(t/T)²/2) - exp(-1/2)) / (1 - exp(-1/2))    Dai 2010, Health & Place 16:1038
        linear    1 - t/T

    T is the first moment outside: whoever walks exactly the cutoff is in reach and has a weight.
    """
    t = np.asarray(ms, np.int64)
    if decay == "none":
        weight = np.ones(len(t))
    elif decay == "steps":
        third = np.clip(-(-3 * t // max(cutoff_ms, 1)), 1, 3) - 1
        weight = np.array(STEP_WEIGHTS)[third]
    else:
        part = t / (cutoff_ms + 1)
        if decay == "linear":
            weight = 1 - part
        else:
            assert decay == "gaussian", f"{decay} is none of {', '.join(DECAYS)}"  # noqa: S101
            weight = (np.exp(-(part**2) / 2) - np.exp(-0.5)) / (1 - np.exp(-0.5))
    return np.where(t <= cutoff_ms, weight, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access(_Frozen):
    """What a method says, supply per person.

    `ratio`: R_j per facility, NaN where it has no demand in reach or its supply is not known.
    `access`: A_i per place, 0 where nothing is in reach. `given`: the supply of the facilities with
    demand in reach; `received`: Σ P_i A_i.
    """

    method: str
    ratio: FloatArray
    access: FloatArray
    given: float
    received: float


def floating_catchment(
    within: TravelTimes,
    weight: FloatArray,
    people: FloatArray,
    supply: FloatArray,
    *,
    method: str = TWO_STEP,
) -> Access:
    """Access of every place, by `method`: two_step, three_step, balanced or published.

    `weight`: f per pair of `within`. `people`: P_i per place. `supply`: S_j per facility, NaN for
    one that is left out; its pairs do not count anywhere.
    """
    n_places, n_facilities = len(people), len(supply)
    known = np.isfinite(supply)
    source = within.source
    keep = known[source] & (weight > 0)
    source, place, f = source[keep], within.place[keep], weight[keep]
    if method == TWO_STEP:
        out = back = f
    else:
        share = f / np.bincount(place, weights=f, minlength=n_places)[place]
        out = share * f if method == THREE_STEP else share
        back = out
        if method == PUBLISHED:
            back = f / np.bincount(source, weights=f, minlength=n_facilities)[source]
        else:
            assert method in {THREE_STEP, BALANCED}, f"no method {method}"  # noqa: S101
    counted = np.bincount(source, weights=people[place] * out, minlength=n_facilities)
    asked = known & (counted > 0)
    ratio = np.full(n_facilities, np.nan)
    ratio[asked] = supply[asked] / counted[asked]
    each = np.where(asked, ratio, 0.0)[source] * back
    access = np.bincount(place, weights=each, minlength=n_places).astype(np.float64)
    given, received = float(supply[asked].sum()), float((people * access).sum())
    if method == PUBLISHED:
        # a place beside nobody's home has an access and no person who receives it
        _conserved(float(access.sum()), float(ratio[asked].sum()))
    else:
        _conserved(received, given)
    if method in {BALANCED, PUBLISHED}:
        reached = np.zeros(n_places, bool)
        reached[place] = True
        _conserved(float(counted.sum()), float(people[reached].sum()))
    return Access(method=method, ratio=ratio, access=access, given=given, received=received)


def _conserved(one: float, two: float) -> None:
    off = abs(one - two)
    assert off <= EXACT * max(one, two, 1.0), f"{one} should be {two}"  # noqa: S101
