"""Artifact: an exported folder, read and checked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.arrays import frozen
from snnc.brief import brief
from snnc.stages.placed import PlacedProgram
from snnc.stages.quantized import QuantizedGraph


@dataclass(frozen=True, slots=True)
class Artifact:
    """`path` is the folder, `graph` what its NIR file says, `manifest` its manifest.

    `golden_input` uint8 [samples, T, inputs] and `golden_readout` int32 [samples, T, classes] are
    the inputs and the first readout that the exporting machine's integer PyTorch model gave: v of an `li`
    population, spikes of a spiking one. `golden_others` are those of the other readouts. `program` are the
    files of the target, name relative to the folder -> bytes, as they were checked. Executors run these
    bytes, in a folder of their own: what lies at `path` may be another's, and may change at any time.
    `carried` are the checked bytes of the exporter's own files: the source model, what the export measured.
    `placed` is the placement of the manifest, checked; None of an artifact that was never on disk.
    """

    __repr__ = brief

    path: Path
    target: str
    graph: QuantizedGraph
    manifest: Mapping[str, Any]
    golden_input: npt.NDArray[np.uint8]
    golden_readout: npt.NDArray[np.int32]
    program: Mapping[str, bytes] = field(default_factory=dict)
    carried: Mapping[str, bytes] = field(default_factory=dict)
    placed: PlacedProgram | None = None
    golden_others: tuple[npt.NDArray[np.int32], ...] = ()

    def __post_init__(self) -> None:
        for name in ("manifest", "program", "carried"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        object.__setattr__(self, "golden_input", frozen(self.golden_input, np.uint8, name="golden input"))
        first, *others = (
            frozen(each, np.int32, name="golden readout")
            for each in (self.golden_readout, *self.golden_others)
        )
        object.__setattr__(self, "golden_readout", first)
        object.__setattr__(self, "golden_others", tuple(others))

    @property
    def beside(self) -> Path:
        """The folder that `path` is in, where data may lie, too; of ".", the one above."""
        return Path(os.path.abspath(self.path)).parent

    @property
    def golden_readouts(self) -> tuple[npt.NDArray[np.int32], ...]:
        """Of all readouts, in the order of the graph."""
        return self.golden_readout, *self.golden_others
