"""Against Brian 2, which solves the neurons' equation in floating point, where the board rounds nothing.

It does so if v is halved in each step and every weight is a multiple of 2**20 units: 20 steps leave whole
numbers then. Brian 2 is installed into a folder of its own, as in tests/unit/hwsim/test_brian.py.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from throwaway import install, run_script

from snnc.targets.spinnaker.fixed.accum import HIGHEST, ONE
from snnc.targets.spinnaker.fixed.network import Cells, Network, Source, Wires
from snnc.targets.spinnaker.fixed.neurons import Constants
from snnc.targets.spinnaker.fixed.run import run

pytestmark = pytest.mark.outside

STEPS, SHIFT, RESISTANCE = 20, 15, 32
SIZES = {"x": 6, "h": 5, "y": 3}
THRESHOLD = {"h": 200.5, "y": HIGHEST / ONE}
"""In mV, of which a weight of 1 is 16 in its step; no v is so, which floating point might miss."""


@pytest.fixture(scope="module")
def brian(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Brian 2.9, the last for Python 3.11, does not run with numpy 2.
    old = ["brian2==2.9.0; python_version < '3.12'", "numpy<2; python_version < '3.12'"]
    new = ["brian2>=2.10; python_version >= '3.12'"]
    return install(tmp_path_factory.mktemp("brian"), *old, *new)


def cells(name: str) -> Cells:
    every = np.ones(SIZES[name], np.int64)
    threshold = every * int(THRESHOLD[name] * ONE)
    nothing = every * 0
    constants = Constants(
        every * RESISTANCE * ONE, every * (ONE // 2), threshold, *[nothing] * 3, nothing, nothing
    )
    return Cells(name, constants, SHIFT)


def test_where_nothing_is_rounded_both_find_the_same(brian: Path) -> None:
    rng = np.random.default_rng(5)
    wires = []
    for source, destination in (("x", "h"), ("h", "h"), ("h", "y"), ("x", "y")):
        for inhibitory in (False, True):
            k = 12
            ends = (rng.integers(0, SIZES[name], k) for name in (source, destination))
            wires.append(
                Wires(source, destination, inhibitory, *ends, rng.integers(1, 13, k), rng.integers(1, 7, k))
            )
    network = Network((Source("x", SIZES["x"]), cells("h"), cells("y")), tuple(wires), STEPS)
    sent = rng.random((1, STEPS, SIZES["x"])) < 0.4
    ours = run(network, {"x": sent})
    task = {
        "sent": sent[0].astype(int).tolist(),
        "populations": {
            name: {
                "neurons": SIZES[name],
                "tau": 1 / math.log(2),
                "r": RESISTANCE,
                "threshold": THRESHOLD[name],
            }
            for name in THRESHOLD
        },
        "wires": [
            {
                "source": each.source,
                "destination": each.destination,
                "pre": each.pre.tolist(),
                "post": each.post.tolist(),
                "weight": (each.weight * (-1 if each.inhibitory else 1)).tolist(),
                "delay": each.delay.tolist(),
            }
            for each in wires
        ],
    }
    theirs = run_script("outside/brian_delta.py", brian, task)
    assert ours["h"].spikes.sum() > 10
    for name, found in theirs.items():
        assert np.array_equal(ours[name].spikes[0], np.array(found["spikes"], bool))
        np.testing.assert_allclose(ours[name].v[0] / ONE, found["v"], rtol=0, atol=1e-9)  # a unit is 3e-5
