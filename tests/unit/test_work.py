"""Synaptic events, counted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from graph_cases import dense, graph_of, li, lif, source

from snnc.cli import main
from snnc.cli.export_work import work_lines
from snnc.exporter.graph_export import export_graph
from snnc.hwsim.oracle import run_graph as oracle
from snnc.stages import Convolution, QuantizedGraph
from snnc.work import Work, fan_out


def network(payload: int = 1) -> QuantizedGraph:
    """Each line of x leads to two neurons of h; of these the first leads to two of y, the others to one.

    Line 0 makes neurons 0 and 1 of h spike at once, line 1 neuron 1.
    """
    return graph_of(
        [source("x", 2, payload_max=payload), lif("h", 3), li("y", 2)],
        [dense("x", "h", [[1, 0], [1, 1], [0, -1]]), dense("h", "y", [[1, 2, 0], [4, 0, 6]])],
        4,
    )


SPIKES = np.array([[[1, 0], [0, 1], [1, 1], [0, 0]], [[0, 1], [0, 0], [0, 0], [0, 0]]], np.uint8)
EVENTS = [[2 + 3, 2 + 1, 4 + 3, 0], [2 + 1, 0, 0, 0]]


def test_each_step() -> None:
    work = Work.of(network())
    assert (work.updates, work.most) == (3 + 2, 4 + 4)
    assert work.synaptic_events(SPIKES, oracle(network(), SPIKES)).tolist() == EVENTS


def test_an_event_counts_once_whatever_it_carries() -> None:
    graph = network(payload=3)
    found = Work.of(graph).synaptic_events(3 * SPIKES, oracle(graph, 3 * SPIKES))
    assert found.tolist() == EVENTS


def test_an_input_sends_nothing_from_its_end_on() -> None:
    whole = network()
    graph = replace(whole, populations=(replace(whole.populations[0], end=1), *whole.populations[1:]))
    found = Work.of(graph).synaptic_events(SPIKES, oracle(graph, SPIKES))
    assert found.tolist() == [[5, 0, 0, 0], [3, 0, 0, 0]]


def test_two_projections_of_one_population() -> None:
    whole = network()
    graph = replace(whole, projections=(*whole.projections, dense("x", "y", [[1, 0], [1, 0]])))
    assert Work.of(graph).most == 8 + 2


def test_a_kernel_at_the_edges() -> None:
    assert fan_out(Convolution(np.array([[[[1, 2]]]]), 0, (1, 1, 3))).tolist() == [1, 2, 1]


def test_run_counts_the_work_of_recordings_for_a_program_whose_time_follows_it(tmp_path, capsys) -> None:
    np.savez(tmp_path / "in.npz", spikes=SPIKES)
    for target in ("c", "onnx"):
        path = export_graph(network(), target, tmp_path / target).path
        assert main(["run", str(path), "-i", str(tmp_path / "in.npz"), "-e", "oracle"]) == 0
        said = [line for line in capsys.readouterr().out.splitlines() if line.startswith("work: ")]
        assert said == [
            "work: 5 neuron updates a step; 9 synaptic events a sample (mean), up to 7 in a step (at most 8, "
            "whatever the input)"
        ] * (target == "c")


def test_export_tells_the_work_of_recordings_and_calls_golden_inputs_what_they_are(tmp_path, capsys) -> None:
    """18 synaptic events in the two samples, as above; those of golden inputs are others."""
    np.savez(tmp_path / "in.npz", spikes=SPIKES)
    artifact = export_graph(network(), "c", tmp_path / "net.c")
    (line,) = work_lines(artifact, str(tmp_path / "in.npz"))
    assert line.startswith(
        "work of a sample: 20 neuron updates and 9 synaptic events (counted; mean of 2 samples "
    )
    for given in (None, str(tmp_path / "nowhere.npz")):
        _, counted, meaning = work_lines(artifact, given)
        assert counted.startswith("counted on golden inputs, not on recordings: ")
        assert ("nowhere.npz" in counted) == (given is not None)
        assert meaning.endswith(f"or less; snnc run {artifact.path} --input FILE counts yours")
    assert not list(work_lines(export_graph(network(), "onnx", tmp_path / "net.onnx"), None))


def test_export_without_a_budget_leaves_a_published_data_set_unread(tmp_path, monkeypatch) -> None:
    artifact = export_graph(network(), "c", tmp_path / "net.c")
    record = {**artifact.manifest["provenance"], "dataset": "gsc", "options": {"budget": False}}
    artifact = replace(artifact, manifest={**artifact.manifest, "provenance": record})
    monkeypatch.setattr("snnc.verification.chip.chip_inputs", lambda *_: pytest.fail("it was read"))
    assert "--no-budget leaves out its recordings" in list(work_lines(artifact, None))[1]
