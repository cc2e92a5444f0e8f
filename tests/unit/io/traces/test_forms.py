"""`snnc compare` of npz and NIRData: what is read, the snippets of docs/traces.md, and what is refused."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import h5py
import nir
import numpy as np
import pytest
from golden import artifact_of
from hypothesis import given, settings
from models import Hostile
from places import DOCS
from strategies import graphs_with_input
from trace_files import two_layers

from snnc.cli import main
from snnc.errors import InputError, TraceFileError
from snnc.exporter.artifact import read_artifact
from snnc.hwsim.oracle import OracleExecutor
from snnc.io.traces.npz import NpzTrace, write_npz
from snnc.io.traces.reader import open_trace
from snnc.provenance import graph_hash
from snnc.stages import QuantizedGraph, Trace
from snnc.trainer.integer_model import run_graph
from snnc.verification.compare_files import compare_files

pytestmark = pytest.mark.slow  # a process looks at each file before it is read

DOCS = DOCS / "traces.md"
GRAPH = two_layers()
INPUT = np.zeros((2, 5, 2), np.uint8)
INPUT[:, 0, 0] = INPUT[:, 1, 1] = 1
TRACE = OracleExecutor().run(artifact_of(GRAPH), INPUT)


def npz(path: Path, **changes: Any) -> Path:
    """Spikes of the first and v of the second layer of GRAPH, changed; None leaves an array out."""
    arrays = {
        "graph_hash": graph_hash(GRAPH),
        "semantics_version": 1,
        "s_0": TRACE.layers[0].spikes,
        "v_1": TRACE.layers[1].v,
    }
    np.savez(path, **{name: array for name, array in (arrays | changes).items() if array is not None})
    return path


def gridded(values: np.ndarray, dt: float = 0.01) -> nir.TimeGriddedData:
    return nir.TimeGriddedData(values, dt)


def nirdata(path: Path, **nodes: dict[str, Any] | None) -> Path:
    """v of the second layer and the input of GRAPH, changed; None leaves a node out."""
    given = {
        "input": {"spikes": gridded(INPUT.astype(bool))},
        "readout_neuron": {"v": gridded(TRACE.layers[1].v / 64)},
    }
    kept = {name: nir.NIRNodeData(node) for name, node in (given | nodes).items() if node is not None}
    nir.write_data(path, nir.NIRGraphData(kept))
    return path


@pytest.fixture
def spikes(tmp_path):
    """Three samples for the tiny artifact, in spikes.npz."""
    spikes = (np.random.default_rng(1).random((3, 12, 5)) < 0.4).astype(np.uint8)
    np.savez(tmp_path / "spikes.npz", spikes=spikes)
    return spikes


@pytest.fixture
def runs(tiny_artifact, tmp_path, spikes) -> tuple[str, str]:
    """One run as npz and as a trace file."""
    command = ["run", str(tiny_artifact), "-i", str(tmp_path / "spikes.npz")]
    files = str(tmp_path / "run.npz"), str(tmp_path / "run.h5")
    assert main([*command, "-o", files[0], "--trace", files[1]]) == 0
    return files


def test_a_run_as_npz_equals_its_trace_file(tiny_artifact, runs, capsys):
    capsys.readouterr()
    for pair in (runs, runs[::-1], (runs[0], runs[0])):
        assert main(["compare", *pair, "--artifact", str(tiny_artifact)]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"Bit-exact: {runs[0]} (hwsim), {runs[1]} (hwsim)\n")
    assert "compared: 3 samples, steps 0 to 11; hidden1 u v spikes; readout u v; same inputs" in out


def test_without_the_artifact_npz_is_not_read(refused, runs):
    assert f"{runs[0]}: npz does not say what the layers are; give --artifact" in refused("compare", *runs)


@pytest.mark.parametrize("name", ["board.npz", "board.nirdata"])
@pytest.mark.parametrize("wrong", [False, True])
def test_the_snippets_of_the_document(name, wrong, tiny_artifact, tmp_path, runs, spikes, capsys):
    """A board that spikes as it should, and one whose readout is off by 1 in the second sample's step 7."""
    trace = run_graph(read_artifact(tiny_artifact).graph, spikes)
    membrane = np.array(trace.readout)
    membrane[1, 7, 2] += wrong
    np.savez(tmp_path / "readings.npz", spikes=trace.layers[0].spikes, membrane=membrane)
    blocks = re.findall(r"(?:^    .*\n|^\n)+", DOCS.read_text(), re.MULTILINE)
    (snippet,) = [textwrap.dedent(block) for block in blocks if "import" in block and f'"{name}"' in block]
    readings = "import numpy as np\nspikes, membrane = np.load('readings.npz').values()\n"
    program = (readings + snippet).replace("model.loihi", tiny_artifact.name)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    capsys.readouterr()
    board = str(tmp_path / name)
    assert main(["compare", runs[1], board, "--artifact", str(tiny_artifact)]) == int(wrong)
    out = capsys.readouterr().out
    assert "3 samples, steps 0 to 11; hidden1 spikes; readout v; inputs not recorded in both" in out
    if wrong:
        assert "first divergence: trace sample 1, step 7, layer readout, neuron 2, variable v" in out
        assert f"{runs[1]} {membrane[1, 7, 2] - 1}, {board} {membrane[1, 7, 2]}" in out


