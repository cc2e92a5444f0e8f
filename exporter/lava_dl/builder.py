"""Layers of a network file, one after the other -> populations and projections.

Layer n becomes the population `layern`, whose neurons compute clauses 3 to 6 of the contract. In Lava every
layer acts one step later than the one before; in the contract it acts in the same step, so layer n is n steps
ahead of Lava's.

A last layer whose thresholds lie above all that its membranes can reach becomes a readout without spikes:
slayer writes the highest threshold where it reads membranes.
"""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from snnc import formats
from snnc.batches import check_sample
from snnc.errors import InputError
from snnc.exporter.lava_dl import synapses
from snnc.exporter.lava_dl.fields import HIGH, Fields
from snnc.exporter.lava_dl.file import Layer
from snnc.exporter.lava_dl.neurons import Neurons, neurons_of
from snnc.exporter.lava_dl.synapses import Grid
from snnc.exporter.nir.options import Note
from snnc.exporter.ranges.prove import graph_bounds
from snnc.stages import Population, Projection, QuantizedGraph, Readout, SynapseList, Synapses
from snnc.stages.population import INPUT, NEURON_LIMIT
from snnc.stages.readout import OF_SPIKES, OF_V

INPUTS = "input"
WEIGHT, BIAS = 64, 0
"""Of an `input` layer with neurons that has none, as in netx."""
V_UNIT = 1.0 / (1 << formats.STATE_FRACTION_BITS)
"""The scale of a readout of v: in units of one weight step."""
REFUSED = {
    "dense_comp": "has complex synapses, the contract has real ones only",
    "convT": "is a transposed convolution, which netx does not run either",
    "unpool": "is an unpooling, which netx does not run either",
    "concat": "joins layers, which netx does not run either",
}


