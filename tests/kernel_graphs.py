"""Small chains for the kernels of the simulator."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from snnc.stages import QuantizedGraph, QuantizedLayer


def layer(weight: npt.ArrayLike, delay: npt.ArrayLike = 0, **fields: int | None) -> QuantizedLayer:
    weight = np.asarray(weight)
    defaults = {"bias_exp": 0, "decay_u": 4096, "decay_v": 4096, "threshold": None}
    bias = np.zeros(len(weight), np.int32)
    return QuantizedLayer("layer", weight, np.broadcast_to(delay, weight.shape), bias, **(defaults | fields))  # type: ignore[arg-type]


def chain(*layers: QuantizedLayer, steps: int) -> QuantizedGraph:
    named = tuple(replace(one, name=f"layer{i}") for i, one in enumerate(layers))
    return QuantizedGraph.chain(named, steps, 0.001, 1.0, tuple(str(i) for i in range(layers[-1].neurons)))