def test_golden_nirdata_is_a_trace(tiny_artifact, tmp_path, capsys):
    np.savez(tmp_path / "golden.npz", spikes=read_artifact(tiny_artifact).golden_input)
    command = ["run", str(tiny_artifact), "-i", str(tmp_path / "golden.npz"), "--trace"]
    assert main([*command, str(tmp_path / "t.h5")]) == 0
    capsys.readouterr()
    golden, artifact = str(tiny_artifact / "golden.nirdata"), str(tiny_artifact)
    assert main(["compare", str(tmp_path / "t.h5"), golden, "--artifact", artifact]) == 0
    assert "8 samples, steps 0 to 11; readout v; same inputs" in capsys.readouterr().out


@settings(max_examples=25)
@given(graphs_with_input())
def test_what_any_run_gave_is_read_back(tmp_path_factory, case):
    """u, v, spikes and input through both forms."""
    graph, inputs = case
    trace = OracleExecutor().run(artifact_of(graph), inputs)
    folder = tmp_path_factory.mktemp("forms")
    write_npz(folder / "t.npz", graph, inputs, [np.zeros(len(inputs), np.int64)], [trace])
    write_nirdata(folder / "t.nirdata", graph, inputs, trace)
    for name in ("t.npz", "t.nirdata"):
        with open_trace(folder / name, graph) as file:
            everything = slice(0, len(inputs))
            assert (len(file), file.first, file.stop) == (len(inputs), 0, graph.time_steps)
            np.testing.assert_array_equal(file.read_input(everything), inputs)
            for index, layer in enumerate(trace):
                for variable in ("u", "v", "spikes"):
                    found = file.read(index, variable, everything)
                    np.testing.assert_array_equal(found, getattr(layer, variable))
                part = file.read(index, "v", slice(0, 1), slice(1, None))
                np.testing.assert_array_equal(part, layer.v[:1, 1:])
    with open_trace(folder / "t.npz", graph) as one, open_trace(folder / "t.nirdata", graph) as other:
        assert compare_files(one, other).divergence is None


def write_nirdata(path: Path, graph: QuantizedGraph, inputs: np.ndarray, trace: Trace) -> None:
    data = inputs if graph.payload_max > 1 else inputs.astype(bool)
    nodes = {"input": nir.NIRNodeData({"spikes": gridded(data, graph.bin_s)})}
    for layer, state in zip(graph.layers, trace, strict=True):
        values = {"u": state.u / 64, "v": state.v / 64, "spikes": state.spikes}
        nodes[f"{layer.name}_neuron"] = nir.NIRNodeData(
            {name: gridded(array, graph.bin_s) for name, array in values.items()}
        )
    nir.write_data(path, nir.NIRGraphData(nodes))


