"""Trace files: what is written comes back, anybody can write one, and a hostile one is refused."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from golden import artifact_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import graphs_with_input
from trace_files import ARRAYS, by_hand, two_layers, write

from snnc.errors import TraceFileError
from snnc.hwsim.oracle import OracleExecutor
from snnc.io.traces.file import TraceFile
from snnc.stages import QuantizedGraph, Trace

pytestmark = pytest.mark.slow  # a process looks at each file before it is read


def computed(graph: QuantizedGraph, inputs: np.ndarray) -> Trace:
    return OracleExecutor().run(artifact_of(graph), inputs)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(graphs_with_input(), st.data())
def test_what_is_written_is_read_back(tmp_path, case, data):
    graph, inputs = case
    trace = computed(graph, inputs)
    first = data.draw(st.integers(0, graph.time_steps - 1))
    stop = data.draw(st.integers(first + 1, graph.time_steps))
    path = write(tmp_path / "t.h5", graph, inputs, trace, batch=1, steps=f"{first}:{stop}")
    with TraceFile(path) as file:
        assert (file.executor, len(file), file.first, file.stop) == ("oracle", len(inputs), first, stop)
        np.testing.assert_array_equal(file.read_input(slice(None)), inputs)
        for index, layer in enumerate(trace):
            for name in ("u", "v"):
                found = file.read(index, name, slice(0, len(inputs)))
                np.testing.assert_array_equal(found, getattr(layer, name)[:, first:stop])
            if index < len(trace.layers) - 1:
                found = file.read(index, "spikes", slice(0, 1), slice(0, 1))
                np.testing.assert_array_equal(found, layer.spikes[:1, first : first + 1])
            else:
                assert not file.holds(index, "spikes")


def test_the_bytes_are_those_of_the_document(tmp_path):
    """Neuron 8k + b is bit b of byte k; the file is read with h5py alone."""
    graph = two_layers()
    inputs = (np.random.default_rng(0).random((3, 5, 2)) < 0.6).astype(np.uint8)
    trace = computed(graph, inputs)
    with h5py.File(write(tmp_path / "t.h5", graph, inputs, trace), "r") as file:
        spikes, dense = file["layer_0/spikes"], trace.layers[0].spikes
        assert (spikes.shape, spikes.dtype, spikes.compression) == ((3, 5, 1), np.uint8, "gzip")
        for sample, step, neuron in np.ndindex(*dense.shape):
            assert spikes[sample, step, 0] >> neuron & 1 == dense[sample, step, neuron]
        assert file["layer_1/v"].dtype == np.int32
        assert file.attrs["layers"].tolist() == ["hidden1", "readout"]
        assert file["samples"][:].tolist() == [0, 1, 2]


def test_a_file_written_by_hand_is_read(tmp_path):
    with TraceFile(by_hand(tmp_path / "t.h5")) as file:
        assert file.samples.tolist() == [5, 7]
        spikes = file.read(0, "spikes", slice(0, 2))
        assert np.argwhere(spikes).tolist() == [[0, 0, 0], [0, 0, 8], [1, 0, 1], [1, 1, 7], [1, 1, 8]]
        assert file.read(1, "v", slice(1, 2), slice(0, 1)).tolist() == [[[0, 1]]]
        assert file.read_input(slice(0, 1))[0].astype(int).tolist() == [[1, 0, 1]] * 4
        assert not file.holds(1, "u")


@pytest.mark.parametrize(
    ("head", "problem"),
    [
        ({"format": "other"}, "not a trace"),
        ({"format": None}, "'format' is missing"),
        ({"version": 3}, "version is 3, this release reads 1 and 2"),
        ({"version": 2}, "attribute 'models' is missing"),
        ({"semantics_version": 9}, "semantics_version is 9"),
        ({"version": "1"}, "a int is expected"),
        ({"time_steps": 0}, "time_steps is 0"),
        ({"time_steps": 2**40}, "time_steps is 1099511627776"),
        ({"first_step": 3}, "steps 3:3 are not a window of 0:4"),
        ({"stop_step": 5}, "steps 1:5 are not a window"),
        ({"readout_scale": float("nan")}, "readout_scale is nan"),
        ({"layers": ["hidden1"]}, "names 1 layers but has sizes for 2"),
        ({"layers": ["x", "x"]}, "two layers have the same name"),
        ({"layers": 3}, "'layers' is missing or not a list"),
        ({"neurons": np.array([9, 0])}, "neurons; each needs"),
        ({"neurons": np.array([9, 2**40])}, "neurons; each needs"),
        (
            {"neurons": np.array([17, 2])},
            "'layer_0/spikes' has shape (2, 2, 2); its attributes say (2, 2, 3)",
        ),
        ({"inputs": 9}, "'input' has shape"),
        ({"executor": np.array([1])}, "'executor' is ndarray"),
        ({"executor": "\x1b[2J"}, "'executor' holds '\\x1b[2J', which cannot be printed"),
        ({"layers": ["a\nb", "readout"]}, "'layers' holds 'a\\nb', which cannot be printed"),
        ({"layers": np.array([b"\xff", b"b"], h5py.string_dtype())}, "which cannot be printed"),
    ],
)
def test_a_head_that_is_wrong(tmp_path, head, problem):
    with pytest.raises(TraceFileError, match=r"t\.h5: ") as error:
        TraceFile(by_hand(tmp_path / "t.h5", head))
    assert problem in str(error.value)


def declared(shape, chunks, dtype=np.int32):
    """An array of which nothing is stored."""
    return lambda file, name: file.create_dataset(name, shape, dtype, chunks=chunks, compression="gzip")


def external(file, name):
    file.create_dataset(name, (2, 2, 2), np.int32, external=[("/etc/passwd", 0, 32)])


def virtual(file, name):
    layout = h5py.VirtualLayout((2, 2, 2), np.int32)
    layout[:] = h5py.VirtualSource("other.h5", "v", (2, 2, 2))
    file.create_virtual_dataset(name, layout)


@pytest.mark.parametrize(
    ("arrays", "problem"),
    [
        ({"samples": None}, "'samples' is missing"),
        ({"samples": np.array([7, 5])}, "in rising order"),
        ({"samples": np.array([-1, 5])}, "in rising order"),
        ({"samples": np.zeros(0, np.int64)}, "at least one number"),
        ({"samples": np.array([[5, 7]])}, "'samples' of shape (1, 2)"),
        ({"samples": np.array([5.0, 7.0])}, "'samples' is float64; int64 is expected"),
        ({"samples": declared((2**50,), (1024,), np.int64)}, "stored whole"),
        ({"layer_1__v": ARRAYS["layer_1/v"].astype(np.int64)}, "'layer_1/v' is int64; int32 is expected"),
        ({"layer_1__v": ARRAYS["layer_1/v"][:1]}, "'layer_1/v' has shape (1, 2, 2)"),
        ({"layer_1__v": lambda file, name: file.create_group(name)}, "'layer_1/v' is not a data set"),
        ({"layer_1__v": declared((2, 2, 2), (1, 2, 2))}, "is not stored whole"),
        ({"layer_1__v": external}, "lies in another file"),
        ({"layer_1__v": virtual}, "lies in another file"),
        (
            {"layer_1__v": lambda file, name: file.__setitem__(name, h5py.ExternalLink("x.h5", "v"))},
            "is a link to elsewhere",
        ),
        ({"layer_0__spikes": None, "layer_1__v": None}, "holds neither u, v nor spikes"),
    ],
)
def test_arrays_that_are_wrong(tmp_path, arrays, problem):
    with pytest.raises(TraceFileError, match=r"t\.h5: ") as error:
        TraceFile(by_hand(tmp_path / "t.h5", **arrays))
    assert problem in str(error.value)


def test_a_group_that_is_a_link(tmp_path):
    """Of a whole file beside it, so that following the link would find the array."""
    by_hand(tmp_path / "other.h5")
    with h5py.File(by_hand(tmp_path / "t.h5", layer_1__v=None), "r+") as file:
        file["layer_1"] = h5py.ExternalLink("other.h5", "layer_1")
    with pytest.raises(TraceFileError, match="'layer_1/v' is a link to elsewhere"):
        TraceFile(tmp_path / "t.h5")


@pytest.mark.parametrize(
    ("steps", "chunks", "problem"),
    [
        (2**28, (1, 1024, 2), "a sample of 'layer_1/v' takes 2147483648 bytes"),
        (2**18, (99, 2**18, 1), "chunks of"),
    ],
)
def test_sizes_beyond_any_memory(tmp_path, steps, chunks, problem):
    """A sample of 2 GB and, of small samples, chunks of 104 MB: neither is read."""
    head = {"time_steps": steps, "first_step": 0, "stop_step": steps}
    arrays = {"samples": np.arange(99), "input": None, "layer_0__spikes": None}
    with pytest.raises(TraceFileError, match=problem):
        TraceFile(by_hand(tmp_path / "t.h5", head, **arrays, layer_1__v=declared((99, steps, 2), chunks)))


@pytest.mark.parametrize("content", [b"", b"\x89HDF\r\n\x1a\n", b"PK\x03\x04", b"\x89HDF\r\n\x1a\n" * 99])
def test_what_is_no_hdf5(tmp_path, content):
    (tmp_path / "t.h5").write_bytes(content)
    with pytest.raises(TraceFileError, match="not a readable HDF5 file"):
        TraceFile(tmp_path / "t.h5")


def test_no_file(tmp_path):
    with pytest.raises(TraceFileError, match="no such file"):
        TraceFile(tmp_path / "t.h5")


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    graph = two_layers()
    inputs = (np.random.default_rng(0).random((3, 5, 2)) < 0.6).astype(np.uint8)
    return write(tmp_path_factory.mktemp("whole") / "t.h5", graph, inputs, computed(graph, inputs))


@pytest.mark.parametrize("part", [0.05, 0.3, 0.6, 0.9, 0.999])
def test_a_truncated_file(tmp_path, whole, part):
    data = whole.read_bytes()
    (tmp_path / "t.h5").write_bytes(data[: int(part * len(data))])
    with pytest.raises(TraceFileError, match="truncated"):
        TraceFile(tmp_path / "t.h5")


def test_a_damaged_chunk_is_refused_when_it_is_read(tmp_path, whole):
    with h5py.File(whole, "r") as file:
        where = file["layer_0/v"].id.get_chunk_info(0)
    data = bytearray(whole.read_bytes())
    data[where.byte_offset : where.byte_offset + where.size] = b"\xff" * where.size
    (tmp_path / "t.h5").write_bytes(data)
    with TraceFile(tmp_path / "t.h5") as file:
        assert file.read(0, "u", slice(0, 3)).shape == (3, 5, 2)
        with pytest.raises(TraceFileError, match="is damaged"):
            file.read(0, "v", slice(0, 3))
