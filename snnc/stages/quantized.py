"""QuantizedGraph: the integer network of the contract, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.arrays import frozen
from snnc.errors import StageError
from snnc.stages.chain import check_chain
from snnc.stages.names import check_class_names, check_name

IntArray = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class QuantizedLayer:
    """One layer in the integers of `docs/semantics.md`.

    Attributes
    ----------
    weight, delay
        int32 [neurons, inputs]; delay in steps. A weight of 0 is no synapse (clause 1), so its delay
        is set to 0: two graphs that compute the same by clause 1 are equal.
    bias_mant, bias_exp
        int32 [neurons] and one exponent; the bias is `bias_mant << bias_exp` (clause 5).
    decay_u, decay_v
        `du` and `dv` of clauses 3 and 5, 0 .. 4096.
    threshold
        `vth` of clause 6; None for the readout.
    """

    name: str
    weight: IntArray
    delay: IntArray
    bias_mant: IntArray
    bias_exp: int
    decay_u: int
    decay_v: int
    threshold: int | None

    def __post_init__(self) -> None:
        shape = np.shape(self.weight)
        if len(shape) != 2 or 0 in shape:
            raise StageError(f"{self.name}: weight has shape {shape}, expected [neurons, inputs], none zero")
        for field, expected in (("weight", shape), ("delay", shape), ("bias_mant", shape[:1])):
            value = frozen(getattr(self, field), np.int32, name=f"{self.name}: {field}", shape=expected)
            object.__setattr__(self, field, value)
        if (self.delay < 0).any():
            raise StageError(f"{self.name}: a delay is negative ({int(self.delay.min())} steps)")
        present = np.where(self.weight != 0, self.delay, 0)
        object.__setattr__(self, "delay", frozen(present, np.int32, name=f"{self.name}: delay"))
        _within(
            self.name, "bias mantissa", self.bias_mant, formats.BIAS_MANTISSA_MIN, formats.BIAS_MANTISSA_MAX
        )
        _within(self.name, "bias exponent", self.bias_exp, 0, formats.BIAS_EXPONENT_MAX)
        _within(self.name, "decay_u", self.decay_u, 0, formats.DECAY_ONE)
        _within(self.name, "decay_v", self.decay_v, 0, formats.DECAY_ONE)
        if self.threshold is not None:
            _within(self.name, "threshold", self.threshold, 0, formats.THRESHOLD_MAX)
        _check_sums(self)

    @property
    def neurons(self) -> int:
        return int(self.weight.shape[0])

    @property
    def inputs(self) -> int:
        return int(self.weight.shape[1])

    @property
    def spikes(self) -> bool:
        """Whether the layer spikes (every layer but the readout)."""
        return self.threshold is not None

    @property
    def bias(self) -> IntArray:
        """int32 [neurons], the value added to v each step."""
        return self.bias_mant << np.int32(self.bias_exp)

    @property
    def max_delay(self) -> int:
        """Longest delay of a synapse with a weight other than zero, in steps."""
        return int(self.delay.max(initial=0))


CHAIN = ("layers", "time_steps", "bin_s", "readout_scale", "class_names", "payload_max")
"""The arguments of `QuantizedGraph.chain`, each of which is a property of a chain."""


@dataclass(frozen=True, slots=True)
class QuantizedGraph:
    """A chain of integer layers over T = `time_steps` steps of `bin_s` seconds.

    `readout_scale` turns the readout's integer v into the trained network's units (clause 7).
    Input events are whole numbers 0 .. `payload_max` (clause 2), [samples, T, inputs]; 1 is for spikes.
    """

    layers: tuple[QuantizedLayer, ...]
    time_steps: int
    bin_s: float
    readout_scale: float
    class_names: tuple[str, ...]
    payload_max: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        object.__setattr__(self, "class_names", tuple(self.class_names))
        if not self.layers:
            raise StageError("graph: has no layers")
        check_class_names(self.class_names)
        for layer in self.layers:
            check_name("a layer", layer.name)
        check_chain([(layer.name, layer.weight.shape) for layer in self.layers])
        if len({layer.name for layer in self.layers}) != len(self.layers):
            raise StageError("graph: two layers share a name")
        for layer in self.layers[:-1]:
            if not layer.spikes:
                raise StageError(f"{layer.name}: only the readout (last layer) may lack a threshold")
        if self.layers[-1].spikes:
            raise StageError(f"{self.layers[-1].name}: the readout must not spike (threshold None)")
        if not 1 <= self.payload_max <= formats.PAYLOAD_MAX:
            raise StageError(f"graph: payload_max is {self.payload_max}, expected 1..{formats.PAYLOAD_MAX}")
        _check_sums(self.layers[0], self.payload_max)
        if self.time_steps < 1:
            raise StageError(f"graph: time_steps is {self.time_steps}, expected >= 1")
        if not (np.isfinite(self.readout_scale) and self.readout_scale > 0):
            raise StageError(f"graph: readout_scale is {self.readout_scale}, expected finite and > 0")
        if not (np.isfinite(self.bin_s) and self.bin_s > 0):
            raise StageError(f"graph: bin_s is {self.bin_s}, expected finite and > 0")
        if len(self.class_names) != self.layers[-1].neurons:
            raise StageError(
                f"graph: {len(self.class_names)} class names for {self.layers[-1].neurons} readout neurons"
            )

    @classmethod
    def chain(
        cls,
        layers: Iterable[QuantizedLayer],
        time_steps: int,
        bin_s: float,
        readout_scale: float,
        class_names: Sequence[str],
        payload_max: int = 1,
    ) -> Self:
        """The graph of a chain of `layers`."""
        return cls(tuple(layers), time_steps, bin_s, readout_scale, tuple(class_names), payload_max)

    def with_layers(self, layers: Iterable[QuantizedLayer]) -> Self:
        """This chain with other layers."""
        return self.changed(layers=layers)

    def changed(self, **values: Any) -> Self:
        """This chain with other values of the arguments of `chain`."""
        kept = {name: getattr(self, name) for name in CHAIN}
        return self.chain(**kept | values)

    @property
    def inputs(self) -> int:
        return self.layers[0].inputs


def _check_sums(layer: QuantizedLayer, payload_max: int = 1) -> None:
    """The rule of clause 2 under which 32-bit arithmetic holds."""
    total = np.abs(layer.weight.astype(np.int64)).sum(axis=1) * payload_max
    worst = int(total.argmax())
    if total[worst] > formats.ACCUMULATE_LIMIT:
        times, smaller = ("", "") if payload_max == 1 else (f" times {payload_max}", ", or smaller payloads")
        raise StageError(
            f"{layer.name}, neuron {worst}: the sum of |weight|{times} is {total[worst]}, the contract "
            f"(clause 2) allows {formats.ACCUMULATE_LIMIT}; use fewer weight bits or fewer inputs{smaller}"
        )


def _within(layer: str, what: str, value: IntArray | int, low: int, high: int) -> None:
    smallest, largest = int(np.min(value)), int(np.max(value))
    if smallest < low or largest > high:
        raise StageError(f"{layer}: {what} {smallest}..{largest} is outside {low}..{high}")