class Builder:
    """Takes the layers of a file in order; `payload_max` and `steps` are what it does not say."""

    def __init__(self, payload_max: int, steps: int) -> None:
        self._payload_max, self._steps = payload_max, steps
        self._grid: Grid | None = None
        """Of the neurons whose spikes the next layer reads; None before the first layer."""
        self._input: Population | None = None
        self._neurons: dict[str, Neurons] = {}
        self._projections: list[Projection] = []
        self._decoder, self._scale = "last", V_UNIT
        self.notes: dict[str, Note] = {}

    def add(self, layer: Layer) -> None:
        """Raises `InputError` for a layer that the contract has no place for; `StageError` for a number."""
        name = f"layer {layer.number}"
        fields = Fields(name, layer.values)
        kind = fields.text("type")
        fields.where = f"{name} ({kind[:20]!r})"
        neuron = None if layer.neuron is None else Fields(f"{name}, neuron", layer.neuron)
        if kind not in self._KINDS:
            why = REFUSED.get(kind, f"is of an unknown type; known are {', '.join(self._KINDS)}")
            fields.refuse(f"{why}; only networks without it can be exported")
        if kind == "input" and layer.number:
            fields.refuse("comes after other layers; an input layer is the first")
        if self._neurons and next(reversed(self._neurons.values())).threshold is None:
            fields.refuse(
                f"follows {next(reversed(self._neurons))}, which has no spikes but real numbers; no layer may"
            )
        self._KINDS[kind](self, f"layer{layer.number}", fields, neuron)
        fields.finish()

    def graph(self, dt: float, decoder: str | None) -> QuantizedGraph:
        """The network of all layers so far; `decoder` None: `count` of spikes, `last` of v."""
        if self._input is None or not self._neurons:
            raise InputError("has no layer with neurons; nothing can be exported")
        name, last = next(reversed(self._neurons.items()))
        read = self._readout(name, last)
        populations = [each.spiking(key) for key, each in self._neurons.items() if key != name]
        known = OF_SPIKES if read.spikes else OF_V
        chosen = decoder or (known[0] if read.spikes else self._decoder)
        if chosen not in known:
            what = "spikes" if read.spikes else "never spikes"
            raise InputError(f"--decoder {chosen}: {name}, the readout, {what}; choose {', '.join(known)}")
        self.notes["decoder"] = chosen
        scale = None if read.spikes else self._scale
        classes = tuple(str(number) for number in range(read.neurons))
        readout = Readout(name, chosen, scale, classes)
        return QuantizedGraph(
            (self._input, *populations, read), tuple(self._projections), (readout,), self._steps, dt
        )

    def _readout(self, name: str, neurons: Neurons) -> Population:
        """The last neurons, without spikes if they cannot have any."""
        if neurons.threshold is None:
            return neurons.silent(name)
        into = next(each for each in self._projections if each.destination == name)
        if not self._is_out_of_reach(neurons, into):
            return neurons.spiking(name)
        self._projections = [each for each in self._projections if each.source != name]  # they never act
        self.notes["read_as_readout"] = (
            f"{name} is read as a readout of v: its threshold of {int(neurons.threshold.min())} lies above "
            f"all that v reaches in {self._steps} steps"
        )
        return neurons.silent(name)

    def _is_out_of_reach(self, neurons: Neurons, into: Projection) -> bool:
        """Whether no input of the neurons, whatever it is, takes v above their thresholds.

        Synapses between them play no part: before the first spike they deliver nothing.
        """
        assert neurons.threshold is not None
        largest = self._payload_max if into.source == INPUTS else 1
        source = Population(into.source, INPUT, into.synapses.pre_neurons, payload_max=largest)
        read = Readout(into.destination, "last", 1.0, tuple(map(str, range(neurons.count))))
        alone = QuantizedGraph((source, neurons.silent(into.destination)), (into,), (read,), self._steps, 1.0)
        check_sample(alone)  # before bounds of every step are held
        reach = np.minimum(graph_bounds(alone)[0].v_hi.max(axis=0), formats.V_LIMIT)
        top = neurons.threshold.astype(np.int64) << formats.STATE_FRACTION_BITS
        return bool((reach <= top).all())

    def _append(self, name: str, neurons: Neurons, connections: Synapses, exponent: int, grid: Grid) -> None:
        if self._input is None:
            self._open((connections.pre_neurons, 1, 1))
        source = next(reversed(self._neurons), INPUTS)
        self._neurons[name], self._grid = neurons, grid
        self._projections.append(Projection(source, name, connections, exponent))

    def _open(self, grid: Grid) -> None:
        self._grid = grid
        self._input = Population(INPUTS, INPUT, math.prod(grid), payload_max=self._payload_max)

    def _before(self, layer: Fields) -> Grid:
        """The grid that the layer reads."""
        if self._grid is None:
            layer.refuse(
                "is the first layer, and the file does not say how large its input is; add a layer 0 of the "
                "type 'input' with its shape"
            )
        return self._grid

    def _flat(self, layer: Fields) -> int | None:
        """The number of neurons that a layer without a grid reads; None: the first, it has its own."""
        if self._grid is None:
            return None
        if self._grid[1:] != (1, 1):
            layer.refuse(f"reads a grid {self._grid} of neurons as a list; put a layer 'flatten' before it")
        return self._grid[0]

    def _add_input(self, name: str, layer: Fields, neuron: Fields | None) -> None:
        shape = _shape(layer)
        grid = shape if len(shape) == 3 else (math.prod(shape), 1, 1)
        if neuron is None:
            self._open(grid)
            return
        weight, bias = layer.number("weight", -HIGH, HIGH, WEIGHT), layer.number("bias", -HIGH, HIGH, BIAS)
        neurons = neurons_of(layer, neuron, grid)
        if (neurons.decay_u != formats.DECAY_ONE).any():
            neuron.refuse(
                f"iDecay is {int(neurons.decay_u.min())} in the input layer; netx adds input values to v, "
                f"slayer to u: they agree for {formats.DECAY_ONE} alone"
            )
        if self._payload_max == 1:
            layer.refuse(
                f"has neurons, and takes values {weight} * x + {bias} in every step; the file does not say "
                f"how large they are: pass --payload-max N, 2 .. {formats.PAYLOAD_MAX}"
            )
        self.notes["input_values"] = (
            f"input events are {weight} * x + {bias} in whole numbers 0 .. {self._payload_max}, the same in "
            "every step"
        )
        self._open(grid)
        self._append(name, neurons, synapses.identity(grid), 0, grid)

    def _add_flatten(self, name: str, layer: Fields, neuron: Fields | None) -> None:
        count = math.prod(self._before(layer))
        if (found := math.prod(_shape(layer))) != count:
            layer.refuse(f"has {found} neurons by its shape, the layer before has {count}")
        self._grid = (count, 1, 1)
        if neuron is not None:
            layer.refuse(f"has neurons, which a layer {name} without synapses cannot have")

    def _add_dense(self, name: str, layer: Fields, neuron: Fields | None) -> None:
        grid = (math.prod(_shape(layer)), 1, 1)
        neurons = neurons_of(layer, neuron, grid)
        found, exponent = synapses.dense(layer, grid[0], bool(neurons.bias.any()), self._flat(layer))
        self._append(name, neurons, found, exponent, grid)
        if neuron is None:
            self.notes["read_as_readout"] = f"{name} has no neurons: its v adds up what arrives, as in netx"

    def _add_recurrent(self, name: str, layer: Fields, neuron: Fields | None) -> None:
        if neuron is None:
            layer.refuse("has no neurons, so it sends nothing back; use `dense`")
        count = math.prod(_shape(layer))
        back, exponent = synapses.recurrent(layer, count)
        neurons = neurons_of(layer, neuron, (count, 1, 1))
        found, exponent_in = synapses.dense(layer, count, False, self._flat(layer))
        self._append(name, neurons, found, exponent_in, (count, 1, 1))
        self._projections.append(Projection(name, name, back, exponent))

    def _add_conv(self, name: str, layer: Fields, neuron: Fields | None) -> None:
        self._add_kernel(name, layer, neuron)

    def _add_pool(self, name: str, layer: Fields, neuron: Fields | None) -> None:
        self._add_kernel(name, layer, neuron, pool=True)

    def _add_kernel(self, name: str, layer: Fields, neuron: Fields | None, pool: bool = False) -> None:
        before, shape = self._before(layer), _shape(layer)
        if neuron is None:
            layer.refuse("has no neurons; write it again with a CUBA block of slayer")
        if len(shape) != 3:
            layer.refuse(f"shape is {list(shape)}, expected channels, rows and columns")
        neurons = neurons_of(layer, neuron, shape)
        if pool:
            found, exponent = synapses.pool(layer, before)
        else:
            found, exponent = synapses.convolution(layer, before, bool(neurons.bias.any()))
        if found.grid_out != shape:
            layer.refuse(f"shape is {list(shape)}, by the kernel it is {list(found.grid_out)}")
        self._append(name, neurons, found, exponent, shape)

    def _add_average(self, name: str, layer: Fields, neuron: Fields | None) -> None:
        """Means of groups of neurons: a readout without memory, which adds them up over all steps."""
        count, groups = math.prod(self._before(layer)), math.prod(_shape(layer))
        if neuron is not None or count % groups:
            layer.refuse(f"averages {count} neurons in {groups} groups; they must be equal, without neurons")
        each = count // groups
        line = np.arange(count, dtype=np.int32)
        ones = np.ones(count, np.int32)
        means = SynapseList(line, line // each, ones, 0 * ones, count, groups)
        full = np.full(groups, formats.DECAY_ONE, np.int32)
        neurons = Neurons(groups, full, full, None, np.zeros(groups, np.int32))
        self._append(name, neurons, means, 0, (groups, 1, 1))
        self._decoder, self._scale = "sum", V_UNIT / each
        self.notes["read_as_readout"] = f"{name} is read as a readout of the means of {each} neurons each"

    _KINDS: ClassVar = {
        "input": _add_input,
        "flatten": _add_flatten,
        "dense": _add_dense,
        "dense_rec": _add_recurrent,
        "conv": _add_conv,
        "pool": _add_pool,
        "average": _add_average,
    }


def _shape(layer: Fields) -> tuple[int, ...]:
    """The numbers of `shape`, which stand in the order channels, rows, columns."""
    found = tuple(layer.numbers("shape").reshape(-1).tolist())
    if len(found) not in (1, 3) or min(found) < 1 or math.prod(found) > NEURON_LIMIT:
        layer.refuse(
            f"shape is {list(found[:8])}, expected one number, or channels, rows and columns, with a product "
            f"of 1 .. {NEURON_LIMIT}"
        )
    return found
