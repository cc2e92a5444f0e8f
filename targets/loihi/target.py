"""The target `loihi`: Loihi 2, as a program for Lava's fixed-point simulation."""

from __future__ import annotations

from functools import partial
from importlib.resources import files

from snnc.target import Target, read_limits
from snnc.targets.costs import read_costs
from snnc.targets.loihi.emitter import check_graph, emit
from snnc.targets.loihi.graph_emitter import fitting_levels


def _data(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


LIMITS = read_limits(_data("limits.toml"), "loihi2")

TARGET = Target(
    name="loihi",
    description="Loihi 2: a runnable Lava 0.10 program (simulation; no hardware run is claimed)",
    limits=LIMITS,
    check=partial(check_graph, limits=LIMITS),
    emit=partial(emit, limits=LIMITS),
    costs=read_costs(_data("costs.toml")),
    executors=("lava-stock", "lava-event"),
    levels=partial(fitting_levels, limits=LIMITS),
)
