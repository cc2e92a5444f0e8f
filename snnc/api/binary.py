"""Arrays that become recordings hold 0 and 1; those of counts go to a network as they are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc import no_events
from snnc.api.events import of_type, place
from snnc.errors import InputError
from snnc.io.npz import read_npz
from snnc.io.spike_arrays import KNOWN
from snnc.stages import QuantizedGraph
from snnc.trainer.data.dense import by_time, dense_file


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


def arrays_of(path: str | os.PathLike[str], graph: QuantizedGraph) -> str | None:
    """Why training refuses a file, and how `finetune` is given its samples; None if it takes them neither.

    Raises `InputError` of counts in steps of another length than those of `graph`.
    """
    place = Path(path)
    names = dense_file(place)
    most = max(each.payload_max or 1 for each in graph.populations)
    if not names or (most == 1 and "labels" in names):
        return None
    arrays = {name: each for name, each in read_npz(place).items() if name in KNOWN}
    if by_time(place, arrays, graph.bin_s, graph.readouts[0].class_names) is not None:
        return None
    given = "file['spikes']"
    if "labels" in arrays:
        numbers = "classes" in arrays and arrays["labels"].dtype.kind in "iu"
        given += ", file['classes'][file['labels']]" if numbers else ", file['labels']"
    why = "holds counts" if "labels" in arrays else "has no labels"
    read = f"file = numpy.load({str(path)!r})"
    return f"{why}; finetune takes its arrays: {read}, then finetune(net, {given}, ...)"
