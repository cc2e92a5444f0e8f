"""How tight the range proof is: how much of its bounds an adversary that knows the network reaches.

`pytest -s tests/test_ranges_reached.py` prints the shares that stand in docs/ranges.md.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from adversary import constant_trains, high_trains, spike_train, states
from range_cases import chain

from snnc.exporter.prove_ranges import graph_bounds, layer_bounds
from snnc.stages import QuantizedLayer

STEPS = 30
ALL_OF_IT = (1.0, 1.0)


def random_layer(
    rng: np.random.Generator, shape: tuple[int, int], decay_u: int, spiking: bool, name: str = "layer"
) -> QuantizedLayer:
    """8-bit weights, delays of up to 12 steps, biases of up to 10 weight steps, thresholds of up to 2000."""
    return QuantizedLayer(
        name=name,
        weight=rng.integers(-127, 128, shape),
        delay=rng.integers(0, 13, shape),
        bias_mant=rng.integers(-640, 641, shape[0]),
        bias_exp=0,
        decay_u=decay_u,
        decay_v=int(rng.integers(100, 4097)),
        threshold=int(rng.integers(1, 2000)) if spiking else None,
    )


def reached_alone(layer: QuantizedLayer, neuron: int) -> dict[str, float]:
    """Shares of the bounds of a neuron whose sources are free."""
    bounds = layer_bounds(layer, STEPS)
    trains = constant_trains(layer, neuron, STEPS)
    trains += high_trains(layer, neuron, STEPS) if layer.spikes else []
    runs = [states(layer, spike_train(train)) for train in trains]
    found = {}
    for variable in ("a", "u", "v"):
        values = np.concatenate([getattr(run, variable)[:, neuron] for run in runs])
        low, high = bounds.worst(variable)
        found[f"{variable} low"] = float(values.min() / low[neuron])
        found[f"{variable} high"] = float(values.max() / high[neuron])
    assert max(found.values()) <= 1
    return found


def shares(decay_u: int, spiking: bool) -> dict[str, tuple[float, float]]:
    """Mean and least share over 100 neurons in 20 random layers of 20 inputs."""
    rng = np.random.default_rng(1)
    layers = [random_layer(rng, (5, 20), decay_u, spiking) for _ in range(20)]
    every = [reached_alone(layer, neuron) for layer in layers for neuron in range(layer.neurons)]
    result = {name: [one[name] for one in every] for name in every[0]}
    print(f"\ndecay_u {decay_u}, {'spiking' if spiking else 'readout'}: mean and least share")
    for name, values in result.items():
        print(f"  {name:7}{np.mean(values):8.4f}{min(values):8.4f}")
    return {name: (float(np.mean(values)), min(values)) for name, values in result.items()}


@pytest.mark.parametrize("decay_u", [4096, 2048, 400])
def test_a_readout_reaches_its_bounds(decay_u):
    assert set(shares(decay_u, spiking=False).values()) == {ALL_OF_IT}


def test_a_spiking_layer_without_memory_in_u_comes_within_2_percent():
    """Such is every layer that the exporter makes."""
    found = shares(4096, spiking=True)
    assert found.pop("v high")[1] > 0.98
    assert set(found.values()) == {ALL_OF_IT}


@pytest.mark.parametrize("decay_u", [2048, 400])
def test_a_spiking_layer_whose_current_lasts_comes_less_near_to_the_top(decay_u):
    found = shares(decay_u, spiking=True)
    mean, least = found.pop("v high")
    assert mean > 0.9
    assert least > 0.65
    assert set(found.values()) == {ALL_OF_IT}


def aimed(hidden: QuantizedLayer, layer: QuantizedLayer, neuron: int) -> np.ndarray:
    """What each input event [T, inputs] would add to the last v if hidden neurons did not have thresholds."""
    worth = np.zeros((STEPS, hidden.inputs))
    for i in range(hidden.neurons):
        for step in range(STEPS):
            share = layer.weight[neuron, i] * (1 - layer.decay_v / 4096) ** (STEPS - 1 - step)
            for j in range(hidden.inputs):
                begin = step - layer.delay[neuron, i] - hidden.delay[i, j]
                if begin >= 0:
                    worth[begin, j] += share * hidden.weight[i, j]
    return worth


def climb(hidden: QuantizedLayer, layer: QuantizedLayer, neuron: int, rng: np.random.Generator) -> float:
    """Share of the upper bound of v behind `hidden` that a hill climb over input trains reaches."""

    def value(train: np.ndarray) -> int:
        return int(states(layer, states(hidden, spike_train(train)).spikes).v[:, neuron].max())

    shape = (STEPS, hidden.inputs)
    trains = [np.ones(shape), aimed(hidden, layer, neuron) > 0, *(rng.random((8, *shape)) < 0.5)]
    best = max((train.astype(np.uint8) for train in trains), key=value)
    reached = value(best)
    for _ in range(150):
        other = best.copy()
        begin, line = rng.integers(0, STEPS), rng.integers(0, hidden.inputs)
        other[begin : begin + rng.integers(1, 8), line] ^= 1
        if (found := value(other)) >= reached:
            best, reached = other, found
    bounds = graph_bounds(chain(hidden, layer, steps=STEPS))[1]
    return reached / int(bounds.worst("v")[1][neuron])


def test_a_second_layer_is_reached_in_part():
    """Its sources are not free. What is measured is a lower end: a better search may reach more."""
    rng = np.random.default_rng(2)
    found = []
    for _ in range(15):
        hidden = replace(random_layer(rng, (10, 20), 4096, True, "hidden"), threshold=200, decay_v=1024)
        readout = replace(random_layer(rng, (1, 10), 4096, False), decay_v=1024)
        found.append(climb(hidden, readout, 0, rng))
    print(f"\nreadout behind a hidden layer: mean {np.mean(found):.4f}, least {min(found):.4f}")
    assert max(found) <= 1
    assert np.mean(found) > 0.7
    assert min(found) > 0.5
