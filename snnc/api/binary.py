"""Arrays that become recordings hold 0 and 1; those of counts go to a network as they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from snnc import no_events
from snnc.api.events import of_type, place
from snnc.errors import InputError


def check_binary(events: npt.NDArray[Any], step_s: float) -> None:
    """Raise `InputError` if [samples, T, lines], in steps of `step_s` seconds, hold anything but 0 and 1."""
    if events.dtype.kind not in "biuf":
        raise InputError(f"x: {of_type(events)}; encode it as events")
    if (at := no_events.first_beyond(events, np.ones(events.shape[2]))) is None:
        return
    held = f"x: {place(events, at)}, recordings of from_arrays hold 0 and 1"
    if no_events.cause(events[at]):
        raise InputError(f"{held}; {no_events.remedy(events[at])}")
    raise InputError(
        f"{held}, which is what training takes: to train, encode it as events",
        "a network whose input takes counts is given x itself: verify(x, labels=labels), predict(x), run(x) "
        "and finetune; export takes a file as data: "
        f"numpy.savez('counts.npz', spikes=x, labels=labels, dt={step_s:g})",
    )
