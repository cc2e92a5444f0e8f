"""Neurons that the spikes of their module drive, with a Cell that tells other numbers than the module's."""

from __future__ import annotations

import numpy as np

from snnc.conversion.fits.driven import Driven
from snnc.conversion.neurons import Cell
from snnc.stages.float_population import FloatPopulation

TOLD = {"keep_u": 0.5, "keep_v": 0.8, "gain": 1.0, "threshold": 1.0, "bias": 0.0, "reset_by": 1.0}


def driven_of(faults, recordings, reset="zero", neurons=3, told=None, seed=0):
    """60 steps of a module with the numbers `TOLD` with `told`, but for its `faults`, and its Cell."""
    told = TOLD | (told or {})
    draw = np.random.default_rng(seed)
    weights = 0.5 * draw.random((6, neurons)) - 0.1
    arriving = (draw.random((recordings, 60, 6)) < 0.3) @ weights
    module = told | faults
    u, v, spikes = np.zeros((recordings, neurons)), np.zeros((recordings, neurons)), []
    for t in range(60):
        u = module["keep_u"] * u + arriving[:, t]
        v = module["keep_v"] * v + module["gain"] * u + module["bias"]
        spikes.append(v > module["threshold"])
        v = v - module["reset_by"] * spikes[-1] if reset == "subtract" else v * ~spikes[-1]
    gain = told.pop("gain")
    if reset != "subtract":
        del told["reset_by"]
    words = {"fires": "above", "reset": reset}
    of_network = {
        key: np.full(neurons, each / (1 if key.startswith("keep") else gain)) for key, each in told.items()
    }
    of = FloatPopulation("n", "lif", neurons, input_bias=np.zeros(neurons), **of_network, **words)
    driven = Driven(of, arriving, np.stack(spikes, axis=1), 1e-14)
    return driven, Cell("n", told | words, gain=gain)
