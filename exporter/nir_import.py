"""A NIR graph that snnc did not write -> DiscreteModel.

The graph must be one chain from input to output: between neurons `Linear`, `Affine`, `Scale` and `Delay` in
any order, folded to one weight and one delay a pair. `docs/interop.md` states the mapping.

A last layer that spikes gets a readout: one neuron for each of its own, without memory, whose
v * readout_scale is the step's spike divided by T. By clause 7 the class is then the neuron with the most
spikes: a spike adds (e^(1/T) - 1) / Z to y, with n <= Z <= n e^(1/T) for n classes, so that c + 1 spikes add
more than c if e^(1/T) < (c + 1) / c, which holds for every c < T.
"""

from __future__ import annotations

import graphlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import h5py
import nir
import numpy as np

from snnc import hdf5_checks, hdf5_guard
from snnc.arrays import frozen
from snnc.errors import InputError
from snnc.exporter.nir_import_neurons import Dynamics, dynamics, memoryless, numbers
from snnc.exporter.nir_import_synapses import Sums, Wires
from snnc.regular import most_unpacked
from snnc.stages import DiscreteLayer, DiscreteModel

SIGNATURE = b"\x89HDF\r\n\x1a\n"
INPUTS_LIMIT = 1 << 20
"""Most input lines; arrays of that length are made before any weight is looked at."""
WHOLE = 1e-4
"""Steps by which a delay may miss a whole number: seconds in float32 do not hold more."""

SPIKING = (nir.IF, nir.LIF, nir.CubaLIF, nir.Threshold)
READOUTS = (nir.I, nir.LI, nir.CubaLI)
FOLDED = (nir.Linear, nir.Affine, nir.Scale, nir.Delay)
Chain = list[tuple[str, nir.NIRNode]]


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What a NIR file does not say: `dt` in seconds a step, and T. `round_delays`: to whole steps."""

    dt: float | None = None
    time_steps: int | None = None
    round_delays: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """The net, and what importing it did, in words and numbers for the record."""

    model: DiscreteModel
    notes: Mapping[str, int | float | str]


def is_nir(path: Path) -> bool:
    """Whether `path` can be read and starts like an HDF5 file."""
    try:
        with path.open("rb") as file:
            return file.read(len(SIGNATURE)) == SIGNATURE
    except OSError:
        return False


def import_nir(data: bytes, name: str, options: ImportOptions) -> Imported:
    """Read the content of a NIR file; `name` is what errors call it.

    Raises
    ------
    InputError
        If it is no NIR file, was written by snnc, is no chain, holds a node or a value that the contract has
        no place for, or `options` lack what it needs; the text names node and value.
    """
    dt, steps = options.dt, options.time_steps
    if dt is None or steps is None:
        raise InputError(
            f"{name}: a NIR file names neither the time step nor the number of steps; pass --dt SECONDS "
            "(snnTorch writes 1e-4) and --steps N"
        )
    if not (np.isfinite(dt) and dt > 0) or steps < 1:
        raise InputError(f"--dt is {dt} and --steps {steps}; both must be above 0")
    try:
        inputs, chain = _chain(read_foreign(data))
        builder = _Builder(inputs, dt, options.round_delays)
        for node_name, node in chain:
            builder.add(node_name, node)
        layers = builder.finish(steps)
    except InputError as error:
        raise InputError(f"{name}: {error}") from error
    classes = tuple(str(number) for number in range(len(layers[-1].weight)))
    notes = {"dt": dt, "time_steps": steps, **builder.notes}
    return Imported(DiscreteModel(tuple(layers), steps, dt, classes), notes)


def read_foreign(data: bytes) -> nir.NIRGraph:
    """The graph in a NIR file that snnc did not write. Raises `InputError`, without the file's name."""
    total = 0

    def refuse(problem: str) -> NoReturn:
        raise InputError(problem)

    def visit(_: str, item: h5py.Group | h5py.Dataset) -> None:
        nonlocal total
        if isinstance(item, h5py.Dataset) and item.shape is not None:
            total += item.size * item.dtype.itemsize

    hdf5_guard.check(data, lambda problem: refuse(f"{problem}; write it again"))
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            if "node/metadata/snnc" in file:
                raise InputError(
                    "was written by snnc and holds integers already; export the model it came from "
                    "(source.pt in its artifact)"
                )
            hdf5_checks.check_own(file, refuse)
            file.visititems(visit)
        if total > most_unpacked(len(data)):
            raise InputError(
                f"{len(data)} bytes that unpack to {total}, more than the {most_unpacked(len(data))} allowed"
            )
        graph = nir.read(io.BytesIO(data), type_check=False)
    except InputError:
        raise
    except Exception as error:  # whatever h5py or nir raise on a damaged file means one thing
        raise InputError(f"not a NIR file that can be read ({type(error).__name__}: {error})") from error
    return graph


