"""The pass pipeline: each promise between two stages is checked, and the record says what led to what."""

from __future__ import annotations

import importlib
import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from doc_pages import blocks
from models import digits_model, saved, tiny_model, with_layers
from pass_names import OF_CHAIN

from snnc.cli import main
from snnc.errors import PassError
from snnc.exporter import passes
from snnc.exporter.calibration import Calibration
from snnc.exporter.chip_check import graph_of
from snnc.exporter.choose_scales import ScaleChoice, choose_grids
from snnc.exporter.manifest import MANIFEST
from snnc.exporter.nir.importer import ImportOptions
from snnc.exporter.options import ExportOptions
from snnc.exporter.passes import Discretise, Place, Prune, Quantise, Step, WholeBias
from snnc.exporter.passes.quantise import quantise
from snnc.exporter.pipeline import compile_model
from snnc.exporter.record import Recorder
from snnc.provenance import stage_hash
from snnc.stages import BatchNorm
from snnc.targets.registry import load_target


def with_layer(stage, index, **fields):
    layers = list(stage.layers)
    layers[index] = replace(layers[index], **fields)
    return with_layers(stage, layers)


def changed(array, where, by):
    result = np.array(array)
    result[where] += by
    return result


def plain(discrete):
    """The pass of an export without options."""
    bits = (8,) * len(discrete.layers)
    return Quantise(ScaleChoice(choose_grids(discrete, bits)), bits)


def normed_model():
    """`tiny_model` with a batch norm in which no parameter is trivial."""
    rng = np.random.default_rng(3)
    norm = BatchNorm(*rng.uniform(0.5, 2, (4, 6)).astype(np.float32), 1e-5)
    return with_layer(tiny_model(), 0, batch_norm=norm)


@pytest.mark.parametrize(
    "model", [tiny_model(), normed_model(), digits_model()], ids=["tiny", "normed", "digits"]
)
def test_right_passes_are_accepted(model):
    discrete = Discretise().run(model)
    Discretise().check(model, discrete)
    graph = quantise(discrete)
    plain(discrete).check(discrete, graph)
    placing = Place(load_target("loihi"))
    placing.check(graph, placing.run(graph))


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
        Discretise().check(model, change(Discretise().run(model)))


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
    discrete = Discretise().run(tiny_model())
    with pytest.raises(PassError, match=message):
        plain(discrete).check(discrete, change(quantise(discrete)))


def test_a_pruned_network_keeps_the_rest():
    graph = quantise(Discretise().run(tiny_model()))
    done = Prune((0.5, 0.0))
    fewer = done.run(graph)
    done.check(graph, fewer)
    for wrong in (
        with_layer(fewer, 0, threshold=fewer.layers[0].threshold + 1),
        with_layer(fewer, 1, weight=changed(fewer.layers[1].weight, (0, 0), 1)),
        with_layer(fewer, 1, delay=changed(fewer.layers[1].delay, (0, 0), 1)),
    ):
        with pytest.raises(PassError, match=r"hidden1: threshold is|readout, synapse 0 -> 0: "):
            done.check(graph, wrong)


def test_a_placement_that_changes_the_graph_is_noticed():
    graph = quantise(Discretise().run(tiny_model()))
    other = with_layer(graph, 0, threshold=graph.layers[0].threshold + 1)
    placing = Place(load_target("loihi"))
    with pytest.raises(PassError, match="hidden1: threshold is"):
        placing.check(graph, placing.run(other))


def test_a_pass_that_fails_its_check_is_named_and_leaves_no_record():
    seen, model = [], tiny_model()
    recorder = Recorder(lambda name, _: seen.append(name))
    wrong = replace(Discretise().run(model), time_steps=13)
    with pytest.raises(PassError, match="pass discretise: 12 became 13; the pass is at fault"):
        recorder(Step(Discretise(), model, wrong))
    assert recorder.records == []
    assert not seen


def test_records_link_each_stage_to_the_one_it_was_made_from():
    recorder, model = Recorder(), tiny_model()
    discrete = Discretise().run(model)
    graph, quantising = quantise(discrete), plain(discrete)
    recorder(Step(Discretise(), model, discrete))
    recorder(Step(quantising, discrete, graph))
    recorder(Step(quantising, discrete, graph))  # not what the last one made
    hashes = [(record.input_sha256, record.sha256) for record in recorder.records]
    second = (stage_hash(discrete), stage_hash(graph))
    assert hashes == [(stage_hash(model), stage_hash(discrete)), second, second]


def test_the_manifest_holds_the_chain_of_passes(tiny_artifact):
    chain = json.loads((tiny_artifact / MANIFEST).read_text())["provenance"]["passes"]
    assert [record["name"] for record in chain] == OF_CHAIN
    assert chain[0]["input_sha256"] == stage_hash(tiny_model())
    for before, after in pairwise(chain):
        assert after["input_sha256"] == before["sha256"]


def test_the_pass_of_the_docs_is_in_everything(monkeypatch, tmp_path):
    """Export, the searches, check and the loss budget run it as soon as it is in the list."""
    title = '"""Pass: leave out synapses whose weight is small."""'
    (block,) = (one for one in blocks() if one.key == ("add_a_pass.md", title))
    (tmp_path / "drop_small.py").write_text(block.text)
    monkeypatch.syspath_prepend(tmp_path)
    added = importlib.import_module("drop_small").DropSmall
    monkeypatch.setattr(passes, "PASSES", (*passes.PASSES[:4], added, *passes.PASSES[4:]))
    model, rng, plain = tiny_model(), np.random.default_rng(1), ExportOptions(weight_bits=3)
    spikes = (rng.random((8, model.time_steps, 5)) < 0.4).astype(np.uint8)
    data = Calibration("validation", 8, spikes, rng.integers(0, 3, 8))

    def export(options):
        return compile_model(model, load_target("loihi"), options, calibration=data)

    found = export(plain)
    (dropped,) = (one.changes["synapses_dropped"] for one in found.passes if one.name == "drop_small")
    assert dropped > 0
    checked = graph_of(saved(model, tmp_path), plain, ImportOptions())
    for graph in (found.program.graph, checked):
        assert {1, 2, 3} & {*np.abs(np.concatenate([one.weight.ravel() for one in graph.layers]))} == {2, 3}
    assert found.losses.loss.stages[-1].stage == "without small weights"
    alike = export(replace(plain, max_drop=100)).losses.bits.candidates[0]
    assert alike.bits == (3, 3)
    assert alike.synapses == tuple(int(np.count_nonzero(one.weight)) for one in checked.layers)

    monkeypatch.setattr(added, "run", lambda done, before: before)
    with pytest.raises(PassError, match=r"pass drop_small: .*, synapse \d+ -> \d+: -?1 is left"):
        export(plain)


def test_a_pass_that_fails_its_check_in_an_export_is_our_fault(tmp_path, monkeypatch, capsys):
    """Not 1, which is "not equal", nor 2: the user can do nothing about it."""
    run = WholeBias.run
    monkeypatch.setattr(WholeBias, "run", lambda self, graph: with_layer(run(self, graph), 0, decay_v=7))
    path = saved(tiny_model(), tmp_path)
    assert main(["export", str(path), "--no-budget", "-o", str(tmp_path / "out")]) == 70
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("snnc: pass whole_bias: hidden1: decay_v is 7, not ")
    assert line.endswith("please report it")
    assert not (tmp_path / "out").exists()
