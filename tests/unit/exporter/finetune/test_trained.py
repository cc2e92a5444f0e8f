"""What training leaves of a network that is no chain is finished in integers."""

import numpy as np
import pytest
from order_task import config, order_task

from snnc.errors import LimitError, TrainingError
from snnc.exporter.finetune import trained
from snnc.exporter.finetune.trained import finished_in_integers
from snnc.exporter.graph_of_network import real_numbers
from snnc.exporter.graph_recordings import classes_of
from snnc.exporter.passes.quantise_graph import quantise_graph
from snnc.targets.registry import load_target
from snnc.trainer.integer_model import run_graph
from snnc.trainer.loop import train
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
        f"int{bits}{end}" for bits in (8, 3) for end in ("", "_final")
    }


def test_ternary_weights_with_a_scale_for_each_neuron():
    """An export for a processor has the integers of training; one for a chip is refused."""
    chosen = config(epochs=2, finetune_epochs=1, quantise_epochs=1, weight_bits=(2,), grids_of="neuron")
    model = finished_in_integers(train(chosen, data=order_task(80)), order_task(80))
    network = real_numbers(model, 2, load_target("c"))
    integers = quantise_graph(network, 2, per_neuron=True)
    for projection in integers.projections:
        assert set(np.unique(projection.synapses.as_list().weight)) <= {-1, 1}
    validation = load_samples(model, "validation", order_task(80))
    frames, labels = validation.frames(np.arange(len(validation)))
    classes = classes_of(integers, run_graph(integers, frames))[:, 0]
    assert model.metrics["validation"]["int2_final"]["accuracy"] == (classes == labels).mean()
    with pytest.raises(LimitError, match="target loihi: its weights of 2 bits were trained with a scale for"):
        real_numbers(model, 2, load_target("loihi"))
    assert real_numbers(model, 4, load_target("loihi")) is model.graph  # rounded after training


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
    monkeypatch.setattr(trained, "is_sound", lambda graph: False)
    said = []
    assert set(finished_in_integers(model, order_task(80), said.append).quantised) == {8, 3}
    assert said[2] == "int8: may overflow; export with --allow-saturation"
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
