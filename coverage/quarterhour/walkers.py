"""The walkers that a study may name, each with the source of its number.

adult, 1.2 m/s
    Design speed at signalled crossings: Coffin and Morrall 1995, TRR 1487.
elderly, 1.0 m/s
    0.97 m/s recommended in Chongqing: Zhang 2020, Promet 32(1); Knoblauch et al. 1996, TRR 1538.
elderly_75_plus, 0.8 m/s
    Means of 0.75 (75-84) and 0.80 m/s (65-74) of 768 people at risk, University of Bath.
frail, 0.65 m/s
    0.64 m/s among the frail of the same study.
caregiver_with_stroller, 1.0 m/s, no steps
    A judgement; adults with children cross like those over 65: Gates et al. 2006, TRR 1982.
wheelchair, 4 km/h, no steps
    The default of Valhalla for wheelchairs, a number of a routing engine and not a measurement.
engine_5kmh, 5 km/h
    The default of openrouteservice and GraphHopper.
standard_1000m, a distance rule
    GB 50180-2018: 5, 10 and 15 minutes mean 300, 500 and 1000 m.

Steps take 5/3 of the time of a street, as GraphHopper has it; Valhalla adds 30 s for each flight.

Nobody waits at signals, crossings and lifts unless the study says how long. These waits are
estimates, and what a map knows of them is uneven: one city has every signal, the next has none,
and a wait that counts only where somebody has drawn a signal would make the well-mapped city look
the worse one. Values that can be defended where the map is good:

signal_s = 20
    Mean wait (C - g)^2 / 2C of a cycle C of 90 s with g = 30 s of green, the formula of the
    Highway Capacity Manual 2010 (unconfirmed: taken from reports about it).
crossing_s = 10
    A judgement within the 0 to 15 s that Valhalla gives crossings by how dense the streets are.
lift_s = 5
    The default of Valhalla; deep stations take longer.

`Walker.source` says the same in a sentence, and `quarterhour walkers` prints it.
"""

from __future__ import annotations

import dataclasses
import difflib
from typing import TYPE_CHECKING

from quarterhour.errors import InputError
from quarterhour.model import Walker

if TYPE_CHECKING:
    from collections.abc import Sequence

WALKERS: dict[str, Walker] = {
    w.name: w
    for w in (
        Walker(
            name="adult",
            label_zh="成年人",
            label_en="adult",
            speed_mps=1.2,
            steps=True,
            source="1.2 m/s: the design speed at signalled crossings (Coffin & Morrall 1995, TRR"
            " 1487); older people are slower (Asher et al. 2012, Age and Ageing)",
        ),
        Walker(
            name="elderly",
            label_zh="老年人（60–74岁）",
            label_en="older adult (60-74)",
            speed_mps=1.0,
            steps=True,
            source="1.0 m/s: recommended 0.97 m/s where many are old (Zhang 2020, Promet 32(1),"
            " Chongqing; Knoblauch et al. 1996, TRR 1538); GB 50180 itself implies about 1 m/s",
        ),
        Walker(
            name="elderly_75_plus",
            label_zh="高龄老人（75岁以上）",
            label_en="75 and older",
            speed_mps=0.8,
            steps=True,
            source="0.8 m/s: mean 0.75 m/s at 75-84 and 0.80 at 65-74 (768 people, Bath); 720 m in"
            " 15 min agrees with Guizhou's service radius below 700 m",
        ),
        Walker(
            name="frail",
            label_zh="体弱老人",
            label_en="frail older adult",
            speed_mps=0.65,
            steps=True,
            source="0.65 m/s: 0.64 m/s among the frail and 0.71 at 85 and older (768 people, Bath)",
        ),
        Walker(
            name="caregiver_with_stroller",
            label_zh="推婴儿车的照护人",
            label_en="caregiver with stroller",
            speed_mps=1.0,
            steps=False,
            source="1.0 m/s without steps, a judgement: no measured speed with strollers was found;"
            " adults with children cross at speeds like those over 65 (Gates et al. 2006, TRR"
            " 1982)",
        ),
        Walker(
            name="wheelchair",
            label_zh="轮椅使用者",
            label_en="wheelchair user",
            speed_mps=4 / 3.6,
            steps=False,
            source="4 km/h without steps: the default of the Valhalla routing engine for"
            " wheelchairs, not a measurement; kerbs and surfaces are not looked at",
        ),
        Walker(
            name="engine_5kmh",
            label_zh="5公里/小时（导航默认）",
            label_en="5 km/h (routing engines)",
            speed_mps=5 / 3.6,
            steps=True,
            source="5 km/h: the default of openrouteservice and GraphHopper; faster than older"
            " people walk, for comparison only",
        ),
        Walker(
            name="standard_1000m",
            label_zh="国标距离（GB 50180）",
            label_en="GB 50180 distances",
            speed_mps=1000 / 900,
            steps=True,
            rule_m=((5.0, 300.0), (10.0, 500.0), (15.0, 1000.0)),
            source="GB 50180-2018: 5, 10 and 15 minutes mean 300, 500 and 1000 m along the streets,"
            " whatever the slope",
        ),
    )
}


