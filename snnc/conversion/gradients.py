"""Neurons that compute something else where PyTorch computes gradients: their Cell may be right there."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch

from snnc.conversion.again import run_again
from snnc.conversion.axes import Axes
from snnc.conversion.budget import recordings_compared
from snnc.conversion.comparison import padded_to
from snnc.conversion.forced import Forced, forced_runs
from snnc.conversion.left_over import LeftOver
from snnc.conversion.recordings import by_recording
from snnc.conversion.run import Trace
from snnc.stages import FloatGraph

WITH_GRADIENTS = (
    "within torch.enable_grad() it is what its Cell says, and within torch.no_grad(), of which the network "
    "is, something else (compute the same in both, and ask self.training for what training alone is to do)"
)


def of_gradients(
    module: torch.nn.Module, found: Trace, graph: FloatGraph, events: torch.Tensor, axes: Axes
) -> LeftOver:
    """In words, as a cause, that neurons with a converter of the user's are the graph's with gradients."""

    @cache
    def forced() -> Forced | None:
        try:
            run = run_again(module, found, events, axes, gradients=True)
            lines = by_recording(events, axes).astype(np.int64)
            return forced_runs(graph, run, padded_to(graph, lines[: recordings_compared(graph, len(lines))]))
        except Exception:  # the module's own code
            return None

    def told(name: str) -> tuple[str, ...]:
        run = forced() if name in found.own else None
        if run is None or name not in run.states or run.wrong(name).any():
            return ()
        return (WITH_GRADIENTS,)

    return told
