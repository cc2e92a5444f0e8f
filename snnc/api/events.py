"""Arrays and tensors of a user as the input of a network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc import no_events
from snnc.api.example import UNKNOWN, Origin
from snnc.api.layouts import LAYOUT, array_given, features_last, untold
from snnc.errors import InputError, StageError
from snnc.stages import QuantizedGraph, check_input

LARGER = ", or export with a larger payload_max"
ENCODE = f"encode it as events{LARGER}"
OF_EXAMPLE = "encode it as events, or give from_torch an example that holds as large ones"
"""Of a network of `from_torch`: its example tells the largest event."""
Events = npt.NDArray[np.uint8]


def as_events(
    x: Any,
    graph: QuantizedGraph,
    layout: str | None = None,
    argument: str = "x",
    remedy: str = ENCODE,
    origin: Origin = UNKNOWN,
) -> Events:
    """`x` as input of `graph`: uint8 [samples, T, lines].

    Parameters
    ----------
    x : array, tensor, or a list of samples; whole events 0 .. the input's `payload_max`.
    layout : a letter for each dimension: N samples, T time, others features. The last letter may stand for
        several dimensions of features, and without N, or with a dimension less, it is one sample. None: as
        `untold` finds, and of a list, samples first.
    argument : what errors call `x`.
    remedy : what they say of values that are no events.
    origin : what is known of the example that `from_torch` took.

    Raises
    ------
    InputError
        If the shape is another, or a value is none of these; names the sample and both numbers.

    Warns
    -----
    UnlikelyWarning
        If no layout is given, and `x` fits in two, or in another order of time and samples than the example.
    """
    array = array_given(x, argument)
    if layout is None and isinstance(x, list | tuple):  # of samples
        layout = LAYOUT
    elif layout is None:
        layout, argument = untold(array, graph, origin.layout, argument)
    array = features_last(array, layout, argument)
    _check_shape(array, graph, layout, argument, origin)
    try:
        return check_input(graph, array)
    except StageError as error:
        if remedy == ENCODE and origin.layout is not None:
            remedy = OF_EXAMPLE
        raise InputError(f"{argument}: {_first_wrong(array, graph, remedy) or error}") from error


def _check_shape(
    array: npt.NDArray[Any], graph: QuantizedGraph, layout: str, argument: str, origin: Origin
) -> None:
    samples, steps, lines = array.shape
    slip = None if steps == origin.steps else origin.slip  # the example, which the module makes more steps of
    if not samples:
        raise InputError(f"{argument}: holds no sample; give one at least")
    if (steps, lines) == (graph.time_steps, graph.inputs):
        return
    if steps != graph.time_steps:
        what = f"{steps} steps, the network takes {graph.time_steps}"
    else:
        what = f"{lines} lines a step, the network takes {graph.inputs}"
    letters = str(layout).upper()
    features = letters.replace("N", "").replace("T", "")
    if samples == graph.time_steps and lines == graph.inputs and "N" in letters:
        remedy = _exchanged(letters, "N", "T", {"N": "samples", "T": "time"}) + (f"; {slip}" if slip else "")
    elif (lines, steps) == (graph.time_steps, graph.inputs) and len(features) == 1:
        remedy = _exchanged(letters, features, "T", {features: "lines", "T": "time"})
    elif lines == graph.inputs:
        otherwise = "add silent steps" if steps < graph.time_steps else "cut the steps"
        remedy = f"; {f'{slip}; otherwise ' if slip else ''}{otherwise} at the end"
    else:
        remedy = f"; read as {layout!r} it is [{samples} samples, {steps} steps, {lines} lines]"
    raise InputError(f"{argument}: sample 0 has {what}{remedy}")


def _exchanged(letters: str, one: str, other: str, words: Mapping[str, str]) -> str:
    """The remedy where two axes stand for each other: the layout with their letters exchanged."""
    right = letters.translate(str.maketrans(one + other, other + one))
    first, last = sorted((one, other), key=right.index)
    return f"; with {words[first]} before {words[last]}, pass layout={right!r}"


def _first_wrong(array: npt.NDArray[Any], graph: QuantizedGraph, remedy: str) -> str | None:
    """Where the first value is that is no event of `graph`, and what to do about it."""
    most = np.concatenate(
        [np.full(each.neurons, each.payload_max) for each in graph.populations if each.payload_max]
    )
    if array.dtype.kind not in "biuf":
        return f"{of_type(array)}; {remedy.removesuffix(LARGER)}"
    if (at := no_events.first_beyond(array, most)) is None:
        return None
    taken = "0 and 1" if most[at[2]] == 1 else f"whole numbers 0 .. {most[at[2]]}"
    if no_events.cause(array[at]):  # then no larger payload helps
        remedy = no_events.remedy(array[at])
    return f"{place(array, at)}, this network takes {taken}; {remedy}"


def of_type(array: npt.NDArray[Any]) -> str:
    """Of an array whose values are no numbers of events."""
    return f"holds values of the type {array.dtype}, events are whole numbers"


def place(array: npt.NDArray[Any], at: tuple[int, ...]) -> str:
    """As "sample 3, step 4, line 5 holds nan (no number)"."""
    return f"sample {at[0]}, step {at[1]}, line {at[2]} holds {no_events.told(array, at)}"
