"""A chain of layers as a graph, and back: the section "Version 1" of `docs/semantics.md`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from snnc import formats
from snnc.errors import StageError
from snnc.stages.bounds import IntArray
from snnc.stages.chain import check_chain
from snnc.stages.layer import QuantizedLayer
from snnc.stages.names import check_class_names, check_name
from snnc.stages.population import INPUT, LI, LIF, ZERO, Population
from snnc.stages.projection import Projection
from snnc.stages.readout import SOFTMAX, Readout
from snnc.stages.synapses import SynapseMatrix
from snnc.text import quoted


def check_layers(
    layers: Sequence[QuantizedLayer], readout_scale: float, class_names: Sequence[str], payload_max: int
) -> None:
    """Raise `StageError` unless version 1 can be made of these, in its words."""
    if not layers:
        raise StageError("graph: has no layers")
    check_class_names(class_names)
    for layer in layers:
        check_name("a layer", layer.name)
    check_chain([(layer.name, layer.weight.shape) for layer in layers])
    if len({layer.name for layer in layers}) != len(layers):
        raise StageError("graph: two layers share a name")
    for layer in layers[:-1]:
        if not layer.spikes:
            raise StageError(f"{layer.name}: only the readout (last layer) may lack a threshold")
    if layers[-1].spikes:
        raise StageError(f"{layers[-1].name}: the readout must not spike (threshold None)")
    if not 1 <= payload_max <= formats.PAYLOAD_MAX:
        raise StageError(f"graph: payload_max is {payload_max}, expected 1..{formats.PAYLOAD_MAX}")
    layers[0].check_sums(payload_max)
    if not (np.isfinite(readout_scale) and readout_scale > 0):
        raise StageError(f"graph: readout_scale is {readout_scale}, expected finite and > 0")
    if len(class_names) != layers[-1].neurons:
        raise StageError(f"graph: {len(class_names)} class names for {layers[-1].neurons} readout neurons")


def populations_of(
    layers: Sequence[QuantizedLayer], payload_max: int
) -> tuple[tuple[Population, ...], tuple[Projection, ...]]:
    """The populations and projections of a chain that `check_layers` takes."""
    names = [input_name([layer.name for layer in layers]), *(layer.name for layer in layers)]
    first = Population(names[0], INPUT, layers[0].inputs, payload_max=payload_max)
    others = (
        Population(
            layer.name,
            LIF if layer.spikes else LI,
            layer.neurons,
            decay_u=layer.decay_u,  # type: ignore[arg-type]  # one number stands for equal ones
            decay_v=layer.decay_v,  # type: ignore[arg-type]
            bias_mant=layer.bias_mant,
            bias_exp=layer.bias_exp,
            threshold=layer.threshold,  # type: ignore[arg-type]
            reset=ZERO if layer.spikes else None,
        )
        for layer in layers
    )
    pairs = zip(pairwise(names), layers, strict=True)
    projections = tuple(Projection(before, after, layer.synapses) for (before, after), layer in pairs)
    return (first, *others), projections


def no_chain(
    populations: Sequence[Population], projections: Sequence[Projection], readouts: Sequence[Readout]
) -> str:
    """Why version 1 cannot express a graph, or "". Synapses are not unrolled for it."""
    first, *others = populations
    name = input_name([each.name for each in others])
    if [each.model for each in populations] != [INPUT, *[LIF] * (len(others) - 1), LI]:
        return "its populations are not one input, then lif, and last li"
    if first.name != name:
        return f"its input has the name {quoted(first.name)}, in a chain it is {quoted(name)}"
    into = _by_ends(projections)
    chain = list(pairwise(each.name for each in populations))
    if len(projections) != len(chain) or into.keys() != set(chain):
        return "its projections are not one from each population to the next"
    if reason := _not_in_version_1(populations, readouts):
        return reason
    for projection in map(into.__getitem__, chain):
        if projection.weight_exp:
            return f"{projection.name}: weight_exp is {projection.weight_exp}, in a chain it is 0"
        if reason := projection.synapses.no_matrix():
            return f"{projection.name}: {reason}"
    return ""


def layers_of(
    populations: Sequence[Population], projections: Sequence[Projection]
) -> tuple[QuantizedLayer, ...]:
    """The layers of a graph that `no_chain` finds to be one, each with its matrix."""
    into = _by_ends(projections)
    layers = []
    for source, population in pairwise(populations):
        synapses = into[source.name, population.name].synapses
        if not isinstance(synapses, SynapseMatrix):
            synapses = synapses.as_list().as_matrix()
        layers.append(_layer(population, synapses))
    return tuple(layers)


def _by_ends(projections: Sequence[Projection]) -> dict[tuple[str, str], Projection]:
    return {(each.source, each.destination): each for each in projections}


def _not_in_version_1(populations: Sequence[Population], readouts: Sequence[Readout]) -> str:
    """What of the populations or readouts of such a chain a layer does not have, or ""."""
    for each in populations:
        if each.end is not None:
            return f"{each.name}: end is {each.end}, in a chain it is T"
        if each.input_bias.any():
            return f"{each.name}: has an input bias, in a chain it is 0"
        if each.spikes and each.reset != ZERO:
            return f"{each.name}: reset is {each.reset}, in a chain it is {ZERO}"
        for what in ("decay_u", "decay_v", "threshold"):
            value: IntArray | None = getattr(each, what)
            if value is not None and (value != value[0]).any():
                return f"{each.name}: {what} differs between neurons, in a chain all have the same"
    last = populations[-1].name
    if [(each.population, each.decoder) for each in readouts] != [(last, SOFTMAX)]:
        found = " and ".join(f"{quoted(each.population)} by {each.decoder}" for each in readouts) or "nothing"
        return f"it decodes {found}; a chain decodes its last population, {quoted(last)}, by {SOFTMAX}"
    if not isinstance(readouts[0].scale, float):
        return f"{last}: the scale differs between classes, in a chain it is one number"
    return ""


def _layer(population: Population, synapses: SynapseMatrix) -> QuantizedLayer:
    of, threshold = population, population.threshold
    assert of.decay_u is not None
    assert of.decay_v is not None
    assert of.bias_mant is not None
    assert of.bias_exp is not None
    return QuantizedLayer(
        name=of.name,
        weight=synapses.weight,
        delay=synapses.delay,
        bias_mant=of.bias_mant,
        bias_exp=of.bias_exp,
        decay_u=int(of.decay_u[0]),
        decay_v=int(of.decay_v[0]),
        threshold=None if threshold is None else int(threshold[0]),
    )


def input_name(layers: Sequence[str]) -> str:
    """The name of a chain's input, which in version 1 has none."""
    name = INPUT
    while name in layers:
        name += "_"
    return name
