"""The neurons of IF_curr_delta: what the board makes of their parameters, and a step of theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from snnc.errors import LimitError
from snnc.targets.spinnaker.fixed.accum import HIGHEST, ONE, Ints, divide, encode, exponential, multiply, wrap

TIME_STEP = ONE
"""A step is 1 ms: then the factor of the input, 1 / step, is 1, and changes nothing."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Parameters of a neuron as PyNN has them, in ms, nF, mV and nA."""

    tau_m: float
    cm: float
    v_thresh: float
    v_rest: float = 0.0
    v_reset: float = 0.0
    v_init: float = 0.0
    tau_refrac: float = 0.0
    i_offset: float = 0.0


@dataclass(frozen=True, slots=True)
class Constants:
    """What the board holds of the neurons of a population, int64 [neurons]: S16.15, `refractory` in steps."""

    resistance: Ints
    decay: Ints
    threshold: Ints
    rest: Ints
    reset: Ints
    start: Ints
    offset: Ints
    refractory: Ints

    @classmethod
    def of(cls, name: str, cells: Sequence[Cell]) -> Constants:
        """Those of `cells`, as the host writes them and the board derives them before the first step.

        Raises `LimitError` if the board cannot hold one; `name` is that of the population.
        """
        rows = [_constants(f"{name}, neuron {number}", cell) for number, cell in enumerate(cells)]
        return cls(*(np.array(column, np.int64) for column in zip(*rows, strict=True)))


def _constants(name: str, cell: Cell) -> tuple[int, ...]:
    value = {each.name: encode(getattr(cell, each.name), f"{name}: {each.name}") for each in fields(Cell)}
    for what in ("tau_m", "cm"):
        if value[what] <= 0:
            raise LimitError(
                f"{name}: {what} is {getattr(cell, what)}, S16.15 needs {1 / ONE} or more; make it larger"
            )
    if cell.tau_refrac < 0:
        raise LimitError(f"{name}: tau_refrac is {cell.tau_refrac}, expected 0 or more; use 0")
    if (value["tau_m"] << 15) // value["cm"] > HIGHEST:
        raise LimitError(
            f"{name}: tau_m / cm is {cell.tau_m / cell.cm}, S16.15 holds {HIGHEST / ONE}; make cm larger"
        )
    return (
        divide(value["tau_m"], value["cm"]),
        exponential(-divide(TIME_STEP, value["tau_m"])),
        value["v_thresh"],
        value["v_rest"],
        value["v_reset"],
        value["v_init"],
        value["i_offset"],
        -(-divide(value["tau_refrac"], TIME_STEP) // ONE),
    )


class Neurons:
    """The state of a population in several samples: `v` int64 [samples, neurons], S16.15."""

    def __init__(self, constants: Constants, samples: int) -> None:
        self._of = constants
        self.v: Ints = np.tile(constants.start, (samples, 1))
        self._waits: Ints = np.zeros_like(self.v)

    def step(self, excitatory: Ints, inhibitory: Ints, current: Ints) -> npt.NDArray[np.bool_]:
        """One step with S16.15 inputs [samples, neurons]; which neurons spike.

        `current`: of injected sources, int64 [neurons].
        """
        of = self._of
        scale = np.array(divide(ONE, TIME_STEP))
        drive = wrap(multiply(excitatory, scale) - multiply(inhibitory, scale) + of.offset + current)
        target = wrap(multiply(drive, of.resistance) + of.rest)
        moved = wrap(target - multiply(of.decay, wrap(target - self.v)))
        waits = self._waits > 0
        self.v = np.where(waits, self.v, moved)
        self._waits = self._waits - waits
        fires: npt.NDArray[np.bool_] = self.v >= of.threshold
        self.v = np.where(fires, of.reset, self.v)
        self._waits = np.where(fires, of.refractory, self._waits)
        return fires
