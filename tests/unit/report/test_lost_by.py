"""The report names as a cause of a loss only what the export rounded."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from float_nets import dense, graph, lif
from models import saved, tiny_model

import snnc
from snnc.report.lost_by import lost_by

EXACT = "integers for biases, decays and states"
OF_GRAPH = "decays_lost = 0, largest_error a = weights 0, grid of a = 4 steps, synapses_lost = 0"


@pytest.mark.parametrize(
    ("passes", "more", "words"),
    [
        (
            {"discretise": "delays_rounded = 12", "quantise": "weights_rounded = 3, weights_clipped = 0"},
            {},
            None,
        ),
        (
            {"discretise": "delays_rounded = 0", "quantise": "weights_rounded = 3, weights_clipped = 0"},
            {},
            "quantising weights",
        ),
        (
            {"discretise": "delays_rounded = 0", "quantise": "weights_rounded = 0, weights_clipped = 2"},
            {},
            "quantising weights",
        ),
        (
            {"discretise": "delays_rounded = 0", "quantise": "weights_rounded = 0, weights_clipped = 0"},
            {},
            EXACT,
        ),
        (  # rounded by training
            {"discretise": "delays_rounded = 0", "quantise": "weights_rounded = 0, weights_clipped = 0"},
            {"finished_in_training": ["hidden1"]},
            "quantising weights",
        ),
        ({"quantise_graph": OF_GRAPH}, {"weight_bits": "a = 8"}, EXACT),
        (
            {"quantise_graph": f"{OF_GRAPH}, weights_clipped = 1"},
            {"weight_bits": "a = 8"},
            "quantising weights",
        ),
        ({"quantise_graph": OF_GRAPH}, {"weight_bits": "a = 8, b = 8"}, "quantising weights"),
        ({}, {}, None),  # of an earlier release, which does not tell
        ({"quantise_graph": OF_GRAPH}, {"weight_bits": "a = 8", "options": "prune = 0.5"}, None),
    ],
)
def test_by_the_passes(passes, more, words):
    told = {f"pass {number}, {name}": changes for number, (name, changes) in enumerate(passes.items(), 1)}
    wanted = words or (
        "rounding delays and quantising weights" if not more else f"{EXACT} and leaving out synapses"
    )
    assert lost_by({**told, **more}) == wanted


def page(network, place, x, labels, **options) -> str:
    exported = network.export("c", place, verbose=False, **options)
    exported.verify(x, ["oracle"], labels=labels, generated=0, allow_missing=True, verbose=False)
    return " ".join(exported.report.read_text().split())


@pytest.mark.parametrize(
    ("weights", "words"),
    [([1.0, 0.3], "quantising weights"), ([3.0, 2.0], EXACT)],
)
def test_a_graph_has_whole_delays(tmp_path, weights, words):
    """Of 2 bits, 0.3 is rounded away beside 1; of 3 bits, 3 and 2 are integers."""
    bits = 2 if weights[0] == 1 else 3
    network = snnc.Network(graph(lif(2), dense(weights, [0.0, weights[0]], delay=1)), "two")
    x = np.ones((4, 6, 2), np.uint8)
    said = page(network, tmp_path / "two.c", x, [0, 0, 1, 1], weight_bits=bits)
    assert f"The accuracy lost by {words}, compared with the trained network." in said
    assert "rounding delays" not in said


@pytest.mark.parametrize(("moved", "words"), [(0.0, ""), (0.3, "rounding delays and ")])
def test_a_chain_may_have_delays_that_are_not_whole(tmp_path, moved, words):
    model = tiny_model()
    layers = tuple(
        replace(each, position=np.rint(each.position) + np.float32(moved)) for each in model.layers
    )
    path = saved(replace(model, layers=layers), tmp_path)
    exported = snnc.load(path).export("c", tmp_path / "net.c", budget=False)
    x = np.ones((3, exported.graph.time_steps, exported.graph.inputs), np.uint8)
    found = lost_by(exported.verify(x, ["oracle"], generated=0, allow_missing=True).report.provenance)
    assert found == f"{words}quantising weights"
