"""The steps in order, what they make fits the chip, and how many recordings it decodes."""

from __future__ import annotations

import numpy as np
import pytest
from chip_graphs import graph
from golden import HOLD, artifact_of, layer
from models import digits_model, saved, tiny_model
from places import EXAMPLES
from real_data import HEIDELBERG, real_data

from snnc.errors import InputError
from snnc.exporter.chip_check import check_fit, graph_of
from snnc.exporter.graph_recordings import GraphRecordings
from snnc.exporter.nearest.measure import measure_nearest, recordings_for_nearest
from snnc.exporter.nearest.run import has_nearest, nearest
from snnc.exporter.nir.importer import ImportOptions
from snnc.exporter.options import ExportOptions
from snnc.hwsim.oracle import OracleExecutor
from snnc.stages import Population, Projection, QuantizedGraph, Readout, SynapseList
from snnc.targets.registry import load_target
from snnc.trainer.config import make_config
from snnc.trainer.integer_model import run_graph
from snnc.trainer.samples import load_samples

TRUENORTH, SENECA = load_target("truenorth"), load_target("seneca")


def integers(path) -> QuantizedGraph:
    return graph_of(path, ExportOptions(), ImportOptions())


def test_a_network_becomes_one_that_truenorth_holds() -> None:
    before = graph(
        layer([[9, 8, 7, 1, -5, -6]], [[0, 20, 3, 1, 2, 2]], bias=[33], dv=2048, vth=3),
        layer([[1], [2]], [[0], [0]], dv=2048),
        steps=40,
    )
    assert not check_fit(before, TRUENORTH).fits
    found = nearest(before, TRUENORTH)
    assert found is not None
    assert [step.done.name for step in found.steps] == ["levels", "no_leak", "whole_bias", "one_delay"]
    first, last = found.graph.layers
    # Two of six weights must change: of -5 and -6, of 9 and 8 or of 8 and 7 one by 1, or 1 goes.
    assert sum((first.weight - before.layers[0].weight).ravel() ** 2) == 2
    assert first.bias.tolist() == [64]  # 33 is 0.52 of a weight step
    assert {first.decay_v, last.decay_v} == {HOLD}
    # To 1..15, weights 8 move by 1 and by 5, and 1 and 2 by 1; to 0..14 alone 8 by 6.
    assert first.delay[0, :3].tolist() == [0, 14, 3]
    assert len(set(last.delay.ravel().tolist())) == 1
    assert found.fit.fits, found.fit.problems
    assert found.fit.neurons == 3
    assert found.fit == check_fit(found.graph, TRUENORTH)


def test_seneca_needs_one_delay_a_source_alone() -> None:
    before = graph(layer([[1, 2], [3, -4]], [[0, 200], [7, 2]], dv=9, vth=3), layer([[1, 1]]), steps=300)
    found = nearest(before, SENECA)
    assert found is not None
    assert [step.done.name for step in found.steps] == ["one_delay"]
    # Of weights 1 and 3 the second decides, of 2 and 4 too.
    assert found.graph.layers[0].delay.tolist() == [[7, 2], [7, 2]]
    assert found.fit.fits
    assert not found.fit.changes


def test_what_fits_has_no_nearest() -> None:
    assert nearest(graph(layer([[1, -1]], [[1, 2]], dv=HOLD)), TRUENORTH) is None


@pytest.mark.parametrize(
    ("chip", "expected"),
    [("truenorth", True), ("seneca", True), ("loihi1", False), ("spinnaker1", False), ("spinnaker2", False)],
)
def test_the_chips_that_have_one(chip: str, expected: bool) -> None:
    assert has_nearest(load_target(chip).limits) is expected


