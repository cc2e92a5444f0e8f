"""Golden vectors of graphs: every input has events of its own, every readout is recorded."""

from __future__ import annotations

import io

import nir
import numpy as np
import pytest
from graph_cases import dense, graph_of, li, lif, readout, source
from graph_golden import GRAPH_GOLDEN

from snnc.errors import ArtifactError
from snnc.exporter.golden import (
    check_golden_data,
    golden_data,
    golden_input,
    golden_readouts,
    pack_golden,
    read_golden,
)
from snnc.exporter.nir.writer import write_nir
from snnc.io.npz import read_npz
from snnc.stages import QuantizedGraph


def two_readouts() -> QuantizedGraph:
    """x: 2 lines with payloads to 9; z: 3 lines of spikes. h counts its spikes, y adds up."""
    populations = source("x", 2, payload_max=9), source("z", 3), lif("h", 2, threshold=4), li("y", 1)
    projections = (
        dense("x", "h", [[1, 2], [3, 4]], 1),
        dense("z", "h", [[5, 0, 0], [0, -6, 1]]),
        dense("h", "y", [[1, -1]]),
    )
    return graph_of(populations, projections, 6, [readout("h", "count", 2), readout("y", "sum", 1, 0.5)])


def test_inputs_have_payloads_of_their_own() -> None:
    spikes = golden_input(two_readouts())
    assert spikes.shape == (8, 6, 5)
    assert (spikes[1] == [9, 9, 1, 1, 1]).all()
    assert spikes[4].tolist() == np.diag([9, 9, 1, 1, 1, 0])[:, :5].tolist()
    assert spikes[5:, :, 2:].max() == 1
    assert 1 < spikes[5:, :, :2].max() <= 9


@pytest.mark.parametrize("case", GRAPH_GOLDEN, ids=lambda case: case.name)
def test_readouts_are_those_worked_out_by_hand(case) -> None:
    found = golden_readouts(case.graph, case.input)
    for each, mine in zip(case.graph.readouts, found, strict=True):
        layer = case.layers[case.graph.trace_index(each.population)]
        expected = layer.spikes if each.decoder in ("count", "first") else layer.v
        assert mine.dtype == np.int32
        np.testing.assert_array_equal(mine, expected)


def test_the_files_hold_every_readout(tmp_path) -> None:
    graph = two_readouts()
    spikes = golden_input(graph)
    readouts = golden_readouts(graph, spikes)
    data = pack_golden(graph, spikes, readouts)
    assert list(read_npz("golden.npz", data)) == ["spikes", "readout_0", "readout_1"]
    again, found = read_golden(data, graph, tmp_path / "golden.npz")
    assert np.array_equal(again, spikes)
    assert all(map(np.array_equal, found, readouts))
    written = golden_data(graph, spikes, readouts)
    check_golden_data(written, graph, spikes, readouts, "golden.nirdata")
    nodes = nir.read_data(io.BytesIO(written)).nodes
    assert nodes.keys() < nir.read(io.BytesIO(write_nir(graph))).nodes.keys()
    assert np.array_equal(nodes["population0_x"].observables["spikes"].data, spikes[:, :, :2])
    assert nodes["population1_z"].observables["spikes"].data.dtype == np.bool_
    assert np.array_equal(nodes["population2_h"].observables["spikes"].data, readouts[0])
    assert np.array_equal(64 * nodes["population3_y"].observables["v"].data, readouts[1])


def test_another_readout_is_refused(tmp_path) -> None:
    graph = two_readouts()
    spikes = golden_input(graph)
    first, second = golden_readouts(graph, spikes)
    changed = 1 - first
    written = golden_data(graph, spikes, (first, second))
    with pytest.raises(ArtifactError, match="spikes of population2_h differ from the golden vectors"):
        check_golden_data(written, graph, spikes, (changed, second), "golden.nirdata")
    for wrong, message in (
        ((first[:, :, :1], second), "readout_0 is int32"),
        ((first, second.astype(np.int64)), "readout_1 is int64"),
    ):
        with pytest.raises(ArtifactError, match=message):
            read_golden(pack_golden(graph, spikes, wrong), graph, tmp_path / "golden.npz")
    with pytest.raises(ArtifactError, match="input of z: holds values other than 0 and 1"):
        read_golden(pack_golden(graph, 9 * (spikes > 0), (first, second)), graph, tmp_path / "golden.npz")
