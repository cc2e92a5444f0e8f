"""Network files of lava-dl, read as `snnc export` and `snnc inspect` read them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from lava_dl_files import as_file, conv, cuba, dense, pool

from fuzzing import hdf5
from fuzzing.target import Target
from snnc.cli.inspect import describe
from snnc.exporter.network_files import load_network
from snnc.exporter.nir.importer import ImportOptions


def network_targets() -> tuple[Target, ...]:
    """Two targets, which start from one network of layers of every kind."""
    rng = np.random.default_rng(4)
    neuron = cuba(iDecay=np.array([4096, 100]), vThMant=20)
    layers = [
        {"type": b"input", "shape": [2, 4, 6], "neuron": cuba(vThMant=9), "weight": 40, "bias": 3},
        conv(
            rng.integers(-9, 9, (2, 2, 3, 3)), [2, 4, 4], neuron, padding=[1, 0], stride=[1, 1], bias=[3, 1]
        ),
        pool((2, 2), [2, 2, 2], 5, cuba()),
        {"type": b"flatten", "shape": [8, 1, 1]},
        dense(
            rng.integers(-90, 90, (4, 8)), cuba(), type=b"dense_rec", weight_rec=rng.integers(-9, 9, (4, 4))
        ),
        dense(2 * rng.integers(-127, 127, (4, 4)), cuba(), delay=[1, 0, 2, 3]),
        {"type": b"average", "shape": [2, 1, 1]},
    ]
    seeds = (as_file(layers, **{"simulation/Ts": 1}), as_file([dense([[2, 4]], cuba(vThMant=131071))]))
    return (
        Target("lava-dl network", ".net", seeds, _imported, hdf5.hdf5),
        Target("inspect lava-dl", ".net", seeds, lambda path: describe(path).lines(path), hdf5.hdf5),
    )


def _imported(path: Path) -> object:
    return load_network(path, ImportOptions(time_steps=20), 9)
