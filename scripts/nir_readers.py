"""What other programs make of the NIR files that snnc writes: the table of docs/interop.md.

    python3.11 -m venv /tmp/readers
    /tmp/readers/bin/pip install -e . nirtorch snntorch norse sinabs rockpool matplotlib
    /tmp/readers/bin/python scripts/nir_readers.py

(sinabs asks for an older nir; install it with --no-deps, and pbr.) Every reader gets every file and the same
spikes. Its output is compared with NIR's equations in Euler steps, by the interpreter that
tests/unit/exporter/nir/test_reader_writer.py holds against the integer contract. A reader that is not
installed is left out.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import nir
import numpy as np
import torch
from torch import Tensor, nn

from snnc.exporter.nir.writer import write_nir
from snnc.stages import QuantizedGraph, QuantizedLayer

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from nir_interpreter import interpret

DT, STEPS, INPUTS, HIDDEN, CLASSES = 1e-4, 60, 6, 10, 3
"""A step of 1e-4 s, since snnTorch knows no other."""
TOLERANCE = 1e-3
"""Largest difference in the output that counts as equal, as a part of the largest output."""

Reader = Callable[[nir.NIRGraph, Tensor], np.ndarray]
"""Graph and spikes [T, inputs] -> output [T, classes]."""


def files() -> dict[str, tuple[bytes, bytes]]:
    """Name -> (file, the same network with its delays in the structure)."""
    rng = np.random.default_rng(0)
    weight, out = rng.integers(-40, 100, (HIDDEN, INPUTS)), rng.integers(-90, 90, (CLASSES, HIDDEN))

    def graph(delay: object, bias: int = 0, decay_u: int = 4096, decay_v: int = 1024) -> QuantizedGraph:
        steps = np.broadcast_to(np.asarray(delay), weight.shape)
        hidden = QuantizedLayer("hidden", weight, steps, [bias] * HIDDEN, 4, decay_u, decay_v, 150)
        zero = np.zeros(out.shape, int)
        readout = QuantizedLayer("readout", out, zero, [0] * CLASSES, 0, 4096, 512, None)
        return QuantizedGraph.chain((hidden, readout), STEPS, DT, 1.0, ("a", "b", "c"))

    by_synapse = rng.integers(0, 8, weight.shape)
    graphs = {
        "no delays": graph(0),
        "one delay a source": graph(by_synapse[:1]),
        "one delay a neuron": graph(by_synapse[:, :1]),
        "one delay a synapse": graph(by_synapse),
        "... with bias": graph(by_synapse, bias=30),
        "... current with a memory": graph(by_synapse, decay_u=2048),
        "... no leak": graph(by_synapse, decay_v=0),
    }
    found = {name: (write_nir(g), write_nir(g)) for name, g in graphs.items()}
    general = graphs["one delay a synapse"]
    found["delays in the metadata"] = (write_nir(general, delays_in_metadata=True), write_nir(general))
    return found


class Delay(nn.Module):
    def __init__(self, node: nir.Delay) -> None:
        super().__init__()
        self.steps = torch.from_numpy(np.rint(node.delay / DT).astype(np.int64))
        self.past: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        self.past.insert(0, x)
        past = torch.stack([*self.past, *[torch.zeros_like(x)] * int(self.steps.max())])
        return past[self.steps, ..., torch.arange(len(self.steps))].movedim(0, -1)


class Neurons(nn.Module):
    """NIR's neurons in Euler steps, as somebody who follows nirtorch's guide would write them."""

    def __init__(self, node: nir.NIRNode) -> None:
        super().__init__()
        self.node = {
            key: torch.as_tensor(value) for key, value in vars(node).items() if isinstance(value, np.ndarray)
        }
        self.i = self.v = torch.zeros(1, dtype=torch.float64)

    def forward(self, x: Tensor) -> Tensor:
        node = self.node
        if "tau_syn" in node:
            self.i = self.i + DT / node["tau_syn"] * (node["w_in"] * x - self.i)
            x = self.i
        tau = node.get("tau", node.get("tau_mem"))
        if tau is None:
            self.v = self.v + DT * node["r"] * x
        else:
            self.v = self.v + DT / tau * (node["v_leak"] - self.v + node["r"] * x)
        if "v_threshold" not in node:
            return self.v
        fired = self.v > node["v_threshold"]
        self.v = torch.where(fired, node["v_reset"], self.v)
        return fired.to(torch.float64)


OWN = {nir.Delay: Delay} | {
    kind: Neurons for kind in (nir.LIF, nir.LI, nir.CubaLIF, nir.CubaLI, nir.IF, nir.I)
}


def step_by_step(module: nn.Module, spikes: Tensor) -> np.ndarray:
    found, state = [], None
    with torch.no_grad():
        for row in spikes:
            result = module(row[None]) if state is None else module(row[None], state)
            result, state = result if isinstance(result, tuple) else (result, None)
            found.append(np.asarray(result).reshape(-1))
    return np.array(found)


def nir_to_torch(graph: nir.NIRGraph, spikes: Tensor) -> np.ndarray:
    import nirtorch

    return step_by_step(nirtorch.nir_to_torch(graph, OWN, dtype=torch.float64), spikes.double())


def nirtorch_load(graph: nir.NIRGraph, spikes: Tensor) -> np.ndarray:
    import nirtorch

    def module(node: nir.NIRNode) -> nn.Module | None:
        if isinstance(node, nir.Linear | nir.Affine):
            linear = nn.Linear(
                *node.weight.shape[::-1], bias=isinstance(node, nir.Affine), dtype=torch.float64
            )
            linear.weight.data = torch.from_numpy(node.weight).double()
            if isinstance(node, nir.Affine):
                linear.bias.data = torch.from_numpy(node.bias).double()
            return linear
        return OWN[type(node)](node) if type(node) in OWN else None

    return step_by_step(nirtorch.load(graph, module), spikes.double())


def snntorch(graph: nir.NIRGraph, spikes: Tensor) -> np.ndarray:
    from snntorch.import_nir import import_from_nir

    return step_by_step(import_from_nir(graph), spikes)


def norse(graph: nir.NIRGraph, spikes: Tensor) -> np.ndarray:
    from norse.torch.utils.import_nir import from_nir

    return step_by_step(from_nir(graph, dt=DT), spikes)


def sinabs(graph: nir.NIRGraph, spikes: Tensor) -> np.ndarray:
    from sinabs.nir import from_nir

    with torch.no_grad():
        result = from_nir(graph, num_timesteps=STEPS, batch_size=1)(spikes)
    return np.asarray(result[0] if isinstance(result, tuple) else result).reshape(STEPS, -1)


def rockpool(graph: nir.NIRGraph, spikes: Tensor) -> np.ndarray:
    from rockpool.nn.modules.torch.nir import from_nir

    with torch.no_grad():
        result = from_nir(graph)(spikes[None])
    return np.asarray(result[0] if isinstance(result, tuple) else result).reshape(STEPS, -1)


READERS: dict[str, tuple[str, Reader]] = {
    "nirtorch `nir_to_torch`": ("nirtorch", nir_to_torch),
    "nirtorch `load`": ("nirtorch", nirtorch_load),
    "snnTorch": ("snntorch", snntorch),
    "Norse": ("norse", norse),
    "sinabs": ("sinabs", sinabs),
    "Rockpool": ("rockpool", rockpool),
}


def outcome(reader: Reader, data: bytes, expected: np.ndarray, spikes: np.ndarray) -> tuple[str, str]:
    """What `reader` does with the file, in a word, and why."""
    torch.manual_seed(0)
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = reader(nir.read(io.BytesIO(data)), torch.from_numpy(spikes.astype(np.float32)))
        if found.shape != expected.shape:
            return "**wrong**", f"its output has the shape {list(found.shape)}"
    except Exception as error:  # whatever a reader raises is its way to refuse
        return "refuses", f"{type(error).__name__}: {' '.join(str(error).split())}"
    difference = np.abs(found - expected).max() / np.abs(expected).max()
    return ("equal", "") if difference <= TOLERANCE else ("**wrong**", f"differs by {100 * difference:.0f} %")


def main() -> None:
    logging.disable(logging.WARNING)
    spikes = np.random.default_rng(1).random((STEPS, INPUTS)) < 0.3
    readers = {}
    for name, (package, reader) in READERS.items():
        with contextlib.suppress(PackageNotFoundError):
            readers[f"{name} {version(package)}"] = reader
    print(f"nir {version('nir')}, torch {torch.__version__}\n")
    print("| file |", " | ".join(readers), "|")
    print("|---" * (len(readers) + 1) + "|")
    reasons: dict[str, dict[str, None]] = {name: {} for name in readers}
    for row, (data, structural) in files().items():
        found = interpret(nir.read(io.BytesIO(structural)), spikes, DT)
        assert found["hidden_neuron spikes"].sum() > 20, row
        cells = []
        for name, reader in readers.items():
            word, why = outcome(reader, data, found["output"], spikes)
            cells.append(word)
            if why:
                reasons[name].setdefault(f"{word}: {why}")
        print(f"| {row} |", " | ".join(cells), "|")
    for name, found_reasons in reasons.items():
        print("\n" + "\n".join([f"{name}:", *(f"  {reason}" for reason in found_reasons)]))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)  # some readers leave files where they run
        main()
