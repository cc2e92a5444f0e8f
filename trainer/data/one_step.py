"""Recordings whose events all fall into the first step of a network, as their unit is another one."""

import math

from snnc.errors import InputError
from snnc.trainer.data.events import EventDataset
from snnc.trainer.data.spans import Spans


def check_spread(argument: str, ds: EventDataset, step_s: float, steps: int) -> None:
    """Raise `InputError` if a network gets all events of `ds` in its first step, of `step_s` seconds.

    Then nothing is left of their order, and the network tells hardly more than one class. Events that are at
    one time by the file, too, are what they are, and so is sound, whose times `snnc encode` made.
    `steps`: how many the network learned. `argument`: what the recordings were given as, for the error.
    """
    if steps < 2 or ds.encoder is not None or ds.needed_steps(step_s) != 1:
        return
    spans = Spans(ds)
    if not spans.longest:
        return
    raise InputError(
        f"{argument}: all its events fall into the network's first step, of {step_s:g} s, as the last is at "
        f"{spans.end:.6g} s, so nothing of their order is left{_remedy(ds, step_s)}"
    )


def _remedy(ds: EventDataset, step_s: float) -> str:
    if ds.step_s is not None and not math.isclose(ds.step_s, step_s, rel_tol=1e-6):
        return (
            f"; its own steps are of {ds.step_s:g} s: if they are the network's, it needs dt={step_s:g}; "
            "otherwise take a network in such steps"
        )
    return (
        f" (tick_s = {ds.tick_s:g}); set tick_s, the seconds of a unit of times (1e-3 for milliseconds, 1e-6 "
        "for microseconds), take a network in finer steps, or give 0 and 1 in its steps (`spikes`, or "
        "snnc.from_arrays)"
    )
