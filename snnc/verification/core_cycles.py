"""The cycles that a core for an FPGA takes, by the model of it, and the clock of its board."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from snnc.hwsim.event_driven import simulate
from snnc.stages import Artifact
from snnc.targets.fpga.cycles import cycles
from snnc.targets.fpga.layout import layout
from snnc.targets.fpga.parameters import lanes_of
from snnc.targets.fpga.settings import SIM, clock_mhz, configure


def cycles_of(artifact: Artifact, spikes: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Of each step of `spikes` [samples, T, inputs]: int64 [samples, T]."""
    of = layout(artifact.graph, lanes_of(artifact.program))
    return cycles(of, spikes, simulate(artifact.graph, spikes).layers)


def board_mhz(artifact: Artifact) -> float | None:
    """The clock of the board that the design is for; None if it is for none."""
    settings = configure(artifact.manifest.get("settings") or {})
    return None if settings["board"] == SIM else float(clock_mhz(settings))