def test_a_window_and_numbers_of_samples(tmp_path):
    rows = {"s_0": TRACE.layers[0].spikes[:, 2:4], "v_1": TRACE.layers[1].v[:, 2:4]}
    path = npz(tmp_path / "t.npz", first_step=2, samples=np.array([3, 8]), executor="board", **rows)
    with open_trace(path, GRAPH) as file:
        assert (file.executor, file.first, file.stop, file.samples.tolist()) == ("board", 2, 4, [3, 8])
        assert not file.has_input
        assert not file.holds(0, "u")


V = TRACE.layers[1].v


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"graph_hash": None}, "'graph_hash' is missing"),
        ({"graph_hash": "ab" * 32}, "another network (graph_hash 'abababababab'...)"),
        ({"graph_hash": 3}, "'graph_hash' is missing or not a string"),
        ({"semantics_version": 2}, "semantics_version is 2, that of the network is 1"),
        ({"semantics_version": None}, "'semantics_version' is missing"),
        ({"executor": "\x1b[2J"}, "executor is '\\x1b[2J', which cannot be printed"),
        ({"v_2": V}, "array 'v_2' is unknown"),
        ({"s_0": None, "v_1": None}, "holds neither u, v nor spikes"),
        ({"v_1": V[:1]}, "array 'v_1' is int32 (1, 5, 2); whole numbers (2, 5, 2) are expected"),
        ({"v_1": V / 64}, "array 'v_1' is float64"),
        ({"v_1": V.astype(np.int64) + 2**31}, "array 'v_1' holds 2147483"),
        ({"s_0": 2 * np.ones((2, 5, 2), int)}, "array 's_0' holds 2 .. 2, the limits are 0 .. 1"),
        ({"s_0": np.zeros((2, 6, 2), int)}, "array 's_0' holds steps 0:6, no window of 0:5"),
        ({"first_step": 1}, "array 's_0' holds steps 1:6"),
        ({"first_step": -1}, "array 's_0' holds steps -1:4"),
        ({"s_0": np.zeros((0, 5, 2), int)}, "array 's_0' has shape (0, 5, 2)"),
        ({"samples": np.array([1, 1])}, "must be in rising order"),
        ({"samples": np.array([0.0, 1.0])}, "'samples' is float64 (2,)"),
        ({"input": INPUT[:1]}, "input has 1 samples, 's_0' has 2"),
        ({"input": INPUT[:, :3]}, "input: sample 0 has 3 steps of 2 lines, the network takes 5"),
        ({"input": INPUT * 3}, "values other than 0 and 1"),
    ],
)
def test_npz_that_is_refused(tmp_path, changes, problem):
    with pytest.raises(TraceFileError) as error:
        NpzTrace(npz(tmp_path / "t.npz", **changes), GRAPH)
    assert str(error.value).startswith(f"{tmp_path / 't.npz'}: ")
    assert problem in str(error.value)


def test_a_pickle_in_npz_is_not_loaded(tmp_path):
    hostile = np.array([Hostile(tmp_path / "executed")], dtype=object)
    with pytest.raises(InputError, match="pickled"):
        NpzTrace(npz(tmp_path / "t.npz", u_0=hostile), GRAPH)
    assert not (tmp_path / "executed").exists()


