"""Artifact: an exported folder, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.arrays import frozen
from snnc.stages.quantized import QuantizedGraph


@dataclass(frozen=True, slots=True)
class Artifact:
    """`path` is the folder, `graph` what its NIR file says, `manifest` its manifest.

    `golden_input` uint8 [samples, T, inputs] and `golden_readout` int32 [samples, T, classes] are
    the inputs and the readout that the exporting machine's integer PyTorch model gave.
    """

    path: Path
    target: str
    graph: QuantizedGraph
    manifest: Mapping[str, Any]
    golden_input: npt.NDArray[np.uint8]
    golden_readout: npt.NDArray[np.int32]

    def __post_init__(self) -> None:
        object.__setattr__(self, "manifest", MappingProxyType(dict(self.manifest)))
        object.__setattr__(self, "golden_input", frozen(self.golden_input, np.uint8, name="golden input"))
        object.__setattr__(
            self, "golden_readout", frozen(self.golden_readout, np.int32, name="golden readout")
        )
