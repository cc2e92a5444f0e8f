"""`snnc compare`: what is found to differ, and what is refused."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from faults import with_layer
from golden import artifact_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peak_memory import peak
from recorded_runs import run
from trace_files import ARRAYS, by_hand, changed, two_layers, write

from snnc.cli import main
from snnc.cli.compare import lines
from snnc.errors import InputError
from snnc.exporter.artifact import read_artifact
from snnc.hwsim.oracle import OracleExecutor
from snnc.io.traces.file import TraceFile
from snnc.provenance import graph_hash
from snnc.stages import LayerTrace, QuantizedGraph, Rung, Synapse, Trace
from snnc.trainer.data import EventDataset, save_events_npz
from snnc.trainer.integer_model import run_graph
from snnc.verification.compare_files import compare_files


def test_executors_that_agree(tiny_artifact, tmp_path, spikes, capsys):
    traces = [str(run(tiny_artifact, tmp_path, f"{name}.h5", "-e", name)) for name in ("hwsim", "oracle")]
    part = str(run(tiny_artifact, tmp_path, "part.h5", "--trace-steps", "5:9", "--variables", "spikes"))
    capsys.readouterr()
    assert main(["compare", *traces]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"Bit-exact: {traces[0]} (hwsim), {traces[1]} (oracle)\ncompared: 3 samples, ")
    assert "steps 0 to 11; hidden1 u v spikes; readout u v; same inputs" in out
    assert main(["compare", traces[0], part]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"Bit-exact in what both hold: {traces[0]} (hwsim), {part} (hwsim)\n")
    assert "3 samples, steps 5 to 8; hidden1 spikes; same inputs" in out


@pytest.mark.parametrize(
    "options",
    [["--layers", "hidden1"], ["--layers", "readout"], ["--variables", "u,v"], ["--trace-steps", "0:11"], []],
)
def test_of_a_part_no_more_is_said(tiny_artifact, tmp_path, spikes, capsys, options):
    """Also where both hold the same part; and where one has a sample more."""
    part = run(tiny_artifact, tmp_path, "part.h5", *options)
    if not options:
        np.savez(tmp_path / "spikes.npz", spikes=np.load(tmp_path / "spikes.npz")["spikes"][:2])
        part = run(tiny_artifact, tmp_path, "fewer.h5")
    other = run(tiny_artifact, tmp_path, "other.h5", *options) if options else tmp_path / "part.h5"
    capsys.readouterr()
    assert main(["compare", str(part), str(other)]) == 0
    assert capsys.readouterr().out.startswith("Bit-exact in what both hold: ")


GRAPH = two_layers()
INPUT = np.zeros((4, 5, 2), np.uint8)
INPUT[:, 0, 0] = INPUT[:, 1, 1] = 1
TRACE = OracleExecutor().run(artifact_of(GRAPH), INPUT)
PLACES = list(itertools.product(range(4), range(5), range(2), range(2), ("u", "v", "spikes")))


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory):
    """Of `TRACE`."""
    return write(tmp_path_factory.mktemp("unchanged") / "a.h5", GRAPH, INPUT, TRACE)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.lists(st.sampled_from(PLACES), min_size=1, max_size=5, unique=True))
def test_the_first_divergence_is_that_of_the_contract(unchanged, tmp_path_factory, places):
    """Order: sample, step, layer, neuron, u v spike; the readout has no spikes in a file."""
    tmp_path = tmp_path_factory.mktemp("compare")
    other = changed(TRACE, *((layer, name, (n, t, i)) for n, t, layer, i, name in places))
    b = write(tmp_path / "b.h5", GRAPH, INPUT, other, batch=3)
    recorded = [p for p in places if (p[2], p[4]) != (1, "spikes")]
    with TraceFile(unchanged) as left, TraceFile(b) as right:
        found = compare_files(left, right).divergence
    if not recorded:
        assert found is None
        return
    sample, step, layer, neuron, name = min(
        recorded, key=lambda p: (*p[:4], ("u", "v", "spikes").index(p[4]))
    )
    assert (found.sample, found.step, found.neuron) == (sample, step, neuron)
    assert (found.layer, found.variable) == (GRAPH.layers[layer].name, name.removesuffix("s"))
    assert abs(found.found - found.expected) == 1


@pytest.mark.parametrize("part_bytes", [1, 1 << 23])
@pytest.mark.parametrize(
    ("changes", "chosen", "rung"),
    [
        ([], {}, Rung.BIT_EXACT),
        ([(0, "u", (3, 2, 0))], {}, Rung.SHIFTED_SPIKES),
        ([(0, "u", (3, 2, 0))], {"variables": ["v", "spikes"]}, Rung.BIT_EXACT),
        ([(0, "u", (3, 2, 0))], {"steps": "3:5"}, Rung.BIT_EXACT),
        ([(0, "u", (3, 2, 0))], {"variables": ["u"]}, Rung.NOTHING),
        ([(0, "spikes", (3, 2, 0))], {}, Rung.READOUT),
        ([(1, "v", (3, 2, 0))], {}, Rung.CLASS),
        ([(1, "v", (3, 2, 0))], {"layers": ["readout"]}, Rung.CLASS),
        ([(1, "v", (3, 2, 0))], {"steps": "1:5"}, Rung.ACTIVITY),
        ([(0, "u", (3, 2, 0)), (1, "v", (0, 2, 0)), (0, "spikes", (0, 0, 0))], {}, Rung.CLASS),
    ],
)
def test_rungs_over_what_both_hold(tmp_path, monkeypatch, part_bytes, changes, chosen, rung):
    monkeypatch.setattr("snnc.verification.compare_files.PART_BYTES", part_bytes)
    a = write(tmp_path / "a.h5", GRAPH, INPUT, TRACE)
    b = write(tmp_path / "b.h5", GRAPH, INPUT, changed(TRACE, *changes), **chosen)
    with TraceFile(a) as left, TraceFile(b) as right:
        assert compare_files(left, right).rung is rung


def test_a_rung_holds_for_every_sample_or_not_at_all(tmp_path, monkeypatch):
    """Sample 0 keeps the class alone, sample 3 the activity alone: neither rung holds for both."""
    monkeypatch.setattr("snnc.verification.compare_files.PART_BYTES", 1)
    other = changed(
        TRACE,
        *((0, "spikes", (0, t, i)) for t in range(5) for i in range(2)),
        (1, "v", (0, 4, 0)),
        *((1, "v", (3, t, i)) for t in range(5) for i in range(2)),
    )
    flipped = np.array(other.layers[1].v)
    flipped[3] = np.array([[-9999, 9999], [9999, -9999]])[int(TRACE.layers[1].v[3].sum(axis=0).argmax())]
    layer = type(other.layers[1])(other.layers[1].u, flipped, other.layers[1].spikes)
    a = write(tmp_path / "a.h5", GRAPH, INPUT, TRACE)
    b = write(tmp_path / "b.h5", GRAPH, INPUT, type(other)("other", (other.layers[0], layer)))
    with TraceFile(a) as left, TraceFile(b) as right:
        assert compare_files(left, right).rung is Rung.NOTHING


@pytest.mark.parametrize(
    ("change", "chosen", "synapses", "unnamed"),
    [
        # Step 2, neuron 0 of hidden1: input 0 of step 0 (delay 2) and input 1 of step 1 (delay 1).
        ((0, "u", (1, 2, 0)), {}, (Synapse(0, 5, 2, 0), Synapse(1, -3, 1, 1)), None),
        ((0, "u", (1, 2, 0)), {"steps": "2:4"}, (Synapse(0, 5, 2, 0), Synapse(1, -3, 1, 1)), None),
        ((1, "v", (1, 0, 0)), {}, (Synapse(1, 2, 0, 0),), None),
        ((1, "v", (1, 2, 1)), {"steps": "2:4"}, (), "holds no spikes of hidden1 in steps 1:2"),
        ((1, "v", (1, 2, 1)), {"layers": ["readout"]}, (), "holds no spikes of hidden1"),
    ],
)
def test_the_synapses_that_contributed(tmp_path, change, chosen, synapses, unnamed):
    a = write(tmp_path / "a.h5", GRAPH, INPUT, TRACE, **chosen)
    b = write(tmp_path / "b.h5", GRAPH, INPUT, changed(TRACE, change), **chosen)
    with TraceFile(a) as left, TraceFile(b) as right:
        found = compare_files(left, right, GRAPH)
    assert found.divergence.synapses == synapses
    assert (found.unnamed or "").endswith(unnamed or "")
    assert (found.unnamed is None) == (unnamed is None)


def undelayed(graph: QuantizedGraph) -> QuantizedGraph:
    """What a board may have run: the first layer without its delays."""
    return with_layer(graph, 0, delay=graph.layers[0].delay * 0)


@pytest.mark.parametrize(
    ("held", "words"),
    [
        ({}, "all synapses act without a delay"),
        ({"layers": ["hidden1"], "variables": ["spikes"]}, "all synapses act without a delay"),
        ({"steps": ":11"}, "cause: unknown: not all of the 12 steps are held"),
    ],
)
def test_what_a_board_gave_is_diagnosed(tiny_artifact, tmp_path, spikes, capsys, held, words):
    """A is the simulator's trace, whole; B is what was read out."""
    graph = read_artifact(tiny_artifact).graph
    a = run(tiny_artifact, tmp_path, "a.h5")
    b = write(tmp_path / "b.h5", graph, spikes, run_graph(undelayed(graph), spikes), **held)
    capsys.readouterr()
    assert main(["compare", str(a), str(b), "--artifact", str(tiny_artifact)]) == 1
    assert words in capsys.readouterr().out.lower()


