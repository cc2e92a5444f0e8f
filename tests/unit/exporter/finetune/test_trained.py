"""What training leaves of a network that is no chain is finished in integers."""

from dataclasses import replace

import numpy as np
import pytest
from finetune_nets import events, network
from order_task import config, order_task

from snnc.errors import LimitError, TrainingError
from snnc.exporter.chip_check import graph_of
from snnc.exporter.finetune import finish as finish_module
from snnc.exporter.finetune import trained
from snnc.exporter.finetune.finish import Measure, Samples, Settings, finish
from snnc.exporter.finetune.rounding import starts_of
from snnc.exporter.finetune.trained import finished_in_integers
from snnc.exporter.graph_of_network import real_numbers
from snnc.exporter.graph_recordings import classes_of
from snnc.exporter.nir.importer import ImportOptions
from snnc.exporter.options import ExportOptions
from snnc.exporter.passes.quantise_graph import quantise_graph
from snnc.exporter.pipeline import export_file
from snnc.exporter.plan import plan_export
from snnc.targets.registry import load_target
from snnc.trainer.integer_model import run_graph
from snnc.trainer.loop import train
from snnc.trainer.model_file import save_model
from snnc.trainer.samples import load_samples


@pytest.fixture(scope="module")
def model():
    chosen = config(recurrence="axon", epochs=6, weight_bits=[8, 3], quantise_epochs=2)
    return train(chosen, data=order_task(80))


def test_the_integers_of_the_best_epoch_are_kept(model):
    said = []
    finished = finished_in_integers(model, order_task(80), said.append)
    assert set(finished.quantised) == {8, 3}
    assert finished.graph is model.graph
    assert [line.partition(":")[0] for line in said] == ["int8", "int8", "int3", "int3"]
    validation = load_samples(model, "validation", order_task(80))
    frames, labels = validation.frames(np.arange(len(validation)))
    for bits, graph in finished.quantised.items():
        integers = quantise_graph(graph, bits, per_neuron=False)
        classes = classes_of(integers, run_graph(integers, frames))[:, 0]
        step = finished.metrics["validation"][f"int{bits}_final"]
        assert step["accuracy"] == (classes == labels).mean()
        assert step["accuracy"] >= finished.metrics["validation"][f"int{bits}"]["accuracy"]
    assert set(model.metrics["validation"]) == set(finished.metrics["validation"]) - {
        *(f"int{bits}{end}" for bits in (8, 3) for end in ("", "_final")),
        "int3_clipped",  # the start with clipped weights is the better one
    }


def test_what_clipping_brought_is_no_gain_of_training(monkeypatch):
    """The start with clipped weights is made the better one, and its epochs no better."""
    start, clip, epoch = (Measure(right, 0, 20, 1.0) for right in (10, 15, 14))
    graph = network()
    starts = starts_of(graph, plan_export(graph, ExportOptions(weight_bits=3), load_target("c")))
    for last, kept in ((epoch, 0), (replace(epoch, right=17), 1)):
        told = iter((start, clip, last))
        monkeypatch.setattr(finish_module, "measure", lambda *given, told=told: next(told))
        frames = events(4)
        samples = Samples(frames, np.zeros((4, 1), np.int64), np.zeros((4, 1), np.int64))
        found = finish(starts, samples, samples, Settings(1, 4, 1e-3, 0))
        assert (found.before, found.clipped, found.epoch) == (start, clip, kept)
        assert found.after == (last if kept else clip)


@pytest.mark.parametrize(("right", "clipped"), [((10, 15, 14), True), ((15, 10, 14), False)])
def test_no_epoch_is_said_to_have_been_kept(monkeypatch, right, clipped):
    """Of a phase that clipped the weights and trained none of them, and of one that left all as it was."""
    chosen = config(recurrence="axon", epochs=1, weight_bits=[8], quantise_epochs=1)
    measured = iter([Measure(each, 0, 20, 1.0) for each in right])
    monkeypatch.setattr(finish_module, "measure", lambda *given: next(measured))
    said = []
    finished = finished_in_integers(train(chosen, data=order_task(40)), order_task(40), said.append)
    how = "with its largest weights clipped, and not trained" if clipped else "as it was before this phase"
    assert said[-1] == f"int8: kept {how} (val 75.0 %), no epoch is better"
    steps = finished.metrics["validation"]
    assert steps["int8"]["accuracy"] == right[0] / 20
    assert steps["int8_final"]["accuracy"] == 0.75
    assert ("int8_clipped" in steps) == clipped


