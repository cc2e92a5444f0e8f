"""Networks that do not fit: the error says what is over, and what would fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from loihi_artifacts import chain, layer, random_chain
from placements import chip

from snnc.errors import LimitError
from snnc.exporter.passes.place import Place
from snnc.stages import QuantizedGraph


def said(graph: QuantizedGraph, **limits: int | None) -> str:
    with pytest.raises(LimitError) as raised:
        Place(chip(**limits)).run(graph)
    with pytest.raises(LimitError) as without_placing:
        Place(chip(**limits)).check_room(graph)
    assert str(without_placing.value) == str(raised.value)
    return str(raised.value)


def test_one_neuron_too_large() -> None:
    # 4 dense synapses of 8 bits are 4 bytes; of 6 bits 3 bytes; 3 synapses of 8 bits 3 bytes.
    weight = np.full((2, 4), 127)
    graph = chain(layer(weight, name="readout"), time_steps=1)
    assert said(graph, synapse_bytes_per_core=3) == (
        "readout, neuron 0: alone takes synapse_bytes 4 of 3 a core: 1 over; "
        "6-bit weights, or 3 instead of 4 input lines fit"
    )
    assert Place(chip(synapse_bytes_per_core=3)).run(chain(layer(weight // 4, name="readout"), time_steps=1))
    assert Place(chip(synapse_bytes_per_core=3)).run(
        chain(layer(weight[:, :3], name="readout"), time_steps=1)
    )


def test_too_many_neurons() -> None:
    hidden, readout = (
        layer(np.ones((4, 2)), name="hidden1", threshold=1),
        layer(np.ones((2, 4)), name="readout"),
    )
    message = said(chain(hidden, readout, time_steps=1), neurons_per_core=5, cores=1)
    assert "the network takes 2 cores of loihi at least, one chip has 1: 1 over (6 neurons of 5," in message
    assert message.endswith("; 3 instead of 4 neurons in hidden1 fits")


def test_what_does_not_divide_evenly() -> None:
    # 3 neurons of 2 bytes on 2 cores of 3 bytes: 6 of 6 bytes, but one neuron a core. With 6-bit weights two
    # take 2 * 2 * 6 = 24 bits.
    graph = chain(layer(np.full((3, 2), 127), name="readout"), time_steps=1)
    message = said(graph, synapse_bytes_per_core=3, cores=2)
    assert "takes 3 cores of loihi, one chip has 2: 1 over" in message
    assert message.endswith("; 6-bit weights, or 1 instead of 2 input lines fit")


def test_long_delays_take_the_slots_of_other_neurons() -> None:
    """A neuron with a delay of 5 takes 8 slots, two neurons have 4 each: one such neuron fills the core."""
    long = layer([[1, 1], [1, 1]], [[0, 5], [5, 0]], name="hidden", threshold=1)
    graph = chain(long, layer([[1, 1]], [[3, 3]], name="readout"), time_steps=1)
    program = Place(chip(delay_slots=4, neurons_per_core=2)).run(graph)
    uses = sorted(core.use["delay_slots"] for core in program.cores)
    assert uses == [(4, 8), (8, 8), (8, 8)]  # the readout's neuron, and the two others
    assert all("delay_slots" not in core.use for core in Place(chip(delay_slots=6)).run(graph).cores)


def test_delays_too_long() -> None:
    graph = chain(layer([[1, 1]], [[0, 5]], name="readout"), time_steps=1)
    assert said(graph, delay_slots=4, neurons_per_core=1) == (
        "readout, neuron 0: alone takes delay_slots 8 of 4 a core: 4 over; delays up to 3 fits"
    )


def test_nothing_helps() -> None:
    graph = chain(layer([[1], [1]], name="readout"), time_steps=1)
    assert said(graph, cores=1, neurons_per_core=1).endswith(
        "no change of weight bits, delays or the neurons of one layer alone makes it fit"
    )


def test_axons_are_limits_too() -> None:
    # The hidden neuron is heard by 3 cores: 3 axons out.
    hidden, readout = layer([[1]], name="hidden1", threshold=1), layer(np.ones((3, 1)), name="readout")
    graph = chain(hidden, readout, time_steps=1)
    assert Place(chip(neurons_per_core=1, axons_out_per_core=3)).run(graph)
    assert "hidden1, neuron 0: alone takes axons_out 3 of 2 a core: 1 over" in said(
        graph, neurons_per_core=1, axons_out_per_core=2
    )
    wide = chain(layer(np.ones((1, 5)), name="readout"), time_steps=1)
    assert said(wide, axons_in_per_core=4) == (
        "readout, neuron 0: alone takes axons_in 5 of 4 a core: 1 over; 4 instead of 5 input lines fits"
    )


def narrowed(graph: QuantizedGraph, suggestion: str) -> QuantizedGraph:
    """`graph` changed as an error suggests."""
    layers = list(graph.layers)
    match suggestion.split():
        case [bits, "weights"]:
            shift = 8 - int(bits.removesuffix("-bit"))
            layers = [
                replace(each, weight=np.sign(each.weight) * (abs(each.weight) >> shift)) for each in layers
            ]
        case ["delays", "up", "to", steps]:
            layers = [replace(each, delay=np.minimum(each.delay, int(steps))) for each in layers]
        case [count, "instead", "of", _, *_, name]:
            index, kept = [each.name for each in layers].index(name), slice(int(count))
            one, after = layers[index : index + 2]
            arrays = {field: getattr(one, field)[kept] for field in ("weight", "delay", "bias_mant")}
            layers[index] = replace(one, **arrays)
            layers[index + 1] = replace(after, weight=after.weight[:, kept], delay=after.delay[:, kept])
    return graph.with_layers(layers)


@pytest.mark.parametrize("size", [300, 400])
def test_every_suggestion_fits(size: int) -> None:
    graph = random_chain(1, (30, 40, 40, 6), time_steps=1, max_delay=12)
    limits = {"synapse_bytes_per_core": size, "cores": 12}
    message = said(graph, **limits)
    suggestions = message.partition("; ")[2].removesuffix(" fit").split(", or ")
    assert len(suggestions) >= 2
    for suggestion in suggestions:
        assert Place(chip(**limits)).run(narrowed(graph, suggestion))
