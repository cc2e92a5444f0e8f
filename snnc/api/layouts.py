"""Arrays of a user, in any layout, as [samples, steps, lines]; and the layout of those that come without."""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.api.numbers import warn
from snnc.api.tensors import array_of
from snnc.errors import InputError
from snnc.io.other_kinds import read_in_python
from snnc.stages import QuantizedGraph
from snnc.text import quoted
from snnc.trainer.data import EventDataset

LAYOUT = "NTC"
"""Where no example says another one."""
EXCHANGED = str.maketrans("TN", "NT")
"""Time for samples, and samples for time."""


def untold(array: npt.NDArray[Any], graph: QuantizedGraph, own: str | None, argument: str) -> tuple[str, str]:
    """The layout that `array` is read in if nobody says one, and what errors call the array then.

    `own` is the layout of the example that `from_torch` took. That is taken where the array fits `graph` so,
    else its order of time and samples with one dimension of features, else `LAYOUT`. Where nothing fits, it
    is that of them which has the array's dimensions.

    Warns if the array fits in `LAYOUT` as well, or with time and samples exchanged, as other samples; and if
    it is read in another order of time and samples than the example.
    """
    if own is None:
        if (found := _fitting(array, graph, LAYOUT)) is not None:
            _warn_of_both(array, graph, LAYOUT, argument, found, "samples first")
        return LAYOUT, argument
    flat = "TNC" if "T" in own.partition("N")[0] and "N" in own else LAYOUT
    for layout in dict.fromkeys((own, flat, LAYOUT)):
        if (found := _fitting(array, graph, layout)) is None:
            continue
        _warn_of_both(array, graph, layout, argument, found, "as the example of from_torch was")
        if layout == LAYOUT != flat and array.ndim >= len(LAYOUT):
            warn(
                f"{argument}: has the shape {list(array.shape)}, which does not fit in the layout {own!r} "
                f"that the example of from_torch was read in, and is read in {layout!r}: "
                f"{len(found)} samples of {graph.time_steps} steps; pass layout={layout!r} if they are so, "
                f"else convert again with an example of {len(array)} steps"
            )
        return layout, argument
    layout = own if array.ndim in (len(own), len(own) - 1) else flat
    how = "" if layout == LAYOUT else f" (read in the layout {layout!r}, as the example of from_torch was)"
    return layout, f"{argument}{how}"


def _warn_of_both(
    array: npt.NDArray[Any],
    graph: QuantizedGraph,
    layout: str,
    argument: str,
    found: npt.NDArray[Any],
    why: str,
) -> None:
    """If `array`, which is `found` in the `layout`, fits `graph` in another one as well, as other samples."""
    for other in dict.fromkeys((LAYOUT, layout.translate(EXCHANGED))):
        usual = _fitting(array, graph, other)
        same = usual is not None and np.array_equal(found, usual, equal_nan=found.dtype.kind in "fc")
        if usual is not None and not same:
            warn(
                f"{argument}: has the shape {list(array.shape)}, which fits in the layout {layout!r} and in "
                f"{other!r}, and is read in {layout!r}, {why}: pass layout"
            )
            return


def _fitting(array: npt.NDArray[Any], graph: QuantizedGraph, layout: str) -> npt.NDArray[Any] | None:
    try:
        found = features_last(array, layout, "x")
    except InputError:
        return None
    samples, *shape = found.shape
    return found if samples and shape == [graph.time_steps, graph.inputs] else None


PATHS = (
    "the exported network's predict and run take a path, and snnc.load_data reads recordings of an event file"
)


def array_given(x: Any, argument: str) -> npt.NDArray[Any]:
    """As it is. Raises `InputError` if it is none of numbers, or a list of samples of several shapes."""
    array = _array(x, argument)
    none = not array.ndim or array.shape == (0,)  # where no layout can help
    if none or array.dtype.kind == "O":
        what = "samples" if none else "numbers"
        raise InputError(
            f"{argument}: is {quoted(x)}, which holds no {what}; give an array or a tensor of numbers, "
            "[samples, T, lines]"
        )
    return array


def _array(x: Any, argument: str) -> npt.NDArray[Any]:
    if isinstance(x, list | tuple):
        parts = [_array(each, argument) for each in x]
        for number, each in enumerate(parts):
            if each.shape != parts[0].shape:
                raise InputError(
                    f"{argument}: sample {number} has the shape {list(each.shape)}, sample 0 has "
                    f"{list(parts[0].shape)}; give samples of one shape"
                )
        return np.stack(parts) if parts else np.zeros(0)
    if isinstance(x, str | bytes | os.PathLike):
        read = None if isinstance(x, bytes) else read_in_python(x)
        remedy = f"of a file of one, give {read}" if read else PATHS
        raise InputError(f"{argument}: is {quoted(x)}, no array or tensor [samples, T, lines]; {remedy}")
    if isinstance(x, EventDataset):
        raise InputError(
            f"{argument}: is {quoted(x)}; give an array or a tensor [samples, T, lines], as "
            "recordings.frames(range(len(recordings)), dt, T) is one; verify takes recordings as data"
        )
    if str(getattr(x, "dtype", "")) == "torch.bfloat16":  # numpy has none
        x = x.float()
    return array_of(argument, x, "give an array or a dense tensor [samples, T, lines]")


def features_last(x: Any, layout: str, argument: str) -> npt.NDArray[Any]:
    """[samples, T, lines]: all features in one row, in their order. Raises `InputError` as `as_events`."""
    array, letters = array_given(x, argument), str(layout).upper()
    meant, batch = letters.replace("B", "N"), "B" in letters and "N" not in letters
    if batch and _is_layout(meant):
        raise InputError(
            f"layout {layout!r} has no letter N, which stands for samples; did you mean {meant!r}?"
        )
    if batch or not _is_layout(letters):
        raise InputError(
            f"layout {layout!r}: give T for time once, N for samples, and other letters for features"
        )
    if array.ndim == len(letters) - 1:
        letters = letters.replace("N", "")
    if array.ndim < len(letters) or (array.ndim > len(letters) and letters[-1] in "NT"):
        raise InputError(
            f"{argument}: has the shape {list(array.shape)}, the layout {layout!r} has {len(layout)} "
            "dimensions; pass the layout of this shape"
        )
    if "N" not in letters:
        array, letters = array[None], "N" + letters
    array = np.moveaxis(array, (letters.index("N"), letters.index("T")), (0, 1))
    return array.reshape(*array.shape[:2], math.prod(array.shape[2:]))


def _is_layout(letters: str) -> bool:
    return letters.count("T") == 1 and letters.count("N") <= 1 and letters.isalpha()
