"""The executor `suspect`: the fault named in the environment variable SNNC_SUSPECT, or none if it is empty.

It is planted in the contract's own executor. A fault in an emitted program is run by the target's executor.
"""

from __future__ import annotations

import os

import numpy as np
import numpy.typing as npt

from independent_faults.catalogue import all_faults
from independent_faults.contract import Machine, trace
from snnc.stages import Artifact, Trace, check_input

VARIABLE = "SNNC_SUSPECT"


class SuspectExecutor:
    name = "suspect"

    def unavailable_reason(self) -> str | None:
        return None

    def run(self, artifact: Artifact, spikes: npt.NDArray[np.uint8]) -> Trace:
        x = check_input(artifact.graph, spikes)
        chosen = os.environ.get(VARIABLE)
        planted = all_faults()[chosen] if chosen else None
        return trace(planted.plant(artifact.graph) if planted else Machine(artifact.graph), x, self.name)
