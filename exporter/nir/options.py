"""What a NIR file leaves open, and who answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real

import numpy as np

from snnc.errors import InputError
from snnc.exporter.nir.integration import EULER, INTEGRATIONS
from snnc.stages import DiscreteModel, FloatGraph
from snnc.stages.bounds import STEPS_LIMIT
from snnc.stages.float_population import FIRES
from snnc.stages.population import RESETS
from snnc.text import did_you_mean, quoted

Note = int | float | str

LATE = "subtract-late"
"""A reset by subtraction of the threshold one step later, so that no decay acts on what is subtracted."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What a NIR file does not say: `dt` in seconds a step, and T. `round_delays`: to whole steps.

    `reset` "zero", "subtract", "subtract-late" or "none": how neurons reset of which the file does not tell
    it. `fires` "above" or "at": whether neurons fire at v > threshold or at v >= threshold. `integration`
    "euler", "exact" or "impulse": how a step solves NIR's equations (`integration.py`); None: Euler steps.
    `decoder`: of the readout of a network file of lava-dl, which leaves it open; a NIR file does not.
    """

    dt: float | None = None
    time_steps: int | None = None
    round_delays: bool = False
    reset: str | None = None
    fires: str | None = None
    integration: str | None = None
    decoder: str | None = None

    @property
    def how(self) -> str:
        """The integration that is told, or the usual one."""
        return self.integration or EULER

    @property
    def notes(self) -> dict[str, Note]:
        """For the record: what was told of all nodes. An integration that was not told is not in it."""
        told = {"dt": self.dt, "time_steps": self.time_steps, "integration_as_told": self.integration}
        return {name: value for name, value in told.items() if value is not None}

    def check(self, name: str) -> None:
        """Raise `InputError` for an impossible value, or if there is no step for the file `name`."""
        dt, steps = self.dt, self.time_steps
        if self.decoder is not None:
            raise InputError(f"--decoder {self.decoder}: is for network files of lava-dl; leave it out")
        if dt is None or steps is None:
            raise InputError(
                f"{name}: a NIR file names neither the time step nor the number of steps; pass --dt SECONDS "
                "(snnTorch writes 1e-4) and --time-steps N"
            )
        self.check_time()
        for option, found, words in (
            ("reset", self.reset, (*RESETS, LATE)),
            ("fires", self.fires, FIRES),
            ("integration", self.integration, INTEGRATIONS),
        ):
            if found is not None and found not in words:
                meant = did_you_mean(found, words)
                raise InputError(f"--{option} {found}: unknown{meant}; choose one of {', '.join(words)}")

    def check_time(self) -> None:
        """Raise `InputError` for a time step, or a number of them, that nothing can have."""
        dt, steps = self.dt, self.time_steps
        number = isinstance(dt, Real) and not isinstance(dt, bool)
        if dt is not None and not (number and np.isfinite(float(dt)) and dt > 0):
            raise InputError(f"--dt is {quoted(dt)}, expected seconds above 0")
        whole = isinstance(steps, int | np.integer) and not isinstance(steps, bool)
        if steps is not None and not (whole and 1 <= steps <= STEPS_LIMIT):
            raise InputError(f"--time-steps is {quoted(steps)}, expected a whole number 1 .. {STEPS_LIMIT}")


@dataclass(frozen=True, slots=True)
class Imported:
    """The net, and what importing it did, in words and numbers for the record.

    A `DiscreteModel` where the net is a chain that version 1 of the contract can express.
    """

    model: DiscreteModel | FloatGraph
    notes: Mapping[str, Note]
