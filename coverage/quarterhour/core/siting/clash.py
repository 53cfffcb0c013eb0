"""Why nothing can be built: requirements that clash, and do not once any one of them is dropped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting.milp import FEASIBLE, INFEASIBLE, NO_LIMITS, OPTIMAL, Limits
from quarterhour.core.siting.targets import Asked, fewest_for_targets
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from quarterhour.core.siting.nouns import Cover, Rules

REQUIRED, FORBIDDEN, EXCLUSIVE, SPACING = "required", "forbidden", "exclusive", "spacing"
N_SITES, BUDGET = "n_sites", "budget"
RULES = (REQUIRED, FORBIDDEN, EXCLUSIVE, SPACING, N_SITES, BUDGET)
"""Kinds of rules, in the order in which they are dropped; what is asked comes before them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash(_Frozen):
    """Keys that clash: kinds of rules, then need:, presence:, stock: or units: with the name.

    Two of the same kind and name count as one. `kinds` is empty where nothing clashes. `minimal`:
    proven that any one of them could be dropped and the others could be met.
    """

    kinds: tuple[str, ...]
    minimal: bool


def clash(
    cover: Cover,
    weight: NDArray[np.int64],
    rules: Rules,
    asked: Asked | None = None,
    *,
    done: NDArray[np.bool_] | None = None,
    limits: Limits = NO_LIMITS,
) -> Clash:
    """A smallest set of clashing requirements, in the sense that none of it can be left out.

    A deletion filter (Chinneck and Dravnieks 1991, ORSA Journal on Computing 3:157-168): each
    requirement in turn is dropped; if what is left still cannot be met it stays dropped. There may
    be other such sets. `minimal` is false where a limit stopped one of the questions.
    """
    wanted = asked or Asked()

    def possible(kept: list[str]) -> bool | None:
        found = fewest_for_targets(
            cover, weight, _rules(rules, kept), _asked(wanted, kept), done=done, limits=limits
        )
        if found.status in {OPTIMAL, FEASIBLE}:
            return True
        return False if found.status == INFEASIBLE else None

    return filtered([*_keys_of(wanted), *(k for k in RULES if _binds(rules, k))], possible)


def filtered(kinds: list[str], possible: Callable[[list[str]], bool | None]) -> Clash:
    """The deletion filter for any question: `possible` of some kinds, None where it cannot tell."""
    first = possible(kinds)
    if first is not False:
        return Clash(kinds=(), minimal=first is True)
    kept, sure = list(kinds), True
    for kind in kinds:
        rest = [other for other in kept if other != kind]
        answer = possible(rest)
        if answer is False:
            kept = rest
        sure &= answer is not None
    return Clash(kinds=tuple(sorted(kept, key=_place)), minimal=sure)


def _place(kind: str) -> tuple[int, str]:
    return (RULES.index(kind), "") if kind in RULES else (len(RULES), kind)


def _keys_of(asked: Asked) -> list[str]:
    names = [f"need:{one.name}" for one in asked.needs]
    names += [f"presence:{one.name}" for one in asked.presence]
    names += [f"stock:{one.name}" for one in asked.stocks]
    names += [f"units:{one.name}" for one in asked.among]
    return list(dict.fromkeys(names))


def _asked(asked: Asked, kept: list[str]) -> Asked:
    return Asked(
        needs=tuple(one for one in asked.needs if f"need:{one.name}" in kept),
        presence=tuple(one for one in asked.presence if f"presence:{one.name}" in kept),
        stocks=tuple(one for one in asked.stocks if f"stock:{one.name}" in kept),
        among=tuple(one for one in asked.among if f"units:{one.name}" in kept),
    )


def _binds(rules: Rules, kind: str) -> bool:
    """Whether there is anything of this kind at all."""
    return {
        REQUIRED: bool(rules.required.any()),
        FORBIDDEN: bool(rules.forbidden.any()),
        EXCLUSIVE: bool((rules.exclusive >= 0).any()),
        SPACING: len(rules.apart) > 0,
        N_SITES: rules.n_sites is not None,
        BUDGET: rules.budget is not None,
    }[kind]


def _rules(rules: Rules, kept: list[str]) -> Rules:
    n = len(rules.required)
    return replace(
        rules,
        required=rules.required if REQUIRED in kept else np.zeros(n, bool),
        forbidden=rules.forbidden if FORBIDDEN in kept else np.zeros(n, bool),
        exclusive=rules.exclusive if EXCLUSIVE in kept else np.full(n, -1, np.int64),
        apart=rules.apart if SPACING in kept else np.empty((0, 2), np.int64),
        n_sites=rules.n_sites if N_SITES in kept else None,
        budget=rules.budget if BUDGET in kept else None,
    )
