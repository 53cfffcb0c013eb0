"""The page's engine under Node, and models of tiny towns for it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from quarterhour.core.identity import network_key
from quarterhour.core.waits import waits_of
from quarterhour.render.map.html import _SCRIPTS
from quarterhour.render.map.model_layers import (
    ModelDemand,
    ModelFacility,
    ModelNetwork,
    ModelService,
    ModelWaits,
    WhatIf,
)
from quarterhour.render.map.pack_model import pack_model
from quarterhour.walkers import WALKERS
from quarterhour.whatif.slopes import slopes_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quarterhour.model import Linkage, RoadNetwork, Walker
    from towns import Spots, Town

RUNNER = Path(__file__).with_name("model_runner.js")
SCRIPTS = [name for name in _SCRIPTS if name.startswith("model/")]
"""In the order in which the page loads them."""


def need_node() -> str:
    """Path of Node; skips where there is none (fails with QUARTERHOUR_REQUIRE_NODE=1)."""
    path = os.environ.get("QUARTERHOUR_NODE") or shutil.which("node") or shutil.which("nodejs")
    if path is None:
        reason = "no node on the PATH (or set QUARTERHOUR_NODE)"
        if os.environ.get("QUARTERHOUR_REQUIRE_NODE") == "1":
            pytest.fail(f"{reason}; QUARTERHOUR_REQUIRE_NODE=1 asks for it")
        pytest.skip(reason)
    return path


def run(packed: Any, tasks: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """What the page's script answers: `answers`, or `error` where it refuses the model."""
    node = need_node()
    assets = resources.files("quarterhour.render.map") / "assets"
    # through files: a model is larger than what a pipe holds
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as answered:
        given.write(json.dumps({"model": packed, "tasks": list(tasks)}).encode())
        given.seek(0)
        done = subprocess.run(
            [node, str(RUNNER), str(assets), *SCRIPTS], stdin=given, stdout=answered,
            stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
        answered.seek(0)
        found: dict[str, Any] = json.loads(answered.read())
        return found


def ask(packed: Any, tasks: Sequence[dict[str, Any]]) -> list[Any]:
    """The answers, of which none is an error."""
    found = run(packed, tasks)
    assert "answers" in found, found
    for task, answer in zip(tasks, found["answers"], strict=True):
        assert not (isinstance(answer, dict) and "error" in answer), (task, answer["error"])
    return list(found["answers"])


def position(edge: int, offset_mm: int, access_mm: int = 0) -> dict[str, int]:
    return {"edge": int(edge), "offset_mm": int(offset_mm), "access_mm": int(access_mm)}


def network_of(net: RoadNetwork, rule: str = "tobler") -> ModelNetwork:
    slopes = slopes_of(net, rule)
    return ModelNetwork(
        key=network_key(net), n_nodes=net.n_nodes, tail=net.edge_tail.astype(np.int64),
        head=net.edge_head.astype(np.int64), kind=net.edge_kind.astype(np.int64),
        rank=net.edge_rank.astype(np.int64), oneway=net.edge_oneway,
        length_mm=net.edge_length_mm, first_vertex=net.first_vertex, lon=net.vertex_lon,
        lat=net.vertex_lat, first_piece=net.first_piece, piece_start_mm=net.piece_start_mm,
        slope=None if slopes is None else slopes[0],
        speed_ratio=None if slopes is None else slopes[1],
    )  # fmt: skip


def service_of(
    walker: Walker,
    gates: Linkage,
    facilities: Sequence[str],
    *,
    toward: bool = True,
    inside_ms: int = 0,
    cutoffs_min: Sequence[float] = (15,),
    limit_min: float = 60,
    link_limit_mm: int = 50_000,
) -> ModelService:
    return ModelService(
        name="service", group="all",
        walker={
            "name": walker.name, "speed_mmph": walker.speed_mmph,
            "rule_m": [list(pair) for pair in walker.rule_m], "steps": walker.steps,
            "steps_factor": walker.steps_factor, "steps_penalty_s": walker.steps_penalty_s,
        },
        toward=toward, inside_ms=inside_ms, cutoffs_min=tuple(cutoffs_min),
        cutoffs_ms=tuple(walker.cutoff_ms(c) for c in cutoffs_min),
        limit_ms=walker.limit_ms(limit_min), link_limit_mm=link_limit_mm, demand=0, waits=0,
        facilities=tuple(
            ModelFacility(name=name, lon=0.0, lat=0.0, row=k, status="used")
            for k, name in enumerate(facilities)
        ),
        gate_owner=gates.owner, gate_edge=gates.edge.astype(np.int64),
        gate_offset_mm=gates.offset_mm, gate_access_mm=gates.access_mm,
    )  # fmt: skip


class Small:
    """A tiny town as a model: `people` lives one after the other at the homes.

    `who` are the homes in the order of the model's places; a home has one entrance.
    """

    def __init__(
        self,
        town: Town,
        facilities: Spots,
        homes: Spots,
        *,
        walker: Walker | str = "elderly",
        network: RoadNetwork | None = None,
        people: Sequence[int] | None = None,
        toward: bool = True,
        **service: Any,
    ) -> None:
        self.walker = WALKERS[walker] if isinstance(walker, str) else walker
        walks = town.walks(facilities, homes, walker=self.walker.name, toward=toward)
        self.network = network or town.network
        link = walks.home_link
        assert len(link.owner) == len(homes), "every home is near a street"
        self.who = list(homes)
        amount = np.array(people or range(1, len(homes) + 1), np.int64) * 1_000_000
        order = np.lexsort((link.offset_mm, link.edge))
        self.who = [self.who[k] for k in order]
        waits = waits_of(self.network, self.walker)
        self.model = WhatIf(
            network=network_of(self.network),
            demands=(
                ModelDemand(
                    edge=link.edge.astype(np.int64)[order], offset_mm=link.offset_mm[order],
                    access_mm=link.access_mm[order], amounts={"all": amount[order]},
                    unlinked={"all": 0},
                ),
            ),
            waits=(ModelWaits(edge=waits.edge, start_mm=waits.start_mm, ms=waits.ms),),
            services=(
                service_of(self.walker, walks.facility_link, list(facilities), toward=toward,
                           **service),
            ),
            barriers=None,
            answers=(),
        )  # fmt: skip
        self.packed = pack_model(self.model)
        self.town, self.walks = town, walks

    def at(self, spot: Any) -> dict[str, int]:
        """A spot of the town as a position."""
        link = self.town.link(self.walks.costs, {"it": spot}, 50.0)
        return position(link.edge[0], link.offset_mm[0], link.access_mm[0])

    def state(self, **options: Any) -> dict[str, int | None]:
        """Milliseconds of every home as the page has it."""
        (found,) = ask(self.packed, [{"do": "state", "k": 0, "options": options}])
        return self.named(found["ms"])

    def named(self, ms: Sequence[int]) -> dict[str, int | None]:
        return {who: (None if t < 0 else t) for who, t in sorted(zip(self.who, ms, strict=True))}