def test_the_steps_around_a_divergence(tmp_path):
    """Neuron 0 of hidden1, first in step 2, A before B; without the input there is no cause."""
    other = changed(TRACE, (0, "u", (1, 2, 0)), (0, "spikes", (1, 3, 0)))
    expected = TRACE.layers[0]
    a = write(tmp_path / "a.h5", GRAPH, INPUT, TRACE, variables=["u", "spikes"], steps="1:4")
    b = write(tmp_path / "b.h5", GRAPH, INPUT, other)
    with TraceFile(a) as left, TraceFile(b) as right:
        result = compare_files(left, right, GRAPH)
        around = [line for line in lines(result, left, right) if line.startswith("  step ")]
    wanted = []
    for step in (1, 2, 3):
        u, spiked = int(expected.u[1, step, 0]), bool(expected.spikes[1, step, 0])
        yes = {True: "yes", False: "no"}
        spike = f"spike {yes[spiked]} / {yes[spiked != (step == 3)]}"
        wanted.append(f"  step {step}: u {u} / {u + (step == 2)}, {spike}")
    assert around == wanted


def test_a_state_that_survives_a_sample_is_diagnosed(tmp_path):
    """Without delays, two samples in a row as one long sample leave u and v of the first, and no more."""
    graph = with_layer(GRAPH, 0, delay=GRAPH.layers[0].delay * 0, decay_u=2048, threshold=500)
    graph = with_layer(graph, 1, delay=GRAPH.layers[1].delay * 0)
    inputs = np.ones((2, 5, 2), np.uint8)
    long = run_graph(replace(graph, time_steps=10), inputs.reshape(1, 10, 2))
    halves = [{k: getattr(x, k).reshape(2, 5, -1) for k in ("u", "v", "spikes")} for x in long]
    wrong = Trace("board", tuple(LayerTrace(**half) for half in halves))
    a = write(tmp_path / "a.h5", graph, inputs, run_graph(graph, inputs))
    b = write(tmp_path / "b.h5", graph, inputs, wrong)
    with TraceFile(a) as left, TraceFile(b) as right:
        found = compare_files(left, right, graph).divergence
    assert (found.sample, found.step) == (1, 0)
    assert found.diagnosis.causes[0].name == "state-survives-sample"


