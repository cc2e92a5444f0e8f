"""A tensor of a run as an array of recordings."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from snnc.conversion.axes import BATCH, TIME, Axes


def by_recording(tensor: torch.Tensor, axes: Axes) -> npt.NDArray[np.float64]:
    """[N, T, lines], T is 1 without time."""
    sizes = {TIME: axes.steps, BATCH: axes.batch}
    atoms = axes.atoms
    array = tensor.detach().to("cpu", torch.float64).numpy()
    array = array.reshape([sizes[atom] if isinstance(atom, str) else atom for atom in atoms])
    first = [atoms.index(atom) for atom in (BATCH, TIME) if atom in atoms]
    order = [*first, *(k for k, atom in enumerate(atoms) if isinstance(atom, int))]
    return array.transpose(order).reshape(axes.batch, axes.steps or 1, axes.lines)
