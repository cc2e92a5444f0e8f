"""Runs in Lava that fail: a typed error, soon, and nothing is left."""

from __future__ import annotations

import dataclasses
import re
import subprocess
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from loihi_artifacts import edited, emitted, random_chain, random_input, with_program

from snnc.errors import ArtifactError, ExecutorError
from snnc.stages import Artifact
from snnc.targets import processes
from snnc.targets.loihi.executor import LavaEventExecutor, LavaStockExecutor

pytestmark = pytest.mark.lava


@pytest.fixture
def segments(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Shared memory that the processes of a run still had mapped when they were ended."""
    seen: list[str] = []

    def watch(process: subprocess.Popen[bytes]) -> None:
        groups.append(process.pid)
        for pid in processes.members(process.pid):
            with suppress(OSError):  # it has ended
                maps = Path(f"/proc/{pid}/maps").read_text()
                # A semaphore's file is removed as soon as it is made.
                seen.extend(re.findall(rf"{processes.SHARED_MEMORY}/(?!sem\.)(\S+)", maps))
        end_group(process)

    groups: list[int] = []
    end_group = processes.end_group
    monkeypatch.setattr(processes, "end_group", watch)
    yield seen
    assert groups
    assert [pid for group in groups for pid in processes.members(group)] == []
    assert [name for name in seen if (processes.SHARED_MEMORY / name).exists()] == []


def slow_artifact(folder: Path) -> tuple[Artifact, np.ndarray]:
    graph = random_chain(8, (60, 80, 10), time_steps=4000, max_delay=62)
    return emitted(graph, folder), random_input(graph, 4, density=0.01)


def break_process_model(artifact: Artifact, statement: str) -> Artifact:
    line = "        slots, neurons = self.pending.shape\n"
    return edited(artifact, "lava_processes/event.py", line, f"        {statement}\n{line}")


def test_time_limit_ends_lava(tmp_path: Path, segments: list[str]) -> None:
    artifact, spikes = slow_artifact(tmp_path)
    with pytest.raises(ExecutorError, match=r"time limit of 2 s was reached; set SNNC_LAVA_TIMEOUT"):
        LavaStockExecutor(time_limit=2).run(artifact, spikes)


def test_lava_that_hangs_is_ended(tmp_path: Path, segments: list[str]) -> None:
    graph = random_chain(7, (3, 2), time_steps=4, max_delay=2)
    artifact, spikes = emitted(graph, tmp_path), random_input(graph, 1)
    artifact = edited(
        artifact,
        "lava_network.py",
        "        network.run(RunSteps(steps, blocking=False))\n",
        "        network.run(RunSteps(steps, blocking=False))\n"
        "        print('Traceback (most recent call last): hangs', file=sys.stderr, flush=True)\n"
        "        time.sleep(600)\n",
    )
    with pytest.raises(ExecutorError, match="it failed and did not end"):
        LavaStockExecutor().run(artifact, spikes)
    assert segments
    assert {name[:3] for name in segments} == {"snn"}
    assert len({name[:9] for name in segments}) == 1  # the prefix of this run, and nothing else


def test_failing_process_model_is_reported(tmp_path: Path, segments: list[str]) -> None:
    artifact, spikes = slow_artifact(tmp_path)
    artifact = break_process_model(artifact, "raise ValueError('a process model broke')")
    with pytest.raises(ExecutorError, match="a process model broke") as error:
        LavaEventExecutor().run(artifact, spikes)
    assert "exit status 1" in str(error.value)


def test_process_of_lava_that_dies_is_reported(tmp_path: Path, segments: list[str]) -> None:
    artifact, spikes = slow_artifact(tmp_path)
    artifact = break_process_model(artifact, "import os; os._exit(3)")
    with pytest.raises(ExecutorError, match="ended early, exit code 3") as error:
        LavaEventExecutor().run(artifact, spikes)
    assert "Traceback" not in str(error.value)


def test_truncated_program_is_reported(tmp_path: Path) -> None:
    artifact = emitted(random_chain(7, (3, 2), time_steps=4, max_delay=2), tmp_path)
    artifact = with_program(artifact, {"program.npz": artifact.program["program.npz"][:200]})
    with pytest.raises(ExecutorError, match="failed: exit status 2") as error:
        LavaEventExecutor().run(artifact, random_input(artifact.graph, 1))
    assert "program.npz: not the program that was exported (File is not a zip file)" in str(error.value)


def test_program_of_another_graph_is_reported(tmp_path: Path) -> None:
    artifact = emitted(random_chain(7, (3, 4, 2), time_steps=4, max_delay=2), tmp_path)
    other = dataclasses.replace(artifact, graph=random_chain(7, (3, 5, 2), time_steps=4, max_delay=2))
    with pytest.raises(ExecutorError, match=r"layer0 has shape \(1, 4, 4\), expected \(1, 4, 5\)"):
        LavaEventExecutor().run(other, random_input(other.graph, 1))


def test_artifact_without_program_is_reported(tmp_path: Path) -> None:
    artifact = emitted(random_chain(7, (3, 2), time_steps=4, max_delay=2), tmp_path)
    artifact = with_program(artifact, {"lava_network.py": None})
    with pytest.raises(ArtifactError, match=r"has no lava_network\.py"):
        LavaEventExecutor().run(artifact, random_input(artifact.graph, 1))
