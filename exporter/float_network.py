"""The network in floating point, spike by spike: potentials and spikes of every layer, for the loss budget.

Work is done per spike, as in the simulator of integers: a few recordings do not pay for the transform of
every delay kernel that training's convolutions need. Sums are in float64 and in a fixed order.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from snnc.compiled import floats
from snnc.decoding import softmax
from snnc.exporter.passes.discretise import fold_batch_norm, round_delays
from snnc.stages import DiscreteLayer, TrainedLayer
from snnc.stages.trained import DCLS_SIGMA_FLOOR, TRIANGLE

Number = TypeVar("Number", np.float64, np.int32)
FloatArray = npt.NDArray[np.float64]

BATCH = 50
"""Recordings whose membranes are held in memory at a time."""

WIDTHS = 6
"""A Gaussian over delays is cut this many widths from its centre: below 2e-8 of its peak."""


@dataclass(frozen=True, slots=True)
class FloatLayer:
    """A delayed layer: tap k of the synapse from j to i has `weight[k, j, i]` and `delay[k, j, i]` steps.

    `bias` [neurons] is added in every step. `tau` in steps, inf: nothing decays. `threshold` None: a readout.
    """

    weight: FloatArray
    delay: npt.NDArray[np.int32]
    bias: FloatArray
    tau: float
    threshold: float | None


@dataclass(frozen=True, slots=True)
class FloatActivity:
    """`potential` after the reset, float32, and `spikes`, uint8; both [recordings, T, neurons]."""

    potential: npt.NDArray[np.float32]
    spikes: npt.NDArray[np.uint8]


def whole_delays(layer: DiscreteLayer) -> FloatLayer:
    """A layer with whole delays: one tap a synapse."""
    return FloatLayer(
        _by_source(layer.weight[None]), _by_source(layer.delay[None]), layer.bias, layer.tau, layer.threshold
    )


def gaussian_delays(layer: TrainedLayer) -> FloatLayer:
    """A layer as training left it: a Gaussian or a triangle over the taps (`snnc.trainer.kernel`).

    With `sigma` 0 its delays are whole steps, and there is one tap.
    """
    weight, bias = fold_batch_norm(layer)
    if layer.sigma == 0:
        return whole_delays(
            DiscreteLayer(layer.name, weight, round_delays(layer), bias, layer.tau, layer.threshold)
        )
    triangle = layer.kernel == TRIANGLE
    width = layer.sigma if triangle else abs(layer.sigma) + DCLS_SIGMA_FLOOR
    centre = layer.kernel_size // 2 + layer.position.astype(np.float64)
    reach = min(math.ceil(width if triangle else WIDTHS * width), layer.kernel_size)
    tap = np.rint(centre) + np.arange(-reach, reach + 1)[:, None, None]
    away = np.abs(tap - centre)
    bell = np.maximum(width - away, 0) if triangle else np.exp(-np.square(away / width) / 2)
    bell *= (tap >= 0) & (tap < layer.kernel_size)
    bell /= 1e-7 + bell.sum(axis=0)
    delay = np.maximum(layer.kernel_size - 1 - tap, 0).astype(np.int32)
    return FloatLayer(_by_source(bell * weight), _by_source(delay), bias, layer.tau, layer.threshold)


def run(layers: Sequence[FloatLayer], spikes: npt.NDArray[np.uint8]) -> list[FloatActivity]:
    """Every potential and spike of `layers` on uint8 [recordings, T, inputs] of 0 and 1."""
    found: list[FloatActivity] = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for layer in layers:
            shape = (*spikes.shape[:2], len(layer.bias))
            activity = FloatActivity(np.empty(shape, np.float32), np.empty(shape, np.uint8))
            arrays: tuple[npt.NDArray[Any], ...] = layer.weight, layer.delay, layer.bias
            threshold = math.inf if layer.threshold is None else layer.threshold
            of_layer = (*map(_of_one_kind, arrays), float(layer.tau), threshold)

            def one(index: int, of_layer=of_layer, spikes=spikes, activity=activity) -> None:  # type: ignore[no-untyped-def]
                out = activity.potential[index], activity.spikes[index]
                _run_layer(_of_one_kind(spikes[index]), *of_layer, *out)

            list(pool.map(one, range(len(spikes))))
            found.append(activity)
            spikes = activity.spikes
    return found


def class_scores(layers: Sequence[FloatLayer], spikes: npt.NDArray[np.uint8]) -> FloatArray:
    """Class scores [recordings, classes] of `layers`, in batches of bounded memory."""
    batches = (spikes[first : first + BATCH] for first in range(0, len(spikes), BATCH))
    return np.concatenate([softmax.scores(run(layers, batch)[-1].potential, 1.0) for batch in batches])


def _by_source(values: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """[taps, neurons, inputs] -> [taps, inputs, neurons]: what a spike reads lies together."""
    return np.ascontiguousarray(values.swapaxes(1, 2))


def _of_one_kind(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """By rows and read-only: for each kind of array that a loop is given, it is compiled once more."""
    seen = np.ascontiguousarray(array).view()
    seen.flags.writeable = False
    return seen


@floats
def _run_layer(spikes, weight, delay, bias, tau, threshold, potential, fired):  # type: ignore[no-untyped-def]
    steps, neurons = potential.shape
    current = np.zeros((steps, neurons))
    for t in range(steps):
        for j in np.flatnonzero(spikes[t]):
            for k in range(len(weight)):
                weights, delays = weight[k, j], delay[k, j]
                for i in range(neurons):
                    arrival = t + delays[i]
                    if arrival < steps:
                        current[arrival, i] += weights[i]
    v = np.zeros(neurons)
    for t in range(steps):
        for i in range(neurons):
            charged = v[i] - v[i] / tau + current[t, i] + bias[i]
            fires = charged >= threshold  # training's rule; the contract's is strict
            v[i] = 0.0 if fires else charged
            potential[t, i], fired[t, i] = v[i], fires