def test_ternary_weights_with_a_scale_for_each_neuron():
    """An export for a processor has the integers of training; one for a chip is refused."""
    chosen = config(epochs=2, finetune_epochs=1, quantise_epochs=1, weight_bits=(2,), grids_of="neuron")
    model = finished_in_integers(train(chosen, data=order_task(80)), order_task(80))
    network = real_numbers(model, ExportOptions(weight_bits=2), load_target("c"))
    integers = quantise_graph(network, 2, per_neuron=True)
    for projection in integers.projections:
        assert set(np.unique(projection.synapses.as_list().weight)) <= {-1, 1}
    validation = load_samples(model, "validation", order_task(80))
    frames, labels = validation.frames(np.arange(len(validation)))
    classes = classes_of(integers, run_graph(integers, frames))[:, 0]
    assert model.metrics["validation"]["int2_final"]["accuracy"] == (classes == labels).mean()
    with pytest.raises(LimitError, match="target loihi: its weights of 2 bits were trained with a scale for"):
        real_numbers(model, ExportOptions(weight_bits=2), load_target("loihi"))
    assert (
        real_numbers(model, ExportOptions(weight_bits=4), load_target("loihi")) is model.graph
    )  # rounded after training


@pytest.mark.parametrize("chain", [True, False])
@pytest.mark.parametrize("scale", [{"scale": "percentile", "percentile": 80.0}, {"scale": "mse"}])
def test_a_scale_that_is_asked_for_rounds_anew(tmp_path, chain, scale):
    """`docs/quantisation.md`: with --scale the integers from training are not used, of a chain or another."""
    how = {} if chain else {"recurrence": "axon"}
    chosen = config(epochs=2, finetune_epochs=0, weight_bits=[8], quantise_epochs=1, **how)
    model = train(chosen, data=order_task(80))
    model = model if chain else finished_in_integers(model, order_task(80))
    assert 8 in model.quantised
    save_model(model, tmp_path / "with.pt")
    save_model(replace(model, quantised={}), tmp_path / "without.pt")
    for options, same in ((ExportOptions(8), False), (ExportOptions(8, **scale), True)):
        options = replace(options, allow_saturation=True, budget=False)
        of_either = []
        for name in ("with.pt", "without.pt"):
            made = graph_of(tmp_path / name, options, ImportOptions())
            export = export_file(tmp_path / name, "c", tmp_path / "x.c", options, overwrite=True)
            weights = [each.synapses.as_list().weight.tolist() for each in made.projections]
            assert weights == [each.synapses.as_list().weight.tolist() for each in export.graph.projections]
            of_either.append(weights)
        assert (of_either[0] == of_either[1]) is same


def test_bits_without_integers_are_left_out(model, monkeypatch):
    def refuse(graph, plan):
        raise LimitError("its threshold would become 0")

    monkeypatch.setattr(trained, "starts_of", refuse)
    said = []
    left = finished_in_integers(model, order_task(80), said.append)
    assert not left.quantised
    assert left.metrics["left_out"]["int3"] == said[1].removeprefix("int3: ")
    assert said[0] == "int8: left out, the network has no such integers: its threshold would become 0"


def test_an_epoch_that_fails_leaves_the_network(model, monkeypatch):
    def fail(*given):
        raise TrainingError("epoch 2: the gradient of h is not finite")

    monkeypatch.setattr(trained, "finish", fail)
    said = []
    left = finished_in_integers(model, order_task(80), said.append)
    assert left.graph is model.graph
    assert not left.quantised
    assert said == [f"int{bits}: left out, epoch 2: the gradient of h is not finite" for bits in (8, 3)]


def test_what_may_overflow_before_is_finished_and_told(model, monkeypatch):
    """The line has what an export of these bits answers, whose remedies were tried."""
    monkeypatch.setattr(trained, "is_sound", lambda graph: False)
    answers = {8: "h, neuron 0: v can ...; pass --weight-bits 7", 3: "h, neuron 1: v can ..."}

    def refused(made, options, target):
        assert (set(made.quantised) | {8}, target.name) == ({8, options.weight_bits}, "loihi")
        return answers[options.weight_bits]

    monkeypatch.setattr(trained, "why_refused", refused)
    said = []
    assert set(finished_in_integers(model, order_task(80), said.append).quantised) == {8, 3}
    assert said[2] == f"int8: may overflow, so an export of these bits is refused: {answers[8]}"
    assert not any("not kept" in line for line in said)


def test_frames_that_take_too_much_memory_are_left_out(model, monkeypatch):
    """A fifth of the 80 recordings tests: 64 of 12 steps and 6 lines are left."""
    monkeypatch.setattr(trained, "FRAMES_LIMIT", 1000)
    said = []
    left = finished_in_integers(model, order_task(80), said.append)
    assert not left.quantised
    assert left.metrics["left_out"] == {"in integers": said[0].removeprefix("in integers: ")}
    assert said == [
        "in integers: left out, all frames take 4608 bytes, the limit is 1000; use snnc.finetune with fewer "
        "recordings"
    ]


def test_the_network_stays_where_its_recordings_are_not_at_hand(model):
    """They were given in memory."""
    said = []
    left = finished_in_integers(model, say=said.append)
    assert left.graph is model.graph
    assert not left.quantised
    assert said == [f"in integers: {left.metrics['left_out']['in integers']}"]
    assert "left out, the model was trained on recordings that were given in memory" in said[0]
