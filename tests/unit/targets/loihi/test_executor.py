"""The emitted program run in Lava, every u, v and spike against the scalar oracle and hand-made vectors."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
from math import exp
from pathlib import Path

import numpy as np
import pytest
from golden import GOLDEN, GoldenCase, assert_same_trace
from hypothesis import HealthCheck, Phase, given, settings
from loihi_artifacts import chain, emitted, layer, random_chain, random_input
from places import DOCS
from strategies import graphs_with_input

from snnc.hwsim.oracle import OracleExecutor
from snnc.io.traces.npz import NpzTrace
from snnc.plugins.executors import load_executor
from snnc.stages import LayerTrace, QuantizedGraph, Trace
from snnc.targets.loihi import interpreter
from snnc.targets.loihi.executor import LavaEventExecutor, LavaStockExecutor

pytestmark = pytest.mark.lava

MODELS = ("lava-event", "lava-stock")

# Lava adds 1 to du, so a current that never decays is refused (tests/unit/targets/loihi/test_limits.py).
RUNNABLE = [case for case in GOLDEN if all(layer.decay_u > 0 for layer in case.graph.layers)]


def test_golden_vectors_are_mostly_runnable() -> None:
    assert len(RUNNABLE) >= len(GOLDEN) - 4


@pytest.mark.parametrize("case", RUNNABLE, ids=lambda case: case.name)
def test_golden_vector(case: GoldenCase, tmp_path: Path) -> None:
    assert_same_trace(LavaStockExecutor().run(emitted(case.graph, tmp_path), case.input), case.layers)


# A start of Lava takes a second, and the neurons of the two models are the same.
@pytest.mark.parametrize(
    "case",
    [case for case in RUNNABLE if any(layer.max_delay for layer in case.graph.layers)],
    ids=lambda case: case.name,
)
def test_golden_vector_with_event_driven_synapses(case: GoldenCase, tmp_path: Path) -> None:
    assert_same_trace(LavaEventExecutor().run(emitted(case.graph, tmp_path), case.input), case.layers)


NETWORKS: dict[str, tuple[QuantizedGraph, int]] = {
    # name -> graph, samples. Each has a hidden layer that spikes, unless the name says otherwise.
    "three layers, long delays, strong biases": (
        random_chain(1, (9, 12, 8, 4), time_steps=40, max_delay=62, bias=4095, bias_exp=3, decay_v=300),
        5,
    ),
    "current that decays slowly": (
        random_chain(2, (6, 9, 5), time_steps=30, max_delay=20, bias=900, decay_u=500, decay_v=4096),
        4,
    ),
    "bias that alone makes every neuron fire": (
        chain(
            layer([[1], [0]], [[7], [0]], name="a", bias_mant=[4095, 4095], bias_exp=7, threshold=0),
            layer([[3, -3]], [[0, 5]], name="b", threshold=0),
            layer([[1]], name="c", bias_mant=[-4096], bias_exp=7, decay_v=9),
            time_steps=6,
        ),
        3,
    ),
    "no weight above zero, least weight": (
        chain(
            # One -128 clipped to -127.5 and halved comes out right; two that arrive together do not.
            layer([[-128, -128], [-3, -128]], [[2, 2], [1, 3]], name="a", bias_mant=[400, 90], threshold=5),
            layer([[-128, -128], [0, -1]], [[0, 1], [0, 2]], name="b"),
            time_steps=12,
        ),
        3,
    ),
    "no synapse at all": (
        chain(
            layer(np.zeros((3, 2), int), name="a", bias_mant=[100, 0, -100], threshold=5),
            layer(np.zeros((2, 3), int), 9, name="b", bias_mant=[1, -1]),
            time_steps=9,
        ),
        2,
    ),
    "one neuron, one input, one step": (chain(layer([[-128]], bias_mant=[3]), time_steps=1), 3),
    "delays longer than the sample": (
        random_chain(3, (7, 6, 3), time_steps=3, max_delay=62, threshold=20),
        8,
    ),
}


@pytest.mark.parametrize("executor", MODELS)
@pytest.mark.parametrize("name", NETWORKS)
def test_network_equals_the_oracle(name: str, executor: str, tmp_path: Path) -> None:
    graph, samples = NETWORKS[name]
    spikes = random_input(graph, samples)
    artifact = emitted(graph, tmp_path)
    expected = OracleExecutor().run(artifact, spikes)
    if len(graph.layers) > 1:
        assert expected.layers[0].spikes.any()
    assert_same_trace(load_executor(executor).run(artifact, spikes), expected.layers)


@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(drawn=graphs_with_input(large=False, max_delay=62))
def test_drawn_graph_equals_the_oracle(
    drawn: tuple[QuantizedGraph, np.ndarray], tmp_path_factory: pytest.TempPathFactory
) -> None:
    graph, spikes = drawn
    layers = [dataclasses.replace(layer, decay_u=max(layer.decay_u, 1)) for layer in graph.layers]
    artifact = emitted(graph.with_layers(layers), tmp_path_factory.mktemp("drawn"))
    expected = OracleExecutor().run(artifact, spikes)
    assert_same_trace(LavaEventExecutor().run(artifact, spikes), expected.layers)


def test_samples_are_run_apart_where_no_gate_is_safe(tmp_path: Path) -> None:
    # u keeps 99 % of itself: with the gate that many strong synapses need it would pass -2**23.
    graph = random_chain(
        5, (200, 10, 3), time_steps=15, max_delay=9, bias=300, bias_exp=2, decay_u=40, threshold=9
    )
    spikes = random_input(graph, 3)
    artifact = emitted(graph, tmp_path)
    found = LavaEventExecutor().run(artifact, spikes)
    assert "one sample a run" in found.info["messages"]
    assert_same_trace(found, OracleExecutor().run(artifact, spikes).layers)


def test_split_into_batches_changes_nothing(tmp_path: Path) -> None:
    graph = random_chain(6, (5, 6, 3), time_steps=12, max_delay=8, bias=500)
    spikes = random_input(graph, 5)
    artifact = emitted(graph, tmp_path)
    found = LavaEventExecutor(batch=2).run(artifact, spikes)
    assert_same_trace(found, OracleExecutor().run(artifact, spikes).layers)


@pytest.mark.parametrize(("options", "model"), [([], "event"), (["--stock"], "stock")])
def test_script_runs_without_snnc(options: list[str], model: str, tmp_path: Path) -> None:
    # u = 64 * weight, v sums it: in both steps class1 is ahead 3 to 1.
    graph = chain(layer([[100]], name="a", threshold=9), layer([[1], [3]], name="b"), time_steps=2)
    emitted(graph, tmp_path / "program")
    np.savez(tmp_path / "spikes.npz", spikes=np.ones((2, 1), bool))
    python = interpreter.find_python() or "3.10"
    command = [interpreter.find_uv() or "uv", "run", "--python", python, "--script", "program/run.py"]
    done = subprocess.run(
        [*command, "--input", "spikes.npz", "--out", "new/trace.npz", "--probe", "readout", *options],
        cwd=tmp_path,
        env=interpreter.environment() | {"VIRTUAL_ENV": sys.prefix},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("sample 0: class1\n1 samples, 4 Lava steps")
    assert f" s ({model}, " in done.stdout
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["trace.npz"]
    found = NpzTrace(tmp_path / "new/trace.npz", graph)  # what `snnc compare` and `inspect` read
    assert not found.holds(0, "u")
    np.testing.assert_array_equal(found.read_input(slice(None)), [[[1], [1]]])
    with np.load(tmp_path / "new/trace.npz") as trace:
        of = {"graph_hash", "semantics_version", "executor", "input"}
        assert set(trace.files) == {"u_1", "v_1", "s_1", "scores", "classes", "class_names", "seconds"} | of
        assert trace["executor"] == f"lava-{model}"
        assert trace["u_1"].tolist() == [[[64, 192], [64, 192]]]
        assert trace["v_1"].tolist() == [[[64, 192], [128, 384]]]
        assert trace["s_1"].tolist() == [[[0, 0], [0, 0]]]
        assert trace["classes"].tolist() == [1]
        ahead = sum(1 / (1 + exp(-0.01 * lead)) for lead in (192 - 64, 384 - 128))
        np.testing.assert_allclose(trace["scores"], [[2 - ahead, ahead]], rtol=1e-14)
        assert trace["class_names"].tolist() == ["class0", "class1"]


def test_run_leaves_the_artifact_as_it_was(tmp_path: Path) -> None:
    artifact = emitted(random_chain(7, (3, 2), time_steps=4, max_delay=2), tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    LavaStockExecutor().run(artifact, random_input(artifact.graph, 1))
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_no_sample_is_an_empty_trace(tmp_path: Path) -> None:
    artifact = emitted(random_chain(7, (3, 2), time_steps=4, max_delay=2), tmp_path)
    assert LavaEventExecutor().run(artifact, random_input(artifact.graph, 0)).readout.shape == (0, 4, 2)


def test_artifacts_share_one_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(interpreter.PYTHON_VARIABLE, raising=False)
    scripts = []
    for name in ("first", "second"):
        graph = random_chain(7, (3, 2), time_steps=4, max_delay=2)
        scripts.append(emitted(graph, tmp_path / name).path / "run.py")
    (first, *_, script), (second, *_) = (interpreter.command(path) for path in scripts)
    assert script == str(scripts[0])
    assert first == second
    python = interpreter.probe(first)
    assert python is not None
    assert (python.version, python.has_lava) == ((3, 10), True)
    code = "from importlib.metadata import distributions as d\n"
    code += "print(*(f'{each.name}=={each.version}' for each in d()))"
    found = subprocess.run([first, "-I", "-c", code], capture_output=True, text=True, check=True).stdout
    lock = (tmp_path / "first/requirements.txt").read_text()
    assert sorted(found.lower().split()) == re.findall(r"^\S+==\S+", lock, re.MULTILINE)


def test_the_commands_of_the_docs_make_the_environment(tmp_path: Path) -> None:
    page = (DOCS / "artifact.md").read_text()
    commands = re.search(r"^    uv venv .*\n(?:    .*\n)+", page, re.MULTILINE)
    assert commands is not None
    text = commands[0].replace("--python 3.10", f"--python {interpreter.find_python() or '3.10'}")
    emitted(random_chain(7, (3, 2), time_steps=4, max_delay=2), tmp_path / "model.loihi")
    uv = Path(interpreter.find_uv() or "uv").parent
    env = interpreter.environment() | {"PATH": f"{uv}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["sh", "-ec", text], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )
    assert "--stock" in done.stdout
    code = "import lava.lib.dl.netx.hdf5"  # without the stubs of run_netx.py it wants torch, and nothing else
    python = tmp_path / "lava/bin/python"
    failed = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True).stderr
    assert "No module named 'torch'" in failed


def test_equality_would_be_noticed(tmp_path: Path) -> None:
    """A program with one delay changed is told apart by the comparison that the tests above rely on."""
    graph = random_chain(9, (4, 3), time_steps=10, max_delay=5)
    first = graph.layers[0]
    delay = first.delay.copy()
    delay[0, 0] += 1
    changed = graph.with_layers([dataclasses.replace(first, delay=delay)])
    artifact = dataclasses.replace(emitted(changed, tmp_path), graph=graph)
    spikes = np.ones((1, 10, 4), np.uint8)
    found: Trace = LavaEventExecutor().run(artifact, spikes)
    expected: tuple[LayerTrace, ...] = OracleExecutor().run(artifact, spikes).layers
    with pytest.raises(AssertionError):
        assert_same_trace(found, expected)