def test_a_file_that_only_claims_the_network_is_refused(tmp_path):
    """The hash is right, the sizes are not."""
    paths = [by_hand(tmp_path / f"{n}.h5", {"graph_hash": graph_hash(GRAPH)}) for n in "ab"]
    with (
        TraceFile(paths[0]) as left,
        TraceFile(paths[1]) as right,
        pytest.raises(InputError, match="another"),
    ):
        compare_files(left, right, GRAPH)


def test_files_that_differ_exit_with_1(tiny_artifact, tmp_path, spikes, capsys):
    graph = read_artifact(tiny_artifact).graph
    a = run(tiny_artifact, tmp_path, "a.h5")
    other = changed(run_graph(graph, spikes), (0, "u", (1, 4, 2)))
    b = write(tmp_path / "b.h5", graph, spikes, other)
    capsys.readouterr()
    assert main(["compare", str(a), str(b), "--artifact", str(tiny_artifact)]) == 1
    said = capsys.readouterr().out.splitlines()
    value = int(run_graph(graph, spikes).layers[0].u[1, 4, 2])
    assert said[:2] == [f"NOT EQUAL: {a} (hwsim), {b} (other)", "rung: spikes after a shift"]
    assert said[3] == "first divergence: trace sample 1, step 4, layer hidden1, neuron 2, variable u"
    assert said[4] == f"  {a} {value}, {b} {value + 1}"
    assert "delivered a spike" in said[5]
    assert main(["compare", str(a), str(b)]) == 1
    assert "give --artifact" in capsys.readouterr().out


