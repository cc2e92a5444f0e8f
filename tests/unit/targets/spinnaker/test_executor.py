"""The script in Brian2 and NEST, against the oracle."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from graph_cases import li, lif, listed, readout, source

from snnc.errors import ExecutorError, ExecutorUnavailableError
from snnc.executor import Executor
from snnc.hwsim.oracle import OracleExecutor
from snnc.plugins.executors import load_executor
from snnc.stages import Artifact, Projection, QuantizedGraph, Trace
from snnc.targets.spinnaker import environment
from snnc.targets.spinnaker.executor import PynnBrian2Executor
from snnc.targets.spinnaker.target import TARGET

NAMES = ("pynn-brian2", "pynn-nest")


def network(decay_v: int, steps: int = 12) -> QuantizedGraph:
    """A loop, a neuron that forgets all, biases; weights are such that halves stay whole for 12 steps."""
    unit = 64
    return QuantizedGraph(
        (
            source("x", 2),
            lif(
                "h",
                3,
                decay_u=4096,
                decay_v=[decay_v, 4096, decay_v],
                bias_mant=[0, 0, 32],
                bias_exp=7,
                threshold=[3 * unit, unit - 1, 5 * unit],
            ),
            li("y", 2, decay_u=4096, decay_v=decay_v, input_bias_mant=[0, -unit]),
        ),
        (
            Projection(
                "x",
                "h",
                # Two at once meet the threshold of neuron 0 and do not exceed it.
                listed(2, 3, (0, 0, 2 * unit, 0), (1, 0, unit, 0), (0, 1, unit, 2), (1, 2, 3 * unit, 4)),
            ),
            Projection("h", "h", listed(3, 3, (0, 1, 2 * unit, 1), (1, 0, 4 * unit, 3), (1, 2, -unit, 1))),
            Projection("h", "y", listed(3, 2, (0, 0, unit, 0), (1, 1, unit, 1), (2, 0, -2 * unit, 5))),
        ),
        (readout("y", "last", 2, 0.001),),
        steps,
        0.001,
    )


def artifact_of(graph: QuantizedGraph) -> Artifact:
    assert TARGET.emit is not None
    program = TARGET.emit(SimpleNamespace(graph=graph, settings={}))  # type: ignore[arg-type]  # placed nowhere
    nothing = np.zeros((0, graph.time_steps, graph.inputs), np.uint8)
    v = np.zeros((0, graph.time_steps, graph.population(graph.readouts[0].population).neurons), np.int32)
    return Artifact(Path("net.spinnaker"), "spinnaker", graph, {}, nothing, v, program)


@pytest.fixture(params=NAMES)
def simulator(request: pytest.FixtureRequest) -> Executor:
    return load_executor(request.param)


def events(graph: QuantizedGraph, samples: int) -> np.ndarray:
    rng = np.random.default_rng(7)
    return (rng.random((samples, graph.time_steps, graph.inputs)) < 0.4).astype(np.uint8)


@pytest.mark.slow
@pytest.mark.outside
def test_states_are_the_contracts_where_nothing_is_rounded(simulator: Executor) -> None:
    """And samples side by side do not hear of each other."""
    graph = network(2048)
    spikes = events(graph, 3)
    expected, found = (
        OracleExecutor().run(artifact_of(graph), spikes),
        simulator.run(artifact_of(graph), spikes),
    )
    assert [layer.spikes.sum(axis=(0, 1)).all() for layer in expected] == [True, False]
    for one, other in zip(expected, found, strict=True):
        for what in ("u", "v", "spikes"):
            np.testing.assert_array_equal(getattr(other, what), getattr(one, what), err_msg=what)
    last = expected.layers[1].v[:, -1]
    assert found.answers[0].classes is not None
    assert found.answers[0].classes.tolist() == last.argmax(axis=1).tolist()
    assert found.answers[0].names is not None
    assert found.answers[0].said == tuple(found.answers[0].names[k] for k in last.argmax(axis=1))


@pytest.mark.slow
@pytest.mark.outside
def test_states_differ_by_less_than_the_contract_rounds(simulator: Executor) -> None:
    graph = network(300, steps=30)
    spikes = events(graph, 2)
    expected, found = (
        OracleExecutor().run(artifact_of(graph), spikes),
        simulator.run(artifact_of(graph), spikes),
    )
    for one, other in zip(expected, found, strict=True):
        np.testing.assert_array_equal(other.spikes, one.spikes)
        apart = np.abs(other.v.astype(np.int64) - one.v)
        # Each step rounds by less than 1, of which 1 - 300 / 4096 is left a step later.
        assert 0 < apart.max() < 4096 / 300 + 1


def test_an_artifact_of_another_target_is_not_run() -> None:
    graph = network(2048)
    other = Artifact(Path("net.c"), "c", graph, {}, events(graph, 1)[:0], np.zeros((0, 12, 2), np.int32), {})
    reason = PynnBrian2Executor().unsupported_reason(other)
    assert reason == "net.c holds no PyNN script; export with --target spinnaker"
    with pytest.raises(ExecutorError, match=r"has no run.py; export it again"):
        PynnBrian2Executor().run(other, events(graph, 1))


def test_no_samples_need_no_simulator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "command", lambda: pytest.fail("was started"))
    graph = network(2048)
    found = PynnBrian2Executor().run(artifact_of(graph), events(graph, 0))
    assert isinstance(found, Trace)
    assert found.samples == 0


def test_without_uv_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(environment.PYTHON_VARIABLE, raising=False)
    monkeypatch.setattr(environment, "find_uv", lambda: None)
    assert "install it: pip install 'snnc[lava]'" in str(PynnBrian2Executor().unavailable_reason())
    with pytest.raises(ExecutorUnavailableError, match=environment.PYTHON_VARIABLE):
        environment.command()


def test_a_python_without_pynn_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(environment.PYTHON_VARIABLE, sys.executable)
    graph = network(2048)
    with pytest.raises(ExecutorError) as caught:
        PynnBrian2Executor().run(artifact_of(graph), events(graph, 1))
    assert "has no pyNN" in "\n".join(map(str, caught.value.args))


def test_time_is_limited(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sleeper = tmp_path / "python"
    sleeper.write_text("#!/bin/sh\nsleep 60\n")
    sleeper.chmod(0o755)
    monkeypatch.setenv(environment.PYTHON_VARIABLE, str(sleeper))
    graph = network(2048)
    with pytest.raises(ExecutorError, match=r"time limit of 0.5 s .* set SNNC_PYNN_TIMEOUT"):
        PynnBrian2Executor(time_limit=0.5).run(artifact_of(graph), events(graph, 1))
