"""People handed to facilities until these are full, so that as many as possible are served.

Places with the same facilities in reach are one class: only their sum matters. The largest number
that can be served is a maximum flow from classes to facilities (Ford and Fulkerson 1956), found by
the layered search of Dinic 1970 in int64, for millionths of people overflow int32. What proves it
is a minimum cut: the classes and facilities that can be reached from somebody unserved. It is the
same for every maximum flow, so that these are unique:

    the number served,
    the places where not everybody can be served (`short`); everywhere else everybody is,
    the facilities between which these compete (`full`): no bed of theirs is ever left.

Who is served among the short, and by which facility, is not unique. Here nobody is offered more
before everybody has been offered as much: needs are let in by twentieths, and whoever has found
room keeps it (an augmented flow takes nothing from its sources). Inside a class everybody fares
alike. Ties go to the class with the lowest place, and to the lowest facility.
"""

# ruff: noqa: ANN001, ANN202 - numba reads the types from the arguments of kernels
# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.search import grown
from quarterhour.kernels import kernel
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.core.reach import TravelTimes


ROUNDS = 20
"""Parts in which needs are let in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation(_Frozen):
    """A largest allocation. `served`: millionths. `assigned`: int64 millionths per facility.

    `unplaced`: int64 millionths per place that reach a facility and find no room in this
    allocation. `short`: bool per place, `full`: bool per facility, as above.
    """

    served: int
    assigned: NDArray[np.int64]
    unplaced: NDArray[np.int64]
    short: NDArray[np.bool_]
    full: NDArray[np.bool_]


def allocate(
    within: TravelTimes, need: NDArray[np.int64], capacity: NDArray[np.int64]
) -> Allocation:
    """The largest number of `need` (millionths per place) that fits into facilities in reach.

    `capacity`: int64 millionths per facility; all pairs of `within` are in reach.
    """
    group, n_classes, first_place = classes(within, len(need))
    in_class = _exact_sums(group, need, n_classes)
    # every member of a class has the facilities of its first place
    is_first = np.zeros(len(need), bool)
    is_first[first_place] = True
    keep = is_first[within.place] & (in_class[group[within.place]] > 0)
    facility = within.source[keep]
    edge_class = group[within.place[keep]]
    edge_first = np.zeros(len(capacity) + 1, np.int64)
    np.cumsum(np.bincount(facility, minlength=len(capacity)), out=edge_first[1:])
    by_class = np.argsort(edge_class, kind="stable")
    class_first = np.zeros(n_classes + 1, np.int64)
    np.cumsum(np.bincount(edge_class, minlength=n_classes), out=class_first[1:])
    linked = np.diff(class_first) > 0
    wanted = np.where(linked, in_class, 0)
    room = capacity.astype(np.int64).copy()
    flow = np.zeros(len(facility), np.int64)
    given = np.zeros(n_classes, np.int64)
    for part in range(1, ROUNDS + 1):
        left = wanted * part // ROUNDS - given
        before = left.copy()
        short, full = _largest_flow(
            class_first, by_class, facility, edge_first, edge_class, left, room, flow
        )
        given += before - left
    served = int(given.sum())
    cut = int(wanted[~short].sum()) + int(capacity[full].sum())
    assert served == cut, "a largest flow is as large as a smallest cut"  # noqa: S101
    return Allocation(
        served=served,
        assigned=capacity - room,
        unplaced=_shared_out(wanted - given, group, need, in_class),
        short=short[group] & (need > 0),
        full=full,
    )


def _shared_out(
    part: NDArray[np.int64],
    group: NDArray[np.int64],
    need: NDArray[np.int64],
    total: NDArray[np.int64],
) -> NDArray[np.int64]:
    """`part` of each class over its places in proportion to `need`, by largest remainder, exactly.

    Products of two amounts overflow int64; their remainders do not, and come out right however
    often the products wrap around.
    """
    result = np.zeros(len(need), np.int64)
    at = np.flatnonzero((part[group] > 0) & (need > 0))
    of = group[at]
    u, n, each = part[of], total[of], need[at]
    whole = np.floor(each * (u / n)).astype(np.int64)
    rest = each * u - whole * n
    whole += rest // n
    rest %= n
    missing = part - _exact_sums(of, whole, len(part))
    order = np.lexsort((-rest, of))
    first = np.zeros(len(part) + 1, np.int64)
    np.cumsum(np.bincount(of, minlength=len(part)), out=first[1:])
    rank = np.arange(len(order)) - first[of[order]]
    whole[order[rank < missing[of[order]]]] += 1
    result[at] = whole
    return result


def classes(within: TravelTimes, n_places: int) -> tuple[NDArray[np.int64], int, NDArray[np.int64]]:
    """Class of every place, number of classes, and the first place of each, in their order.

    Two places are of one class exactly when the same facilities reach them.
    """
    raw = _refine(within.first, within.place, n_places)
    _, first, inverse = np.unique(raw, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank[inverse], len(order), first[order]


@kernel
def _refine(first, place, n_places):
    """Classes by refinement: each facility splits every class that it reaches a part of."""
    of = np.zeros(n_places, np.int64)
    splitter = np.full(64, -1, np.int64)
    child = np.zeros(64, np.int64)
    count = 1
    for source in range(len(first) - 1):
        for k in range(first[source], first[source + 1]):
            c = of[place[k]]
            if splitter[c] != source:
                if count == len(splitter):
                    splitter, child = grown(splitter), grown(child)
                splitter[count] = -1
                splitter[c], child[c] = source, count
                count += 1
            of[place[k]] = child[c]
    return of


def _exact_sums(group: NDArray[np.int64], amount: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    total = np.zeros(n, np.int64)
    np.add.at(total, group, amount)
    return total


@kernel
def _levels(class_first, by_class, facility, edge_first, edge_class, flow, left, room, level, line):
    """Layers from the classes with people left; True where a facility with room is reached.

    Nodes are classes, then facilities. `line` is room for all nodes.
    """
    n_classes = len(left)
    level[:] = -1
    end = 0
    for c in range(n_classes):
        if left[c] > 0:
            level[c] = 0
            line[end] = c
            end += 1
    at, found = 0, np.int64(-1)
    while at < end:
        node = line[at]
        at += 1
        if 0 <= found <= level[node]:
            break
        if node < n_classes:
            for k in range(class_first[node], class_first[node + 1]):
                to = n_classes + facility[by_class[k]]
                if level[to] < 0:
                    level[to] = level[node] + 1
                    line[end] = to
                    end += 1
                    if room[to - n_classes] > 0 and found < 0:
                        found = level[to]
        else:
            f = node - n_classes
            for e in range(edge_first[f], edge_first[f + 1]):
                if flow[e] > 0 and level[edge_class[e]] < 0:
                    level[edge_class[e]] = level[node] + 1
                    line[end] = edge_class[e]
                    end += 1
    return found >= 0


@kernel
def _largest_flow(class_first, by_class, facility, edge_first, edge_class, left, room, flow):
    """Fill facilities from classes; `left` and `room` become what remains, `flow` what goes where.

    Edges are numbered facility by facility; `by_class` lists them class by class.
    """
    n_classes, n_facilities = len(left), len(room)
    n_nodes = n_classes + n_facilities
    level = np.empty(n_nodes, np.int64)
    line = np.empty(n_nodes, np.int64)
    pointer = np.empty(n_nodes, np.int64)
    path = np.empty(n_nodes, np.int64)
    while _levels(
        class_first, by_class, facility, edge_first, edge_class, flow, left, room, level, line
    ):
        pointer[:n_classes] = class_first[:n_classes]
        pointer[n_classes:] = edge_first[:n_facilities]
        for start in range(n_classes):
            node, depth = np.int64(start), 0
            while left[start] > 0:
                if node >= n_classes and room[node - n_classes] > 0:
                    amount = min(left[start], room[node - n_classes])
                    for d in range(1, depth, 2):  # edges taken backwards give back what they carry
                        amount = min(amount, flow[path[d]])
                    for d in range(depth):
                        flow[path[d]] += amount if d % 2 == 0 else -amount
                    left[start] -= amount
                    room[node - n_classes] -= amount
                    node, depth = np.int64(start), 0
                    continue
                to = np.int64(-1)
                edge = np.int64(-1)
                if node < n_classes:
                    while pointer[node] < class_first[node + 1]:
                        edge = by_class[pointer[node]]
                        if level[n_classes + facility[edge]] == level[node] + 1:
                            to = n_classes + facility[edge]
                            break
                        pointer[node] += 1
                else:
                    f = node - n_classes
                    while pointer[node] < edge_first[f + 1]:
                        edge = pointer[node]
                        if flow[edge] > 0 and level[edge_class[edge]] == level[node] + 1:
                            to = edge_class[edge]
                            break
                        pointer[node] += 1
                if to >= 0:
                    path[depth] = edge
                    depth += 1
                    node = to
                    continue
                if depth == 0:
                    break
                level[node] = -1  # a dead end for the rest of this phase
                depth -= 1
                edge = path[depth]
                node = edge_class[edge] if depth % 2 == 0 else n_classes + facility[edge]
                pointer[node] += 1
    short, full = level[:n_classes] >= 0, level[n_classes:] >= 0
    return short, full
