"""npz and NIRData that are no traces of the network: refused."""

from __future__ import annotations

from pathlib import Path

import h5py
import nir
import numpy as np
import pytest
from models import Hostile
from trace_forms import GRAPH, INPUT, V, gridded, nirdata, npz

from snnc.errors import InputError, TraceFileError
from snnc.io.traces.npz import NpzTrace
from snnc.io.traces.reader import open_trace

pytestmark = pytest.mark.slow  # a process looks at each file before it is read


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
        ({"names": np.array(["readout", "hidden1"])}, "names are readout, hidden1; those of the network are"),
        ({"names": np.array("\x1b[2J")}, "names are \\x1b[2J; those of the network are"),
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