def test_what_is_right_is_what_another_executor_decodes(tmp_path) -> None:
    """Of the shipped digits: by the integer PyTorch model, and of some recordings by the oracle."""
    path = saved(digits_model(), tmp_path)
    before = integers(path)
    found = nearest(before, TRUENORTH)
    assert found is not None
    recordings = recordings_for_nearest(path, before, None)
    right = measure_nearest(before, found, recordings)
    samples = load_samples(digits_model(), "validation")
    assert (right.recordings.used, right.recordings.available) == (len(samples), len(samples))
    assert right.by_label
    spikes, labels = samples.pick(len(samples))
    scale = before.readout_scale

    def decoded(of: QuantizedGraph) -> np.ndarray:
        v = run_graph(of, spikes).layers[-1].v * scale
        shares = np.exp(v - v.max(axis=2, keepdims=True))
        return (shares / shares.sum(axis=2, keepdims=True)).sum(axis=1).argmax(axis=1)

    counts = [int((decoded(of) == labels).sum()) for of in (before, *(step.after for step in found.steps))]
    assert [right.integers, *right.steps] == counts
    v = OracleExecutor().run(artifact_of(found.graph), spikes[:2]).layers[-1].v
    np.testing.assert_array_equal(v, run_graph(found.graph, spikes[:2]).layers[-1].v)


def test_data_that_do_not_fit_and_none(tmp_path) -> None:
    path = saved(tiny_model(), tmp_path)  # of 5 inputs; the digits have 140
    with pytest.raises(InputError, match="has 140 units"):
        recordings_for_nearest(path, integers(path), None)


def test_the_settings_that_are_named_exist() -> None:
    """What `snnc targets --for` advises is a configuration of training."""
    base = {
        "dataset": "digits",
        "bin_s": 0.02,
        "hidden": [6],
        "epochs": 1,
        "batch_size": 2,
        "lr_weights": 0.1,
    }
    told = {"delays_of": "axon", "kernel_size": 15, "tau": 10000, "weight_bits": [2]}
    assert make_config(base | told, "told").delays_of == "axon"


@pytest.mark.slow
def test_the_trained_example() -> None:
    """With one delay a source, for which it was not trained, it fails."""
    path = EXAMPLES / "heidelberg" / "model.pt"
    before = integers(path)
    recordings = recordings_for_nearest(path, before, str(real_data(HEIDELBERG)))
    found = nearest(before, SENECA)
    assert found is not None
    right = measure_nearest(before, found, recordings)
    assert right.recordings.used == 500
    assert right.integers > 0.85 * 500
    assert right.steps[0] < 0.5 * 500


def test_a_graph_that_is_no_chain() -> None:
    """Line 0 sends 5 to neuron 0 in step 1, line 1 sends 3 to neuron 1 in step 17; the last v decides.

    Halved in every step, the 5 is gone by then: class 1. Without a leak 5 is more than 3: class 0. Delays of
    a graph cannot grow, so the 0 becomes 1, which changes no answer.
    """
    synapses = SynapseList([0, 1], [0, 1], [5, 3], [1, 0], 2, 2)
    before = QuantizedGraph(
        (
            Population("a", "input", 2, payload_max=1),
            Population("n", "li", 2, decay_u=4096, decay_v=2048),
        ),
        (Projection("a", "n", synapses),),
        (Readout("n", "last", 1.0, ("x", "y")),),
        20,
        0.001,
    )
    found = nearest(before, TRUENORTH)
    assert found is not None
    assert [step.done.name for step in found.steps] == ["no_leak", "one_delay"]
    assert found.graph.projections[0].synapses.as_list().delay.tolist() == [1, 1]
    assert found.fit.fits, found.fit.problems
    spikes = np.zeros((2, 20, 2), np.uint8)
    spikes[0, 0, 0] = spikes[0, 17, 1] = 1  # the second recording is silent: class 0
    recordings = GraphRecordings("test", 7, spikes, np.array([[1], [0]]))
    right = measure_nearest(before, found, recordings)
    assert (right.integers, right.steps) == (2, (1, 1))
    assert (right.recordings.used, right.recordings.available) == (2, 7)
