"""The chips as targets: limits with sources, checks, no emitter."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from importlib.resources import files

from snnc.stages import QuantizedGraph
from snnc.target import Limits, Target, read_limits
from snnc.targets.loihi.graph_emitter import fitting_levels
from snnc.targets.loihi.target import TARGET as LOIHI
from snnc.targets.problems import check_limits


def _chip(name: str, description: str, package: str = __package__) -> Target:
    limits = read_limits(files(package).joinpath("limits.toml").read_text("utf-8"), name)
    return Target(name, f"{description} (limits only)", limits, partial(check_limits, limits=limits), None)


def _check_hops(graph: QuantizedGraph, limits: Limits) -> None:
    """As `check_limits`; of a graph that is no chain, with the steps that its hops take on the chip."""
    if graph.is_chain:
        check_limits(graph, limits)
    else:
        fitting_levels(graph, limits)


_LOIHI1 = _chip("loihi1", "Loihi 1", "snnc.targets.loihi")
LOIHI1 = replace(
    _LOIHI1,
    check=partial(_check_hops, limits=_LOIHI1.limits),
    levels=partial(fitting_levels, limits=_LOIHI1.limits),
)
LOIHI2 = replace(  # refuses what `snnc export` refuses for it
    _chip("loihi2", "Loihi 2, the chip that the target loihi is for", "snnc.targets.loihi"),
    check=LOIHI.check,
    levels=LOIHI.levels,
)
SPINNAKER1 = _chip("spinnaker1", "SpiNNaker, a board of 48 chips, as sPyNNaker uses it")
SPINNAKER2 = _chip("spinnaker2", "SpiNNaker 2, one chip, with the delays of py-spinnaker2")
TRUENORTH = _chip("truenorth", "TrueNorth, one chip")
SENECA = _chip("seneca", "SENECA with a shared circular delay queue")
