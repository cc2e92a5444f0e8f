"""Tensors of a run by recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import torch

from snnc.conversion.axes import BATCH, TIME, Axes
from snnc.conversion.calls import NeuronCall
from snnc.conversion.run import Trace
from snnc.conversion.values import Value


def by_recording(tensor: torch.Tensor, axes: Axes) -> npt.NDArray[np.float64]:
    """[N, T, lines], T is 1 without time."""
    atoms = axes.atoms
    array = tensor.detach().to("cpu", torch.float64).numpy().reshape(_sizes(axes))
    first = [atoms.index(atom) for atom in (BATCH, TIME) if atom in atoms]
    order = [*first, *(k for k, atom in enumerate(atoms) if isinstance(atom, int))]
    return array.transpose(order).reshape(axes.batch, axes.steps or 1, axes.lines)


def of_recordings(run: Trace, which: Sequence[int]) -> Trace:
    """What `run` was of the recordings `which` alone, as their neurons and outputs gave it."""

    def call(each: NeuronCall) -> NeuronCall:
        if each.axes is None:
            return each
        gave = [None if one is None else _some(one, each.axes, which) for one in (each.spikes, each.membrane)]
        axes = replace(each.axes, batch=len(which))
        return replace(each, spikes=gave[0], membrane=gave[1], axes=axes)

    calls = {name: [call(each) for each in calls] for name, calls in run.calls.items()}
    tensors, outputs = list(run.tensors), list(run.outputs)
    for number, value in enumerate(run.outputs):
        if isinstance(value, Value):
            tensors[number] = _some(tensors[number], value.axes, which)
            outputs[number] = replace(value, axes=replace(value.axes, batch=len(which)))
    return replace(run, calls=calls, tensors=tensors, outputs=outputs)


def _some(tensor: torch.Tensor, axes: Axes, which: Sequence[int]) -> torch.Tensor:
    if BATCH not in axes.atoms:
        return tensor
    parts = tensor.reshape(_sizes(axes))
    picked = parts.index_select(axes.atoms.index(BATCH), torch.tensor(which, device=tensor.device))
    return picked.reshape(replace(axes, batch=len(which)).shape)


def _sizes(axes: Axes) -> list[int]:
    """The size of each atom."""
    sizes = {TIME: axes.steps, BATCH: axes.batch}
    return [sizes[atom] if isinstance(atom, str) else atom for atom in axes.atoms]
