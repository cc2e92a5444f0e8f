"""The samples and synapses of the report, against the arrays of a network."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from snnc.exporter.artifact import read_artifact
from snnc.hwsim import oracle
from snnc.trainer import integer_model
from snnc.verification import sample_figures
from snnc.verification.comparison import InputGroup
from snnc.verification.sample_figures import STRONGEST, picked, samples
from snnc.verification.training_figures import training


def noise(graph, count: int = 9, labels: list[int] | None = None) -> InputGroup:
    shape = (count, graph.time_steps, graph.inputs)
    spikes = (np.random.default_rng(2).random(shape) < 0.1).astype(np.uint8)
    return InputGroup("noise", spikes, None if labels is None else np.array(labels))


def test_the_strongest_synapses_are_those_of_the_matrices(digits_artifact: Path) -> None:
    graph = read_artifact(digits_artifact).graph
    found = samples(graph, noise(graph), 0)
    assert found["synapses"][0]["source"] == found["samples"][0]["raster"][0]["name"]
    for row, layer in zip(found["synapses"], graph.layers, strict=True):
        assert row["destination"] == layer.name
        # Layers have [neurons, sources].
        for source in range(0, layer.inputs, 7):
            weight, delay = layer.weight[:, source], layer.delay[:, source]
            there = np.flatnonzero(weight)
            assert row["count"][source] == len(there)
            got = list(zip(row["post"][source], row["weight"][source], row["delay"][source], strict=True))
            assert len(got) == min(STRONGEST, len(there))
            assert all(weight[post] == w and delay[post] == d for post, w, d in got)
            least = min((abs(w) for _, w, _ in got), default=0)
            left = set(there.tolist()) - {post for post, _, _ in got}
            assert all(abs(int(weight[post])) <= least for post in left)


def test_samples_hold_all_spikes(digits_artifact: Path) -> None:
    graph = read_artifact(digits_artifact).graph
    group = noise(graph, labels=[3, 3, 1, 1, 2, 0, 0, 4, 5])
    found = samples(graph, group, 1)["samples"]
    assert [row["index"] for row in found] == [1, 2, 4, 5, 7, 8]
    for row in found:
        step, line = np.nonzero(group.spikes[row["index"]])
        assert (row["raster"][0]["steps"], row["raster"][0]["neurons"]) == (step.tolist(), line.tolist())
        assert row["label"] == graph.class_names[group.labels[row["index"]]]


def test_samples_run_together_and_each_shows_its_own(digits_artifact: Path, monkeypatch) -> None:
    graph = read_artifact(digits_artifact).graph
    group, runs = noise(graph), []
    real = integer_model.run_graph
    monkeypatch.setattr(integer_model, "run_graph", lambda *given: (runs.append(given), real(*given))[1])
    found = samples(graph, group, 4)["samples"]
    assert [len(events) for _, events in runs] == [6]
    for row in found:
        trace = oracle.run_graph(graph, group.spikes[row["index"] :][:1])
        for raster, layer in zip(row["raster"][1:], trace.layers, strict=False):
            step, neuron = np.nonzero(layer.spikes[0])
            assert (raster["steps"], raster["neurons"]) == (step.tolist(), neuron.tolist())
    assert any(len(raster["steps"]) for row in found for raster in row["raster"][1:])


def test_a_readout_keeps_as_many_curves_as_it_may(digits_artifact: Path, monkeypatch) -> None:
    graph = read_artifact(digits_artifact).graph
    for most in (3, 100):
        monkeypatch.setattr(sample_figures, "CURVES", most)
        for row in samples(graph, noise(graph, labels=[2] * 9), 0)["samples"]:
            curves = row["readout"]
            assert len(curves["v"]) == len(curves["classes"]) == min(most, len(graph.class_names))
            assert {row["label"], row["predicted"]} <= set(curves["classes"])
            assert curves["classes"] == [graph.class_names[neuron] for neuron in curves["neurons"]]


def test_without_labels_they_come_from_all_over_the_group(digits_artifact: Path) -> None:
    graph = read_artifact(digits_artifact).graph
    assert picked(noise(graph, 21), 7) == [7, 0, 4, 8, 12, 16]
    assert picked(noise(graph, 2), 1) == [1, 0]


def test_what_is_too_much_for_a_picture_is_left_out(digits_artifact: Path, monkeypatch) -> None:
    graph = read_artifact(digits_artifact).graph
    for limit, why in (
        ("SPIKES", "spikes; at most 1 are drawn"),
        ("SYNAPSES", "too large: at most 2,000,000 synapses of 1 neurons"),
        ("LISTED", "too large: at most 1 synapses of 24,000 neurons"),
    ):
        monkeypatch.setattr(sample_figures, limit, 1)
        (said,) = samples(graph, noise(graph), 0).items()
        assert said[0] == "samples_left_out"
        assert why in said[1]
        monkeypatch.undo()


def test_training_takes_what_the_file_says_as_it_is() -> None:
    history = [{"phase": "gaussian", "loss": 2.5, "sigma": True}, {"loss": float("nan"), "sigma": "wide"}]
    assert training({"history": history}) == {
        "training": {"phases": ["gaussian", ""], "curves": {"loss": [2.5, None]}}
    }
    for metrics in ({}, {"history": 3}, {"history": [1, 2]}, {"history": history[:1]}, {"history": [{}, {}]}):
        assert training(metrics) == {}
