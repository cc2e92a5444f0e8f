"""The target `loihi`: Loihi 2, as a program for Lava's fixed-point simulation."""

from __future__ import annotations

from functools import partial
from importlib.resources import files

from snnc.targets.loihi.emitter import check_graph, emit
from snnc.targets.target import Target, read_limits

LIMITS = read_limits(files(__package__).joinpath("limits.toml").read_text("utf-8"), "loihi2")

TARGET = Target(
    name="loihi",
    description="Loihi 2: a runnable Lava 0.10 program (simulation; no hardware run is claimed)",
    limits=LIMITS,
    check=partial(check_graph, limits=LIMITS),
    emit=partial(emit, limits=LIMITS),
)