def walker(
    name: str,
    *,
    speed_mps: float | None = None,
    steps_factor: float | None = None,
    steps_penalty_s: float | None = None,
    signal_s: float | None = None,
    crossing_s: float | None = None,
    lift_s: float | None = None,
) -> Walker:
    """The walker called `name`, with another speed, other steps or waits if they are given.

    Raises
    ------
    InputError
        Unknown name, a value that no walker has, a speed, steps or waits for a distance rule, or
        steps for a walker without steps.
    """
    if name not in WALKERS:
        near = difflib.get_close_matches(name, WALKERS, 1, 0.4)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise InputError(f"unknown walker {name!r}; known are {', '.join(WALKERS)}{hint}")
    found = WALKERS[name]
    wanted = {
        "speed_mps": speed_mps, "steps_factor": steps_factor, "steps_penalty_s": steps_penalty_s,
        "signal_s": signal_s, "crossing_s": crossing_s, "lift_s": lift_s,
    }  # fmt: skip
    for key, value in wanted.items():
        if value is None:
            continue
        if found.rule_m:
            raise InputError(f"walker {name!r} is a distance rule and takes no {key}: leave it out")
        if key.startswith("steps") and not found.steps:
            raise InputError(f"walker {name!r} uses no steps, so {key} means nothing: leave it out")
        low, high, what = ALLOWED[key]
        if not low <= value <= high:
            raise InputError(f"{key} is {value:g}; {what} is needed")
        found = dataclasses.replace(found, **{key: value})  # type: ignore[arg-type]
    return found


ALLOWED = {
    "speed_mps": (0.1, 3.0, "a walking speed between 0.1 and 3 metres per second"),
    "steps_factor": (1.0, 20.0, "a number between 1 and 20"),
    "steps_penalty_s": (0.0, 600.0, "a number of seconds between 0 and 600"),
    "signal_s": (0.0, 300.0, "a number of seconds between 0 and 300"),
    "crossing_s": (0.0, 300.0, "a number of seconds between 0 and 300"),
    "lift_s": (0.0, 600.0, "a number of seconds between 0 and 600"),
}


def waiting_like(own: Walker, others: Sequence[Walker]) -> list[Walker]:
    """`others` with the waits and steps of `own`, so that only the walkers differ.

    A comparison of walkers would otherwise mix in whether anybody waits. Distance rules know
    neither, and a walker without steps has none to lend.
    """
    waits = {"signal_s": own.signal_s, "crossing_s": own.crossing_s, "lift_s": own.lift_s}
    steps = {"steps_factor": own.steps_factor, "steps_penalty_s": own.steps_penalty_s}
    alike = waits | steps if own.steps and not own.rule_m else waits
    return [w if w.rule_m else dataclasses.replace(w, **alike) for w in others]  # type: ignore[arg-type]


def check_cutoffs(who: Walker, cutoffs_min: tuple[float, ...]) -> None:
    """Raise `InputError` unless cutoffs ascend and a distance rule has each of them."""
    if not cutoffs_min or list(cutoffs_min) != sorted(set(cutoffs_min)):
        raise InputError(
            f"cutoffs_min is {list(cutoffs_min)}; needed are minutes in ascending order, for"
            " example [5, 10, 15]: the last is the one that counts"
        )
    known = [minutes for minutes, _ in who.rule_m]
    for cutoff in cutoffs_min:
        if known and cutoff not in known:
            raise InputError(
                f"walker {who.name!r} knows only the cutoffs"
                f" {', '.join(f'{m:g}' for m in known)} min, found {cutoff:g}: the standard gives"
                " no other distance; take another walker or other cutoffs_min"
            )
