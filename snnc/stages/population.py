"""Population: neurons of one model, with every parameter of the contract's table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from snnc import formats
from snnc.arrays import frozen, same
from snnc.brief import brief
from snnc.errors import StageError
from snnc.stages.bounds import IntArray, for_each, whole
from snnc.stages.names import check_name
from snnc.text import quoted

INPUT, LIF, LI, ADLIF = "input", "lif", "li", "adlif"
MODELS = (INPUT, LIF, LI, ADLIF)
SPIKING = (LIF, ADLIF)
WITH_STATE = (LIF, LI, ADLIF)

ZERO, SUBTRACT, NONE = "zero", "subtract", "none"
RESETS = (ZERO, SUBTRACT, NONE)
NEW, OLD = "new", "old"
ORDERS = (NEW, OLD)

NEURON_LIMIT = 1 << 22
"""Most neurons of a population: a single number of a file must not fill the memory."""


@dataclass(frozen=True, slots=True)
class _Range:
    """Values of a parameter that `models` have; `default` None: it must be given."""

    models: tuple[str, ...]
    low: int
    high: int
    default: int | None = None


_MANTISSA = _Range(WITH_STATE, formats.BIAS_MANTISSA_MIN, formats.BIAS_MANTISSA_MAX, 0)
_EXPONENT = _Range(WITH_STATE, 0, formats.BIAS_EXPONENT_MAX, 0)
_DECAY = _Range(WITH_STATE, 0, formats.DECAY_ONE)
OF_NEURONS = {
    "input_bias_mant": _MANTISSA,
    "decay_u": _DECAY,
    "decay_v": _DECAY,
    "bias_mant": _MANTISSA,
    "decay_w": _Range((ADLIF,), 0, formats.DECAY_ONE),
    "ka": _Range((ADLIF,), formats.KA_MIN, formats.KA_MAX),
    "kb": _Range((ADLIF,), formats.KB_MIN, formats.KB_MAX),
    "threshold": _Range(SPIKING, 0, formats.THRESHOLD_MAX),
    "reset_by": _Range(SPIKING, 0, formats.THRESHOLD_MAX),
}
"""Parameters of which each neuron has its own value."""
OF_POPULATION = {
    "payload_max": _Range((INPUT,), 1, formats.PAYLOAD_MAX, 1),
    "input_bias_exp": _EXPONENT,
    "bias_exp": _EXPONENT,
}
"""Whole numbers of which the population has one."""
CHOICES = {"order": ((ADLIF,), ORDERS), "reset": (SPIKING, RESETS)}
"""Words: the models that have them, and what they may be."""


def check_model(name: str, model: str) -> None:
    """Raise `StageError` unless the contract has the model of the population `name`."""
    if model not in MODELS:
        raise StageError(
            f"{name}: the model is {quoted(model)}, the contract has {', '.join(MODELS)}; choose one of these"
        )


@dataclass(frozen=True, slots=True)
class Population:
    """One population of `docs/semantics.md`; a parameter that its model lacks is None.

    Parameters of neurons are int32 [neurons]; one number that is given stands for equal ones. Two populations
    are equal if all parameters are.

    Attributes
    ----------
    model
        "input", "lif", "li" or "adlif".
    payload_max
        Largest input event, 1 .. 255 (clause 2).
    decay_u, decay_v, decay_w
        `du`, `dv` and `dw` of clauses 3, 5 and 5a, 0 .. 4096.
    bias_mant, bias_exp
        Numbers of the neurons and one exponent; the bias is `bias_mant << bias_exp` (clause 5).
    input_bias_mant, input_bias_exp
        The same for the bias that passes through the current (clause 2).
    threshold
        `vth` of clause 6.
    reset, reset_by
        "zero", "subtract" or "none"; `r` of clause 6, None unless `reset` is "subtract".
    ka, kb, order
        Adaptation (clause 5a); "new" or "old".
    end
        The first step without spikes (clause 6); None: T, also where T is given to a `QuantizedGraph`.
    """

    __repr__ = brief

    name: str
    model: str
    neurons: int
    payload_max: int | None = None
    input_bias_mant: IntArray | None = None
    input_bias_exp: int | None = None
    decay_u: IntArray | None = None
    decay_v: IntArray | None = None
    bias_mant: IntArray | None = None
    bias_exp: int | None = None
    decay_w: IntArray | None = None
    ka: IntArray | None = None
    kb: IntArray | None = None
    order: str | None = None
    threshold: IntArray | None = None
    reset: str | None = None
    reset_by: IntArray | None = None
    end: int | None = None

    def __post_init__(self) -> None:
        check_name("a population", self.name)
        check_model(self.name, self.model)
        self._set(
            "neurons", whole(self.name, "neurons", self.neurons, 1, NEURON_LIMIT, "split the population")
        )
        for field, (models, words) in CHOICES.items():
            if self._has(field, models, None) and getattr(self, field) not in words:
                raise StageError(
                    f"{self.name}: {field} is {quoted(getattr(self, field))}, expected {' or '.join(words)}"
                )
        for field, of in OF_POPULATION.items():
            if self._has(field, of.models, of.default):
                self._set(field, whole(self.name, field, getattr(self, field), of.low, of.high))
        for field, of in OF_NEURONS.items():
            models = of.models if field != "reset_by" or self.reset == SUBTRACT else ()
            if self._has(field, models, of.default):
                value = getattr(self, field)
                self._set(field, for_each(self.name, field, value, self.neurons, of.low, of.high))
        if self.end is not None:
            self._set("end", whole(self.name, "end", self.end, 1, np.iinfo(np.int64).max))

    @property
    def spikes(self) -> bool:
        """Whether it is one that the contract calls spiking; an input is not."""
        return self.model in SPIKING

    @property
    def bias(self) -> IntArray:
        """int32 [neurons], added to v in each step; 0 of an input."""
        return self._shifted(self.bias_mant, self.bias_exp)

    @property
    def input_bias(self) -> IntArray:
        """int32 [neurons], added to a in each step; 0 of an input."""
        return self._shifted(self.input_bias_mant, self.input_bias_exp)

    def __eq__(self, other: object) -> bool:
        return same(self, other)

    def _set(self, field: str, value: object) -> None:
        object.__setattr__(self, field, value)

    def _has(self, field: str, models: tuple[str, ...], default: int | None) -> bool:
        """Whether the model has the parameter, which gets its default then; raise where it does not fit."""
        given = getattr(self, field) is not None
        if self.model not in models:
            if given:
                where = (
                    f"reset {self.reset}"
                    if field == "reset_by" and self.spikes
                    else f"the model {self.model}"
                )
                raise StageError(f"{self.name}: {field} is given, but {where} has none; leave it out")
            return False
        if not given and default is None:
            where = "reset subtract" if field == "reset_by" else f"the model {self.model}"
            raise StageError(f"{self.name}: {field} is missing, {where} needs it; give one")
        if not given:
            self._set(field, default)
        return True

    def _shifted(self, mantissa: IntArray | None, exponent: int | None) -> IntArray:
        if mantissa is None or exponent is None:
            return frozen(np.zeros(self.neurons, np.int32), np.int32, name=self.name)
        return mantissa << np.int32(exponent)
