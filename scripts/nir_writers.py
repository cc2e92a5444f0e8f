"""How well `snnc export` reads the NIR files of other frameworks: the second table of docs/interop.md.

Set up as for nir_readers.py. Each framework writes a net of its own, which is imported and run on random
input in real numbers, before quantisation. The share of spikes that differ from the framework's own forward
pass is printed.
"""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

import nir
import numpy as np
import torch
from torch import nn

from snnc.exporter.float_reference import run_float
from snnc.exporter.nir.importer import ImportOptions, import_nir
from snnc.stages import DiscreteModel
from snnc.stages.float_graph import graph_of_chain

STEPS, INPUTS, HIDDEN, CLASSES = 100, 20, 30, 5
Result = tuple[nir.NIRGraph, np.ndarray]
"""The graph that a framework wrote, and the spikes of its last neurons by its own forward pass."""


def linears() -> tuple[nn.Linear, nn.Linear]:
    torch.manual_seed(0)
    found = nn.Linear(INPUTS, HIDDEN, bias=False), nn.Linear(HIDDEN, CLASSES, bias=False)
    with torch.no_grad():
        for linear in found:
            linear.weight.copy_(2 * linear.weight.abs() - 0.1)
    return found


def steps_of(net: Callable, spikes: torch.Tensor) -> np.ndarray:
    with torch.no_grad():
        return np.array([np.asarray(net(row)).reshape(-1) for row in spikes])


def snntorch(kind: str, **options: object) -> Callable[[torch.Tensor], Result]:
    def run(spikes: torch.Tensor) -> Result:
        import snntorch as snn
        from snntorch.export_nir import export_to_nir

        def neuron(n: int) -> nn.Module:
            alpha = [0.7 * torch.ones(n)] if kind == "Synaptic" else []
            shared = {"threshold": torch.ones(n), "init_hidden": True} | options
            return getattr(snn, kind)(*alpha, 0.9 * torch.ones(n), **shared)

        into, out = linears()
        net = nn.Sequential(into, neuron(HIDDEN), out, neuron(CLASSES))
        graph = export_to_nir(net, torch.ones(INPUTS))
        net[1].reset_mem()
        net[3].reset_mem()
        return graph, steps_of(net, spikes)

    return run


def norse(dt: float) -> Callable[[torch.Tensor], Result]:
    def run(spikes: torch.Tensor) -> Result:
        import norse.torch as nt
        from norse.torch.functional.lif_box import LIFBoxParameters
        from norse.torch.utils.export_nir import to_nir

        def neuron(n: int) -> nn.Module:
            ones = torch.ones(n)
            return nt.LIFBoxCell(LIFBoxParameters(tau_mem_inv=50 * ones, v_leak=0 * ones, v_th=0.05 * ones))

        into, out = linears()
        net = nt.SequentialState(into, neuron(HIDDEN), out, neuron(CLASSES))
        state, found = None, []
        with torch.no_grad():
            for row in spikes:
                z, state = net(row[None], state)
                found.append(z.numpy().reshape(-1))
        return to_nir(net, torch.ones(INPUTS), dt=dt), np.array(found)

    return run


def rockpool(mended: bool) -> Callable[[torch.Tensor], Result]:
    """`mended`: the weights in the graph get the factors that Rockpool leaves out."""

    def run(spikes: torch.Tensor) -> Result:
        from rockpool.nn.combinators import Sequential
        from rockpool.nn.modules import LIFTorch, LinearTorch
        from rockpool.nn.modules.torch.nir import to_nir

        dt, times = 1e-3, {"tau_mem": 0.02, "tau_syn": 0.01}
        weights = [linear.weight.detach().T / 12 for linear in linears()]
        neurons = [LIFTorch(n, **times, dt=dt, max_spikes_per_dt=1) for n in (HIDDEN, CLASSES)]
        linear = [LinearTorch(weight.shape, weight=weight, has_bias=False) for weight in weights]
        net = Sequential(linear[0], neurons[0], linear[1], neurons[1])
        with torch.no_grad():
            found = net(spikes[None])[0][0].numpy()
        graph = to_nir(net, torch.ones(1, 1, INPUTS))
        for node in graph.nodes.values() if mended else ():
            if isinstance(node, nir.Linear):
                late = dt / times["tau_mem"] - dt / times["tau_syn"]
                node.weight = node.weight * times["tau_syn"] / dt * np.exp(late)
        return graph, found

    return run


