"""Delays of a NIR file in whole steps."""

from __future__ import annotations

import nir
import numpy as np
import numpy.typing as npt

from snnc.errors import InputError
from snnc.exporter.nir.layers import one_for_each

WHOLE = 1e-4
"""Steps by which a delay may miss a whole number: seconds in float32 do not hold more."""


class WholeSteps:
    """Delays in steps of `dt` seconds. With `rounding`, those that are no whole number are rounded.

    `notes`: how many were, and the largest change.
    """

    def __init__(self, dt: float, rounding: bool) -> None:
        self._dt, self._rounding = dt, rounding
        self.notes: dict[str, int | float | str] = {"delays_rounded": 0, "largest_delay_change_steps": 0.0}

    def of(self, name: str, node: nir.Delay, lines: int) -> npt.NDArray[np.int64]:
        """int64 [lines]. Raises `InputError` if one is negative, too long, or may not be rounded."""
        steps = one_for_each(name, "delay", node.delay, lines) / self._dt
        whole = np.rint(steps)
        moved = np.abs(steps - whole)
        worst = int(moved.argmax())
        if moved[worst] > WHOLE and not self._rounding:
            raise InputError(
                f"node {name!r}, line {worst}: a delay of {steps[worst] * self._dt:.6g} s is "
                f"{steps[worst]:.4f} steps of {self._dt:.6g} s; pass another --dt, or --round-delays"
            )
        if whole.min() < 0:
            raise InputError(f"node {name!r}: a delay is negative ({whole.min() * self._dt:.6g} s)")
        if whole.max() > np.iinfo(np.int32).max:
            raise InputError(
                f"node {name!r}: a delay is {whole.max():g} steps of {self._dt:.6g} s; pass a larger --dt"
            )
        rounded = moved > WHOLE
        self.notes["delays_rounded"] = int(self.notes["delays_rounded"]) + int(rounded.sum())
        change = max(float(self.notes["largest_delay_change_steps"]), float((moved * rounded).max()))
        self.notes["largest_delay_change_steps"] = round(change, 4)
        return whole.astype(np.int64)
