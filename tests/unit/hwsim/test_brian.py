"""Spikes and membranes of delayed networks against Brian 2, which computes the contract in integers.

Brian 2 is installed into a folder of its own and runs in a process apart, in its numpy mode: nothing is
compiled.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from loihi_artifacts import chain, layer
from throwaway import install, run_script

from snnc.hwsim.event_driven import simulate

pytestmark = pytest.mark.outside


@pytest.fixture(scope="module")
def brian(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Brian 2.9, the last for Python 3.11, does not run with numpy 2.
    old = ["brian2==2.9.0; python_version < '3.12'", "numpy<2; python_version < '3.12'"]
    new = ["brian2>=2.10; python_version >= '3.12'"]
    return install(tmp_path_factory.mktemp("brian"), *old, *new)


@pytest.mark.parametrize("seed", [1, 2])
def test_spikes_and_states_of_a_delayed_network(brian: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    sizes, steps = (25, 20, 15, 6), 70
    layers = []
    for index in range(3):
        shape = sizes[index + 1], sizes[index]
        layers.append(
            layer(
                rng.integers(-20, 40, shape) * (rng.random(shape) < 0.6),
                rng.integers(0, 40, shape),
                name=f"layer{index}",
                decay_u=int(rng.integers(1000, 4097)),
                decay_v=int(rng.integers(50, 1000)),
                threshold=None if index == 2 else 60,
                bias_mant=rng.integers(-30, 40, shape[0]),
                bias_exp=2,
            )
        )
    graph = chain(*layers, time_steps=steps)
    inputs = (rng.random((steps, sizes[0])) < 0.15).astype(int)
    task = {
        "inputs": inputs.tolist(),
        "layers": [
            {
                "weight": each.weight.tolist(),
                "delay": each.delay.tolist(),
                "decay_u": each.decay_u,
                "decay_v": each.decay_v,
                "threshold": each.threshold,
                "bias": each.bias.tolist(),
            }
            for each in layers
        ],
    }
    theirs = run_script("outside/brian_run.py", brian, task)
    trace = simulate(graph, inputs[None])
    for mine, other in zip(trace, theirs, strict=True):
        assert np.array_equal(mine.spikes[0], np.array(other["spikes"], bool))
        assert np.array_equal(mine.v[0], np.array(other["v"]))
        assert (mine.u_wraps, mine.v_clips) == (0, 0)  # Brian's equations have neither
    assert all(layer.spikes.sum() > 50 for layer in trace.layers[:-1])