def _chain(graph: nir.NIRGraph) -> tuple[int, Chain]:
    """The number of inputs, and the nodes between input and output, in order."""
    for name, node in graph.nodes.items():
        if not name.isprintable():
            raise InputError(f"node {name!r}: its name holds control characters; rename it")
        if not isinstance(node, (nir.Input, nir.Output, *SPIKING, *READOUTS, *FOLDED)):
            why = "a graph of its own" if isinstance(node, nir.NIRGraph) else f"a {type(node).__name__}"
            known = ", ".join(kind.__name__ for kind in (*FOLDED, *SPIKING, *READOUTS))
            raise InputError(f"node {name!r} is {why}, which cannot be exported; there are {known}")
    before: dict[str, list[str]] = {name: [] for name in graph.nodes}
    after: dict[str, list[str]] = {name: [] for name in graph.nodes}
    for source, target in graph.edges:
        if source not in after or target not in before:
            raise InputError(f"edge {source!r} -> {target!r} names a node that does not exist")
        after[source].append(target)
        before[target].append(source)
    try:
        graphlib.TopologicalSorter(before).prepare()
    except graphlib.CycleError as error:
        *_, source, target = error.args[1]
        raise InputError(
            f"edge {source!r} -> {target!r} closes a loop; only feed-forward chains are exported, since the "
            "contract runs each layer over all steps before the next"
        ) from error
    for ends, what in ((after, "feeds"), (before, "is fed by")):
        for name, others in ends.items():
            if len(others) > 1:
                raise InputError(
                    f"node {name!r} {what} {others[0]!r} and {others[1]!r}; only chains are exported: a node "
                    "has one edge in and one out"
                )
    starts = [name for name, node in graph.nodes.items() if isinstance(node, nir.Input)]
    if len(starts) != 1:
        raise InputError(f"has {len(starts)} Input nodes, expected one")
    path = starts
    while after[path[-1]]:
        path = path + after[path[-1]]
    astray = sorted(set(graph.nodes) - set(path))
    if astray or not isinstance(graph.nodes[path[-1]], nir.Output):
        raise InputError(
            f"node {(astray or path)[-1]!r} is not on a way from the Input to the Output node; connect it"
        )
    shape = np.asarray(graph.nodes[path[0]].input_type["input"]).reshape(-1)
    whole = shape.dtype.kind in "iu"
    inputs = int(shape.max(initial=0)) if whole else 0
    # Exporters leave a batch of 1 in the shape.
    if not 0 < inputs <= INPUTS_LIMIT or np.prod(shape) != inputs:
        raise InputError(
            f"node {path[0]!r}: the input has the shape {shape.tolist()}, expected one dimension "
            f"of at most {INPUTS_LIMIT}"
        )
    return inputs, [(name, graph.nodes[name]) for name in path[1:-1]]


