"""Write a network as a C99 program: `snn.h`, `snn.c`, and `main.c`, which runs it on a computer.

The files of `program/` are templates of `string.Template`; `layer.c` is one layer of `snn.c`. Numbers of the
graph reach them, and the names of classes, in strings with octal escapes: a graph read from a file cannot
bring code.
Synapses and biases are constant tables in the smallest C types that hold them.

A synapse whose delay is T or longer is left out: what it delivers would arrive after the last step (contract,
clause 2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import accumulate
from string import Template
from typing import Any

import numpy as np

from snnc import formats
from snnc.errors import LimitError
from snnc.provenance import semantics_version
from snnc.stages import PlacedProgram, QuantizedGraph, QuantizedLayer
from snnc.targets.c.graph.emitter import LARGEST, GraphProgram
from snnc.targets.c.readme import readme
from snnc.targets.c.strings import strings
from snnc.targets.c.tables import Table, size_of, smallest_signed, struct_bytes


@dataclass(frozen=True, slots=True)
class SynapseTables:
    """Synapses of a layer, sorted by source.

    `count` synapses; `slots` rows of the ring, one more than the longest delay. `sparse`: `start`
    [inputs + 1] says which entries of `target`, `delay` and `weight` are each source's; else `delay` and
    `weight` are [inputs, neurons]. No `delay` where all are 0, and no table where there is no synapse.
    """

    count: int
    slots: int
    sparse: bool
    tables: tuple[Table, ...]


def synapse_tables(layer: QuantizedLayer, index: int, time_steps: int) -> SynapseTables:
    """Tables of layer number `index` for samples of `time_steps`: sparse or dense, whichever is smaller."""
    weight = np.where(layer.delay < time_steps, layer.weight, 0).T.astype(np.int64)
    delay = np.where(weight != 0, layer.delay.T, 0).astype(np.int64)
    source, target = np.nonzero(weight)  # in order of source, then target
    if len(source) == 0:
        return SynapseTables(0, 1, False, ())
    start = np.searchsorted(source, np.arange(layer.inputs + 1))
    each = (("delay", delay), ("weight", weight))[0 if delay.any() else 1 :]
    dense = tuple(Table(f"{name}{index}", values.ravel()) for name, values in each)
    sparse = (
        Table(f"start{index}", start.astype(np.int64)),
        Table(f"target{index}", target.astype(np.int64)),
        *(Table(f"{name}{index}", values[source, target]) for name, values in each),
    )
    smaller = sum(table.bytes for table in sparse) < sum(table.bytes for table in dense)
    return SynapseTables(len(source), int(delay.max()) + 1, smaller, sparse if smaller else dense)


def stored_whole(graph: QuantizedGraph) -> dict[str, bool]:
    """Names of layers or projections that are stored with their absent synapses -> whether they have any."""
    if graph.is_chain:
        made = [(each, synapse_tables(each, 0, graph.time_steps)) for each in graph.layers]
        return {
            layer.name: stored.count < layer.weight.size
            for layer, stored in made
            if stored.tables and not stored.sparse
        }
    return GraphProgram(graph).stored_whole()


DELIVER = """
    for (uint32_t j = 0; j < $inputs; j++) { /* [2] */
        if (events[j] == 0)
            continue;
$each    }
"""
SPARSE = """\
        for (uint32_t k = start$layer[j]; k < start$layer[j + 1]; k++) {
$slot            s->sum$layer[$row][target$layer[k]] += weight$layer[k]$payload;
        }
"""
DENSE = """\
        for (uint32_t i = 0; i < $neurons; i++) {
            const uint32_t k = j * UINT32_C($neurons) + i;
$slot            s->sum$layer[$row][i] += weight$layer[k]$payload;
        }
"""
SLOT = """\
            uint32_t slot = now + delay$layer[k];
            if (slot >= $slots)
                slot -= $slots;
"""
INTEGRATE = "integrate(s, $layer, n, a, $keep_u, $keep_v, $bias)"
SPIKING = f"""\
        s->spikes[n] = {INTEGRATE} > $threshold; /* [6] */
        if (s->spikes[n])
            s->v[n] = 0;
