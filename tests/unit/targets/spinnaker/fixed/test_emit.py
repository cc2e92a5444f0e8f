"""board.npz: the script gives a board exactly what `spinnaker-fixed` computes with."""

from __future__ import annotations

import importlib.util
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from golden import artifact_of
from graph_cases import dense, graph_of, li, lif, source

from snnc.stages import QuantizedGraph
from snnc.targets.spinnaker.emitter import fitting_levels
from snnc.targets.spinnaker.fixed.emit import BOARD, board_file
from snnc.targets.spinnaker.fixed.executor import SpinnakerFixedExecutor
from snnc.targets.spinnaker.fixed.network import Cells, Network, Source, Wires, current
from snnc.targets.spinnaker.fixed.neurons import Cell, Constants
from snnc.targets.spinnaker.fixed.ring import encode_weights, shift_of
from snnc.targets.spinnaker.fixed.run import run
from snnc.targets.spinnaker.fixed.stored import settings_of
from snnc.targets.spinnaker.network import pack
from snnc.targets.spinnaker.target import LIMITS

READER = Path(__file__).parents[5] / "targets/spinnaker/program/network_file.py"
SCALES = {"scales": "0/none/0.25,1/9/0.125"}


def network() -> QuantizedGraph:
    hidden = lif(neurons=3, decay_v=[1024, 4096, 700], threshold=[12, 9, 14], bias_mant=[40, 0, -7])
    return graph_of(
        [source(neurons=4), hidden, li(neurons=2, decay_v=512)],
        [
            dense("x", "h", [[9, -4, 5, 6], [3, 8, -2, 7], [-6, 5, 9, 4]], [[0, 1, 2, 3]] * 3),
            dense("h", "h", [[0, 1, 0], [2, 0, 0], [0, -3, 0]], 1),
            dense("h", "y", [[3, -2, 4], [-1, 5, 2]], 2),
        ],
        25,
    )


def reading():
    spec = importlib.util.spec_from_file_location("network_file_of_board", READER)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def files(folder: Path, graph: QuantizedGraph) -> Path:
    (folder / "network.npz").write_bytes(pack(graph, fitting_levels(graph, LIMITS)))
    (folder / BOARD).write_bytes(board_file(graph, settings_of(graph, SCALES)))
    return folder


def on_board(given: dict) -> Network:
    """What sPyNNaker makes of the network that the script reads."""
    populations: list[Source | Cells] = []
    for of in given["populations"]:
        if of["model"] == "input":
            populations.append(Source(of["name"], of["neurons"]))
            continue
        cells = [Cell(*each) for each in zip(of["tau_m"], of["cm"], of["v_thresh"], strict=True)]
        source_of_current = current(of["level"], of["current"].tolist(), of["name"])
        constants = Constants.of(of["name"], cells)
        populations.append(Cells(of["name"], constants, shift_of(of["summed"]), (source_of_current,)))
    wires = []
    for each in given["projections"]:
        to = populations[each["destination"]]
        assert isinstance(to, Cells)
        whole = encode_weights(each["weight"], to.shift, "projection")
        for inhibitory in (False, True):
            which = (each["weight"] < 0) == inhibitory
            columns = [each[name].astype(np.int64)[which] for name in ("pre", "post")]
            ends = populations[each["source"]].name, to.name
            wires.append(
                Wires(*ends, inhibitory, *columns, whole[which], each["delay"].astype(np.int64)[which])
            )
    return Network(
        tuple(populations), tuple(wires), given["T"] + max(of["level"] for of in given["populations"])
    )


def test_a_board_computes_from_the_file_what_the_executor_computes(tmp_path: Path) -> None:
    graph, reader = network(), reading()
    folder = files(tmp_path, graph)
    given = reader.load_board(folder / BOARD, reader.load_network(folder / "network.npz"))
    spikes = (np.random.default_rng(5).random((3, 25, 4)) < 0.3).astype(np.uint8)
    artifact = replace(artifact_of(graph), target="spinnaker", manifest={"settings": SCALES})
    expected = SpinnakerFixedExecutor().run(artifact, spikes)
    board = on_board(given)
    sent = np.zeros((3, board.steps, 4), np.bool_)
    sent[:, :25] = spikes
    found = run(board, {"x": sent})
    assert expected.layers[0].spikes.sum() > 20
    for layer, of in zip(expected.layers, given["populations"][1:], strict=True):
        own = slice(of["level"], of["level"] + 25)
        np.testing.assert_array_equal(found[of["name"]].spikes[:, own], layer.spikes)
        np.testing.assert_array_equal(np.floor(found[of["name"]].v[:, own] / of["unit"] + 0.5), layer.v)


def test_settings_change_what_is_computed() -> None:
    graph = network()
    spikes = (np.random.default_rng(5).random((1, 25, 4)) < 0.3).astype(np.uint8)
    of = replace(artifact_of(graph), target="spinnaker")
    usual, chosen = (
        SpinnakerFixedExecutor().run(each, spikes)
        for each in (of, replace(of, manifest={"settings": SCALES}))
    )
    assert not np.array_equal(usual.layers[1].v, chosen.layers[1].v)


CHANGES = {
    "unit_1 holds numbers of 0 or less": {"unit_1": np.zeros(3)},
    "summed_1 holds values outside 0..32768": {"summed_1": np.float64(1e9)},
    "weight_0 holds no finite numbers": {"weight_0": np.full(12, np.nan)},
    "cm_2 has type float64 and shape (3,)": {"cm_2": np.ones(3)},
    "current_1 is missing": {"current_1": None},
}


@pytest.mark.parametrize("text", CHANGES)
def test_a_file_that_was_changed_is_refused(tmp_path: Path, text: str) -> None:
    graph, reader = network(), reading()
    folder = files(tmp_path, graph)
    with np.load(io.BytesIO((folder / BOARD).read_bytes())) as file:
        arrays = {**{name: file[name] for name in file.files}, **CHANGES[text]}
    np.savez(folder / BOARD, **{name: each for name, each in arrays.items() if each is not None})
    network_of_file = reader.load_network(folder / "network.npz")
    with pytest.raises(reader.RunError) as caught:
        reader.load_board(folder / BOARD, network_of_file)
    assert f"not the network that was exported: {text}; export the model again" in str(caught.value)
