"""`snnc compare` of npz and NIRData: what is read, and the snippets of docs/traces.md."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from golden import artifact_of
from hypothesis import given, settings
from places import DOCS
from strategies import graphs_with_input
from trace_files import three_samples
from trace_forms import GRAPH, TRACE, npz, write_nirdata

from snnc.cli import main
from snnc.exporter.artifact import read_artifact
from snnc.hwsim.oracle import OracleExecutor
from snnc.io.traces.npz import write_npz
from snnc.io.traces.reader import open_trace
from snnc.trainer.integer_model import run_graph
from snnc.verification.compare_files import compare_files

pytestmark = pytest.mark.slow  # a process looks at each file before it is read

DOCS = DOCS / "traces.md"


@pytest.fixture
def spikes(tmp_path):
    return three_samples(tmp_path)


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


def test_names_of_the_layers_may_stand_in_npz(tmp_path):
    """As in what `run.py --out` of a graph writes."""
    path = npz(tmp_path / "t.npz", names=np.array([each.name for each in GRAPH.stateful]))
    with open_trace(path, GRAPH) as file:
        np.testing.assert_array_equal(file.read(1, "v", slice(0, 2)), TRACE.layers[1].v)


def test_a_window_and_numbers_of_samples(tmp_path):
    rows = {"s_0": TRACE.layers[0].spikes[:, 2:4], "v_1": TRACE.layers[1].v[:, 2:4]}
    path = npz(tmp_path / "t.npz", first_step=2, samples=np.array([3, 8]), executor="board", **rows)
    with open_trace(path, GRAPH) as file:
        assert (file.executor, file.first, file.stop, file.samples.tolist()) == ("board", 2, 4, [3, 8])
        assert not file.has_input
        assert not file.holds(0, "u")
