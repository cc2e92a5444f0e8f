"""FloatPopulation: neurons of one model of the contract, with real parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from snnc import formats
from snnc.arrays import same
from snnc.brief import brief
from snnc.errors import StageError
from snnc.stages.bounds import for_each, whole
from snnc.stages.float_synapses import FloatArray
from snnc.stages.names import check_name
from snnc.stages.population import (
    ADLIF,
    INPUT,
    NEURON_LIMIT,
    ORDERS,
    RESETS,
    SPIKING,
    SUBTRACT,
    WITH_STATE,
    check_model,
)
from snnc.text import quoted

ABOVE, AT = "above", "at"
FIRES = (ABOVE, AT)

ANY = (-np.inf, np.inf)
OF_NEURONS: dict[str, tuple[tuple[str, ...], tuple[float, float], float | None]] = {
    "input_bias": (WITH_STATE, ANY, 0.0),
    "keep_u": (WITH_STATE, (0, 1), None),
    "keep_v": (WITH_STATE, (0, 1), None),
    "bias": (WITH_STATE, ANY, 0.0),
    "keep_w": ((ADLIF,), (0, 1), None),
    "ka": ((ADLIF,), ANY, None),
    "kb": ((ADLIF,), ANY, None),
    "threshold": (SPIKING, (0, np.inf), None),
    "reset_by": (SPIKING, (0, np.inf), None),
}
"""Parameters of which each neuron has its own value: the models that have them, their range, the default."""
CHOICES = {"order": ((ADLIF,), ORDERS), "reset": (SPIKING, RESETS), "fires": (SPIKING, FIRES)}


@dataclass(frozen=True, slots=True)
class FloatPopulation:
    """One population of `docs/semantics.md` in real numbers; a parameter that its model lacks is None.

    Parameters of neurons are float64 [neurons]; one number that is given stands for equal ones. In units in
    which a spike of weight w adds w to u, a step is

        u = keep_u * u + input_bias + sum of weights
        w = keep_w * w + ka * v + kb * S              (adlif)
        v = keep_v * v + u + bias - w

    Attributes
    ----------
    keep_u, keep_v, keep_w
        The factor 0 .. 1 that remains of u, v and w after a step.
    fires
        "above": S is 1 if v > `threshold`, as in the contract; "at": if v >= `threshold`.
    reset, reset_by, ka, kb, order, payload_max, end
        As in `Population`.
    """

    __repr__ = brief

    name: str
    model: str
    neurons: int
    payload_max: int | None = None
    input_bias: FloatArray | None = None
    keep_u: FloatArray | None = None
    keep_v: FloatArray | None = None
    bias: FloatArray | None = None
    keep_w: FloatArray | None = None
    ka: FloatArray | None = None
    kb: FloatArray | None = None
    order: str | None = None
    threshold: FloatArray | None = None
    fires: str | None = None
    reset: str | None = None
    reset_by: FloatArray | None = None
    end: int | None = None

    def __post_init__(self) -> None:
        check_name("a population", self.name)
        check_model(self.name, self.model)
        self._set("neurons", whole(self.name, "neurons", self.neurons, 1, NEURON_LIMIT, "split it"))
        for field, (models, words) in CHOICES.items():
            usual = ABOVE if field == "fires" else None
            if self._has(field, models, usual) and getattr(self, field) not in words:
                raise StageError(
                    f"{self.name}: {field} is {quoted(getattr(self, field))}, expected {' or '.join(words)}"
                )
        if self._has("payload_max", (INPUT,), 1):
            found = whole(self.name, "payload_max", self.payload_max, 1, formats.PAYLOAD_MAX)
            self._set("payload_max", found)
        for field, (models, (low, high), default) in OF_NEURONS.items():
            if field == "reset_by" and self.reset != SUBTRACT:
                models = ()
            if self._has(field, models, default):
                value = getattr(self, field)
                self._set(field, for_each(self.name, field, value, self.neurons, low, high, np.float64))
        if self.end is not None:
            self._set("end", whole(self.name, "end", self.end, 1, np.iinfo(np.int64).max))

    @property
    def spikes(self) -> bool:
        """Whether it is one that the contract calls spiking; an input is not."""
        return self.model in SPIKING

    def __eq__(self, other: object) -> bool:
        return same(self, other)

    def _set(self, field: str, value: object) -> None:
        object.__setattr__(self, field, value)

    def _has(self, field: str, models: tuple[str, ...], default: object) -> bool:
        given = getattr(self, field) is not None
        if self.model not in models:
            if given:
                raise StageError(f"{self.name}: {field} is given, but nothing uses it; leave it out")
            return False
        if not given and default is None:
            raise StageError(f"{self.name}: {field} is missing, its model needs it; give one")
        if not given:
            self._set(field, default)
        return True
