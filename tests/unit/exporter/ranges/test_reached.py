"""How tight the range proof is: how much of its bounds an adversary that knows the network reaches.

`pytest -s tests/unit/exporter/ranges/test_reached.py` prints the shares that stand in docs/ranges.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from adversary import bounds_alone, constant_trains, high_trains, spike_train, states_of
from gradient_adversary import extreme_v
from places import EXAMPLES
from range_cases import chain

from snnc.exporter.options import ExportOptions
from snnc.exporter.pipeline import compile_model
from snnc.exporter.ranges.certificate import PopulationRanges
from snnc.exporter.ranges.prove import graph_bounds
from snnc.stages import QuantizedGraph, QuantizedLayer
from snnc.targets.registry import load_target
from snnc.trainer.model_file import load_model

pytestmark = pytest.mark.slow

Shares = npt.NDArray[np.float64]

EXAMPLE = EXAMPLES / "heidelberg" / "model.pt"
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


def reached_alone(layer: QuantizedLayer, bounds: PopulationRanges, neuron: int) -> dict[str, float]:
    """Shares of the bounds of a neuron whose sources are free; it alone is run."""
    trains = constant_trains(layer, neuron, STEPS)
    trains += high_trains(layer, neuron, STEPS) if layer.spikes else []
    its = {name: getattr(layer, name)[[neuron]] for name in ("weight", "delay", "bias_mant")}
    runs = states_of(replace(layer, **its), [spike_train(train) for train in trains])
    found = {}
    for variable in ("a", "u", "v"):
        values = np.concatenate([getattr(run, variable)[:, 0] for run in runs])
        low, high = bounds.worst(variable)
        found[f"{variable} low"] = float(values.min() / low[neuron])
        found[f"{variable} high"] = float(values.max() / high[neuron])
    assert max(found.values()) <= 1
    return found


def shares(decay_u: int, spiking: bool) -> dict[str, tuple[float, float]]:
    """Mean and least share over 100 neurons in 20 random layers of 20 inputs."""
    rng = np.random.default_rng(1)
    layers = [random_layer(rng, (5, 20), decay_u, spiking) for _ in range(20)]
    proved = [(layer, bounds_alone(layer, STEPS)) for layer in layers]
    every = [
        reached_alone(layer, bounds, neuron) for layer, bounds in proved for neuron in range(layer.neurons)
    ]
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


def reached_behind(
    graph: QuantizedGraph, index: int, neurons: Sequence[int], sign: int, rounds: int
) -> Shares:
    """Shares of the bounds of v of `neurons` of layer `index`, through real inputs of the first layer."""
    low, high = graph_bounds(graph)[index].worst("v")
    found = extreme_v(graph, index, neurons, sign, rounds) / (high if sign > 0 else low)[list(neurons)]
    assert found.max() <= 1
    return found


@pytest.fixture(scope="module")
def example() -> QuantizedGraph:
    """The trained network of examples/heidelberg, 140-256-256-20, with 8 bits."""
    return compile_model(load_model(EXAMPLE), load_target("loihi"), ExportOptions()).program.graph


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("layer", "rounds"), [(1, 40), (2, 100)])
def test_the_layers_behind_the_first_of_a_trained_network_reach_80_percent(example, layer, rounds, sign):
    """Many inputs with many delays leave the sources of a layer nearly free."""
    neurons = np.linspace(0, example.layers[layer].neurons - 1, 7).astype(int).tolist()
    found = reached_behind(example, layer, neurons, sign, rounds)
    print(f"\n{example.layers[layer].name}, sign {sign}: mean {found.mean():.4f}, least {found.min():.4f}")
    assert found.min() >= 0.8


def test_a_narrow_second_layer_is_reached_in_part():
    """With few inputs, a neuron that needs most of its excitation to fire keeps others from firing."""
    rng = np.random.default_rng(2)
    found = []
    for _ in range(15):
        hidden = replace(random_layer(rng, (10, 20), 4096, True, "hidden"), threshold=200, decay_v=1024)
        readout = replace(random_layer(rng, (1, 10), 4096, False), decay_v=1024)
        found += [*reached_behind(chain(hidden, readout, steps=STEPS), 1, [0], 1, 60)]
    print(f"\nnarrow: mean {np.mean(found):.4f}, least {min(found):.4f}")
    assert np.mean(found) > 0.85
    assert min(found) > 0.6