LATER = {name.replace("/", "__"): ARRAYS[name][:, :1] for name in ("layer_0/spikes", "layer_1/v")}
"""Arrays of one step."""


@pytest.mark.parametrize(
    ("head", "arrays", "problem"),
    [
        ({"graph_hash": "cd" * 32}, {}, "different networks"),
        ({"neurons": np.array([10, 2])}, {}, "neurons is (9, 2) and (10, 2)"),
        ({}, {"samples": np.array([1, 2])}, "no sample number in common"),
        ({}, {"layer_0__spikes": None, "layer_1__v": None, "layer_1__u": ARRAYS["layer_1/v"]}, "no variable"),
        ({"first_step": 3, "stop_step": 4}, LATER, "do not overlap"),
        ({}, {"input": np.zeros((2, 4, 1), np.uint8)}, "different inputs (sample 5)"),
        ({"version": 7}, {}, "version is 7"),
    ],
)
def test_files_that_are_not_comparable_exit_with_2(refused, tmp_path, head, arrays, problem):
    a, b = by_hand(tmp_path / "a.h5"), by_hand(tmp_path / "b.h5", head, **arrays)
    assert problem in refused("compare", a, b)


def test_samples_are_matched_by_their_numbers(tmp_path, capsys):
    """Sample 7 stands second in one file and first in the other."""
    rows = {name.replace("/", "__"): value[1:] for name, value in ARRAYS.items()}
    a, b = by_hand(tmp_path / "a.h5"), by_hand(tmp_path / "b.h5", **rows)
    assert main(["compare", str(a), str(b)]) == 0
    assert "compared: 1 sample, steps 1 to 2; hidden1 spikes; readout v" in capsys.readouterr().out
    rows["layer_1__v"] = rows["layer_1__v"] + np.array([[[0, 0], [0, 1]]], np.int32)
    b = by_hand(tmp_path / "b.h5", **rows)
    assert main(["compare", str(a), str(b)]) == 1
    assert "trace sample 7, step 2, layer readout, neuron 1, variable v" in capsys.readouterr().out


def test_memory_does_not_grow_with_the_samples(digits_artifact, tmp_path):
    """10,000 recordings from an event file, every state recorded and compared, beside what torch takes."""
    rng, count = np.random.default_rng(0), 10_000
    events = EventDataset(
        times=rng.integers(0, 8000, count * 100, np.uint16),
        units=rng.integers(0, 140, count * 100, np.uint8),
        offsets=np.arange(count + 1) * 100,
        labels=np.zeros(count, np.int64),
        speaker=np.full(count, -1),
        trial=np.full(count, -1),
        duration=np.full(count, 0.8, np.float32),
        tick_s=1e-4,
        unit_count=140,
        class_names=("only",),
        name="many",
    )
    save_events_npz(events, tmp_path / "many.npz")

    trace = tmp_path / "t.h5"
    assert peak("run", digits_artifact, "-i", tmp_path / "many.npz", "--trace", trace) < peak() + 270
    assert peak("compare", trace, trace) < 200
