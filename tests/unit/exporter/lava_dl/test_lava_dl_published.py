"""Networks that lava-dl publishes, against the states that it publishes beside them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from kinds.elsewhere import NETX
from kinds.page import hold
from kinds.row import percent
from real_data import real_data

from snnc.exporter.lava_dl.importer import import_network
from snnc.exporter.nir.importer import ImportOptions
from snnc.hwsim.event_driven import simulate
from snnc.stages.population import LIF
from snnc.trainer import integer_model

pytestmark = pytest.mark.slow

RUNS = {"simulator": simulate, "torch": integer_model.run_graph}
LAYERS = {
    "input": 0,
    "conv-0": 1,
    "conv-1": 2,
    "conv-2": 3,
    "conv-3": 4,
    "conv-4": 5,
    "fc-0": 7,
    "fc-1": 8,
    "fc-2": 9,
}
"""Published name -> number in the file, where 6 is `flatten`; u and v of the first two are not published."""
SAMPLE, CHIP_STEPS = 17, 24
"""Steps between two resets, and those that are published: a sample, and the start of the next one."""
FIRED = 128
"""What stands in a published v in the step of a spike; v after the reset is 0."""


def read(name, steps, payload_max=1):
    data = (real_data("foreign") / "netx" / name).read_bytes()
    return import_network(data, name, ImportOptions(time_steps=steps), payload_max).graph


def truth(name):
    return np.load(real_data("foreign") / "netx" / name)


def in_order(published):
    """[columns, rows, channels, steps], or [neurons, steps] -> [steps, neurons] in the contract's order."""
    turned = np.moveaxis(published, -1, 0)
    return (turned.transpose(0, 3, 2, 1) if turned.ndim == 4 else turned).reshape(len(turned), -1)


def on_chip(graph, run, image):
    """By layer, u, v and spikes [24, neurons] as on the chip, where layer n is n steps late.

    A chip resets a layer at the start of each sample. Before the first, the layer runs by its bias alone: the
    same network with a delay of one step between layers.
    """
    late = [
        replace(each, synapses=replace(each.synapses, delay=each.synapses.delay + 1))
        for each in graph.projections[1:]
    ]
    early = replace(graph, projections=(graph.projections[0], *late), time_steps=len(LAYERS) + 1)
    before, sample = (
        run(each, np.broadcast_to(image, (1, each.time_steps, image.size))) for each in (early, graph)
    )

    def states(name, steps_late):
        index = graph.trace_index(name)
        for variable in ("u", "v", "spikes"):
            first, full = (np.asarray(getattr(run.layers[index], variable))[0] for run in (before, sample))
            yield np.concatenate([first[:steps_late], full, full])[:CHIP_STEPS]

    return {name: tuple(states(f"layer{number}", late)) for late, (name, number) in enumerate(LAYERS.items())}


@pytest.mark.parametrize("name", RUNS)
def test_pilotnet_has_its_published_states(name):
    graph, published = read("pilotnet_lif.net", SAMPLE, payload_max=76), truth("pilotnet_lif_truth.npz")
    image = in_order(published["image"][..., None])[0].astype(np.uint8)
    compared, spiked = 0, 0
    for layer, (u, v, spikes) in on_chip(graph, RUNS[name], image).items():
        np.testing.assert_array_equal(spikes, in_order(published[layer]))
        spiked += int(np.count_nonzero(spikes))
        if f"{layer}-u" in published:
            np.testing.assert_array_equal(u, in_order(published[f"{layer}-u"]))
            np.testing.assert_array_equal(np.where(spikes, FIRED, v), in_order(published[f"{layer}-v"]))
            compared += u.size
    assert compared == 1_029_024
    hold(NETX["pilotnet_lif.net"], NETX["pilotnet_lif.net"].line("yes", percent(spiked, spiked)))


@pytest.mark.parametrize("name", RUNS)
def test_oxford_has_its_published_first_layer(name):
    published = truth("dense_truth.npz")
    graph = read("oxford.net", published["in"].shape[1])
    assert [each.weight_exp for each in graph.projections] == [1, 0]
    np.testing.assert_array_equal(
        graph.projections[0].synapses.weight << 1, published["weight"]
    )  # as it stands in the file
    first = RUNS[name](graph, published["in"].T[None].astype(np.uint8)).layers[0]
    u, spikes = (np.asarray(each)[0, :-1] for each in (first.u, first.spikes))
    np.testing.assert_array_equal(u, in_order(published["current"])[1:] * 64)  # Lava's layers are a step late
    np.testing.assert_array_equal(spikes, in_order(published["out"])[1:])
    spiked = int(np.count_nonzero(spikes))
    hold(NETX["oxford.net"], NETX["oxford.net"].line("yes", f"{percent(spiked, spiked)} (first layer)"))


def test_tiny_is_read_with_its_convolutions():
    graph = read("tiny.net", 17, payload_max=70)
    assert [(each.name, each.model, each.neurons) for each in graph.stateful] == [
        ("layer0", LIF, 3 * 16 * 16),
        ("layer1", LIF, 24 * 6 * 6),
        ("layer2", LIF, 36),
    ]
