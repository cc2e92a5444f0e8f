"""What the passes made of a network, and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from snnc.exporter.ranges import LayerRanges
from snnc.exporter.recorder import PassRecord
from snnc.quantisation import Grid
from snnc.stages import PlacedProgram
from snnc.stages.losses import ExportLosses


@dataclass(frozen=True, slots=True)
class Compilation:
    """The placed program, its proved `ranges`, what every pass on the way changed, and what was measured.

    By layer: `grids`, and `pruned`, the share of synapses that was left out. `finished` names the layers that
    are on the grid of training.
    """

    program: PlacedProgram
    ranges: tuple[LayerRanges, ...]
    passes: tuple[PassRecord, ...]
    grids: Mapping[str, Grid]
    finished: tuple[str, ...]
    pruned: Mapping[str, float]
    losses: ExportLosses
