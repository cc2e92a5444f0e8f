"""The pass pipeline: each promise between two stages is checked, and the record says what led to what."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from models import digits_model, tiny_model

from snnc.errors import PassError
from snnc.exporter import checks
from snnc.exporter.discretise import discretise
from snnc.exporter.manifest import MANIFEST
from snnc.exporter.options import ExportOptions
from snnc.exporter.passes import Passes
from snnc.exporter.place import place
from snnc.exporter.prune import prune
from snnc.exporter.quantise import choose_grids, quantise
from snnc.provenance import stage_hash
from snnc.stages import BatchNorm
from snnc.targets.registry import load_target


def with_layer(stage, index, **fields):
    layers = list(stage.layers)
    layers[index] = replace(layers[index], **fields)
    return replace(stage, layers=tuple(layers))


def changed(array, where, by):
    result = np.array(array)
    result[where] += by
    return result


def check_quantise(discrete, graph):
    """With the grids and options of an export without any."""
    bits = [8] * len(graph.layers)
    checks.of_quantise(discrete, graph, choose_grids(discrete, bits), bits, ExportOptions())


def normed_model():
    """`tiny_model` with a batch norm in which no parameter is trivial."""
    rng = np.random.default_rng(3)
    norm = BatchNorm(*rng.uniform(0.5, 2, (4, 6)).astype(np.float32), 1e-5)
    return with_layer(tiny_model(), 0, batch_norm=norm)


@pytest.mark.parametrize(
    "model", [tiny_model(), normed_model(), digits_model()], ids=["tiny", "normed", "digits"]
)
def test_right_passes_are_accepted(model):
    discrete = discretise(model)
    checks.of_discretise(model, discrete)
    graph = quantise(discrete)
    check_quantise(discrete, graph)
    checks.of_place(graph, place(graph, load_target("loihi")))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: with_layer(d, 0, delay=changed(d.layers[0].delay, (4, 2), 1)), "hidden1, synapse 2 -> 4"),
        (lambda d: with_layer(d, 0, delay=4 - d.layers[0].delay), "is not the learned delay, rounded"),
        (lambda d: with_layer(d, 1, delay=changed(d.layers[1].delay, (2, 5), 5)), "is no delay of 0..4"),
        (
            lambda d: with_layer(d, 0, weight=d.layers[0].weight * 1.001),
            "hidden1, synapse 0 -> 0: .* is a weight, not that of batch norm",
        ),
        (
            lambda d: with_layer(d, 0, bias=changed(d.layers[0].bias, 3, 1e-6)),
            "hidden1, neuron 3: .* is a bias, not",
        ),
        (lambda d: with_layer(d, 0, bias=0 * d.layers[0].bias), "hidden1, neuron 0: 0.0 is a bias, not"),
        (lambda d: with_layer(d, 0, name="other"), "other"),
        (lambda d: replace(d, time_steps=13), "12 became 13"),
        (lambda d: replace(d, class_names=("a", "b", "d")), "became"),
    ],
)
def test_a_wrong_discretise_is_noticed(change, message):
    model = normed_model()
    with pytest.raises(PassError, match=message):
        checks.of_discretise(model, change(discretise(model)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda g: with_layer(g, 0, delay=changed(g.layers[0].delay, (4, 2), 1)), "hidden1, synapse 2 -> 4"),
        (
            lambda g: with_layer(g, 1, weight=-g.layers[1].weight),
            "readout, synapse 0 -> 0: .* of another sign",
        ),
        (
            lambda g: with_layer(g, 0, weight=changed(g.layers[0].weight, (0, 1), 1)),
            "hidden1, synapse 1 -> 0",
        ),
        (lambda g: replace(g, bin_s=0.03), "0.02 became 0.03"),
        (lambda g: with_layer(g, 1, name="swapped"), "swapped"),
    ],
)
def test_a_wrong_quantise_is_noticed(change, message):
    discrete = discretise(tiny_model())
    with pytest.raises(PassError, match=message):
        check_quantise(discrete, change(quantise(discrete)))


def test_a_pruned_network_keeps_the_rest():
    graph = quantise(discretise(tiny_model()))
    fewer = prune(graph, [0.5, 0.0])
    checks.of_prune(graph, fewer, [0.5, 0.0], "magnitude")
    for wrong in (
        with_layer(fewer, 0, threshold=fewer.layers[0].threshold + 1),
        with_layer(fewer, 1, weight=changed(fewer.layers[1].weight, (0, 0), 1)),
        with_layer(fewer, 1, delay=changed(fewer.layers[1].delay, (0, 0), 1)),
    ):
        with pytest.raises(PassError, match=r"hidden1: threshold is|readout, synapse 0 -> 0: "):
            checks.of_prune(graph, wrong, [0.5, 0.0], "magnitude")


def test_a_placement_that_changes_the_graph_is_noticed():
    graph = quantise(discretise(tiny_model()))
    other = with_layer(graph, 0, threshold=graph.layers[0].threshold + 1)
    with pytest.raises(PassError, match="hidden1: threshold is"):
        checks.of_place(graph, place(other, load_target("loihi")))


def test_a_pass_that_fails_its_check_is_named_and_leaves_no_record():
    seen = []
    passes = Passes(lambda name, _: seen.append(name))

    def wrong(model):
        return replace(discretise(model), time_steps=13)

    with pytest.raises(PassError, match="pass discretise: 12 became 13; the pass is at fault"):
        passes.run("discretise", tiny_model(), wrong, lambda *_: {}, checks.of_discretise)
    assert passes.records == ()
    assert not seen


def test_records_link_each_stage_to_the_one_it_was_made_from():
    passes, model = Passes(), tiny_model()
    discrete = passes.run("one", model, discretise, lambda *_: {}, checks.of_discretise)
    graph = passes.run("two", discrete, quantise, lambda *_: {}, check_quantise)
    passes.run("two", discrete, quantise, lambda *_: {}, check_quantise)  # not what the last one made
    hashes = [(record.input_sha256, record.sha256) for record in passes.records]
    second = (stage_hash(discrete), stage_hash(graph))
    assert hashes == [(stage_hash(model), stage_hash(discrete)), second, second]


def test_the_manifest_holds_the_chain_of_passes(tiny_artifact):
    passes = json.loads((tiny_artifact / MANIFEST).read_text())["provenance"]["passes"]
    assert [record["name"] for record in passes] == [
        "discretise",
        "quantise",
        "prune",
        "whole_bias",
        "legalise",
        "place",
    ]
    assert passes[0]["input_sha256"] == stage_hash(tiny_model())
    for before, after in pairwise(passes):
        assert after["input_sha256"] == before["sha256"]