def test_a_truncated_npz(tmp_path):
    data = npz(tmp_path / "t.npz").read_bytes()
    (tmp_path / "t.npz").write_bytes(data[: len(data) // 2])
    with pytest.raises(InputError, match=r"t\.npz: not a readable"):
        open_trace(tmp_path / "t.npz", GRAPH)


@pytest.mark.parametrize(
    ("nodes", "problem"),
    [
        ({"readout_neuron": {"v": gridded(V / 64 + 0.3)}}, "v of readout_neuron, sample 0, step 0, neuron 0"),
        ({"readout_neuron": {"v": gridded(V * np.nan)}}, "is nan, no whole number of 1/64"),
        ({"readout_neuron": {"v": gridded(V + 2.0**31)}}, "no whole number of 1/64 within 32 bits"),
        (
            {"hidden1_neuron": {"spikes": gridded(np.full((2, 5, 2), 2, np.uint8))}},
            "spikes of hidden1_neuron",
        ),
        ({"input": {"spikes": gridded(INPUT + np.uint8(1))}}, "spikes of input are up to 2, the limit is 1"),
        ({"readout_neuron": {"v": gridded(V / 64, 0.02)}}, "dt of v of readout_neuron is 0.02"),
        ({"readout_neuron": {"v": gridded(V[:, :4] / 64)}}, "has shape (2, 4, 2)"),
        ({"readout_neuron": {"v": gridded(V[:1] / 64)}}, "has shape (1, 5, 2)"),
        ({"readout_neuron": {"w": gridded(V / 64)}}, "observable 'w' of readout_neuron is unknown"),
        ({"readout": {"v": gridded(V / 64)}}, "node 'readout' is not compared"),
        ({"readout_neuron": None}, "holds neither u, v nor spikes"),
        (
            {"hidden1_neuron": {"spikes": gridded(np.ones((2, 5, 2)))}},
            "is float64; bool or uint8 is expected",
        ),
        (
            {"hidden1_neuron": {"spikes": nir.EventData(np.zeros((2, 1), int), np.zeros((2, 1)), 2, 0.05)}},
            "'EventData', expected TimeGriddedData",
        ),
    ],
)
def test_nirdata_that_is_refused(tmp_path, nodes, problem):
    path = nirdata(tmp_path / "t.nirdata", **nodes)
    with pytest.raises(TraceFileError) as error:
        read_all(path)
    assert str(error.value).startswith(f"{path}: ")
    assert problem in str(error.value)


def read_all(path: Path) -> None:
    with open_trace(path, GRAPH) as file:
        file.read_input(slice(0, 2))
        for layer in range(2):
            for name in ("u", "v", "spikes"):
                if file.holds(layer, name):
                    file.read(layer, name, slice(0, 2))


@pytest.mark.parametrize("value", [0.3, -7.5 - 1 / 128, 1e300])
def test_the_value_that_is_no_64th_is_named(tmp_path, value):
    wrong = V / 64
    wrong[1, 3, 1] = value
    path = nirdata(tmp_path / "t.nirdata", readout_neuron={"v": gridded(wrong)})
    with open_trace(path, GRAPH) as file:
        file.read(1, "v", slice(0, 1))
        with pytest.raises(TraceFileError) as error:
            file.read(1, "v", slice(1, 2), slice(2, 5))
    assert f"v of readout_neuron, sample 1, step 3, neuron 1 is {value!r}, " in str(error.value)


@pytest.mark.parametrize(
    "place", ["nodes/hidden1_neuron", "nodes/hidden1_neuron/observables/v", "nodes/readout_neuron"]
)
def test_links_to_elsewhere_are_not_followed(tmp_path, place):
    """Of a whole file beside it, so that following the link would find the array."""
    whole = nirdata(tmp_path / "other.nirdata", hidden1_neuron={"v": gridded(V / 64)})
    path = tmp_path / "t.nirdata"
    path.write_bytes(whole.read_bytes())
    with h5py.File(path, "r+") as file:
        del file[place]
        file[place] = h5py.ExternalLink("other.nirdata", place)
    with pytest.raises(TraceFileError, match="link to elsewhere"):
        open_trace(path, GRAPH)


def test_nirdata_that_is_not_stored(tmp_path):
    path = nirdata(tmp_path / "t.nirdata")
    with h5py.File(path, "r+") as file:
        group = file["nodes/readout_neuron/observables/v"]
        del group["data"]
        group.create_dataset("data", (2, 5, 2), np.float64, chunks=(1, 5, 2))
    with pytest.raises(TraceFileError, match="is not stored whole"):
        open_trace(path, GRAPH)


def test_other_forms_are_still_told_apart(tmp_path):
    (tmp_path / "t").write_bytes(b"neither")
    with pytest.raises(TraceFileError, match="not a readable HDF5 file"):
        open_trace(tmp_path / "t", GRAPH)
    with pytest.raises(TraceFileError, match="no such file"):
        open_trace(tmp_path / "nowhere", GRAPH)
    with pytest.raises(InputError, match="NIRData does not say what the layers are"):
        open_trace(nirdata(tmp_path / "t.nirdata"), None)
