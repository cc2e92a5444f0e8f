"""What a user of `snnc train` who wants another time step is told to write."""

from __future__ import annotations

import math

from snnc.errors import InputError
from snnc.unlikely import unlikely_step

OF_SET, OF_DT = "--set bin_s=SECONDS", "--dt SECONDS"
_LONGEST = 1.0
"""Seconds; the most that `bin_s` may be."""


def checked_dt(dt: float) -> str:
    """What is odd about --dt, empty if nothing is. Raises `InputError` if no network has such a step."""
    if not 0 < dt < math.inf:
        raise InputError(f"--dt is {dt:g}; give a positive number of seconds")
    said = unlikely_step(dt)
    if dt > _LONGEST:
        raise InputError(f"--dt {said}; at most {_LONGEST:g} is taken")
    return said and f"--dt {said}"


def another_step(config: str, dataset: str, bin_s: float, option: str = OF_DT) -> str:
    """How a run by `config` on `dataset`, whose step is `bin_s`, gets another one.

    `option`: the one that the user gave, or may give: the same field given twice is refused. The steps of
    samples that do not say how long they are would change their meaning with it.
    """
    from snnc.trainer.data.dense import is_sole_step
    from snnc.trainer.introduction import milliseconds

    if is_sole_step(dataset):
        return (
            f"{dataset} does not say how long its steps are, and they are taken as {milliseconds(bin_s)}; "
            f"store that in it (np.savez(..., dt={bin_s:g})), then {option} is of the network alone"
        )
    return f"{option}, or bin_s in the TOML file" if config.endswith(".toml") else option