class _Builder:
    """Turns nodes, one after the other, into layers."""

    def __init__(self, inputs: int, dt: float, round_delays: bool) -> None:
        self._dt, self._round = dt, round_delays
        self._lines: Wires | Sums = Wires.straight(inputs)
        self._pending = ""
        """The last node after the last neurons."""
        self._layers: list[DiscreteLayer] = []
        self.notes: dict[str, int | float | str] = {"delays_rounded": 0, "largest_delay_change_steps": 0.0}

    def add(self, name: str, node: nir.NIRNode) -> None:
        if self._layers and self._layers[-1].threshold is None:
            raise InputError(
                f"node {self._layers[-1].name!r} does not spike, but {name!r} follows; only the last neurons "
                "may pass on a real number"
            )
        if isinstance(node, FOLDED):
            self._fold(name, node)
        else:
            self._close(name, dynamics(name, node, self._lines.lines, self._dt))

    def finish(self, steps: int) -> list[DiscreteLayer]:
        """All layers, the last of which does not spike."""
        if self._pending:
            self._close(self._pending, memoryless(self._lines.lines))
        if not self._layers:
            raise InputError("has neither weights nor neurons")
        last = self._layers[-1]
        if last.threshold is not None:
            names = {layer.name for layer in self._layers}
            name = next(n for n in ("readout", *(f"readout{i}" for i in range(len(names)))) if n not in names)
            self._lines = self._lines.scaled(np.full(len(last.weight), 1 / steps))
            self._close(name, memoryless(len(last.weight)))
            self.notes["readout_added"] = (
                f"{name}: the class is the neuron of {last.name} with the most spikes"
            )
        return self._layers

    def _fold(self, name: str, node: nir.NIRNode) -> None:
        lines = self._lines.lines
        if isinstance(node, nir.Linear | nir.Affine):
            weight = _numbers(name, "weight", node.weight, (np.shape(node.weight)[0], lines))
            bias = np.zeros(len(weight))
            if isinstance(node, nir.Affine):
                bias = _numbers(name, "bias", node.bias, bias.shape)
            self._lines = self._lines.weighed(name, weight, bias)
        elif isinstance(node, nir.Scale):
            self._lines = self._lines.scaled(_numbers(name, "scale", node.scale, (lines,)))
        else:
            self._lines = self._lines.delayed(name, self._steps(name, node, lines))
        self._pending = name

    def _steps(self, name: str, node: nir.Delay, lines: int) -> np.ndarray:
        steps = _numbers(name, "delay", node.delay, (lines,)) / self._dt
        whole = np.rint(steps)
        moved = np.abs(steps - whole)
        worst = int(moved.argmax())
        if moved[worst] > WHOLE and not self._round:
            raise InputError(
                f"node {name!r}, line {worst}: a delay of {steps[worst] * self._dt:.6g} s is "
                f"{steps[worst]:.4f} steps of {self._dt:.6g} s; pass another --dt, or --round-delays"
            )
        if whole.min() < 0:
            raise InputError(f"node {name!r}: a delay is negative ({whole.min() * self._dt:.6g} s)")
        rounded = moved > WHOLE
        self.notes["delays_rounded"] = int(self.notes["delays_rounded"]) + int(rounded.sum())
        change = max(float(self.notes["largest_delay_change_steps"]), float((moved * rounded).max()))
        self.notes["largest_delay_change_steps"] = round(change, 4)
        return whole.astype(np.int64)

    def _close(self, name: str, step: Dynamics) -> None:
        """The lines so far and the neurons `name` are a layer; its neurons are the next lines."""
        sums = self._lines.sums()
        if step.tau_syn > 1 and sums.bias.any():
            neuron = int(np.abs(sums.bias).argmax())
            raise InputError(
                f"node {name!r}, neuron {neuron}: a bias of {sums.bias[neuron]:.4g} passes through a current "
                "with a memory; in the contract a bias acts on the membrane (clause 5): use Linear, or v_leak"
            )
        unit = np.ones(len(step.gain)) if step.threshold is None else step.threshold
        gain = step.gain / unit
        self._layers.append(
            DiscreteLayer(
                name=name,
                weight=sums.weight * gain[:, None],
                delay=frozen(sums.delay, np.int32, name=f"{name}: delay"),
                bias=sums.bias * gain + step.drive / unit,
                tau=step.tau,
                threshold=None if step.threshold is None else 1.0,
                tau_syn=step.tau_syn,
            )
        )
        self._lines, self._pending = Wires.straight(sums.lines), ""


def _numbers(name: str, field: str, value: object, shape: tuple[int, ...]) -> np.ndarray:
    """float64 of `shape`, one value for all included; NaN and infinity are refused."""
    values = numbers(name, field, value)
    if values.size == 1 and field != "weight":
        values = np.broadcast_to(values.reshape(()), shape)
    if values.shape != shape:
        raise InputError(f"node {name!r}: {field} has the shape {values.shape}, expected {shape}")
    if not np.isfinite(values).all():
        raise InputError(f"node {name!r}: {field} holds NaN or infinity")
    return values
