"""How often each source of spikes fires: measured on recordings, or assumed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.arrays import frozen
from snnc.errors import InputError
from snnc.stages import QuantizedGraph, Trace


@dataclass(frozen=True, slots=True)
class Activity:
    """Spikes of every source, summed over `recordings` recordings.

    `spikes[0]`: int64 [inputs], of the input lines; `spikes[l]`: int64 [neurons], of layer l - 1, which
    layer l listens to. The readout does not spike and has no entry. `measured` is False where every
    source is assumed to spike once a recording.
    """

    spikes: tuple[npt.NDArray[np.int64], ...]
    recordings: int
    measured: bool = True

    def __post_init__(self) -> None:
        arrays = tuple(
            frozen(array, np.int64, name=f"activity[{index}]") for index, array in enumerate(self.spikes)
        )
        object.__setattr__(self, "spikes", arrays)
        if self.recordings < 1:
            raise InputError(f"activity: {self.recordings} recordings; it takes one at least")
        for index, array in enumerate(arrays):
            if array.ndim != 1 or array.min(initial=0) < 0:
                raise InputError(
                    f"activity[{index}]: shape {array.shape}, least {array.min(initial=0)}; "
                    "expected one count >= 0 a source"
                )

    def check(self, graph: QuantizedGraph) -> None:
        """Raise `InputError` unless there is one count for each source of each layer of `graph`."""
        found, expected = [len(array) for array in self.spikes], [layer.inputs for layer in graph.layers]
        if found != expected:
            raise InputError(f"activity: has {found} sources by layer, the graph has {expected}")


def uniform(graph: QuantizedGraph) -> Activity:
    """What is assumed without recordings: every source spikes once."""
    return Activity(tuple(np.ones(layer.inputs, np.int64) for layer in graph.layers), 1, measured=False)


def measured(spikes: npt.NDArray[np.uint8], trace: Trace) -> Activity:
    """Activity of a run: input `spikes` [recordings, T, inputs] and the trace of all layers over them."""
    hidden = [np.count_nonzero(layer.spikes, axis=(0, 1)) for layer in trace.layers[:-1]]
    return Activity((np.count_nonzero(spikes, axis=(0, 1)), *hidden), len(spikes))