def sinabs(**options: object) -> Callable[[torch.Tensor], Result]:
    def run(spikes: torch.Tensor) -> Result:
        import sinabs.activation as activation
        import sinabs.layers as layers
        from sinabs.nir import to_nir

        into, out = linears()
        with torch.no_grad():
            into.weight.mul_(12)
            out.weight.mul_(12)
        shared = {"batch_size": 1, "spike_fn": activation.SingleSpike} | options
        parts = [
            layers.LIFSqueeze(tau_mem=20 * torch.ones(n), spike_threshold=torch.ones(n), **shared)
            for n in (HIDDEN, CLASSES)
        ]
        net = nn.Sequential(into, parts[0], out, parts[1])
        with torch.no_grad():
            found = net(spikes).numpy()
        for part in parts:
            part.reset_states()
        return to_nir(net, spikes), found

    return run


EULER = {"integration": "euler"}
ZERO = {"reset": "zero"}
EXACT = {"reset": "subtract", "fires": "at", "integration": "exact"}
IMPULSE = {"reset": "subtract", "fires": "above", "integration": "impulse"}
SUBTRACT = {"fires": "above", "reset": "subtract"}
WRITERS: dict[str, tuple[str, float, dict[str, str], Callable[[torch.Tensor], Result]]] = {
    '`Leaky`, `reset_mechanism="zero"`': ("snntorch", 1e-4, ZERO, snntorch("Leaky", reset_mechanism="zero")),
    "`Leaky`": ("snntorch", 1e-4, SUBTRACT | {"reset": "subtract-late"}, snntorch("Leaky")),
    "`Leaky` ": ("snntorch", 1e-4, SUBTRACT, snntorch("Leaky")),
    '`Synaptic`, `"zero"`, `reset_delay=False`': (
        "snntorch",
        1e-4,
        ZERO,
        snntorch("Synaptic", reset_mechanism="zero", reset_delay=False),
    ),
    '`Synaptic`, `"zero"`': ("snntorch", 1e-4, ZERO, snntorch("Synaptic", reset_mechanism="zero")),
    "`LIFBoxCell`, `to_nir(..., dt=1)`": ("norse", 1e-3, ZERO, norse(1)),
    "`LIFBoxCell`, `to_nir(...)`": ("norse", 1e-3, ZERO, norse(1e-3)),
    "`LIFTorch`, one spike a step": ("rockpool", 1e-3, IMPULSE, rockpool(False)),
    "`LIFTorch`, one spike a step, weights mended": ("rockpool", 1e-3, IMPULSE, rockpool(True)),
    "`LIFSqueeze`, one spike a step": ("sinabs", 1, EXACT, sinabs()),
    "`LIFSqueeze`, one spike a step ": ("sinabs", 1, EXACT | EULER, sinabs()),
    "`LIFSqueeze`, `norm_input=False`": ("sinabs", 1, EXACT, sinabs(norm_input=False)),
}


def main() -> None:
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    spikes = (np.random.default_rng(1).random((STEPS, INPUTS)) < 0.1).astype(np.float32)
    print("| writer | read with | result |\n|---|---|---|")
    for name, (package, dt, told, run) in WRITERS.items():
        with contextlib.suppress(PackageNotFoundError):
            title = f"{package} {version(package)} {name.strip()}"
            options = " ".join(f"--{option} {value}" for option, value in told.items())
            print(f"| {title} | `--dt {dt:g} {options}` | {outcome(run, spikes, dt, told)} |")


def outcome(
    run: Callable[[torch.Tensor], Result], spikes: np.ndarray, dt: float, told: dict[str, str]
) -> str:
    buffer = io.BytesIO()
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            graph, own = run(torch.from_numpy(spikes))
            nir.write(buffer, graph)
    except Exception as error:  # whatever it raises, there is no file
        return f"writes no file ({type(error).__name__}: {' '.join(str(error).split())})"
    try:
        model = import_nir(buffer.getvalue(), "net.nir", ImportOptions(dt, STEPS, **told)).model
    except ValueError as error:
        return f"refused: {error}"
    net = graph_of_chain(model) if isinstance(model, DiscreteModel) else model
    last = [each.name for each in net.populations if each.spikes][-1]
    found = run_float(net, spikes > 0)[last].spikes
    return (
        f"{100 * (found != (own > 0)).sum() / (own > 0).sum():.1f} % of {int((own > 0).sum())} spikes differ"
    )


if __name__ == "__main__":
    main()
