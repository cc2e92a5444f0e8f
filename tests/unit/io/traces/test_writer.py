"""Writing of a trace file ends well or leaves what stood there, however it ends; and what can be selected."""

from __future__ import annotations

import subprocess
import sys

import pytest
from places import TESTS
from trace_files import two_layers

from snnc.errors import InputError
from snnc.io.traces.writer import select, write_trace


def test_an_error_leaves_the_old_file(tmp_path):
    path, graph = tmp_path / "t.h5", two_layers()
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), write_trace(path, graph, "oracle", select(graph), 1):
        raise ZeroDivisionError
    with (
        pytest.raises(InputError, match="0 samples were recorded, 1 were announced"),
        write_trace(path, graph, "oracle", select(graph), 1),
    ):
        pass
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["t.h5"]


FULL = """
import sys; sys.path[:0] = [{tests!r}]
import resource
from pathlib import Path
import numpy as np
from trace_files import two_layers, write
from snnc.errors import InputError
from snnc.stages import LayerTrace, Trace
graph, noise = two_layers(), np.random.default_rng(0)
state = noise.integers(0, 2**23, (20000, 5, 2), np.int32)
trace = Trace("x", [LayerTrace(state, state, state > 9)] * 2)
sys.dont_write_bytecode = True  # before 3.12.8 it would keep half a file
resource.setrlimit(resource.RLIMIT_FSIZE, (65536, resource.RLIM_INFINITY))
try:
    write(Path({path!r}), graph, np.zeros((20000, 5, 2), np.uint8), trace, batch=5000)
except InputError as error:
    print(error)
"""


def test_a_full_disk_is_told_and_leaves_the_old_file(tmp_path):
    path = tmp_path / "t.h5"
    path.write_bytes(b"old")
    code = FULL.format(tests=str(TESTS), path=str(path))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{path}: cannot be written (")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["t.h5"]


@pytest.mark.parametrize(
    ("chosen", "problem"),
    [
        ({"layers": ["hidden2"]}, "--layers: 'hidden2' is unknown; there are hidden1, readout"),
        ({"variables": ["w"]}, "--variables: 'w' is unknown; there are u, v, spikes"),
        ({"layers": ["readout"], "variables": ["spikes"]}, "select nothing"),
        ({"layers": []}, "select nothing"),
        ({"steps": "3"}, "--trace-steps 3: is not a window of the 5 steps"),
        ({"steps": "3:3"}, "not a window"),
        ({"steps": "0:6"}, "not a window"),
        ({"steps": "-1:3"}, "not a window"),
        ({"steps": "a:b"}, "not a window"),
    ],
)
def test_selections_that_are_wrong(chosen, problem):
    with pytest.raises(InputError) as error:
        select(two_layers(), **chosen)
    assert problem in str(error.value)


SIGNALLED = """
import itertools, os, signal, sys; sys.path[:0] = [{tests!r}]
from pathlib import Path
import numpy as np
from trace_files import two_layers, write
from snnc.io import signals
from snnc.io.traces import writer
from snnc.stages import LayerTrace, Trace
graph, wrote, moment, calls = two_layers(), writer._Sink.write, 0, itertools.count(1)
state = np.arange(20 * 5 * 2, dtype=np.int32).reshape(20, 5, 2)
layer = LayerTrace(state, state, (state & 1).astype(np.uint8))
def write_and_send(sink, data):
    if next(calls) == moment:
        os.kill(os.getpid(), signal.SIGTERM)
    return wrote(sink, data)
writer._Sink.write = write_and_send
for moment in range(1, 100):
    child = os.fork()
    if not child:
        try:
            with signals.by_signals():
                trace = Trace("oracle", (layer, layer))
                write(Path("t.h5"), graph, np.ones((20, 5, 2), np.uint8), trace, batch=4)
        except signals.Ended:
            os._exit(0 if os.listdir() == [] else 1)
        os._exit(2)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code == 2:
        break
    assert code == 0, (moment, code)
print(moment)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_a_signal_while_hdf5_writes_ends_in_order(tmp_path):
    """h5py prints what its callbacks raise and goes on, or exits, without a tidy end."""
    child = SIGNALLED.format(tests=str(TESTS))
    done = subprocess.run(
        [sys.executable, "-c", child], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert int(done.stdout) > 10  # the writes of the file; with a signal at each of them