"""
READOUT = f"        {INTEGRATE};\n"


@dataclass(frozen=True, slots=True)
class LayerProgram:
    """One layer in C: its `tables`, its ring of `slots` rows of `neurons` sums, and what fills `layer.c`."""

    values: dict[str, Any]
    tables: tuple[Table, ...]
    slots: int
    neurons: int
    sum_type: str

    @property
    def text(self) -> str:
        tables = "\n".join(table.text for table in self.tables)
        return _template("layer.c").substitute(self.values, tables=tables)


def emit(program: PlacedProgram) -> dict[str, bytes]:
    """Files of the program, and its README: name -> content.

    Raises
    ------
    LimitError
        If tables or state are too large for a 32-bit processor.
    """
    check_graph(program.graph)
    sizes = table_and_state_bytes(program.graph)
    return {**sources(program.graph), "README.md": readme(program.graph, *sizes)}


def sources(graph: QuantizedGraph) -> dict[str, bytes]:
    """`snn.h`, `snn.c` and `main.c`; equal graphs give equal bytes."""
    if not graph.is_chain:
        return GraphProgram(graph).files()
    layers = layer_programs(graph)
    first = _first(graph)
    header = _template("snn.h").substitute(
        version=semantics_version(graph),
        layers=len(layers),
        inputs=graph.inputs,
        classes=graph.layers[-1].neurons,
        steps=graph.time_steps,
        seconds=float(graph.bin_s).hex(),
        seconds_decimal=repr(float(graph.bin_s)),
        payload_max=graph.payload_max,
        neurons=first[-1],
        scale=float(graph.readout_scale).hex(),
        scale_decimal=repr(float(graph.readout_scale)),
        sums="\n".join(
            f"    {layer.sum_type} sum{index}[{layer.slots}][{layer.neurons}];"
            for index, layer in enumerate(layers)
        ),
    )
    events = ["events", *(f"s->spikes + {number}" for number in first[:-2])]
    source = _template("snn.c").substitute(
        first=", ".join(map(str, first)),
        parts="\n".join(layer.text for layer in layers),
        calls="\n".join(f"    layer{index}(s, {name});" for index, name in enumerate(events)),
        names=strings(graph.class_names),
    )
    return {"snn.h": header.encode(), "snn.c": source.encode(), "main.c": _read("main.c")}


def layer_programs(graph: QuantizedGraph) -> tuple[LayerProgram, ...]:
    """Every layer of `graph` in C."""
    return tuple(_layer_program(graph, index) for index in range(len(graph.layers)))


def check_graph(graph: QuantizedGraph) -> None:
    """Raise `LimitError` if a 32-bit processor could not address tables or state."""
    if not graph.is_chain:
        GraphProgram(graph).check()
        return
    for what, size in zip(("tables", "state"), table_and_state_bytes(graph), strict=True):
        if size > LARGEST:
            raise LimitError(
                f"graph: the {what} of the C program take {size} bytes, the limit is {LARGEST}; "
                "use fewer neurons or shorter delays"
            )


def table_and_state_bytes(graph: QuantizedGraph) -> tuple[int, int]:
    """Bytes of the constant tables, and of `snn_state` without any macro; no compiler is asked."""
    if not graph.is_chain:
        program = GraphProgram(graph)
        return program.table_bytes, program.state_bytes
    layers = layer_programs(graph)
    return table_bytes(layers), state_bytes(layers)


def table_bytes(layers: Sequence[LayerProgram]) -> int:
    """Bytes of the constant tables."""
    return 4 * (len(layers) + 1) + sum(table.bytes for layer in layers for table in layer.tables)


def state_bytes(layers: Sequence[LayerProgram]) -> int:
    """Bytes of `snn_state` of `snn.h` without either macro: u, v, now, the rings and spikes."""
    neurons = sum(layer.neurons for layer in layers)
    rings = ((size_of(layer.sum_type), layer.slots * layer.neurons) for layer in layers)
    return struct_bytes([(4, 2 * neurons + len(layers)), *rings, (1, neurons)])


def _layer_program(graph: QuantizedGraph, index: int) -> LayerProgram:
    layer, payload_max = graph.layers[index], graph.payload_max if index == 0 else 1
    synapses = synapse_tables(layer, index, graph.time_steps)
    tables, bias = synapses.tables, "0"
    if layer.bias_mant.any():
        tables += (Table(f"bias{index}", layer.bias_mant.astype(np.int64)),)
        bias = f"bias{index}[i] * INT32_C({1 << layer.bias_exp})"
    delayed = synapses.slots > 1
    names: dict[str, Any] = {
        "layer": index,
        "neurons": layer.neurons,
        "inputs": layer.inputs,
        "synapses": synapses.count,
        "first": _first(graph)[index],
        "slots": synapses.slots,
        "row": "slot" if delayed else "now",
        "payload": " * (int32_t)events[j]" if payload_max > 1 else "",
        "keep_u": formats.DECAY_ONE - layer.decay_u,
        "keep_v": formats.DECAY_ONE - layer.decay_v,
        "bias": bias,
        "threshold": (layer.threshold or 0) << formats.STATE_FRACTION_BITS,
    }

    def fill(text: str, **more: str) -> str:
        return Template(text).substitute(names, **more)

    each = fill(SPARSE if synapses.sparse else DENSE, slot=fill(SLOT) if delayed else "")
    values = names | {
        "deliver": fill(DELIVER, each=each) if synapses.count else "    (void)events;\n",
        "update": fill(READOUT if layer.threshold is None else SPIKING),
    }
    return LayerProgram(values, tables, synapses.slots, layer.neurons, _sum_type(layer, payload_max))


def _sum_type(layer: QuantizedLayer, payload_max: int) -> str:
    """Type of what is to arrive at a neuron in one step: never more than all its synapses deliver at once."""
    most = int(np.abs(layer.weight.astype(np.int64)).sum(axis=1).max()) * payload_max
    return "int16_t" if smallest_signed(-most, most) != "int32_t" else "int32_t"


def _first(graph: QuantizedGraph) -> list[int]:
    """Number of the first neuron of each layer, and of all neurons."""
    return [0, *accumulate(layer.neurons for layer in graph.layers)]


def _read(name: str) -> bytes:
    return files("snnc.targets.c").joinpath("program", name).read_bytes()


def _template(name: str) -> Template:
    return Template(_read(name).decode())
