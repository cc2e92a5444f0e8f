"""Whether the golden inputs of an artifact stir its network, so that agreement on them shows something."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from snnc.plugins.executors import REFERENCE, load_executor
from snnc.stages import Artifact, LayerTrace

STIRS_NOTHING = (
    "no neuron spikes on its golden inputs, dense ones among them, and the readout stays 0, so agreement of "
    "executors would show nothing; look at thresholds, the scale of weights and what an input event carries, "
    "and export again"
)
"""Why `snnc verify` refuses an artifact."""


def stirs_nothing(artifact: Artifact) -> bool:
    """Whether `snnc verify` refuses it for `STIRS_NOTHING`, if executors agree."""
    if reproduces(artifact) or stirred(artifact.golden_readouts, ()):
        return False
    return not stirred((), load_executor(REFERENCE).run(artifact, artifact.golden_input).layers)


def stirred(readouts: Iterable[npt.NDArray[np.int32]], layers: Iterable[LayerTrace]) -> bool:
    """Whether any number of the `readouts`, or any spike of the `layers`, is not 0."""
    return any(each.any() for each in (*readouts, *(layer.spikes for layer in layers)))


def reproduces(artifact: Artifact) -> bool:
    """Whether it is a reproducer: its one input may be silence, of which an executor makes something else."""
    return "reproducer_of" in artifact.manifest.get("provenance", {})
