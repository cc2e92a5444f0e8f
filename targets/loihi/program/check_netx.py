"""Whether network.net holds the network of program.npz, which lies beside it; exit code 2 and why if not.

run_netx.py has it looked at by this process of its own, since libhdf5 can crash in a damaged file, or loop
in it until the process ends.
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import h5py
import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from reading import line, load_program  # noqa: E402  beside this file

BIAS_EXPONENT = 6
"""netx has no exponent of its own: every bias is shifted by this."""


def held(layers: list[dict]) -> dict:
    """What the file must hold, group by group, and nothing else: netx acts on much more."""
    return {"layer": {str(index): held_of_layer(layer) for index, layer in enumerate(layers)}}


def held_of_layer(layer: dict) -> dict:
    bias = layer["bias_mant"].astype(int) << layer["bias_exp"] >> BIAS_EXPONENT
    neuron = {"iDecay": layer["du"] + 1, "vDecay": layer["dv"], "vThMant": layer["vth"], "refDelay": 1}
    return {
        "type": b"dense",
        "shape": [len(bias)],
        "weight": layer["weight"],
        "delay": layer["delay"],
        "bias": bias,
        "neuron": {"type": b"CUBA", **neuron},
    }


def compare(group: h5py.Group, expected: dict) -> None:
    """Raise ValueError where `group` does not hold `expected`."""
    if set(group) != set(expected):
        raise ValueError(f"{group.name} holds {', '.join(sorted(group))}, expected {', '.join(expected)}")
    for name, value in expected.items():
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            raise ValueError(f"{group.name}/{name} is a link to elsewhere")
        item = group[name]
        if isinstance(value, dict) != isinstance(item, h5py.Group):
            raise ValueError(f"{item.name} is a {type(item).__name__.lower()}")
        if isinstance(value, dict):
            compare(item, value)
            continue
        text = isinstance(value, bytes)
        right_type = h5py.check_string_dtype(item.dtype) if text else item.dtype.kind in "iu"
        if not right_type or item.shape != np.shape(value) or not np.array_equal(item[()], value):
            raise ValueError(f"{item.name} differs")


def main() -> int:
    layers = load_program(HERE / "program.npz")["layers"]
    path = HERE / "network.net"
    if not path.is_file():  # a pipe would wait for its writer, without end
        print("it is no regular file")
        return 2
    with contextlib.suppress(ImportError):  # Windows has no such limit
        import resource

        seconds = 3 + path.stat().st_size // 10**6
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    try:
        with h5py.File(path, "r") as file:
            compare(file, held(layers))
    except Exception as error:  # whatever h5py raises on a damaged file means one thing
        print(line(error)[:200])
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
